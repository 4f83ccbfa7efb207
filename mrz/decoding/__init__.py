"""Cells with probabilities in, a reading out: the format's grammar, check digits over near ties, statuses.

    decode(grids, reference) -> Reading

`grammar` reads the cells by each format that has the grid's shape (`runs`, `known`: its models), `sums` mends
by check digits what the recogniser itself holds for nearly a tie, `proof` says how sure each field is then,
`judgement` what is doubtful, inconsistent or unreadable; `calibration` keeps the probabilities honest.
"""

from mrz.decoding.choice import decode

__all__ = ["decode"]
