"""Check digits: the 7-3-1 sum modulo 10 (ICAO Doc 9303-3, 4.9), and what it cannot see."""

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FILLER = "<"
VALUES = {character: value for value, character in enumerate(ALPHABET)} | {FILLER: 0}
WEIGHTS = (7, 3, 1)

# 7, 3 and 1 are coprime to 10, so a swap goes unseen exactly when both values agree modulo 10, wherever the
# characters stand.  Among them are real misreadings: 6/G, 8/S, 1/L, </K.
BLIND_CLASSES = tuple(
    "".join(character for character, value in VALUES.items() if value % 10 == digit) for digit in range(10)
)


def check_digit(text: str) -> str:
    """The check digit of `text` (characters `0-9 A-Z <`), one character `0` to `9`.

    The weights run on through the whole text: a composite joins its fields first.  Raises KeyError on any
    other character; lines that went through `parse` hold none.
    """
    return str(sum(VALUES[character] * WEIGHTS[i % 3] for i, character in enumerate(text)) % 10)


def sees(one: str, other: str) -> bool:
    """Whether a check digit notices that `other` stands in place of `one`."""
    return (VALUES[one] - VALUES[other]) % 10 != 0
