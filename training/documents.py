"""Travel documents as flat sheets: what each kind carries, and where its zone stands (Doc 9303-3 to 7)."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw
from sheets import (
    PITCH_MM,
    Sheet,
    SheetLine,
    draw_barcode,
    draw_portrait,
    draw_signature,
    draw_stamp,
    draw_words,
    draw_zone,
    other_fonts,
    paper,
)

KINDS_MM = {
    "passport": (125.0, 88.0, 2, 44),
    "visa_a": (120.0, 80.0, 2, 44),
    "td2": (105.0, 74.0, 2, 36),
    "td1": (85.6, 54.0, 3, 30),
}


def travel_document(rng: Generator) -> Sheet:
    """One document with its zone: a page, a spread of two pages, both sides of a card, or the zone alone."""
    kind = str(rng.choice(list(KINDS_MM), p=[0.42, 0.13, 0.15, 0.3]))
    px_per_mm = rng.uniform(13, 22) / PITCH_MM
    width_mm, height_mm, rows, columns = KINDS_MM[kind]
    sheet = _front(rng, px_per_mm, width_mm, height_mm, rows, columns)
    chance = rng.random()
    if chance < 0.3:
        above = _without_zone(rng, px_per_mm, width_mm, height_mm)
        gap = int(rng.uniform(0, 6) * px_per_mm)
        return _stacked(above, sheet, gap, rng.uniform(0.2, 1.0))
    if chance < 0.36:
        keep = int(rng.uniform(0.3, 0.6) * sheet.grey.shape[0])
        cut = sheet.grey.shape[0] - keep
        moved = [SheetLine(line.left, line.right, line.middle - cut, line.pitch) for line in sheet.lines]
        return Sheet(sheet.grey[cut:].copy(), moved)
    return sheet


def _front(rng: Generator, scale: float, width_mm: float, height_mm: float, rows: int, columns: int) -> Sheet:
    width, height = round(width_mm * scale), round(height_mm * scale)
    pitch = PITCH_MM * scale * rng.uniform(0.94, 1.06)
    while columns * pitch > width * 0.985:
        pitch *= 0.985
    clear = rng.random()
    grey = paper(rng, width, height)
    zone_top = round(height - 23.2 * scale)
    if clear < 0.4:  # the zone on a lighter strip of its own, wholly or partly
        grey[zone_top:] += (rng.uniform(0.75, 1.0) - grey[zone_top:]) * rng.uniform(0.3, 1.0)
    image = Image.fromarray((np.clip(grey, 0, 1) * 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    _fill(draw, rng, width, zone_top, scale)
    if rng.random() < 0.3:
        image = draw_stamp(image, rng)
    spare = width - columns * pitch
    left = float(np.clip(rng.normal(0.5, 0.2), 0.05, 0.95)) * spare
    bottom = height - rng.uniform(4.5, 9.5) * scale
    sheet = Sheet(np.asarray(image, np.float32) / 255)
    draw_zone(sheet, rng, left, bottom, pitch, rows, columns)
    return sheet


def _fill(draw: ImageDraw.ImageDraw, rng: Generator, width: int, bottom: int, scale: float) -> None:
    """What stands above the zone: title, portrait, labels with values, at times a chip or a barcode."""
    margin = rng.uniform(2, 8) * scale
    draw_words(
        draw,
        rng,
        (margin, rng.uniform(1, 4) * scale),
        int(rng.uniform(2.5, 6) * scale),
        int(rng.integers(6, 40)),
    )
    text_left = margin
    top = rng.uniform(7, 14) * scale
    if rng.random() < 0.75:
        high = min(rng.uniform(25, 45) * scale, bottom - top)
        wide = high * rng.uniform(0.7, 0.85)
        if high > 20 and rng.random() < 0.85:
            draw_portrait(draw, rng, (margin, top, margin + wide, top + high))
            text_left = margin + wide + rng.uniform(2, 6) * scale
        else:
            draw_portrait(draw, rng, (width - margin - wide, top, width - margin, top + high))
    if rng.random() < 0.25:
        wide = rng.uniform(20, 60) * scale
        draw_barcode(
            draw, rng, (text_left, bottom - rng.uniform(8, 14) * scale, text_left + wide, bottom - 4 * scale)
        )
    step = rng.uniform(3, 6.5) * scale
    size = step * rng.uniform(0.45, 0.85)
    fonts = [str(rng.choice(other_fonts())) for _ in range(2)]
    y = top
    while y < bottom - size:
        x = text_left
        while x < width - margin:
            length = int(rng.integers(2, 18))
            if rng.random() < 0.7:
                label = rng.random() < 0.5
                draw_words(draw, rng, (x, y), int(size * (0.7 if label else 1.0)), length, fonts[int(label)])
            x += max(length * size * 0.65, 12 * scale) + rng.uniform(1, 12) * scale
        y += step
    if rng.random() < 0.5:
        draw_signature(draw, rng, rng.uniform(0.2, 0.7) * width, bottom - 8 * scale, 4 * scale)


def _without_zone(rng: Generator, scale: float, width_mm: float, height_mm: float) -> Sheet:
    """The other page or the other side: as a front, but print goes down to the edge."""
    width, height = round(width_mm * scale), round(height_mm * scale)
    image = Image.fromarray((np.clip(paper(rng, width, height), 0, 1) * 255).astype(np.uint8))
    _fill(ImageDraw.Draw(image), rng, width, height, scale)
    if rng.random() < 0.3:
        image = draw_stamp(image, rng)
    return Sheet(np.asarray(image, np.float32) / 255)


def _stacked(above: Sheet, below: Sheet, gap: int, between: float) -> Sheet:
    width = below.grey.shape[1]
    down = above.grey.shape[0] + gap
    grey = np.concatenate([above.grey, np.full((gap, width), between, np.float32), below.grey])
    return Sheet(
        grey, [SheetLine(line.left, line.right, line.middle + down, line.pitch) for line in below.lines]
    )


def card_without_zone(rng: Generator) -> Sheet:
    return _without_zone(rng, rng.uniform(5, 9), 85.6, 54.0)
