"""pytest options of the bench; see docs."""
