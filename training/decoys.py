"""Papers without a machine-readable zone that look like having one: monospaced listings, tables, rows of `<`
in other fonts, bank cards, single lines of OCR-B, barcodes, running text."""

from __future__ import annotations

from string import ascii_letters, ascii_uppercase, digits

import numpy as np
from documents import card_without_zone
from numpy.random import Generator
from PIL import Image, ImageDraw
from sheets import (
    Sheet,
    draw_barcode,
    draw_portrait,
    draw_stamp,
    draw_words,
    font_of,
    monospaced_fonts,
    other_fonts,
    paper,
    press,
    random_print,
    random_text,
    words,
)


def decoy(rng: Generator) -> Sheet:
    kind = rng.random()
    if kind < 0.18:
        return card_without_zone(rng)
    width, height = int(rng.uniform(400, 1100)), int(rng.uniform(400, 1100))
    image = Image.fromarray((np.clip(paper(rng, width, height), 0, 1) * 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    if kind < 0.36:
        _running_text(draw, rng, width, height)
    elif kind < 0.54:
        _listing(draw, rng, width, height)
    elif kind < 0.68:
        _table(draw, rng, width, height)
    elif kind < 0.82:
        _mixed(draw, rng, width, height)
    elif kind < 0.92:
        return _single_lines(image, draw, rng)
    else:
        _pattern(draw, rng, width, height)
    if rng.random() < 0.15:
        image = draw_stamp(image, rng)
    return Sheet(np.asarray(image, np.float32) / 255)


def _running_text(draw: ImageDraw.ImageDraw, rng: Generator, width: int, height: int) -> None:
    size = int(rng.uniform(8, 34))
    step = size * rng.uniform(1.0, 2.6)
    font = str(rng.choice(other_fonts()))
    margin = rng.uniform(10, 60)
    y = margin
    while y < height - margin:
        length = int((width - 2 * margin) / size * 1.9 * (rng.uniform(0.2, 1) if rng.random() < 0.2 else 1))
        text = words(rng, max(2, length))
        draw.text((margin, y), text.capitalize(), font=font_of(font, size), fill=int(rng.integers(0, 40)))
        y += step


def _listing(draw: ImageDraw.ImageDraw, rng: Generator, width: int, height: int) -> None:
    """Monospaced print: programs, till slips, text that is shaped like a zone but is not OCR-B."""
    size = int(rng.uniform(9, 32))
    font = font_of(str(rng.choice(monospaced_fonts())), size)
    step = size * rng.uniform(1.05, 2.4)
    alphabets = [
        ascii_letters + "   (){}<>=;:.",
        digits + "    .,-",
        ascii_uppercase + digits + "<<<<<<<",
        "<",
        ">-=_",
    ]
    alphabet = alphabets[rng.integers(len(alphabets))]
    ink = int(rng.integers(0, 60))
    y = rng.uniform(5, 40)
    while y < height - 10:
        if rng.random() < 0.3:
            alphabet = alphabets[rng.integers(len(alphabets))]
        if rng.random() < 0.85:
            columns = int(rng.integers(5, 60))
            draw.text(
                (rng.choice([20.0, 20.0, 60.0]), y), random_text(rng, alphabet, columns), font=font, fill=ink
            )
        y += step


def _table(draw: ImageDraw.ImageDraw, rng: Generator, width: int, height: int) -> None:
    size = int(rng.uniform(9, 28))
    font = font_of(str(rng.choice(other_fonts())), size)
    row, column = size * rng.uniform(1.3, 2.2), size * rng.uniform(3, 8)
    ruled = rng.random() < 0.6
    y = 10.0
    while y < height - row:
        x = 10.0
        while x < width - column:
            text = random_text(rng, digits + ".,", int(rng.integers(1, int(column / size * 1.5) + 2)))
            draw.text((x + 3, y + 2), text, font=font, fill=20)
            if ruled:
                draw.rectangle((x, y, x + column, y + row), outline=90)
            x += column
        y += row


def _mixed(draw: ImageDraw.ImageDraw, rng: Generator, width: int, height: int) -> None:
    for _ in range(int(rng.integers(4, 30))):
        x, y = rng.uniform(0, 0.8 * width), rng.uniform(0, 0.95 * height)
        what = rng.random()
        if what < 0.6:
            draw_words(draw, rng, (x, y), int(rng.uniform(8, 50)), int(rng.integers(2, 40)))
        elif what < 0.8:
            draw_barcode(draw, rng, (x, y, x + rng.uniform(60, 300), y + rng.uniform(20, 90)))
        else:
            draw_portrait(draw, rng, (x, y, x + rng.uniform(40, 160), y + rng.uniform(60, 200)))


def _single_lines(image: Image.Image, draw: ImageDraw.ImageDraw, rng: Generator) -> Sheet:
    """A payment slip or a book's number: one line of OCR-B, far from another.  Not a zone, but only the
    missing neighbour says so; the network is left free there."""
    width, height = image.size
    _mixed(draw, rng, width, height)
    sheet = Sheet(np.asarray(image, np.float32) / 255)
    pitch = rng.uniform(12, 22)
    columns = int(rng.integers(10, 40))
    text = random_text(rng, str(rng.choice([digits, digits + "  ", digits + ascii_uppercase + "<"])), columns)
    left, middle = rng.uniform(0, 0.3) * width, rng.uniform(0.1, 0.9) * height
    line = press(sheet, text, left, middle, pitch, random_print(rng), 0.1, 0.95)
    sheet.ignored.append((line.left - pitch, line.middle - pitch, line.right + pitch, line.middle + pitch))
    return sheet


def _pattern(draw: ImageDraw.ImageDraw, rng: Generator, width: int, height: int) -> None:
    """Regular rows of marks: keys, perforation, woven cloth, rulers."""
    step_x, step_y = rng.uniform(8, 60), rng.uniform(8, 60)
    shape = int(rng.integers(4))
    fill = int(rng.integers(0, 140))
    size_x, size_y = step_x * rng.uniform(0.3, 0.9), step_y * rng.uniform(0.3, 0.9)
    for y in np.arange(0, height, step_y):
        for x in np.arange(0, width, step_x):
            box = (float(x), float(y), float(x + size_x), float(y + size_y))
            if shape == 0:
                draw.rectangle(box, fill=fill)
            elif shape == 1:
                draw.ellipse(box, outline=fill)
            elif shape == 2:
                draw.line((box[2], box[1], box[0], (box[1] + box[3]) / 2, box[2], box[3]), fill=fill, width=2)
            else:
                draw.line((box[0], box[1], box[2], box[3]), fill=fill, width=2)
