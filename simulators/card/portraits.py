"""Faces, fingers and signatures that nobody has, as image files and as biometric records.

    FAC 0 "010" 0 | length 4 | faces 2 | face information 20 | image information 12 | image    ISO 19794-5
    65 { A0 version | A1 { 30 { 80 number | A1 { A0 { A0 { 80 image | A1 format } } } } } }    ISO 39794-5

The second is the shape of the sample that ICAO published with the mandatory fields only.
"""

import io
import random
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from simulators.card import der

FORMATS = ("jpeg", "jpeg2000", "codestream")
"""JPEG, a JPEG 2000 file, and the bare code stream of one."""


@lru_cache(maxsize=16)
def face(seed: int, width: int = 413, height: int = 531, *, grey: bool = False) -> Image.Image:
    """A drawn face.  Don't draw on it: copy it."""
    draw = random.Random(seed)
    scale = 2
    image = Image.new("RGB", (width * scale, height * scale), (214, 218, 222))
    pen = ImageDraw.Draw(image)
    w, h = image.size
    skin = _shade((232, 190, 160), draw.uniform(0.62, 1.0))
    hair = _shade(draw.choice([(60, 44, 34), (30, 26, 26), (120, 88, 52), (150, 150, 150)]), 1.0)
    cloth = tuple(draw.randrange(40, 150) for _ in range(3))
    half, top, bottom = w * draw.uniform(0.2, 0.235), h * 0.2, h * draw.uniform(0.74, 0.78)
    middle = w / 2 + w * draw.uniform(-0.01, 0.01)
    pen.ellipse((w * 0.04, h * 0.83, w * 0.96, h * 1.4), fill=cloth)
    pen.rectangle((middle - half * 0.5, h * 0.66, middle + half * 0.5, h * 0.89), fill=_shade(skin, 0.88))
    pen.ellipse((middle - half * 1.16, top - h * 0.05, middle + half * 1.16, h * 0.62), fill=hair)
    pen.ellipse((middle - half, top, middle + half, bottom), fill=skin)
    pen.pieslice((middle - half * 1.02, top - h * 0.04, middle + half * 1.02, h * 0.5), 195, 345, fill=hair)
    eye_y, eye_x = h * draw.uniform(0.44, 0.47), half * draw.uniform(0.42, 0.48)
    iris = draw.choice([(70, 52, 40), (70, 90, 110), (80, 96, 66)])
    for side in (-1, 1):
        x = middle + side * eye_x
        pen.ellipse(
            (x - half * 0.2, eye_y - h * 0.014, x + half * 0.2, eye_y + h * 0.016), fill=(245, 243, 240)
        )
        pen.ellipse((x - half * 0.08, eye_y - h * 0.014, x + half * 0.08, eye_y + h * 0.014), fill=iris)
        brow = eye_y - h * draw.uniform(0.034, 0.04)
        pen.line(
            (x - half * 0.24, brow, x + half * 0.24, brow - h * 0.005), fill=hair, width=round(h * 0.009)
        )
    nose = h * 0.575
    pen.line((middle, eye_y, middle - half * 0.06, nose), fill=_shade(skin, 0.86), width=round(w * 0.008))
    pen.arc((middle - half * 0.16, nose - h * 0.02, middle + half * 0.16, nose + h * 0.015), 20, 160,
            fill=_shade(skin, 0.7), width=round(w * 0.008))  # fmt: skip
    mouth = half * draw.uniform(0.36, 0.44)
    pen.ellipse((middle - mouth, h * 0.645, middle + mouth, h * 0.668), fill=(172, 92, 88))
    small = image.filter(ImageFilter.GaussianBlur(w / 280)).resize((width, height), Image.Resampling.LANCZOS)
    grain = np.random.default_rng(seed).normal(0.0, 2.5, (height, width, 1))
    light = np.linspace(1.05, 0.9, width)[None, :, None]
    lit = np.clip(np.asarray(small, np.float64) * light + grain, 0, 255).astype(np.uint8)
    done = Image.fromarray(lit, "RGB")
    return done.convert("L") if grey else done


