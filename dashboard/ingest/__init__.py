"""From the broker into the store and the live picture; acknowledgements back."""
