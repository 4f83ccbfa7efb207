"""How long to wait before a lost device, broker or register is tried again."""

FIRST_S = 0.5
LONGEST_S = 10.0
REFUSED_S = 300.0
"""After a refusal (wrong key, model or setting) trying again will not mend it: a person is needed."""
WELL_S = 60.0
"""Who was well for this long has begun a new spell: the next failure is the first again."""


def backoff_s(failures: int, chance: float, *, refused: bool = False) -> float:
    """Seconds before the next try after `failures` failures in a row (from 1).

    `chance` in [0, 1) spreads many that wait at once over half of the time."""
    longest = REFUSED_S if refused else min(LONGEST_S, FIRST_S * 2 ** min(failures - 1, 16))
    return longest * (0.5 + chance / 2)
