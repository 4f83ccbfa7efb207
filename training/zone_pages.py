"""Whole zones, printed, bent and photographed by the training renderer: to fit and check confidence on.

Texts are invented documents with right check digits (`mrz.format`), in cuts of the font that no training
strip was printed in.  Sizes are those of pages, not of training strips, of which a tenth can't be
read by anyone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import cv2
import numpy as np
from faces import cut_of
from ink import FACES, Print, ink_line
from numpy.random import Generator
from numpy.typing import NDArray
from surfaces import lit, paper, photographed, worn

import mrz
from mrz import Fields, Format
from mrz.codes import state_codes

_FORMATS = (Format.TD3, Format.TD1, Format.TD2, Format.MRV_A, Format.MRV_B)
_SHARES = (0.45, 0.25, 0.12, 0.09, 0.09)
_TODAY = date(2026, 11, 1)
_DIGITS, _ANY = "0123456789", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ROOM = {Format.TD3: 14, Format.TD1: 15, Format.TD2: 7, Format.MRV_A: 16, Format.MRV_B: 8}


@dataclass(frozen=True, slots=True)
class ZonePage:
    grey: NDArray[np.uint8]
    lines: tuple[str, ...]


def zone_page(seed: int, place: int) -> ZonePage:
    """A picture of one zone; the same for the same seed and place."""
    rng = np.random.default_rng([seed, place])
    lines = document(rng)
    return ZonePage(_pictured(rng, lines), lines)


def document(rng: Generator) -> tuple[str, ...]:
    """The zone of nobody's document."""
    kind = _FORMATS[rng.choice(len(_FORMATS), p=_SHARES)]
    states = [state for state in state_codes() if len(state) == 3]
    issuer = str(rng.choice(states))
    code = "P" if kind is Format.TD3 else "V" if kind in (Format.MRV_A, Format.MRV_B) else "I"
    room = _ROOM[kind]
    optional = "" if rng.random() < 0.5 else _drawn(rng, _digits_or_any(rng), int(rng.integers(3, room + 1)))
    return mrz.format(
        Fields(
            format=kind,
            code=code + str(rng.choice(["", "", "D", "R", "P"])),
            issuer=issuer,
            number=_number(rng),
            nationality=issuer if rng.random() < 0.9 else str(rng.choice(states)),
            surname=_name(rng),
            given_names=" ".join(_name(rng) for _ in range(int(rng.integers(1, 4)))),
            birth=_TODAY - timedelta(days=int(rng.integers(365, 90 * 365))),
            sex=str(rng.choice(["M", "F", "M", "F", ""])),
            expiry=_TODAY + timedelta(days=int(rng.integers(-900, 3600))),
            optional_1=optional,
        )
    )


def _name(rng: Generator) -> str:
    """Syllables; every letter about as often as any other, for look-alikes are what is to be learnt of."""
    consonants, vowels = "BCDFGHJKLMNPQRSTVWXYZ", "AEIOUY"
    syllables = (
        _drawn(rng, consonants, 1) + _drawn(rng, vowels, 1) + _drawn(rng, consonants, int(rng.random() < 0.4))
        for _ in range(int(rng.integers(1, 5)))
    )
    return "".join(syllables)


def _number(rng: Generator) -> str:
    lead = int(rng.choice([0, 1, 2, 9], p=[0.3, 0.3, 0.25, 0.15]))
    length = int(rng.choice([8, 9, 9]))
    return _drawn(rng, _ANY, min(lead, length)) + _drawn(rng, _DIGITS, max(length - lead, 0))


def _digits_or_any(rng: Generator) -> str:
    return _DIGITS if rng.random() < 0.65 else _ANY


def _drawn(rng: Generator, alphabet: str, length: int) -> str:
    return "".join(alphabet[each] for each in rng.integers(0, len(alphabet), length))


def _pictured(rng: Generator, lines: tuple[str, ...]) -> NDArray[np.uint8]:
    """Drawn at twice the picture's size or more, then bent, lit, shrunk and photographed."""
    pitch = float(np.exp(rng.uniform(np.log(9), np.log(30))))
    fine = max(2 * pitch, 24.0)
    look = Print(
        face=FACES[0 if rng.random() < 0.85 else 1],
        capital_height=float(np.clip(rng.normal(0.94, 0.05), 0.8, 1.1)),
        glyph_width=float(np.clip(rng.normal(1.0, 0.05), 0.85, 1.15)),
        weight=float(np.clip(rng.normal(0.0, 0.02), -0.035, 0.05)),
        slant=float(rng.normal(0, 0.02)),
    )
    glyphs = cut_of(rng) if rng.random() < 0.7 else None
    step = (1.67 if len(lines) == 3 else 2.5) * fine
    height, width = round((len(lines) + 5) * step), round((len(lines[0]) + 10) * fine)
    ink = np.zeros((height, width), np.float32)
    for row, line in enumerate(lines):
        printed = ink_line(line, fine, look, abs(rng.normal(0, 0.006)), int(rng.integers(1 << 30)), glyphs)
        top = round((row + 3) * step - printed.mask.shape[0] / 2)
        left = round(4 * fine)
        part = ink[top : top + printed.mask.shape[0], left : left + printed.mask.shape[1]]
        np.maximum(part, printed.mask, out=part)
    page = paper(rng, (height, width), fine) * rng.uniform(0.6, 1.0)
    sheet = page * (1 - rng.uniform(0.6, 1.0) * worn(rng, ink, fine))
    scene = lit(rng, _seen(rng, sheet.astype(np.float32), fine), fine)
    size = np.maximum(np.round(np.array([width, height]) * pitch / fine), 8).astype(int)
    small = cv2.resize(scene.astype(np.float32), (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA)
    return photographed(rng, small.astype(np.float32), pitch)


def _seen(rng: Generator, sheet: NDArray[np.float32], pitch: float) -> NDArray[np.float32]:
    """A little turned, bent and in perspective."""
    height, width = sheet.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.normal(0, 0.012, (4, 2)).astype(np.float32) * width
    back: list[list[float]] = cv2.getPerspectiveTransform(moved.astype(np.float32), corners).tolist()
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    depth = back[2][0] * x + back[2][1] * y + back[2][2]
    u = (back[0][0] * x + back[0][1] * y + back[0][2]) / depth
    v = (back[1][0] * x + back[1][1] * y + back[1][2]) / depth
    bend = float(rng.normal(0, 0.5)) * pitch if rng.random() < 0.35 else 0.0
    v = v + bend * ((u / width - 0.5) * 2) ** 2
    return cv2.remap(sheet, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
