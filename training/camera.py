"""What lies under a page, and what light and camera do to the picture.  Grey levels 0 to 1, linear enough."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def background(rng: Generator, height: int, width: int) -> Floats:
    """A desk, cloth, wood, a hand, a scanner's lid, or nothing much."""
    kind = rng.random()
    base = rng.uniform(0, 1)
    out = np.full((height, width), base, np.float32)
    if kind < 0.25:
        return out
    if kind < 0.6:
        for cells in (3, 12, 48):
            out += _clouds(rng, height, width, cells, cells) * rng.uniform(0, 0.15)
    elif kind < 0.8:  # wood or cloth: stretched noise
        out += _clouds(rng, height, width, 4, int(rng.integers(30, 160))) * rng.uniform(0.02, 0.2)
        out = np.ascontiguousarray(np.rot90(out)) if rng.random() < 0.5 and height == width else out
    else:  # a hand or other large things with round edges
        for _ in range(int(rng.integers(1, 5))):
            centre = (int(rng.integers(width)), int(rng.integers(height)))
            axes = (int(rng.uniform(0.1, 0.5) * width), int(rng.uniform(0.05, 0.3) * height))
            cv2.ellipse(out, centre, axes, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(0, 1)), -1)
        out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.5, 6))
    return out


def _clouds(rng: Generator, height: int, width: int, down: int, across: int) -> Floats:
    noise = rng.normal(0, 1, (down + 2, across + 2)).astype(np.float32)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)


def photographed(rng: Generator, scene: Floats) -> Floats:
    """Uneven light, glare, shadow, blur, noise, few grey levels, JPEG; 8-bit steps in 0 to 1."""
    height, width = scene.shape
    out = np.clip(scene, 0, 1.2)
    if rng.random() < 0.5:
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
        angle, fall = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.6)
        out = out * (1 - fall * 0.5 * (1 + x * np.cos(angle) + y * np.sin(angle))).astype(np.float32)
    if rng.random() < 0.2:  # a shadow with a straight edge
        mask = np.zeros((height, width), np.float32)
        points = (rng.uniform(-0.5, 1.5, (3, 2)) * (width, height)).astype(np.int32)
        cv2.fillPoly(mask, [points], 1.0)
        out = out * (
            1 - np.float32(rng.uniform(0.2, 0.7)) * cv2.GaussianBlur(mask, (0, 0), rng.uniform(1, 15))
        )
    if rng.random() < 0.25:
        for _ in range(int(rng.integers(1, 4))):
            mask = np.zeros((height, width), np.float32)
            centre = (int(rng.integers(width)), int(rng.integers(height)))
            axes = (int(rng.uniform(0.02, 0.25) * width), int(rng.uniform(0.01, 0.1) * height))
            cv2.ellipse(
                mask, centre, axes, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(0.3, 1.5)), -1
            )
            out = out + cv2.GaussianBlur(mask, (0, 0), rng.uniform(2, 14))
    out = np.clip(out, 0, 1)
    if rng.random() < 0.5:
        out = out ** np.float32(np.exp(rng.normal(0, 0.35)))
    if rng.random() < 0.35:
        dark, light = rng.uniform(0, 0.4), rng.uniform(0.35, 1.0)
        out = dark * light + out * np.float32(light * (1 - dark))
    if rng.random() < 0.55:
        out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.3, 1.3))
    if rng.random() < 0.1:
        length, angle = int(rng.integers(2, 6)), rng.uniform(0, np.pi)
        kernel = np.zeros((7, 7), np.float32)
        ends = np.array([np.cos(angle), np.sin(angle)]) * length / 2
        cv2.line(kernel, tuple(np.int32(3 - ends)), tuple(np.int32(3.5 + ends)), 1.0)
        out = cv2.filter2D(out, -1, kernel / max(kernel.sum(), 1e-6))
    if rng.random() < 0.08:  # made smaller and larger again
        part = rng.uniform(0.5, 0.9)
        small = cv2.resize(out, None, fx=part, fy=part, interpolation=cv2.INTER_AREA)
        out = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.1:
        sharper = cv2.GaussianBlur(out, (0, 0), 1.0)
        out = out + (out - sharper) * np.float32(rng.uniform(0.3, 1.5))
    if rng.random() < 0.6:
        out = out + rng.standard_normal(out.shape, dtype=np.float32) * np.float32(rng.uniform(0, 0.06))
    levels = (np.clip(out, 0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.4:
        quality = [int(cv2.IMWRITE_JPEG_QUALITY), int(rng.integers(25, 95))]
        levels = cv2.imdecode(cv2.imencode(".jpg", levels, quality)[1], cv2.IMREAD_GRAYSCALE)
    return levels.astype(np.float32) / 255
