"""Simulators: the far end of each wire, and the world that they share.

Nothing here imports another package of ours: a simulator that shared its driver's codec would hide a wrong
reading of the protocol from both ends.
"""
