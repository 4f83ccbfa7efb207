"""Writing that is no plate: slogans, makers' names, telephone numbers, container numbers, road signs."""

import random
from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from simulators.render.scenes.paint import Colour, Picture, Rect, Rng

_SYLLABLES = (
    "trans", "avto", "mir", "kar", "lux", "sib", "tex", "gaz", "min", "dor", "ural", "vol", "zen", "tur",
    "alp", "nord", "ost", "kama", "shal", "ber", "kok", "sam", "bul",
)  # fmt: skip
_TRADES = ("Auto", "Trans", "Cargo", "Logistics", "Service", "GmbH", "LLC")
_LATIN = "ABCDEFGHIKLMNOPRSTUVXYZ"
_CYRILLIC = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЭЮЯ"
_DRAWN_PX = 40


def words(rng: Rng) -> str:
    """A line as vehicles carry them; nothing in it has the shape of a plate's number."""
    chance = random.Random(int(rng.integers(1 << 31)))
    number = chance.randint
    name = "".join(chance.choice(_SYLLABLES) for _ in range(number(1, 3)))
    match chance.randrange(6):
        case 0:
            return name.upper()
        case 1:
            return f"{name.title()} {chance.choice(_TRADES)}"
        case 2:
            return (
                f"+{number(7, 998)} {number(100, 999)} {number(100, 999)}-{number(10, 99)}-{number(10, 99)}"
            )
        case 3:
            return "".join(chance.choice(_CYRILLIC) for _ in range(number(3, 9)))
        case 4:  # ISO 6346
            owner = "".join(chance.choice(_LATIN) for _ in range(3))
            return f"{owner}U {number(100000, 999999)} {number(0, 9)}"
        case _:
            return f"{name}{chance.choice(('.kz', '.ru', '.com', '.uz', '.tj'))}"


def badge(rng: Rng) -> str:
    """A model's name or a sign's short text."""
    chance = random.Random(int(rng.integers(1 << 31)))
    name, number = chance.choice(_SYLLABLES).upper(), chance.randint
    return chance.choice(
        (
            name,
            f"{name} {chance.choice('LXSTG')}",
            f"{number(1, 9)}.{number(0, 9)}",
            f"{number(20, 130)}",
            f"{chance.choice(_LATIN)}{number(1, 9)}",
            "STOP",
            "4x4",
            "TIR",
        )
    )


@cache
def _face(path: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, _DRAWN_PX)


def write(picture: Picture, rng: Rng, text: str, rect: Rect, ink: Colour, faces: tuple[str, ...]) -> None:
    """`text` fitted into a rectangle of the picture, in one of `faces` (font files)."""
    left, top, right, bottom = rect
    if right - left < 8 or bottom - top < 4 or left < 0 or top < 0:
        return
    if right > picture.shape[1] or bottom > picture.shape[0]:
        return
    face = _face(faces[int(rng.integers(len(faces)))])
    x0, y0, x1, y1 = (round(side) for side in face.getbbox(text))
    if x1 <= x0 or y1 <= y0:
        return
    mask = Image.new("L", (x1 - x0 + 2, y1 - y0 + 2))
    ImageDraw.Draw(mask).text((1 - x0, 1 - y0), text, font=face, fill=255)
    cover = np.asarray(mask, np.uint8)
    scale = min((bottom - top) / cover.shape[0], (right - left) / cover.shape[1] * 1.3)
    width = max(2, min(right - left, round(cover.shape[1] * scale)))
    height = max(2, round(cover.shape[0] * scale))
    small = (
        cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)[:, :, None] / 255
    )
    x, y = left + (right - left - width) // 2, top + (bottom - top - height) // 2
    part = picture[y : y + height, x : x + width]
    part[:] = (part * (1 - small) + np.array(ink, np.float32) * small).astype(np.uint8)
