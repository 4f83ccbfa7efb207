"""Pictures of pages with labels, for the finder: sheets on a desk, turned, bent, in perspective, badly lit.

A `Pages` keeps a pool of sheets and draws pictures from it by a seed; a part of the pool is made anew with
every batch, because drawing a sheet costs more than photographing it.  Labels come from the same map as the
pixels: every pixel of the picture knows its place on the sheet, so bends and perspective are no special case.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from camera import background, photographed
from decoys import decoy
from documents import travel_document
from numpy.random import Generator
from numpy.typing import NDArray
from sheets import Sheet

Floats = NDArray[np.float32]

PITCH_PX = (3.2, 21.0)
"""Cell widths in pictures; the finder's page of 640 px shows a passport that fills it at 12."""
CORE = 0.31
"""Half the height of the middle band that is labelled, in pitches: lines 1.67 pitches apart stay apart."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`grey` (side, side) 0 to 1.  `core` (side/2, side/2): 1 in the middle band of a zone's lines.  `weight`
    likewise: 0 where nothing is asked.  `direction` (2, side/4, side/4): unit vector (x, y) of reading;
    `pitch` (side/4, side/4): natural logarithm of the cell width in px over 8; both where `inside` is 1."""

    grey: Floats
    core: Floats
    weight: Floats
    direction: Floats
    pitch: Floats
    inside: Floats


