"""What light, weather, lens and encoder make of a scene; nothing here moves a pixel's place."""

from dataclasses import dataclass

import cv2
import numpy as np

from simulators.render.scenes.paint import Picture, Rng, between, chance


@dataclass(frozen=True, slots=True)
class Strength:
    """How bad it gets, in pixels of a picture 640 wide and in grey levels; largest values."""

    blur: float = 1.1
    motion: float = 5.0
    noise: float = 14.0
    jpeg: tuple[int, int] = (40, 92)


def developed(picture: Picture, rng: Rng, strength: Strength, mono: bool) -> Picture:
    """The scene as the camera sends it; `mono` of an infrared camera."""
    frame = picture
    wide = frame.shape[1] / 640
    if chance(rng, 0.3):
        _shadows(frame, rng)
    night = mono or chance(rng, 0.2)
    light = between(rng, 0.12, 0.7) if night else between(rng, 0.55, 1.35)
    level = frame.astype(np.float32) * light
    if chance(rng, 0.4):  # the light's own colour
        level *= np.array(
            [between(rng, 0.75, 1.2), between(rng, 0.9, 1.1), between(rng, 0.75, 1.2)], np.float32
        )
    if chance(rng, 0.35):
        level += _glow(rng, frame.shape, wide)
    if chance(rng, 0.2):  # haze, or a dirty lens
        level = level * between(rng, 0.5, 0.9) + between(rng, 20, 90)
    contrast = between(rng, 0.7, 1.3)
    level = (level - 110) * contrast + 110 + between(rng, -15, 15)
    if mono:
        level = np.repeat(level.mean(axis=2, keepdims=True), 3, axis=2)
    frame = np.clip(level, 0, 255).astype(np.uint8)
    if chance(rng, 0.12):
        _falling(frame, rng, wide)
    frame = _lens(frame, rng, strength, wide)
    noise = between(rng, 0, strength.noise) * (1.0 if night else 0.5)
    if noise > 1:
        grain = rng.standard_normal(frame.shape[:2] if mono else frame.shape, np.float32) * noise
        frame = np.clip(frame + (grain[:, :, None] if mono else grain), 0, 255).astype(np.uint8)
    if chance(rng, 0.15):  # sharpened by the camera
        soft = cv2.GaussianBlur(frame, (0, 0), 1.2 * wide)
        frame = cv2.addWeighted(frame, 1.7, soft, -0.7, 0).astype(np.uint8)
    quality = int(rng.integers(strength.jpeg[0], strength.jpeg[1] + 1))
    coded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    back = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert back is not None
    return back.astype(np.uint8)


def _shadows(frame: Picture, rng: Rng) -> None:
    height, width = frame.shape[:2]
    dark = np.zeros((height, width, 1), np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        points = np.stack([rng.integers(-width // 4, width * 5 // 4, 4), rng.integers(0, height, 4)], axis=1)
        cv2.fillConvexPoly(dark, cv2.convexHull(points.astype(np.int32)), (255,))
    cover = dark.astype(np.float32) / 255 * between(rng, 0.2, 0.6)
    frame[:] = (frame * (1 - cover.reshape(height, width, 1))).astype(np.uint8)


def _glow(rng: Rng, shape: tuple[int, ...], wide: float) -> np.ndarray:
    """Lamps that dazzle, in a quarter of the size: light is soft."""
    height, width = shape[0] // 4 + 1, shape[1] // 4 + 1
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        away = np.hypot(x - between(rng, 0, width), (y - between(rng, 0, height)) * between(rng, 0.7, 1.4))
        reach = between(rng, 3, 28) * wide
        light += between(rng, 60, 300) * np.exp(-away / reach)
    return cv2.resize(light, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)[:, :, None]


def _falling(frame: Picture, rng: Rng, wide: float) -> None:
    """Rain as streaks, snow as flakes."""
    height, width = frame.shape[:2]
    rain, lean = chance(rng, 0.5), between(rng, -0.4, 0.4)
    light = int(rng.integers(150, 255))
    for _ in range(int(rng.integers(60, 400))):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        if rain:
            long = int(between(rng, 5, 18) * wide)
            cv2.line(frame, (x, y), (x + int(lean * long), y + long), (light,) * 3, 1, cv2.LINE_AA)
        else:
            cv2.circle(
                frame, (x, y), max(1, int(between(rng, 0.5, 2.2) * wide)), (light,) * 3, -1, cv2.LINE_AA
            )


def _lens(frame: Picture, rng: Rng, strength: Strength, wide: float) -> Picture:
    if chance(rng, 0.55):
        frame = cv2.GaussianBlur(frame, (0, 0), between(rng, 0.3, strength.blur) * wide).astype(np.uint8)
    if chance(rng, 0.25):
        long = max(2, round(between(rng, 1.5, strength.motion) * wide))
        size = long | 1
        kernel = np.zeros((size, size), np.float32)
        angle = between(rng, 0, np.pi) if chance(rng, 0.4) else np.pi / 2 + between(rng, -0.3, 0.3)
        reach = np.array([np.cos(angle), np.sin(angle)]) * (long - 1) / 2
        middle = size // 2
        start, end = np.round(middle - reach).astype(int), np.round(middle + reach).astype(int)
        cv2.line(kernel, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), (1.0,), 1)
        frame = cv2.filter2D(frame, -1, kernel / kernel.sum()).astype(np.uint8)
    return frame


def dirty(picture: Picture, rng: Rng) -> None:
    """Dirt or snow on a vehicle, more of it below."""
    height, width = picture.shape[:2]
    snow = chance(rng, 0.3)
    fill = np.array((235, 235, 238) if snow else (60, 75, 95), np.float32) * between(rng, 0.7, 1.1)
    grains = rng.normal(0, 0.5, (max(2, height // 12), max(2, width // 12))).astype(np.float32)
    cover = cv2.resize(grains, (width, height), interpolation=cv2.INTER_CUBIC)
    cover += np.linspace(-1.2, between(rng, -0.2, 0.6), height, dtype=np.float32)[:, None]
    cover = np.clip(cover, 0, between(rng, 0.3, 0.8))[:, :, None]
    picture[:] = (picture * (1 - cover) + fill * cover).astype(np.uint8)
