"""Sizes are known before anything is decoded: of what encoders make, of what nobody should decode."""

import base64
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.plate_camera.jpeg import PIXELS_MAX, SIDE_MAX
from drivers.plate_camera.picture_sizes import (
    AbsurdSize,
    Sizes,
    UnreadableSet,
    announced,
    check_description,
)
from simulators.plate_camera.hostile_h264 import escaped, sequence_set
from simulators.plate_camera.rtp_h264 import description, units

PIXEL_FORMATS = ("yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "gray")


def encoded(codec: str, size: tuple[int, int], pixels: str, options: dict[str, str]) -> bytes:
    """The byte stream of one picture."""
    av = pytest.importorskip("av")
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt, encoder.framerate, encoder.time_base = pixels, Fraction(10), Fraction(1, 10)
    encoder.thread_count, encoder.options = 1, options
    grey = np.full((size[1], size[0], 3), 90, np.uint8)
    frame = av.VideoFrame.from_ndarray(grey, format="bgr24").reformat(format=pixels)
    frame.pts = 0
    return b"".join(bytes(packet) for one in (frame, None) for packet in encoder.encode(one))


@pytest.mark.parametrize(
    ("pixels", "options"),
    [
        *((pixels, {"preset": "ultrafast"}) for pixels in PIXEL_FORMATS),
        ("yuv420p", {"profile": "baseline"}),
        ("yuv420p", {"profile": "main"}),
        ("yuv420p", {"x264-params": "cqm=jvt:8x8dct=1"}),
        ("yuv444p", {"x264-params": "cqm=jvt:8x8dct=1"}),
        ("yuv420p", {"x264-params": "tff=1"}),
        ("yuv420p", {"x264-params": "bframes=3:b-pyramid=normal"}),
    ],
)
def test_the_size_is_read_from_what_h264_encoders_make(pixels: str, options: dict[str, str]) -> None:
    for width, height in ((480, 272), (1920, 1080)):
        made = encoded("libx264", (width, height), pixels, options)
        (set_,) = (unit for unit in units(made) if unit[0] & 31 == 7)
        _, (coded_width, coded_height) = announced("H264", set_)
        assert 0 <= coded_width - width < 16
        assert 0 <= coded_height - height < 32  # rows of fields come in pairs


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p10le", "yuv444p"])
def test_the_size_is_read_from_what_h265_encoders_make(pixels: str) -> None:
    options = {"preset": "ultrafast", "x265-params": "log-level=none"}
    for size in ((416, 240), (1280, 720)):
        made = encoded("libx265", size, pixels, options)
        (set_,) = (unit for unit in units(made) if unit[0] >> 1 & 63 == 33)
        assert announced("H265", set_)[1] == size


@given(st.integers(1, 4096), st.integers(1, 4096), st.integers(0, 31))
def test_any_size_is_read_or_refused_as_absurd(across: int, down: int, number: int) -> None:
    width, height = 16 * across, 16 * down
    if width * height > PIXELS_MAX or max(width, height) > SIDE_MAX:
        with pytest.raises(AbsurdSize, match=f"{width} x {height} pixels"):
            announced("H264", sequence_set(width, height, number=number))
    else:
        assert announced("H264", sequence_set(width, height, number=number)) == (number, (width, height))


@given(st.sampled_from(["H264", "H265"]), st.binary(max_size=120))
def test_any_bytes_are_a_sane_size_or_an_error(codec: str, noise: bytes) -> None:
    try:
        number, (width, height) = announced(codec, noise)
    except (UnreadableSet, AbsurdSize):
        return
    assert 0 <= number < 32
    assert 0 < width * height <= PIXELS_MAX


def test_bytes_that_prevent_start_codes_are_no_part_of_the_size() -> None:
    assert escaped(b"\x00\x00\x01\x00\x00\x00\x00\x00") == b"\x00\x00\x03\x01\x00\x00\x03\x00\x00\x03\x00"
    # Such a set has two zero bytes and then one of them in the middle of its fields.
    for width in range(16, 4096, 16):
        assert announced("H264", sequence_set(width, 16))[1] == (width, 16)


def test_the_same_size_again_is_no_change_and_another_is_one() -> None:
    sizes = Sizes()
    sizes.announce("H264", [sequence_set(480, 272), sequence_set(640, 368, number=1)])
    sizes.announce("H264", [sequence_set(480, 272)])
    assert not sizes.changed
    sizes.announce("H264", [sequence_set(320, 192)])
    assert sizes.changed == "480 x 272 pixels, then 320 x 192"


@pytest.mark.parametrize(
    ("media", "absurd"),
    [
        (description([sequence_set(480, 272), b"\x68\xee\x3c\x80"]), False),
        (description([sequence_set(8192, 8192), b"\x68\xee\x3c\x80"]), True),
        (["a=fmtp:96 sprop-parameter-sets=Z0IA,!!,===,aA=="], False),
        (["a=fmtp:96 sprop-parameter-sets="], False),
        (["a=fmtp:98 sprop-vps=QAE=; sprop-sps=QgE=; sprop-pps=RAE="], False),
    ],
)
def test_what_a_description_announces_is_checked_and_nonsense_in_it_is_not(
    media: list[str], absurd: bool
) -> None:
    said = "\r\n".join(["v=0", *media, ""]).encode()
    if absurd:
        with pytest.raises(AbsurdSize, match="8192 x 8192"):
            check_description(said)
    else:
        check_description(said)


def h265_set(width: int, height: int) -> bytes:
    """Its fields up to the size (ITU-T H.265, 7.3.2.2.1), as Exp-Golomb codes."""

    def code(value: int) -> str:
        digits = f"{value + 1:b}"
        return "0" * (len(digits) - 1) + digits

    bits = "0000" + "000" + "1" + "01" * 44 + f"{186:08b}" + code(0) + code(1) + code(width) + code(height)
    bits += "1" * (-len(bits) % 8)
    return b"\x42\x01" + escaped(int(bits, 2).to_bytes(len(bits) // 8, "big"))


def test_the_description_of_an_h265_camera_is_checked_too() -> None:
    assert announced("H265", h265_set(1920, 1080)) == (0, (1920, 1080))
    check_description(b"a=fmtp:98 sprop-sps=" + base64.b64encode(h265_set(1920, 1080)))
    with pytest.raises(AbsurdSize, match="8192 x 4320"):
        check_description(b"a=fmtp:98 sprop-sps=" + base64.b64encode(h265_set(8192, 4320)))