@dataclass(slots=True)
class _Layers:
    """A sheet at full, half, quarter... size, so that shrinking it far gives no aliases."""

    sheet: Sheet
    levels: list[Floats]

    @classmethod
    def of(cls, sheet: Sheet) -> _Layers:
        levels = [np.clip(sheet.grey, 0, 1)]
        while min(levels[-1].shape) > 32 and len(levels) < 4:
            levels.append(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        return cls(sheet, levels)

    def at(self, u: Floats, v: Floats, shrink: float) -> tuple[Floats, Floats]:
        """Grey at sheet coordinates, and 1 inside the sheet, where one pixel spans `shrink` sheet px."""
        level = int(np.clip(np.floor(np.log2(max(shrink, 1.0)) + 0.3), 0, len(self.levels) - 1))
        image, part = self.levels[level], 0.5**level
        uu, vv = (u + 0.5) * np.float32(part) - 0.5, (v + 0.5) * np.float32(part) - 0.5
        grey = cv2.remap(image, uu, vv, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        height, width = self.sheet.grey.shape
        inside = ((u > 0) & (u < width - 1) & (v > 0) & (v < height - 1)).astype(np.float32)
        return grey, inside


class Pages:
    """Pictures of `side` px (a multiple of 16), the same for the same seed."""

    def __init__(self, seed: int, side: int = 320, documents: int = 40, decoys: int = 24) -> None:
        self.random = np.random.default_rng(seed)
        self.side = side
        self.documents = [_Layers.of(travel_document(self.random)) for _ in range(documents)]
        self.decoys = [_Layers.of(decoy(self.random)) for _ in range(decoys)]

    def renew(self) -> None:
        """Puts one new sheet in the place of an old one."""
        pool, maker = (
            (self.documents, travel_document) if self.random.random() < 0.65 else (self.decoys, decoy)
        )
        pool[self.random.integers(len(pool))] = _Layers.of(maker(self.random))

    def picture(self) -> Picture:
        rng, side = self.random, self.side
        scene = _Scene(side, background(rng, side, side))
        pitch = float(np.exp(rng.uniform(*np.log(PITCH_PX))))
        chance = rng.random()
        if chance < 0.27:
            for _ in range(int(rng.integers(1, 4))):
                scene.lay(
                    rng, self.decoys[rng.integers(len(self.decoys))], rng.uniform(4, 20), mirrored=False
                )
        else:
            if rng.random() < 0.35:
                scene.lay(
                    rng, self.decoys[rng.integers(len(self.decoys))], rng.uniform(4, 20), mirrored=False
                )
            count = 1 if rng.random() < 0.75 else int(rng.integers(2, 4))
            for _ in range(count):
                layers = self.documents[rng.integers(len(self.documents))]
                scene.lay(rng, layers, pitch, mirrored=rng.random() < 0.05)
        return scene.picture(photographed(rng, scene.grey))


class _Scene:
    def __init__(self, side: int, grey: Floats) -> None:
        self.side = side
        self.grey = grey
        half = side // 2
        self.core = np.zeros((half, half), np.float32)
        self.weight = np.ones((half, half), np.float32)
        self.direction = np.zeros((2, half, half), np.float32)
        self.pitch = np.zeros((half, half), np.float32)
        y, x = np.mgrid[0:side, 0:side].astype(np.float32)
        self.full = (x, y)
        y, x = np.mgrid[0:half, 0:half].astype(np.float32)
        self.half = (x * 2 + 0.5, y * 2 + 0.5)

    def lay(self, rng: Generator, layers: _Layers, pitch: float, mirrored: bool) -> None:
        """Lays a sheet so that its cells (16 sheet px where it has no zone) are about `pitch` px wide."""
        sheet = layers.sheet
        cell = sheet.lines[0].pitch if sheet.lines else 16.0
        place = _Placement(rng, self.side, sheet, pitch / cell, mirrored)
        u, v = place.sheet_of(*self.full)
        grey, inside = layers.at(u, v, cell / pitch)
        edge = cv2.blur(inside, (3, 3))
        if rng.random() < 0.6:  # the sheet's own shadow on what lies below
            width = rng.uniform(1, 6)
            shadow = cv2.GaussianBlur(
                np.roll(inside, int(rng.integers(-4, 5)), int(rng.integers(2))), (0, 0), width
            )
            self.grey *= 1 - np.float32(rng.uniform(0, 0.6)) * shadow
        self.grey += (grey - self.grey) * edge
        self._label(sheet, place, mirrored)

    def _label(self, sheet: Sheet, place: _Placement, mirrored: bool) -> None:
        u, v = place.sheet_of(*self.half)
        height, width = sheet.grey.shape
        inside = (u > 0) & (u < width - 1) & (v > 0) & (v < height - 1)
        self.core[inside] = 0
        self.weight[inside] = 1
        for left, top, right, bottom in sheet.ignored:
            self.weight[(u > left) & (u < right) & (v > top) & (v < bottom)] = 0
        if mirrored or not sheet.lines:
            return
        # Jacobian of (u, v) against a half picture's px, which is two picture px.
        uy, ux = np.gradient(u)
        vy, vx = np.gradient(v)
        length = np.hypot(vx, vy) + 1e-6  # sheet px across the line for one half px
        tx, ty = vy / length, -vx / length  # along v = constant; u grows along it, as nothing is mirrored
        along = np.abs(ux * tx + uy * ty) + 1e-6
        for line in sheet.lines:
            ends = np.minimum(u - line.left, line.right - u) / along
            band = CORE * line.pitch / length
            across = np.maximum(band, 0.75) - np.abs(v - line.middle) / length
            core = np.clip(np.minimum(ends, across) + 0.5, 0, 1) * inside
            self.core = np.maximum(self.core, core)
            mine = core > 0.1
            self.direction[0][mine], self.direction[1][mine] = tx[mine], ty[mine]
            self.pitch[mine] = np.log(line.pitch / along[mine] * 2 / 8)

    def picture(self, grey: Floats) -> Picture:
        """Direction and pitch at a quarter of the size: of the four px, the one most inside a line."""
        quarter = self.side // 4
        blocks = self.core.reshape(quarter, 2, quarter, 2).transpose(0, 2, 1, 3).reshape(quarter, quarter, 4)
        best = blocks.argmax(-1)
        rows, columns = np.mgrid[0:quarter, 0:quarter]
        rows, columns = rows * 2 + best // 2, columns * 2 + best % 2
        weight = self.weight.copy()
        return Picture(
            grey,
            self.core,
            weight,
            self.direction[:, rows, columns],
            self.pitch[rows, columns],
            (blocks.max(-1) > 0.4).astype(np.float32) * self.weight[rows, columns],
        )


class _Placement:
    """Where a picture's pixels lie on a sheet: turn, perspective to 45 degrees, then bend."""

    def __init__(self, rng: Generator, side: int, sheet: Sheet, scale: float, mirrored: bool) -> None:
        height, width = sheet.grey.shape
        self.sheet = sheet
        turn = rng.uniform(0, 2 * np.pi)
        if rng.random() < 0.45:
            turn = float(rng.integers(4)) * np.pi / 2 + rng.normal(0, np.radians(4))
        tilt = np.radians(rng.uniform(0, 45)) if rng.random() < 0.5 else np.radians(abs(rng.normal(0, 6)))
        axis = rng.uniform(0, 2 * np.pi)
        spin = lambda a: np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])  # noqa: E731
        lean = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
        rotation = spin(turn) @ spin(axis) @ lean @ spin(-axis)
        if mirrored:
            rotation = rotation @ np.diag([-1.0, 1.0, 1.0])
        # the point of the sheet that is looked at, and where it comes to lie in the picture
        if sheet.lines and rng.random() < 0.8:
            line = sheet.lines[rng.integers(len(sheet.lines))]
            target = (rng.uniform(line.left, line.right), line.middle)
        else:
            target = (rng.uniform(0, width), rng.uniform(0, height))
        distance = rng.uniform(1.2, 4.0) * max(width, height)
        camera = np.diag([distance * scale, distance * scale, 1.0])
        shift = np.array([[1, 0, -target[0]], [0, 1, -target[1]], [0, 0, 1]])
        plane = rotation[:, :2]
        pose = np.column_stack([plane[:, 0], plane[:, 1], [0, 0, distance]])
        middle = np.array(
            [[1, 0, rng.uniform(0.1, 0.9) * side], [0, 1, rng.uniform(0.1, 0.9) * side], [0, 0, 1]]
        )
        self.inverse = np.linalg.inv(middle @ camera @ pose @ shift)
        self.bend = rng.normal(0, 0.025) * height if rng.random() < 0.35 else 0.0
        self.period = rng.uniform(0.7, 2.5) * width
        self.phase = rng.uniform(0, 2 * np.pi)

    def sheet_of(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        h = self.inverse.astype(np.float32)
        w = h[2, 0] * x + h[2, 1] * y + h[2, 2]
        w = np.where(np.sign(w) == np.sign(h[2, 2]), w, np.float32(1e-6))
        u = np.clip((h[0, 0] * x + h[0, 1] * y + h[0, 2]) / w, -1e5, 1e5)
        v = np.clip((h[1, 0] * x + h[1, 1] * y + h[1, 2]) / w, -1e5, 1e5)
        if self.bend:
            v = v + np.float32(self.bend) * np.sin(
                u * np.float32(2 * np.pi / self.period) + np.float32(self.phase)
            )
        return u.astype(np.float32), v.astype(np.float32)
