"""Simulated registers: an HTTP service over plain rows, and the draw of the random re-check."""
