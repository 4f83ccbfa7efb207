"""A small public key infrastructure of an issuing state, written from Doc 9303-12 by itself.

For specimens only: its private keys are published with the source.
"""
