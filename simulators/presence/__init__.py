"""Simulated loops and photocells.  They speak through a board's contacts."""
