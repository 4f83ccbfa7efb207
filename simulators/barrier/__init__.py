"""The simulated barrier: what an arm is.  It speaks through a board's contacts."""
