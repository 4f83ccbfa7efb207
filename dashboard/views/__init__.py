"""What is shown: models built once from store and live picture, for pages, JSON and stream alike."""
