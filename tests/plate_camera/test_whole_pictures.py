"""What of a stream goes on to the decoder when packets were lost: whole pictures, nothing that refers to torn
ones.  The packets are the simulated camera's, which shares no code with what is tested."""

import random
import struct
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.plate_camera.rtsp_wire import (
    BODY_BYTES_MAX,
    HEAD_BYTES_MAX,
    Answer,
    BrokenRtsp,
    Packet,
    Splitter,
    codecs,
)
from drivers.plate_camera.whole_pictures import SETS_MAX, BrokenRtp, WholePictures
from simulators.plate_camera.hostile_h264 import sequence_set
from simulators.plate_camera.rtp import Loss, Packets
from simulators.plate_camera.rtp_h264 import AccessUnit, packets

H264 = {96: "H264"}
KEY_EVERY = 5


def h264(count: int, slices: int = 1) -> list[list[bytes]]:
    """The packets of each picture, from one that stands for itself on."""
    stream, chance = Packets(7, 65_500, 2**32 - 9000), random.Random(3)
    made: list[list[bytes]] = []
    for number in range(count):
        key = number % KEY_EVERY == 0
        units = [sequence_set(480, 272), b"\x68\xee\x3c\x80"] if key else []
        for slice_ in range(slices):
            first_bit = 0x80 if slice_ == 0 else 0x40
            body = bytes([0x65 if key else 0x41, first_bit]) + chance.randbytes(chance.randint(500, 5000))
            units.append(body)
        made.append(packets(stream, AccessUnit(tuple(units)), number / 10))
    return made


def picture_of(packet: bytes) -> int:
    return int.from_bytes(packet[4:8], "big")


def through(stream: WholePictures, sent: list[bytes]) -> list[bytes]:
    return [packet for each in sent for packet in stream.feed(each)]


def judge(pictures: list[list[bytes]], arrived: list[bytes]) -> list[int]:
    """The numbers of the pictures that came out, after a look at each: whole, and trusted from a key on."""
    out = through(WholePictures(H264), arrived)
    assert [int.from_bytes(packet[2:4], "big") for packet in out] == list(range(1, len(out) + 1))
    by_time = {picture_of(picture[0]): number for number, picture in enumerate(pictures)}
    numbers: list[int] = []
    for time, group in groupby(out, picture_of):
        number = by_time[time]
        assert [packet[:2] + packet[4:] for packet in group] == [
            packet[:2] + packet[4:] for packet in pictures[number]
        ], "a picture that is not whole"
        assert number % KEY_EVERY == 0 or numbers[-1:] == [number - 1], "it refers to one that is missing"
        numbers.append(number)
    return numbers


@pytest.mark.parametrize("slices", [1, 3])
def test_without_loss_every_picture_goes_on_at_once(slices: int) -> None:
    pictures = h264(12, slices)
    stream = WholePictures(H264)
    for picture in pictures:
        assert len(through(stream, picture)) == len(picture)
    assert stream.torn == 0


@given(st.sets(st.integers(1, 60), max_size=12), st.sampled_from([1, 3]))
def test_whichever_packets_are_lost_only_whole_pictures_go_on(lost: set[int], slices: int) -> None:
    pictures = h264(16, slices)
    sent = [packet for picture in pictures for packet in picture]
    judge(pictures, [packet for number, packet in enumerate(sent) if number not in lost])


def test_after_a_loss_the_next_picture_that_stands_for_itself_goes_on() -> None:
    pictures = h264(15)
    arrived = [packet for number, picture in enumerate(pictures) for packet in picture[number == 6 :]]
    assert judge(pictures, arrived) == [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14]
    whole_lost = [packet for number, picture in enumerate(pictures) if number != 2 for packet in picture]
    assert judge(pictures, whole_lost) == [0, 1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]


def test_a_stream_is_not_begun_in_the_middle() -> None:
    pictures = h264(12)
    sent = [packet for picture in pictures for packet in picture]
    for begun in range(2, sum(len(picture) for picture in pictures[:5])):
        assert judge(pictures, sent[begun:]) == [5, 6, 7, 8, 9, 10, 11]


