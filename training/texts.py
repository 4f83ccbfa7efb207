"""What is printed on training lines: random and zone-like, every character and every confusion often."""

import numpy as np
from ink import CHARACTERS

# Lookalikes in OCR-B and the pairs that check digits can't tell.
_ALIKE = (
    "0OQD 0OU 0OC 1I 1IL 1LT 2Z 5S 8B 8S 6G 6GC 7T 7Y VY UV 4A MNHW <K <C <E <L <V <KX EF PR PF B8R 3B8 9G "
    "XK HN 0D8 J1U 5SB8 VW 3J 2Z7 69 G6Q <4 RK CGO"
)
CONFUSIONS = tuple(_ALIKE.split())
_TWINS = {"0": "O", "O": "0", "1": "I", "I": "1", "D": "0", "5": "S", "S": "5", "8": "B", "B": "8", "7": "1"}
_VOWELS, _CONSONANTS = "AEIOU", "BCDFGHJKLMNPQRSTVWXYZ"


def _name(rng: np.random.Generator) -> str:
    length = int(rng.integers(1, 5))
    return "".join(
        rng.choice(list(_CONSONANTS))
        + rng.choice(list(_VOWELS))
        + (rng.choice(list(_CONSONANTS)) if rng.random() < 0.3 else "")
        for _ in range(length)
    )


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


def _zone_like(rng: np.random.Generator) -> str:
    def letters(count: int) -> str:
        return "".join(rng.choice(list(CHARACTERS[10:36]), count))

    parts = []
    for kind in rng.choice(6, 8, p=[0.25, 0.25, 0.15, 0.15, 0.1, 0.1]):
        match kind:
            case 0:
                parts.append(_name(rng) + "<" * int(rng.choice([1, 1, 2])))
            case 1:
                parts.append(_digits(rng, 7) + str(rng.choice(list("MF<"))) + _digits(rng, 7))
            case 2:
                parts.append("<" * int(rng.integers(2, 16)))
            case 3:
                parts.append(letters(int(rng.integers(1, 3))) + _digits(rng, int(rng.integers(5, 9))))
            case 4:
                parts.append(str(rng.choice(["P<", "I<", "ID", "PN", "V<", "AC", "P"])) + letters(3))
            case _:
                parts.append(letters(3) + "<" * int(rng.integers(0, 3)) + _digits(rng, 1))
    return "".join(parts)


def text(rng: np.random.Generator, length: int) -> str:
    """`length` characters."""
    kind = rng.random()
    if kind < 0.35:
        return "".join(rng.choice(list(CHARACTERS), length))
    if kind < 0.55:
        wanted = ""
        while len(wanted) < length:
            alike = CONFUSIONS[rng.integers(len(CONFUSIONS))]
            wanted += "".join(rng.choice(list(alike), int(rng.integers(2, 6))))
        return wanted[:length]
    wanted = _zone_like(rng)
    while len(wanted) < 2 * length:
        wanted += _zone_like(rng)
    start = int(rng.integers(0, len(wanted) - length + 1))
    wanted = wanted[start : start + length]
    # Among digits a 0 is likelier than an O, and the network sees its neighbours: it must not learn that.
    if rng.random() < 0.35:
        wanted = "".join(_TWINS.get(each, each) if rng.random() < 0.5 else each for each in wanted)
    return wanted
