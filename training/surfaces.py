"""Paper, security print, light and sensor, as training lines meet them.  Everything is 0 black to 1 white."""

import math

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def soft_noise(rng: Generator, shape: tuple[int, int], size: float) -> Floats:
    """Clouds of about `size` px, roughly from -1 to 1."""
    small = (max(2, round(shape[1] / size) + 2), max(2, round(shape[0] / size) + 2))
    noise = rng.standard_normal((small[1], small[0])).astype(np.float32)
    return cv2.resize(noise, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


def guilloche(rng: Generator, shape: tuple[int, int], pitch: float) -> Floats:
    """Families of fine waves, 0 to 1 of their ink."""
    coarser = max(1, round(pitch / 16))  # drawn small: it is most of a sample's cost
    height, width = -(-shape[0] // coarser), -(-shape[1] // coarser)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) * (coarser / pitch)
    lines = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        angle = rng.uniform(0, np.pi)
        cosine, sine = math.cos(angle), math.sin(angle)
        along, across = x * cosine + y * sine, y * cosine - x * sine
        bend = rng.uniform(0, 1.2) * np.sin(along * rng.uniform(0.2, 2.5) + rng.uniform(0, 6))
        bend += rng.uniform(0, 0.6) * np.sin(along * rng.uniform(1, 5) + rng.uniform(0, 6))
        wave = np.cos((across + bend) * (2 * math.pi * rng.uniform(0.8, 6)))
        lines = np.maximum(lines, np.clip((wave - rng.uniform(-0.3, 0.8)) * rng.uniform(1.5, 5), 0, 1))
    return cv2.resize(lines, (shape[1], shape[0]))


def _words(rng: Generator, shape: tuple[int, int], pitch: float) -> Floats:
    """Other print: running text, a heading across the zone, microprint; 0 to 1 of its ink."""
    paper = np.zeros(shape, np.uint8)
    faces = (
        cv2.FONT_HERSHEY_SIMPLEX,
        cv2.FONT_HERSHEY_DUPLEX,
        cv2.FONT_HERSHEY_TRIPLEX,
        cv2.FONT_HERSHEY_COMPLEX,
    )
    for _ in range(int(rng.integers(1, 5))):
        letters = "".join(map(chr, rng.integers(33, 123, int(rng.integers(3, 24)))))
        scale = pitch / 22 * rng.choice([0.3, 0.5, 0.8, 1.5, 3])
        place = (int(rng.integers(-shape[1] // 3, shape[1])), int(rng.integers(0, shape[0] + 10)))
        cv2.putText(
            paper, letters, place, faces[rng.integers(4)], scale, 255, max(1, round(scale * 2)), cv2.LINE_AA
        )
    return paper.astype(np.float32) / 255


def _shapes(rng: Generator, shape: tuple[int, int], pitch: float) -> Floats:
    """Emblems, borders, strokes of a pen, hairs and scratches; 0 to 1."""
    paper = np.zeros(shape, np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        start = rng.uniform((0, 0), (shape[1], shape[0]))
        thick = max(1, round(pitch * rng.choice([0.03, 0.06, 0.12, 0.3])))
        if rng.random() < 0.5:
            points = start + np.cumsum(rng.normal(0, pitch * 0.8, (int(rng.integers(2, 9)), 2)), axis=0)
            cv2.polylines(paper, [points.astype(np.int32)], False, 255, thick, cv2.LINE_AA)
        else:
            axes = tuple(int(v) for v in rng.uniform(0.5, 6, 2) * pitch)
            place = tuple(int(v) for v in start)
            cv2.ellipse(
                paper, place, axes, rng.uniform(0, 180), 0, 360, 255, rng.choice([-1, thick]), cv2.LINE_AA
            )
    return paper.astype(np.float32) / 255


def paper(rng: Generator, shape: tuple[int, int], pitch: float) -> Floats:
    """The page before the zone is printed, white at 1; `pitch` is the zone's, in px of this sheet."""
    sheet = np.full(shape, 1.0, np.float32)
    if rng.random() < 0.5:
        sheet -= rng.uniform(0, 0.12) * (soft_noise(rng, shape, pitch * rng.uniform(0.3, 6)) + 0.5)
    if rng.random() < 0.45:
        strength = rng.uniform(0.05, 0.45) * (1 if rng.random() < 0.3 else 0.6)
        if rng.random() < 0.3:
            strength = strength * np.clip(soft_noise(rng, shape, pitch * 6) + 0.5, 0, 1)
        sheet -= strength * guilloche(rng, shape, pitch)
    if rng.random() < 0.15:
        sheet -= rng.uniform(0.05, 0.4) * _words(rng, shape, pitch)
    if rng.random() < 0.2:
        sheet -= rng.uniform(0.05, 0.35) * _shapes(rng, shape, pitch)
    if rng.random() < 0.06:  # halftone
        y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
        turn, step = rng.uniform(0, 1.5), pitch * rng.uniform(0.1, 0.3)
        dots = np.sin((x * math.cos(turn) + y * math.sin(turn)) * 6.28 / step) * np.sin(
            (y * math.cos(turn) - x * math.sin(turn)) * 6.28 / step
        )
        sheet -= rng.uniform(0.05, 0.35) * (dots > rng.uniform(-0.3, 0.6))
    return np.clip(sheet, 0.05, 1)


def worn(rng: Generator, ink: Floats, pitch: float) -> Floats:
    """The ink as a tired printer and years of use leave it."""
    shape = (ink.shape[0], ink.shape[1])
    if rng.random() < 0.35:  # ragged edges, spread and bleeding
        soft = cv2.GaussianBlur(ink, (0, 0), pitch * rng.uniform(0.02, 0.06))
        grain = soft_noise(rng, shape, max(1.0, pitch * rng.uniform(0.04, 0.15)))
        ink = np.clip(
            (soft + grain * rng.uniform(0.05, 0.25) - rng.uniform(0.3, 0.6)) * rng.uniform(2, 6) + 0.5, 0, 1
        )
        ink *= cv2.GaussianBlur((soft > 0.05).astype(np.float32), (0, 0), 1.0)
    if rng.random() < 0.15:  # patches rubbed off
        grain = soft_noise(rng, shape, pitch * rng.uniform(0.1, 0.8))
        ink = ink * np.clip(1 - (grain - rng.uniform(0.8, 2.0)) * 3, rng.uniform(0, 0.6), 1)
    if rng.random() < 0.06:  # rows a print head left out
        rows = np.arange(shape[0]) / (pitch * rng.uniform(0.08, 0.3)) + rng.uniform(0, 1)
        ink = ink * (1 - rng.uniform(0.2, 0.8) * (np.sin(rows * 6.28) > rng.uniform(0, 0.8)))[:, None]
    if rng.random() < 0.2:  # unequal inking along the line
        ink = ink * np.clip(
            1 + rng.uniform(0, 0.35) * soft_noise(rng, (1, shape[1]), pitch * rng.uniform(0.8, 5)), 0.2, 1
        )
    return ink.astype(np.float32)


def lit(rng: Generator, scene: Floats, pitch: float) -> Floats:
    """Uneven light, shadow edges and glare on a picture of the sheet."""
    height, width = scene.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    if rng.random() < 0.5:
        turn, fall = rng.uniform(0, 6.28), rng.uniform(0, 0.7)
        slope = x / width * math.cos(turn) + y / height * math.sin(turn)
        scene = scene * (1 - fall * (slope - slope.min()) / max(float(np.ptp(slope)), 1e-3))
    if rng.random() < 0.15:
        turn, soft = rng.uniform(-0.8, 0.8), pitch * rng.uniform(0.05, 1.5)
        edge = (x - rng.uniform(0, width)) * math.cos(turn) + (y - height / 2) * math.sin(turn)
        scene = scene * (1 - rng.uniform(0.2, 0.7) / (1 + np.exp(np.clip(edge / -soft, -30, 30))))
    if rng.random() < 0.18:
        place = rng.uniform((0, 0), (width, height))
        size = pitch * rng.uniform(0.5, 4, 2)
        far = ((x - place[0]) / size[0]) ** 2 + ((y - place[1]) / size[1]) ** 2
        scene = scene + rng.uniform(0.2, 1.1) * np.exp(-far)
    return scene


def photographed(rng: Generator, scene: Floats, pitch: float) -> NDArray[np.uint8]:
    """Through lens, sensor and file; `pitch` is the print's in px of `scene`, which keeps its size."""
    kind = rng.random()
    if kind < 0.55:
        sigma = pitch * abs(rng.normal(0, 0.065))
        if sigma > 0.15:
            scene = cv2.GaussianBlur(scene, (0, 0), sigma)
    elif kind < 0.68:
        reach = pitch * rng.uniform(0.05, 0.42)
        scene = cv2.filter2D(scene, -1, _streak(reach, rng.uniform(0, np.pi)))
    elif kind < 0.76:
        radius = max(0.6, pitch * rng.uniform(0.03, 0.2))
        scene = cv2.filter2D(scene, -1, _disc(radius))
    if rng.random() < 0.15:  # over-sharpened scans
        scene = scene + rng.uniform(0.3, 2.0) * (
            scene - cv2.GaussianBlur(scene, (0, 0), max(0.5, pitch * 0.06))
        )
    exposure = rng.uniform(0.35, 1.05) if rng.random() < 0.85 else rng.uniform(0.06, 0.35)
    picture = np.clip(scene * exposure, 0, 1) ** rng.uniform(0.7, 1.4)
    if rng.random() < 0.6:
        sigma = abs(rng.normal(0, 0.035)) * min(1.0, 0.3 + exposure)
        noise = rng.standard_normal(picture.shape).astype(np.float32) * sigma
        if rng.random() < 0.3:
            noise = cv2.GaussianBlur(noise, (0, 0), 0.7) * 1.8
        picture = picture + noise * (0.4 + np.sqrt(np.clip(picture, 0, 1)))
    grey = np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)
    if rng.random() < 0.1:
        grey = _binarised(rng, grey, pitch)
    if rng.random() < 0.02:
        specks = rng.random(grey.shape) < rng.uniform(0.002, 0.02)
        grey = np.where(specks, rng.choice([0, 255], grey.shape), grey).astype(np.uint8)
    if rng.random() < 0.5:
        quality = int(rng.integers(25, 96))
        grey = cv2.imdecode(
            cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE
        )
    return grey


def _streak(reach: float, angle: float) -> Floats:
    side = 2 * int(np.ceil(reach / 2)) + 3
    kernel = np.zeros((side * 4, side * 4), np.float32)
    middle, half = side * 2, reach * 2
    step = (half * math.cos(angle), half * math.sin(angle))
    ends = [tuple(round(middle + sign * part) for part in step) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 3, cv2.LINE_AA)
    kernel = cv2.resize(kernel, (side, side), interpolation=cv2.INTER_AREA)
    return kernel / kernel.sum()


def _disc(radius: float) -> Floats:
    half = int(np.ceil(radius))
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return kernel / kernel.sum()


def _binarised(rng: Generator, grey: NDArray[np.uint8], pitch: float) -> NDArray[np.uint8]:
    factor = rng.choice([1.0, 1.0, 2.0])
    size = (round(grey.shape[1] * factor), round(grey.shape[0] * factor))
    large = cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.5:
        level, _ = cv2.threshold(large, 0, 255, cv2.THRESH_OTSU)
        black = large > level + rng.normal(0, 12)
    else:
        around = cv2.blur(large.astype(np.float32), (max(3, int(pitch * factor)),) * 2)
        black = large > around * rng.uniform(0.75, 0.97)
    result = black.astype(np.uint8) * 255
    if rng.random() < 0.3 and pitch * factor > 20:
        change = cv2.erode if rng.random() < 0.6 else cv2.dilate
        result = change(result, np.ones((2, 2), np.uint8))
    return cv2.resize(result, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_AREA)
