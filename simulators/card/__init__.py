"""Simulated chips, the wire to a virtual PC/SC reader, and a private pcscd that has such readers."""
