"""The simulated light.  It speaks through a board's contacts."""
