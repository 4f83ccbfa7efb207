"""A recogniser without pictures: cells as a network would tell them, with the confusions of OCR-B print.

Each character is a point; look-alikes lie near each other.  A print is its character's point plus noise, and
the probabilities are the exact ones given the point seen: so they are calibrated, and every error comes from
noise alone.  `outliers` replaces cells by other characters, surely read: what no recogniser admits.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import mrz
from mrz.cells.types import CHARACTERS, CellGrid, CellLine

_NEAR = {
    "0O": 0.5, "0Q": 0.65, "0D": 0.7, "OQ": 0.55, "OD": 0.55, "1I": 0.5, "1L": 0.8, "1T": 0.9, "IL": 0.8,
    "IT": 0.8, "2Z": 0.5, "5S": 0.5, "8B": 0.5, "8S": 0.8, "BS": 0.9, "6G": 0.6, "<K": 0.7,
    "<C": 0.8, "<E": 0.9, "<L": 0.9, "7R": 1.0, "UV": 0.8, "MN": 0.8, "VY": 0.9, "EF": 0.8, "PR": 0.9,
    "3B": 0.9,
    "KX": 0.9, "HN": 0.9, "QG": 0.9, "CG": 0.8,
}  # fmt: skip
"""Distances of look-alikes; all others are about 1.4 apart."""

CLEAR, REALISTIC, HARD, AWFUL = 0.06, 0.09, 0.13, 0.3
"""Noise: at `REALISTIC` about one O in 400 looks more like a 0."""


def _points() -> NDArray[np.float64]:
    squares = np.full((37, 37), 2.0)
    np.fill_diagonal(squares, 0.0)
    for pair, distance in _NEAR.items():
        one, other = CHARACTERS.index(pair[0]), CHARACTERS.index(pair[-1])
        squares[one, other] = squares[other, one] = distance**2
    centre = np.eye(37) - 1 / 37
    values, vectors = np.linalg.eigh(-centre @ squares @ centre / 2)
    return vectors * np.sqrt(np.maximum(values, 0))


POINTS = _points()


def seen(
    lines: Sequence[str], noise: float | NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Where the prints of all cells are seen; `noise` for all or by cell."""
    columns = [CHARACTERS.index(character) for character in "".join(lines)]
    spread = np.broadcast_to(np.asarray(noise, dtype=float), (len(columns),))
    return POINTS[columns] + rng.normal(size=(len(columns), 37)) * spread[:, None]


def told(points: NDArray[np.float64], noise: float | NDArray[np.float64], widths: Sequence[int]) -> CellGrid:
    """The grid of cells of `widths` a line that a recogniser tells of what it sees."""
    spread = np.broadcast_to(np.asarray(noise, dtype=float), (len(points),))
    squares = ((points[:, None, :] - POINTS[None]) ** 2).sum(axis=2)
    logs = -squares / (2 * spread[:, None] ** 2)
    logs -= logs.max(axis=1, keepdims=True)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    lines: list[CellLine] = []
    first = 0
    for row, width in enumerate(widths):
        x, y = np.meshgrid(np.arange(width) * 20.0, [row * 50.0])
        corners = np.stack(
            [np.stack([x[0] + dx, y[0] + dy], axis=1) for dx, dy in ((0, 0), (20, 0), (20, 28), (0, 28))],
            axis=1,
        )
        lines.append(CellLine(logs[first : first + width].astype(np.float32), corners.astype(np.float32)))
        first += width
    return CellGrid(tuple(lines), float(logs.max(axis=1).mean()))


def read(
    lines: Sequence[str],
    noise: float | NDArray[np.float64] = CLEAR,
    seed: int = 0,
    outliers: Sequence[tuple[int, int, str]] = (),
) -> CellGrid:
    """What the recogniser tells of printed `lines`.  `outliers`: line, column (from 1), what is seen."""
    printed = [list(line) for line in lines]
    for line, column, character in outliers:
        printed[line - 1][column - 1] = character
    rng = np.random.default_rng(seed)
    flat = ["".join(line) for line in printed]
    return told(seen(flat, noise, rng), noise, [len(line) for line in lines])


def with_ties(grid: CellGrid, ties: dict[tuple[int, int], dict[str, float]]) -> CellGrid:
    """The grid with the probabilities of some cells (line, column from 1) set; the rest is spread evenly."""
    lines: list[CellLine] = []
    for number, line in enumerate(grid.lines, 1):
        logs = line.log_probabilities.copy()
        for (row, column), shares in ties.items():
            if row == number:
                left = max(1 - sum(shares.values()), 1e-9)
                cell = np.full(37, left / (37 - len(shares)))
                for character, share in shares.items():
                    cell[CHARACTERS.index(character)] = share
                logs[column - 1] = np.log(cell)
        lines.append(CellLine(logs, line.corners))
    return CellGrid(tuple(lines), grid.score)


