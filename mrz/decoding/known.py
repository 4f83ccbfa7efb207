"""Document codes and states: lists as what is probable, never as what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from mrz import codes
from mrz.decoding.characters import DIGITS, FILLER, INDEX, LETTERS, TO_LETTER, Indices, Matrix, indices
from mrz.decoding.runs import Inferred
from mrz.layouts import Format

_UNKNOWN_STATE = 0.02
"""Share of codes that are in no list: specimens carry invented ones, lists age."""
_SAME_STATE = 0.92
"""How often the nationality is the issuer's; refugees, aliens and officials have another."""
READ_MIN = 1e-4
"""A listed code is not taken where the recogniser holds one of its letters for less probable than this beside
the one it read: what is surely read stands, as a doubt if need be."""
_OTHER_CODE = 1e-4
"""Share of document codes whose first letter is not the format's."""


@cache
def code_prior(kind: Format) -> Matrix:
    """(37, 37): probability of each document code (first, second character) in a zone of this format."""
    prior = np.zeros((37, 37))
    firsts = {"P": 1.0} if kind is Format.TD3 else {"V": 1.0}
    if kind in (Format.TD1, Format.TD2):
        firsts = {"I": 0.8, "A": 0.1, "C": 0.1}
    for first, share in firsts.items():
        row = np.full(37, 1e-7)
        row[LETTERS] = 0.2 / 26
        if kind in (Format.TD1, Format.TD2):
            row[DIGITS] = 1e-3  # old cards of the United States: C1, A3
        row[FILLER] = 0.4
        listed = [code[1] for code in codes.document_codes() if len(code) == 2 and code[0] == first]
        for second in listed:
            row[INDEX[second]] += 0.4 / len(listed)
        if kind in (Format.TD1, Format.TD2):
            row[INDEX["V"]] = 1e-7  # 9303-5 and -6 exclude it
        prior[INDEX[first]] = share * row / row.sum()
    others = [INDEX[letter] for letter in "ABCDEFGHIJKLMNOPQRSTUWXYZ" if letter not in firsts]
    prior[others] = _OTHER_CODE / len(others) / 37
    return prior


def infer_code(cells: Matrix, kind: Format) -> Inferred:
    """A document code in its two cells; a digit read in the first is a letter."""
    joint = np.outer(cells[0] @ TO_LETTER, cells[1]) * code_prior(kind)
    total = float(joint.sum())
    text = np.array(np.unravel_index(int(joint.argmax()), joint.shape), dtype=np.intp)
    marginals = np.array([joint.sum(axis=1), joint.sum(axis=0)]) / total
    return Inferred(text, marginals, float(np.log(total)) + 2 * np.log(37), float(joint.max()) / total)


def infer_fixed(cells: Matrix, text: str) -> Inferred:
    """Cells of which a format says what stands there."""
    wanted = indices(text)
    chance = (cells @ TO_LETTER)[np.arange(len(wanted)), wanted]
    return Inferred(wanted, np.eye(37)[wanted], float(np.log(chance).sum()) + len(wanted) * np.log(37), 1.0)


@dataclass(frozen=True, slots=True)
class _States:
    texts: Indices  # (states, 3)
    prior: Matrix  # (states,)
    one_hot: Matrix  # (states, 3 * 37)


@cache
def _states() -> _States:
    listed = [code for code in codes.state_codes() if len(code) <= 3]
    weights = np.array([0.1 if codes.is_former_state(code) else 1.0 for code in listed])
    texts = np.array([indices(code.ljust(3, "<")) for code in listed])
    one_hot = np.eye(37)[texts].reshape(len(listed), -1)
    return _States(texts, (1 - _UNKNOWN_STATE) * weights / weights.sum(), one_hot)


@cache
def _unlisted() -> Matrix:
    """(3, 37): a code in no list has three letters, seldom fewer, hardly ever a digit."""
    row = np.full(37, 1e-6)
    row[LETTERS] = 1 / 26
    rows = np.array([row, row, row])
    rows[1, FILLER], rows[2, FILLER] = 0.02, 0.1
    return rows / rows.sum(axis=1, keepdims=True)


def infer_states(issuer: Matrix, nationality: Matrix) -> tuple[Inferred, Inferred]:
    """Issuer and nationality together: (3, 37) cells each.  The evidence of both is in the first."""
    states = _states()
    one, other = issuer @ TO_LETTER, nationality @ TO_LETTER
    places = np.arange(3)
    listed = [cells[places, states.texts].prod(axis=1) for cells in (one, other)]
    free = [cells * _unlisted() for cells in (one, other)]
    unlisted = [_UNKNOWN_STATE * float(cells.sum(axis=1).prod()) for cells in free]
    left = np.append(listed[0] * states.prior, unlisted[0])
    right = np.append(listed[1] * states.prior, unlisted[1])
    both_unlisted = _UNKNOWN_STATE * float((one * other * _unlisted()).sum(axis=1).prod())
    both = np.append(listed[0] * listed[1] * states.prior, both_unlisted)
    total = _SAME_STATE * float(both.sum()) + (1 - _SAME_STATE) * float(left.sum() * right.sum())
    found: list[Inferred] = []
    paired = _rows(one * other * _unlisted())
    for mine, theirs, cells, alone in ((left, right, one, free[0]), (right, left, other, free[1])):
        weights = (_SAME_STATE * both + (1 - _SAME_STATE) * mine * theirs.sum()) / total
        invention = _SAME_STATE * both_unlisted * paired
        invention += (1 - _SAME_STATE) * mine[-1] * theirs.sum() * _rows(alone)
        marginals = (weights[:-1] @ states.one_hot).reshape(3, 37) + invention / total
        best = int(weights[:-1].argmax())
        text, confidence = states.texts[best], float(weights[best])
        invented = invention.argmax(axis=1)
        chance = float(weights[-1]) * float(_rows(invention)[places, invented].prod())
        read_so = bool((cells[places, text] > READ_MIN * cells.max(axis=1)).all())
        if (chance > confidence or not read_so) and not (states.texts == invented).all(axis=1).any():
            text, confidence = invented, chance
        found.append(Inferred(text, marginals / marginals.sum(axis=1, keepdims=True), 0.0, confidence))
    evidence = float(np.log(total)) + 6 * np.log(37)
    first = Inferred(found[0].text, found[0].marginals, evidence, found[0].confidence)
    return first, found[1]


def _rows(cells: Matrix) -> Matrix:
    return cells / np.maximum(cells.sum(axis=1, keepdims=True), 1e-300)
