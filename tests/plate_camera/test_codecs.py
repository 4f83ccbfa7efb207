"""The multipart reader, the JPEG header and the child's messages: any bytes, cut anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import framing
from drivers.plate_camera.jpeg import BadJpeg, picture_size
from drivers.plate_camera.multipart import (
    HEADER_BYTES_MAX,
    PART_BYTES_MAX,
    BrokenMultipart,
    MultipartReader,
    boundary_of,
)
from tests.lane_pictures import Drive
from tests.plate_camera.corrupt import drawn_again

bodies = st.lists(st.binary(min_size=1, max_size=60).filter(lambda body: b"--" not in body), max_size=4)


def stream(parts: list[bytes], *, lengths: bool, newline: bytes = b"\r\n") -> bytes:
    made = b""
    for body in parts:
        made += b"--frame" + newline + b"Content-Type: image/jpeg" + newline
        if lengths:
            made += b"Content-Length: %d" % len(body) + newline
        made += newline + body + newline
    return made + b"--frame" + newline


@given(bodies, st.booleans(), st.sampled_from([b"\r\n", b"\n"]), st.data())
def test_parts_come_whole_however_the_stream_is_cut(
    parts: list[bytes], lengths: bool, newline: bytes, data: st.DataObject
) -> None:
    # Without a length, a line end before the boundary belongs to the boundary.
    if not lengths:
        parts = [part.rstrip(b"\r\n") + b"." for part in parts]
    whole = stream(parts, lengths=lengths, newline=newline)
    reader, found = MultipartReader("frame"), []
    while whole:
        cut = data.draw(st.integers(1, len(whole)))
        found += [part.data for part in reader.feed(whole[:cut])]
        whole = whole[cut:]
    assert found == parts


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_noise_is_refused_or_waited_on_in_bounded_memory(chunks: list[bytes]) -> None:
    reader = MultipartReader("frame")
    for chunk in chunks:
        try:
            parts = reader.feed(chunk)
        except BrokenMultipart:
            return
        assert all(len(part.data) <= PART_BYTES_MAX for part in parts)


def test_a_stream_without_a_boundary_is_broken_before_it_costs_memory() -> None:
    reader = MultipartReader("frame")
    for _ in range(8):
        assert reader.feed(b"x" * (HEADER_BYTES_MAX // 4)) == []
    with pytest.raises(BrokenMultipart, match="no part begins"):
        reader.feed(b"x")


ZEROS = b"000000000001" + b"9" * 9
"""A length whose first digits are sane."""


@pytest.mark.parametrize(
    "length", [b"-1", b"0", b"ten", b"99999999999999999999", b"8388609", ZEROS, ZEROS + b"9" * 5000]
)
def test_a_part_of_absurd_length_is_broken(length: bytes) -> None:
    with pytest.raises(BrokenMultipart, match="Content-Length"):
        MultipartReader("frame").feed(b"--frame\r\nContent-Length: " + length + b"\r\n\r\n")


def test_a_length_may_begin_with_zeros() -> None:
    (part,) = MultipartReader("frame").feed(b"--frame\r\nContent-Length: 000000000004\r\n\r\nbody\r\n")
    assert part.data == b"body"


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/x-mixed-replace; boundary=frame", "frame"),
        ('multipart/x-mixed-replace;boundary="--my frame"; charset=x', "my frame"),
        ("Multipart/Mixed; charset=utf-8; Boundary=--b", "b"),
        ("image/jpeg", None),
        ("multipart/x-mixed-replace", None),
        ("multipart/x-mixed-replace; boundary=--", None),
        ("", None),
    ],
)
def test_the_boundary_is_found_in_all_its_spellings(content_type: str, boundary: str | None) -> None:
    assert boundary_of(content_type) == boundary


def test_the_size_of_a_real_picture_is_read_from_its_header(drive: Drive) -> None:
    assert picture_size(drive.standing[0]) == (960, 544)


@given(st.data())
def test_a_damaged_picture_is_refused_or_still_of_sane_size(drive: Drive, data: st.DataObject) -> None:
    whole = bytearray(drive.standing[0])
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, 700))] = data.draw(st.integers(0, 255))
    try:
        width, height = picture_size(bytes(whole))
    except BadJpeg:
        return
    assert 0 < width * height <= 20_000_000


@given(st.binary(max_size=200))
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    with pytest.raises(BadJpeg):
        picture_size(data)


def test_a_picture_that_is_drawn_over_and_over_again_is_refused() -> None:
    picture_size(drawn_again(20))
    with pytest.raises(BadJpeg, match="scans"):
        picture_size(drawn_again(100))


def test_a_torn_picture_is_refused(drive: Drive) -> None:
    with pytest.raises(BadJpeg, match="end is missing"):
        picture_size(drive.standing[0][:20_000])


def test_messages_of_the_child_come_back_as_they_were() -> None:
    packed = framing.pack({"kind": "frame", "number": 3}, b"\x00\xff")
    header, blob = framing.lengths(packed[:8])
    assert framing.unpack(packed[8 : 8 + header]) == {"kind": "frame", "number": 3}
    assert packed[8 + header :] == b"\x00\xff"
    assert blob == 2


@given(st.binary(min_size=8, max_size=8))
def test_absurd_lengths_of_a_message_are_refused(prefix: bytes) -> None:
    try:
        header, blob = framing.lengths(prefix)
    except framing.BrokenMessage:
        return
    assert header <= framing.HEADER_BYTES_MAX
    assert blob <= framing.BLOB_BYTES_MAX


@given(st.binary(max_size=60))
def test_a_header_that_is_no_message_is_refused(header: bytes) -> None:
    with pytest.raises(framing.BrokenMessage):
        framing.unpack(header)
