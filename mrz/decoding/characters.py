"""The 37 characters as numbers: what a check digit sees of them, and which look alike in print."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mrz.cells.types import CHARACTERS
from mrz.check_digits import VALUES

Matrix = NDArray[np.float64]
Indices = NDArray[np.intp]

INDEX = {character: index for index, character in enumerate(CHARACTERS)}
FILLER = INDEX["<"]
DIGITS = slice(0, 10)
LETTERS = slice(10, 36)

VALUE: Indices = np.array([VALUES[character] % 10 for character in CHARACTERS])
"""What a check digit knows of a character: its value modulo 10 (`mrz.check_digits.BLIND_CLASSES`)."""
BY_VALUE: Matrix = np.eye(10)[VALUE]
"""(37, 10): sums the probabilities of characters that no check digit tells apart."""

_LOOKALIKE = 1e-3
"""How probable it is that a print of the one is read surely as the other, where nothing else can stand."""
_AS_DIGIT = ("O0", "Q0", "D0", "I1", "L1", "Z2", "A4", "S5", "G6", "T7", "B8")
_AS_LETTER = ("0O", "1I", "2Z", "4A", "5S", "6G", "8B")
FILLER_LOOKALIKES = "KCLSEG"
"""Letters that fillers are most often read as."""


def _leaning(pairs: tuple[str, ...]) -> Matrix:
    matrix = np.eye(37)
    for read, printed in pairs:
        matrix[INDEX[read], INDEX[printed]] += _LOOKALIKE
    return matrix


TO_DIGIT = _leaning(_AS_DIGIT)
"""Multiplied from the right: probabilities of a cell where only digits stand, though a letter was read."""
TO_LETTER = _leaning(_AS_LETTER)


def indices(text: str) -> Indices:
    return np.array([INDEX[character] for character in text], dtype=np.intp)


def characters(text: Indices) -> str:
    return "".join(CHARACTERS[index] for index in text)