def test_a_camera_that_marks_each_slice_gives_no_parts_of_pictures() -> None:
    pictures = [
        [packet[:1] + bytes([packet[1] | 0x80]) + packet[2:] for packet in picture] for picture in h264(30, 4)
    ]
    sent = [packet for picture in pictures for packet in picture]
    assert judge(pictures, sent)[:3] == [0, 1, 2]
    for seed in range(20):
        # The first picture tells how this camera marks.
        head = len(pictures[0])
        judge(pictures, sent[:head] + Loss(0.03, seed).left(sent[head:]))


def h265(kind: int, sequence: int, time: int) -> bytes:
    return struct.pack(">BBHII", 0x80, 0x80 | 98, sequence, time, 7) + bytes([kind << 1, 1, 0x80]) + bytes(50)


def test_h265_is_treated_alike() -> None:
    stream = WholePictures({98: "H265"})
    kinds = [1, 19, 1, 1, 1, 20, 1]  # a picture that refers, IDR_W_RADL, ..., IDR_N_LP
    out = [len(stream.feed(h265(kind, number, number * 9000))) for number, kind in enumerate(kinds)]
    assert out == [0, 1, 1, 1, 1, 1, 1]
    lossy = [
        len(stream.feed(h265(kind, 9 + number, number * 9000 + 90_000))) for number, kind in enumerate(kinds)
    ]
    assert lossy == [0, 1, 1, 1, 1, 1, 1]
    assert stream.torn == 2


