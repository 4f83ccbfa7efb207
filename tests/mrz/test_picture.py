"""Pictures in: every kind of pixel becomes 8-bit grey; what is no picture is refused in bounded memory."""

import contextlib
import io
import struct
import subprocess
import sys
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import mrz
from mrz.picture import FORMATS, has_more_pages, load
from tests.mrz.test_reading import png, png_that_says

pytestmark = pytest.mark.filterwarnings("error")
RAMP = Image.linear_gradient("L").resize((60, 40))


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(mrz.ImageError) as caught:
        load(data)
    return str(caught.value)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_read(kind: str):
    grey = load(encoded(RAMP, kind))
    assert grey.shape == (40, 60)
    assert int(grey[0, 0]) < 10
    assert int(grey[-1, -1]) > 245


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1", "CMYK", "I;16"])
def test_every_kind_of_pixel_becomes_8_bit_grey(mode: str):
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(RAMP).astype(np.uint16) * 257)
    else:
        picture = RAMP.convert(mode)
    grey = load(encoded(picture, "TIFF" if mode in ("CMYK", "I;16") else "PNG"))
    assert grey.shape == (40, 60)
    assert grey.dtype == np.uint8
    if mode != "1":
        assert np.abs(grey.astype(int) - np.asarray(RAMP)).max() <= 3


def test_what_is_transparent_is_paper():
    picture = Image.new("RGBA", (60, 40), (0, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 30, 40))
    palette = Image.new("P", (60, 40), 1)
    palette.paste(0, (0, 0, 30, 40))
    palette.putpalette([0, 0, 0, 0, 0, 0])
    for data in (png(picture), encoded(palette, "PNG", transparency=0)):
        grey = load(data)
        assert (grey[0, 0], grey[0, 59]) == (255, 0)


def test_of_16_bits_the_highest_that_are_used_are_kept():
    """Infrared cameras put 10 or 12 bits into 16."""
    twelve = np.linspace(0, 4095, 2400).astype(np.uint16).reshape(40, 60)
    for grey in (load(encoded(Image.fromarray(twelve), "PNG")), load(twelve)):
        assert len(np.unique(grey)) == 256
        assert grey[-1, -1] == 255


def test_a_photograph_is_turned_as_its_camera_says():
    turned = Image.Exif()
    turned[0x112] = 6
    grey = load(encoded(RAMP, "JPEG", exif=turned.tobytes()))
    assert grey.shape == (60, 40)
    assert int(grey[0, 0]) > 245
    assert load(encoded(RAMP, "JPEG", exif=b"Exif\0\0nonsense")).shape == (40, 60)