_SYLLABLES = """
    AK BEK NUR SUL TAN OV IEV GUL MIR ZHAN DI LIA RUS LAN TE MUR FAR KHOD OLI SHER KAI QU XI WEN JO
"""
_STATES = (
    "KAZ",
    "KGZ",
    "UZB",
    "TJK",
    "TKM",
    "RUS",
    "CHN",
    "D",
    "TUR",
    "AZE",
    "IND",
    "FRA",
    "USA",
    "GBR",
    "XXB",
)


def _name(chance: random.Random, words: int) -> str:
    return " ".join(
        "".join(chance.choice(_SYLLABLES.split()) for _ in range(chance.randint(1, 4))) for _ in range(words)
    )


def _number(chance: random.Random) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return chance.choice(
        (
            lambda: f"{chance.choice(letters)}{chance.randrange(10**8):08}",
            lambda: f"{chance.choice(letters)}{chance.choice(letters)}{chance.randrange(10**7):07}",
            lambda: f"{chance.randrange(10**9):09}",
            lambda: f"{chance.choice(letters)}{chance.randrange(10**7):07}",
            lambda: "".join(chance.choice(letters + "0123456789") for _ in range(9)),
        )
    )()


def _day(chance: random.Random, first: int, last: int) -> str:
    return f"{chance.randint(first, last) % 100:02}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"


def document(seed: int) -> tuple[str, ...]:
    """The lines of a correct zone, drawn from `seed`: all formats and the Russian internal passport."""
    chance = random.Random(seed)
    kind = chance.choice(("TD1", "TD2", "TD3", "TD3", "TD3", "MRV-A", "MRV-B", "FR-ID", "PNRUS"))
    birth, expiry = _day(chance, 1940, 2020), _day(chance, 2026, 2036)
    sex = chance.choice("MMMFFF<").replace("<", "")
    if kind == "PNRUS":
        return mrz.format(
            mrz.Fields(
                mrz.Format.TD3, "PN", "RUS", f"{chance.randrange(10**10):010}", "RUS",
                chance.choice(("Шишкин", "Юрьев", "Чайка", "Щёголев", "Эльдаров")),
                chance.choice(("Юрий Яковлевич", "Мария", "Илья Эдуардович")), birth, sex,
                issued=_day(chance, 2011, 2025), issuing_unit=f"{chance.randrange(10**6):06}",
            )
        )  # fmt: skip
    if kind == "FR-ID":
        return mrz.format(
            mrz.Fields(
                mrz.Format.FR_ID, "ID", "FRA", f"{chance.randrange(10**12):012}", "FRA",
                _name(chance, 1)[:20], _name(chance, 1)[:12], birth, sex or "M", "",
                f"{chance.randrange(10**6):06}",
            )
        )  # fmt: skip
    state = chance.choice(_STATES)
    nationality = state if chance.random() < 0.9 else chance.choice(_STATES)
    issuer = "KAZ" if state == "XXB" else state
    code = {
        "TD1": chance.choice(("I", "ID", "IU", "AR", "C", "IP")), "TD2": chance.choice(("I", "ID", "AC")),
        "TD3": chance.choice(("P", "P", "PP", "PD", "PM")), "MRV-A": "V", "MRV-B": chance.choice(("V", "VC")),
    }[kind]  # fmt: skip
    if (kind, code, issuer) == ("TD2", "ID", "FRA"):
        code = "I"  # those letters on two lines of 36 are the old French card's
    number = _number(chance)
    if kind == "TD1" and chance.random() < 0.15:
        number += f"{chance.randrange(1000):03}"
    room = {"TD1": 15, "TD2": 7, "TD3": 14, "MRV-A": 16, "MRV-B": 8}[kind]
    optional = ""
    if chance.random() < 0.5 and len(number) <= 9:
        optional = f"{chance.randrange(10**room):0{room}}"[: chance.choice((6, 7, 12, room))]
        if chance.random() < 0.2:
            optional = "".join(chance.choice("ABCDEFGHKLMNPQRSTUVWXYZ0123456789") for _ in range(room))
    given = "" if chance.random() < 0.05 else _name(chance, chance.choice((1, 1, 1, 2, 3)))
    return mrz.format(
        mrz.Fields(
            mrz.Format(kind), code, issuer, number, nationality, _name(chance, chance.choice((1, 1, 1, 2))),
            given, birth, sex, expiry, optional,
            nationality if kind == "TD1" and chance.random() < 0.2 else "",
        )
    )  # fmt: skip