@lru_cache(maxsize=64)
def portrait(seed: int, width: int, height: int, form: str, size: int, *, grey: bool = False) -> bytes:
    """A drawn face as an image file."""
    return encoded(face(seed, width, height, grey=grey), form, size)


@lru_cache(maxsize=16)
def ridges(seed: int, side: int = 240) -> Image.Image:
    """Lines such as a finger leaves."""
    draw = random.Random(seed)
    y, x = np.mgrid[0:side, 0:side] / side - 0.5
    away = np.hypot(x + draw.uniform(-0.1, 0.1), (y + draw.uniform(-0.1, 0.1)) * 0.8)
    bent = away + 0.02 * np.sin(9 * x + draw.uniform(0, 6)) + 0.015 * np.sin(7 * y + draw.uniform(0, 6))
    return Image.fromarray(((np.sin(bent * 160) > 0) * 255).astype(np.uint8), "L")


@lru_cache(maxsize=16)
def signature(seed: int) -> Image.Image:
    """A written flourish."""
    draw = random.Random(seed)
    image = Image.new("L", (320, 96), 255)
    pen = ImageDraw.Draw(image)
    points = [(20 + 14 * step, 48 + draw.uniform(-34, 34)) for step in range(21)]
    pen.line(points, fill=20, width=3, joint="curve")
    return image


def encoded(image: Image.Image, form: str, size: int) -> bytes:
    """The image in a form of FORMATS, of about `size` bytes."""
    if form == "jpeg":
        low, high = 1, 95
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (
                (middle, high) if len(_saved(image, "JPEG", quality=middle)) <= size else (low, middle - 1)
            )
        return _saved(image, "JPEG", quality=low)
    pixels = image.width * image.height * len(image.getbands())
    return _saved(
        image,
        "JPEG2000",
        quality_mode="rates",
        quality_layers=[max(1.0, pixels / size)],
        irreversible=True,
        no_jp2=form == "codestream",
    )


def _saved(image: Image.Image, kind: str, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def _shade(colour: tuple[int, ...], factor: float) -> tuple[int, ...]:
    return tuple(min(255, round(part * factor)) for part in colour)


def iso_19794(image: bytes, width: int, height: int, *, declared: str) -> bytes:
    """A face record.  `declared` is the form it says the image has, which need not be true."""
    information = bytes([1, 0 if declared == "jpeg" else 1])
    information += width.to_bytes(2, "big") + height.to_bytes(2, "big") + bytes(6)
    block = (20 + 12 + len(image)).to_bytes(4, "big") + bytes(16) + information + image
    return b"FAC\x00010\x00" + (14 + len(block)).to_bytes(4, "big") + b"\x00\x01" + block


def iso_39794(image: bytes, *, declared: str) -> bytes:
    """A face record in the extensible encoding, tagged for 7F2E."""
    kind = der.explicit(1, der.explicit(0, der.tlv(0x80, b"\x02" if declared == "jpeg" else b"\x03")))
    picture = der.explicit(0, der.explicit(0, der.tlv(0x80, image), kind))
    version = der.explicit(0, der.tlv(0x80, b"\x03"), der.tlv(0x81, b"\x07\xe3"))
    representation = der.sequence(der.tlv(0x80, b"\x00"), der.explicit(1, picture))
    return der.explicit(1, der.tlv(0x65, version, der.explicit(1, representation)))


def finger_record(image: bytes, side: int) -> bytes:
    """One finger (ISO/IEC 19794-4), its image in JPEG 2000."""
    view = (14 + len(image)).to_bytes(4, "big") + bytes([2, 1, 1, 100, 0])
    view += side.to_bytes(2, "big") * 2 + b"\x00" + image
    head = bytes.fromhex("0000001F010101F401F401F401F408040000")
    return b"FIR\x00010\x00" + (32 + len(view)).to_bytes(6, "big") + head + view


def iris_record(image: bytes) -> bytes:
    """Bytes behind the name of an iris record (ISO/IEC 19794-6): enough for what nobody opens."""
    return b"IIR\x00010\x00" + (12 + len(image)).to_bytes(4, "big") + image