@pytest.mark.parametrize("kind", ["TIFF", "WEBP", "PNG"])
def test_of_several_pages_the_first_is_read_and_that_is_known(kind: str):
    several = encoded(RAMP, kind, save_all=True, append_images=[RAMP.rotate(180)] * 2)
    assert int(load(several)[0, 0]) < 10
    assert has_more_pages(several)
    assert not has_more_pages(encoded(RAMP, kind))
    assert not has_more_pages(several[:20])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty: scan or copy it again"),
        (b"%PDF-1.4 hello", "a PDF file: save its page as"),
        (b"GIF89a" + bytes(50), "a GIF picture: save it as PNG"),
        (b"hello", "not a picture in a known format; known: PNG, JPEG"),
        (b"\x89PNG\r\n\x1a\n", "not a picture|damaged"),
        (encoded(Image.new("F", (9, 9)), "TIFF"), "floating-point numbers: save it with 8 or 16 bits"),
        (encoded(Image.new("LAB", (9, 9)), "TIFF"), "of the kind LAB are not read: save it as RGB"),
        (encoded(Image.fromarray(np.full((9, 9), 70_000, np.int32)), "TIFF"), "levels from 70000 to 70000"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_to_do(data: bytes, message: str):
    with pytest.raises(mrz.ImageError, match=message):
        load(data)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_cut_picture_is_refused(kind: str):
    whole = encoded(Image.effect_noise((300, 200), 50), kind)
    assert "damaged or cut off" in refused(whole[: len(whole) // 2])


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_picture_of_one_colour_is_refused_as_what_a_dark_lamp_gives(shade: int):
    assert f"one colour (grey level {shade})" in refused(png(Image.new("RGB", (400, 300), (shade,) * 3)))
    with pytest.raises(mrz.ImageError, match="is the lamp on"):
        load(np.full((400, 600), shade, np.uint8))


def test_arrays_are_taken_grey_or_blue_green_red_and_nothing_else():
    blue = np.zeros((10, 20, 3), np.uint8)
    blue[0, 0] = (255, 0, 0)
    assert load(blue)[0, 0] == 29
    assert load(np.arange(800, dtype=np.uint16).astype(np.uint8).reshape(10, 20, 4)).shape == (10, 20)
    for bad in (
        np.zeros((10, 20, 2), np.uint8),
        np.zeros((10, 20), np.float64),
        np.zeros((0, 20), np.uint8),
        np.zeros(5, np.uint8),
    ):
        with pytest.raises(mrz.ImageError):
            load(bad)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("width", "height"), [(10_000, 5_001), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_over_50_megapixels_is_refused_by_its_header(width: int, height: int):
    with pytest.raises(mrz.ImageError, match=r"megapixels; at most 50|damaged"):
        load(png_that_says(width, height))


def bombs() -> list[bytes]:
    """Small files that announce, or unpack to, gigabytes."""
    tiff_header = b"II*\0\x08\0\0\0"

    def tiff(*entries: tuple[int, int, int, int]) -> bytes:
        rows = b"".join(struct.pack("<HHII", *entry) for entry in entries)
        return tiff_header + struct.pack("<H", len(entries)) + rows + bytes(4) + bytes(100)

    usual = [(257, 4, 1, 50), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, 8), (278, 4, 1, 50)]
    size = struct.pack("<I", 16382)[:3]
    webp_body = (
        b"VP8X" + struct.pack("<I", 10) + bytes(4) + size * 2 + b"VP8L" + struct.pack("<I", 5) + bytes(6)
    )
    bmp = (
        b"BM"
        + struct.pack("<IHHI", 54, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 99_999, 99_999, 1, 24, *[0] * 6)
    )
    jpeg = bytearray(encoded(RAMP, "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = b"\xff\xdc" * 2
    text = zlib.compress(bytes(64 * 1024 * 1024))
    chunk = b"zTXt" + b"a\0\0" + text
    whole = png(RAMP)
    zipped = (
        whole[:33]
        + struct.pack(">I", len(chunk) - 4)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + whole[33:]
    )
    return [
        png_that_says(100_000, 100_000),
        png_that_says(7000, 7000),
        tiff((256, 4, 1, 2**32 - 1), *usual),
        tiff((256, 4, 1, 50), (258, 3, 2**31, 8), *usual[2:], (279, 4, 2**30, 8)),
        tiff((256, 4, 2**32 - 1, 8), *usual, (279, 4, 1, 2**32 - 1)),
        tiff_header[:4] + struct.pack("<I", 8) + struct.pack("<H", 65_535),
        b"RIFF" + struct.pack("<I", len(webp_body) + 4) + b"WEBP" + webp_body,
        bmp,
        bytes(jpeg),
        zipped,
    ]


def test_bombs_are_refused_in_bounded_memory():
    """In a process of its own, which holds no more than it would for a page of 50 megapixels."""
    script = (
        "import sys\n"
        "import mrz.picture\n"
        "from tests.mrz.test_picture import bombs\n"
        "for data in bombs():\n"
        "    try:\n"
        "        mrz.picture.load(data)\n"
        "    except mrz.picture.ImageError:\n"
        "        pass\n"
        # VmHWM, for ru_maxrss begins with what the parent had before it became this process.
        "print(next(l.split()[1] for l in open('/proc/self/status') if l.startswith('VmHWM')))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 500 * 1024, "kilobytes"
    assert done.stderr == "", "no decoder's warning reaches a log"


SEEDS = [encoded(RAMP, kind) for kind in FORMATS] + [
    encoded(RAMP.convert("RGBA"), "WEBP", lossless=True),
    encoded(RAMP, "TIFF", compression="tiff_deflate"),
    encoded(RAMP, "TIFF", compression="tiff_lzw"),
    encoded(RAMP.convert("P"), "PNG"),
    encoded(RAMP.convert("CMYK"), "JPEG", progressive=True),
]


@settings(max_examples=300)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    st.floats(0.05, 1),
)
def test_a_damaged_picture_is_decoded_or_refused_and_nothing_else(
    seed: bytes, damage: list[tuple[float, int]], kept: float
):
    data = bytearray(seed)
    for place, value in damage:
        # Headers stand at the beginning: half of the damage is done there.
        span = len(data) if value % 2 else min(len(data), 120)
        data[int(place * span)] = value
    with contextlib.suppress(mrz.ImageError):
        load(bytes(data[: round(len(data) * kept)]))


@given(st.binary(max_size=300), st.sampled_from([b"", *(seed[:16] for seed in SEEDS)]))
def test_any_bytes_are_refused_or_decoded(noise: bytes, start: bytes):
    with contextlib.suppress(mrz.ImageError):
        load(start + noise)
    assert has_more_pages(start + noise) in (True, False)
