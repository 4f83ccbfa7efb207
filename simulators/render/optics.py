"""What lens, light, sensor and compression do to a rendered picture, and how a plane stands in it."""

import cv2
import numpy as np
import numpy.typing as npt

from simulators.render.plates.model import Picture

Corners = npt.NDArray[np.float32]
"""4 x 2 pixels: top left, top right, bottom right, bottom left."""
Rng = np.random.Generator


def turned(width: float, height: float, yaw: float, pitch: float, roll: float, distance: float) -> Corners:
    """Where a rectangle's corners lie about its middle when it is turned by these angles (degrees) and seen
    from `distance` of its widths."""
    x, y = width / 2, height / 2
    points = np.array([[-x, -y, 0.0], [x, -y, 0.0], [x, y, 0.0], [-x, y, 0.0]])
    a, b, c = np.radians((yaw, pitch, roll))
    around_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    around_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    around_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    seen = points @ (around_z @ around_x @ around_y).T
    away = distance * width
    return (seen[:, :2] * away / (away + seen[:, 2:])).astype(np.float32)


def pasted(
    canvas: Picture, flat: Picture, corners: Corners, mask: npt.NDArray[np.uint8] | None = None
) -> None:
    """Put a flat picture (or what `mask` shows of it) into the quadrilateral `corners`, in place."""
    rows, columns = canvas.shape[:2]
    low = np.floor(np.clip(corners.min(axis=0) - 1, 0, (columns, rows))).astype(int)
    high = np.ceil(np.clip(corners.max(axis=0) + 2, 0, (columns, rows))).astype(int)
    width, height = (int(side) for side in high - low)
    if width < 2 or height < 2:
        return
    across = float(max(np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[2] - corners[3]))))
    if across * 1.5 < flat.shape[1]:
        share = max(across * 1.2, 8) / flat.shape[1]
        size = (max(2, round(flat.shape[1] * share)), max(2, round(flat.shape[0] * share)))
        flat = cv2.resize(flat, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        mask = None if mask is None else cv2.resize(mask, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    h, w = flat.shape[:2]
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(source, (corners - low - 0.5).astype(np.float32))
    drawn = cv2.warpPerspective(
        flat, warp, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    whole = np.full((h, w), 255, np.uint8) if mask is None else mask
    share_of = cv2.warpPerspective(whole, warp, (width, height), flags=cv2.INTER_LINEAR)
    under = canvas[low[1] : high[1], low[0] : high[0]]
    alpha = cv2.merge([share_of] * 3)
    mixed = cv2.add(
        cv2.multiply(under, 255 - alpha, scale=1 / 255), cv2.multiply(drawn, alpha, scale=1 / 255)
    )
    under[:] = mixed


def lit(picture: Picture, rng: Rng, *, strength: float = 0.5) -> Picture:
    """Light that falls unevenly: a gradient, and now and then a shadow's edge."""
    rows, columns = picture.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    x = np.linspace(-1, 1, 16, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, 16, dtype=np.float32)[:, None]
    slope = (x * np.cos(angle) + y * np.sin(angle)) * rng.uniform(0, strength) * 0.5 + 1
    if rng.random() < 0.2:
        edge = x * np.cos(angle + 1) + y * np.sin(angle + 1) > rng.uniform(-0.5, 0.5)
        slope = slope * np.where(edge, 1.0, rng.uniform(0.4, 0.8))
    gain = cv2.resize(slope.astype(np.float32), (columns, rows), interpolation=cv2.INTER_LINEAR)
    return np.clip(picture * gain[:, :, None], 0, 255).astype(np.uint8)


def glare(picture: Picture, middle: tuple[float, float], radius: float, strength: float) -> Picture:
    """A lamp that shines into the lens: a hot spot with a wide veil about it."""
    rows, columns = picture.shape[:2]
    step = max(1, min(rows, columns) // 60)
    ys, xs = np.mgrid[0:rows:step, 0:columns:step].astype(np.float32)
    square = (xs - middle[0]) ** 2 + (ys - middle[1]) ** 2
    bloom = strength * (300 * np.exp(-square / (2 * radius**2)) + 60 * np.exp(-square / (18 * radius**2)))
    veil = cv2.resize(np.minimum(bloom, 255).astype(np.uint8), (columns, rows))
    return cv2.add(picture, cv2.merge([veil] * 3)).astype(np.uint8)


def streaked(picture: Picture, length: int, angle: float) -> Picture:
    """Motion blur of `length` pixels along `angle` (degrees from the horizontal)."""
    if length < 2:
        return picture
    kernel = np.zeros((length, length), np.float32)
    half = (length - 1) / 2
    dx, dy = np.cos(np.radians(angle)) * half, np.sin(np.radians(angle)) * half
    start, end = (round(half - dx), round(half - dy)), (round(half + dx), round(half + dy))
    cv2.line(kernel, start, end, (1.0,), 1)
    return cv2.filter2D(picture, -1, kernel / kernel.sum()).astype(np.uint8)


def exposed(picture: Picture, gain: float, contrast: float, gamma: float) -> Picture:
    """Gain, contrast about mid-grey, and gamma, in one table."""
    levels = np.arange(256, dtype=np.float32) / 255
    levels = np.clip(((levels * gain) - 0.5) * contrast + 0.5, 0, 1) ** gamma * 255
    return cv2.LUT(picture, levels.astype(np.uint8)).astype(np.uint8)


def noisy(picture: Picture, sigma: float, rng: Rng) -> Picture:
    """A sensor's noise, partly the same in all colours."""
    if sigma < 0.5:
        return picture
    rows, columns = picture.shape[:2]
    size = rows * columns
    at = int(rng.integers(0, max(1, _grain().size - size)))
    if size > _grain().size:
        grain = rng.normal(0, sigma, (rows, columns)).astype(np.float32)
    else:
        grain = _grain()[at : at + size].reshape(rows, columns) * np.float32(sigma)
    return cv2.add(picture, cv2.merge([grain] * 3), dtype=cv2.CV_8U).astype(np.uint8)


def compressed(picture: Picture, quality: int) -> Picture:
    """Through JPEG and back."""
    packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    found = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    assert found is not None, "OpenCV reads what it has written"
    return found.astype(np.uint8)


_kept: list[npt.NDArray[np.float32]] = []


def _grain() -> npt.NDArray[np.float32]:
    if not _kept:
        _kept.append(np.random.default_rng(20261130).standard_normal(1_500_000, np.float32))
    return _kept[0]