def test_of_pictures_that_refer_to_none_the_torn_one_alone_is_left_out() -> None:
    stream, out = WholePictures({}), list[int]()
    for number in range(12):
        mark = 0x80 if number % 3 == 2 else 0
        packet = struct.pack(">BBHII", 0x80, mark | 26, number, number // 3, 7) + b"jpeg"
        if number != 4:
            out += [picture_of(each) for each in stream.feed(packet)]
    assert sorted(set(out)) == [0, 2, 3]
    assert len(out) == 9


@pytest.mark.parametrize("codec", ["H264", "JPEG"])
def test_a_clock_that_stands_still_holds_no_picture_back(codec: str) -> None:
    stream, out = WholePictures({96: codec}), 0
    for number in range(30):
        payload = bytes([0x65, 0x80, 1, 2]) if number % 2 == 0 else bytes([0x65, 0x40, 1, 2])
        mark = 0x80 if number % 2 else 0
        out += len(stream.feed(struct.pack(">BBHII", 0x80, mark | 96, number, 5, 7) + payload))
    assert (out, stream.torn) == (30, 0)


def fragments(*marks: int, number: int, kind: int = 5) -> list[bytes]:
    """A picture in fragments, each with S (128) or E (64) or neither."""
    payloads = [bytes([0x7C, mark | kind, 0x80 if mark & 128 else 0x11]) + bytes(40) for mark in marks]
    made: list[bytes] = []
    for at, payload in enumerate(payloads):
        last = 0x80 if at == len(payloads) - 1 else 0
        made.append(struct.pack(">BBHII", 0x80, last | 96, (number * 10 + at) & 0xFFFF, number, 7) + payload)
    return made


def parts(pictures: list[tuple[int, ...]]) -> list[int]:
    """How many packets go on of each picture, their numbers without a gap."""
    stream, number, out = WholePictures(H264), 0, list[int]()
    for time, marks in enumerate(pictures):
        made = fragments(*marks, number=time)
        for at, packet in enumerate(made):
            made[at] = packet[:2] + ((number + at) & 0xFFFF).to_bytes(2, "big") + packet[4:]
        number += len(made)
        out.append(len(through(stream, made)))
    return out


def test_a_unit_whose_end_or_beginning_was_never_sent_tears_its_picture() -> None:
    whole = (128, 0, 64)
    assert parts([whole, whole, (128, 0), whole, whole]) == [3, 3, 0, 0, 3]
    assert parts([whole, whole, (0, 64), whole]) == [3, 3, 0, 3]
    assert parts([whole, (128, 128, 64), whole]) == [3, 0, 3]


def test_a_camera_that_never_marks_the_end_of_units_is_not_judged_by_it() -> None:
    assert parts([(128, 0, 0), (128, 0), (128, 0, 0)]) == [3, 2, 3]


def test_a_picture_whose_size_can_not_be_read_counts_as_torn() -> None:
    pictures = h264(12)
    stream = WholePictures(H264)
    bad = packets(Packets(7, 65_498, 0), AccessUnit((b"\x67\x4d\x00", b"\x65\x80" + bytes(50))), 0.0)
    assert through(stream, bad) == []
    assert (stream.torn, stream.whole) == (1, 0)
    assert len(through(stream, pictures[0])) == len(pictures[0])


def test_none_goes_on_once_pictures_have_changed_their_size() -> None:
    stream, made = WholePictures(H264), Packets(7, 1, 0)
    for number, side in enumerate((480, 480, 640, 480)):
        unit = b"\x65\x80" + bytes(50)
        out = through(stream, packets(made, AccessUnit((sequence_set(side, 272), b"\x68\xee", unit)), number))
        assert bool(out) == (number < 2)
    assert stream.resized == "480 x 272 pixels, then 640 x 272"


@pytest.mark.parametrize("spread", [1, 5000])
def test_parameter_sets_without_end_are_refused(spread: int) -> None:
    """All at once, or each at a time of its own."""
    stream, made = WholePictures(H264), Packets(7, 1, 0)
    sets = (
        packet
        for number in range(2 * SETS_MAX)
        for packet in packets(made, AccessUnit((sequence_set(480, 272),)), number * spread / 90_000)
    )
    with pytest.raises(BrokenRtp, match="parameter sets and no picture"):
        through(stream, list(sets))


@given(st.lists(st.binary(max_size=60), max_size=12))
def test_nothing_that_is_no_rtp_goes_on(noise: list[bytes]) -> None:
    stream = WholePictures({kind: name for kind in range(0, 128, 2) for name in ("H264", "H265")})
    for packet in noise:
        try:
            stream.feed(packet)
        except BrokenRtp:
            return


def test_a_picture_without_end_is_an_error() -> None:
    stream = WholePictures({})
    endless = (struct.pack(">BBHII", 0x80, 26, number, 5, 7) + bytes(60_000) for number in range(400))
    with pytest.raises(BrokenRtp, match="16 MiB"):
        through(stream, list(endless))


DESCRIPTION = b"v=0\r\na=rtpmap:96 H264/90000\r\na=control:*\r\n"
ANSWER = b"RTSP/1.0 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(DESCRIPTION), DESCRIPTION)
SAID = (
    ANSWER
    + b"$\x00\x00\x03abc$\x01\x00\x00"
    + b"RTSP/1.0 404 Not Found\r\nCSeq: 3\r\n\r\n"
    + b"$\x02\x00\x01z"
)


@given(st.lists(st.integers(1, len(SAID) - 1), max_size=20))
def test_answers_and_packets_come_out_however_the_bytes_are_cut(cuts: list[int]) -> None:
    splitter = Splitter()
    edges = [0, *sorted(cuts), len(SAID)]
    found = [one for start, end in pairwise(edges) for one in splitter.feed(SAID[start:end])]
    assert b"".join(one.wire for one in found) == SAID
    assert [one.status if isinstance(one, Answer) else (one.channel, one.data) for one in found] == [
        200, (0, b"abc"), (1, b""), 404, (2, b"z"),
    ]  # fmt: skip
    assert isinstance(found[0], Answer)
    assert codecs(found[0].body) == {96: "H264"}


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x00" * 100,
        b"RTSP/1.0 200 OK\r\nX: " + b"y" * HEAD_BYTES_MAX,
        b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (BODY_BYTES_MAX + 1),
    ],
    ids=["http", "zeros", "endless head", "huge body"],
)
def test_what_no_camera_says_is_an_error(said: bytes) -> None:
    with pytest.raises(BrokenRtsp):
        Splitter().feed(said)


@given(st.binary(max_size=300))
def test_noise_gives_packets_answers_or_the_error(noise: bytes) -> None:
    try:
        found = Splitter().feed(noise)
    except BrokenRtsp:
        return
    assert all(isinstance(one, Answer | Packet) for one in found)
