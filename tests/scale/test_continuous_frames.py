"""No wrong weight comes out of a damaged continuous stream: the codecs alone, byte by byte."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import DeviceRefused, ProtocolError
from drivers.scale import toledo_continuous, xk3190
from drivers.scale.frame_stream import FrameStream
from simulators.scale import toledo_continuous as toledo_simulator
from simulators.scale import xk3190 as xk3190_simulator
from simulators.scale.indicator import Indication

MAX_KG = 60_000
DIVISION_KG = 20


@dataclass(frozen=True)
class Protocol:
    name: str
    checksum: bool = True

    def stream(self) -> FrameStream:
        common = {"port": "/dev/null", "max_kg": MAX_KG, "division_kg": DIVISION_KG}
        if self.name == "xk3190":
            plate = xk3190.XK3190Options(**common).plate
            return FrameStream(xk3190.Layout(plate), plate)
        options = toledo_continuous.ToledoOptions(**common, checksum=self.checksum, fixed_zero="dropped")
        layout = toledo_continuous.Layout(options.plate, checksum=self.checksum, fixed_zero="dropped")
        return FrameStream(layout, options.plate)

    def frame(self, weight_kg: float) -> bytes:
        if self.name == "xk3190":
            return xk3190_simulator.frame(weight_kg)
        shown = Indication(weight_kg, 0, False, False, False, False, True)
        return toledo_simulator.frame(shown, DIVISION_KG, checksum=self.checksum, fixed_zero="dropped")


XK3190 = Protocol("xk3190")
TOLEDO = Protocol("toledo")
TOLEDO_BARE = Protocol("toledo", checksum=False)
CHECKED = [XK3190, TOLEDO]
ALL = [XK3190, TOLEDO, TOLEDO_BARE]

every_protocol = pytest.mark.parametrize("protocol", ALL, ids=str)
every_checked_protocol = pytest.mark.parametrize("protocol", CHECKED, ids=str)

# Runs of the same weight between jumps: what a lorry climbing the deck looks like.
weights = st.lists(
    st.tuples(st.integers(-20, MAX_KG // DIVISION_KG).map(lambda n: n * DIVISION_KG), st.integers(1, 5)),
    min_size=3,
    max_size=8,
).map(lambda runs: [weight_kg for weight_kg, count in runs for _ in range(count)])


def near(weight_kg: float | None, sent: list[int]) -> bool:
    return any(abs(weight_kg - one) <= DIVISION_KG for one in sent)


@every_protocol
@given(sent=weights, cuts=st.lists(st.integers(0, 800), max_size=20))
def test_however_the_bytes_arrive_the_same_readings_come_out(protocol, sent, cuts):
    data = b"".join(map(protocol.frame, sent))
    whole, in_pieces, by_byte = protocol.stream(), protocol.stream(), protocol.stream()
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    expected = whole.feed(data)
    assert [r for a, b in pairwise(edges) for r in in_pieces.feed(data[a:b])] == expected
    assert [r for byte in data for r in by_byte.feed(bytes([byte]))] == expected
    # All but the first frames, which have no neighbour yet.
    skipped = 2 if protocol == TOLEDO_BARE else 1
    assert [r.raw for r in expected] == [protocol.frame(weight_kg) for weight_kg in sent[skipped:]]


@every_protocol
def test_a_resting_weight_comes_out_as_sent(protocol):
    readings = protocol.stream().feed(protocol.frame(38_260) * 10)
    assert {reading.gross_kg for reading in readings} == {38_260.0}
    assert {reading.stable for reading in readings} == {None if protocol == XK3190 else True}
    assert all(reading.in_range for reading in readings)


@every_protocol
def test_two_frames_in_one_read_give_two_readings(protocol):
    stream = protocol.stream()
    stream.feed(protocol.frame(100) * 3)
    assert [reading.gross_kg for reading in stream.feed(protocol.frame(100) * 2)] == [100.0, 100.0]


@every_protocol
@given(noise=st.binary(max_size=60), cut=st.integers(0, 17))
def test_noise_and_half_a_frame_before_the_stream_change_no_weight(protocol, noise, cut):
    stream = protocol.stream()
    readings = stream.feed(noise + protocol.frame(12_340)[cut:] + protocol.frame(38_260) * 6)
    numbers = {reading.gross_kg for reading in readings if reading.gross_kg is not None}
    assert numbers <= {12_340.0, 38_260.0}
    assert readings[-1].gross_kg == 38_260.0


@every_checked_protocol
@given(sent=weights, at=st.integers(0, 10_000), value=st.integers(0, 255))
def test_one_damaged_byte_never_changes_a_weight(protocol, sent, at, value):
    data = bytearray(b"".join(map(protocol.frame, sent)))
    data[at % len(data)] = value
    assert {reading.gross_kg for reading in protocol.stream().feed(data)} <= set(map(float, sent))


@every_protocol
@given(at=st.integers(0, 107), noise=st.binary(max_size=3))
def test_one_hit_costs_a_bounded_number_of_frames(protocol, at, noise):
    data = protocol.frame(38_260) * 12
    readings = protocol.stream().feed(data[:at] + noise + data[at + 1 :])
    row = 3 if protocol == TOLEDO_BARE else 2
    at_start, hit = row - 1, 1 + row - 1
    assert len(readings) >= 12 - at_start - hit


@every_checked_protocol
def test_every_change_of_one_byte_in_a_frame_is_seen(protocol):
    frame = protocol.frame(38_260)
    for at in range(len(frame)):
        for value in range(256):
            damaged = frame[:at] + bytes([value]) + frame[at + 1 :]
            stream = protocol.stream()
            readings = stream.feed(frame * 2 + damaged)[1:]
            if readings:
                # Toledo's bit 7 may be parity: the frame is then the same frame.
                assert {reading.gross_kg for reading in readings} == {38_260.0}
                assert bytes(byte & 0x7F for byte in damaged) == frame


@every_checked_protocol
@given(sent=weights, at=st.integers(0, 10_000), length=st.integers(1, 60))
def test_lost_bytes_never_make_a_weight_of_two_halves(protocol, sent, at, length):
    data = b"".join(map(protocol.frame, sent))
    at %= len(data)
    readings = protocol.stream().feed(data[:at] + data[at + length :])
    if length % len(protocol.frame(0)):
        assert {reading.gross_kg for reading in readings} <= set(map(float, sent))
    believed = [reading.gross_kg for reading in readings if reading.stable is not False]
    assert all(near(weight_kg, sent) for weight_kg in believed)


@every_checked_protocol
@given(sent=weights, at=st.integers(0, 10_000), noise=st.binary(min_size=1, max_size=40))
def test_inserted_bytes_never_change_a_weight(protocol, sent, at, noise):
    data = b"".join(map(protocol.frame, sent))
    at %= len(data)
    readings = protocol.stream().feed(data[:at] + noise + data[at:])
    assert {reading.gross_kg for reading in readings} <= set(map(float, sent))


edits = st.lists(
    st.tuples(
        st.sampled_from(["replace", "drop", "insert", "repeat", "swap"]),
        st.integers(0, 90),
        st.integers(1, 40),
        st.binary(min_size=1, max_size=30),
    ),
    min_size=1,
    max_size=6,
)


@every_protocol
@settings(max_examples=300)
@given(sent=weights, damage=edits)
def test_whatever_happens_to_the_line_a_believed_weight_was_sent(protocol, sent, damage):
    """One hit at most in each 90 bytes: neighbouring frames that are hit alike are beyond any proof."""
    data = bytearray(b"".join(map(protocol.frame, sent)))
    for number, (kind, offset, length, noise) in reversed(list(enumerate(damage))):
        at = number * 120 + offset
        if at >= len(data):
            continue
        match kind:
            case "replace":
                data[at : at + len(noise)] = noise
            case "drop":
                del data[at : at + length]
            case "insert":
                data[at:at] = noise
            case "repeat":
                data[at:at] = data[at : at + length]
            case "swap":
                data[at : at + 2] = data[at : at + 2][::-1]
    for reading in protocol.stream().feed(data):
        if reading.stable is not False or (protocol == TOLEDO_BARE and reading.gross_kg is not None):
            assert near(reading.gross_kg, sent)


@every_checked_protocol
def test_what_the_checksum_cannot_see_is_never_a_weight_at_rest(protocol):
    """Two digits swapped: both checks are blind to it."""
    true, swapped = protocol.frame(38_260), protocol.frame(83_260 if protocol == XK3190 else 38_620)
    data = true * 5 + (bytes(swapped) if protocol == TOLEDO else _swapped(true)) + true * 5
    wrong = [reading for reading in protocol.stream().feed(data) if reading.gross_kg != 38_260]
    assert all(reading.stable is False for reading in wrong)


def _swapped(frame: bytes) -> bytes:
    return frame[:3] + frame[4:5] + frame[3:4] + frame[5:]


def test_without_a_checksum_a_changed_digit_has_no_number():
    frame = bytearray(TOLEDO_BARE.frame(38_260))
    frame[7] ^= 0x01
    data = TOLEDO_BARE.frame(38_260) * 5 + bytes(frame) + TOLEDO_BARE.frame(38_260) * 5
    readings = TOLEDO_BARE.stream().feed(data)
    assert {reading.gross_kg for reading in readings} == {38_260.0, None}
    assert all(reading.stable is False for reading in readings if reading.gross_kg is None)


@pytest.mark.parametrize("division", [1, 10, 100])
def test_a_weight_one_division_off_never_has_the_same_check_in_xk3190(division):
    """Carries included; so a blind error is never hidden by the one division that noise is allowed."""
    for count in range(9_990):
        assert (
            xk3190_simulator.frame(count * division)[9:11]
            != xk3190_simulator.frame((count + 1) * division)[9:11]
        )


@every_protocol
@given(noise=st.lists(st.binary(max_size=300), max_size=20))
def test_noise_gives_no_reading_and_no_crash(protocol, noise):
    stream = protocol.stream()
    assert all(not stream.feed(chunk) for chunk in noise)


@every_protocol
@pytest.mark.parametrize("flood", [b"\x02", b"\x00", b"\x02+", b"\x021 ", b"0123456789"], ids=repr)
def test_a_flood_costs_no_memory(protocol, flood):
    stream = protocol.stream()
    for _ in range(50):
        assert stream.feed(flood * 400) == []
    assert len(stream._raw) < 18
    assert len(stream.belief.complaint.sample) <= 24
    assert stream.belief.dropped_frames > 0


@every_protocol
def test_minus_zero_is_zero(protocol):
    frame = protocol.frame(-20)
    if protocol == XK3190:
        zero = b"\x02-0000000" + b"1D" + b"\x03"
    else:
        zero = frame[:9] + b"0" + frame[10:]
        zero = zero[:17] + bytes([-sum(zero[:17]) & 0x7F]) if protocol.checksum else zero
    readings = protocol.stream().feed(zero * 4)
    assert str(readings[-1].gross_kg) == "0.0"


@pytest.mark.parametrize("weight_kg", [60_200, 99_980])
def test_over_range_is_no_weight_in_xk3190(weight_kg):
    """The frame has no flag for it, so the rating plate decides: Max + 9e."""
    for reading in XK3190.stream().feed(XK3190.frame(weight_kg) * 4):
        assert (reading.gross_kg, reading.in_range, reading.stable) == (None, False, False)


def test_over_range_is_no_weight_in_toledo():
    for weight_kg in (None, 61_000):
        shown = Indication(weight_kg, 0, False, False, True, False, True)
        frame = toledo_simulator.frame(shown, DIVISION_KG, checksum=True, fixed_zero="dropped")
        readings = TOLEDO.stream().feed(frame * 4)
        assert readings
        assert all((r.gross_kg, r.in_range, r.stable) == (None, False, False) for r in readings)


def test_blank_fields_are_no_reading():
    shown = Indication(None, 0, False, False, False, False, True)
    frame = toledo_simulator.frame(shown, DIVISION_KG, checksum=True, fixed_zero="dropped")
    stream = TOLEDO.stream()
    assert stream.feed(frame * 5) == []
    assert stream.belief.complaint.blank_frames == 4


def test_seven_bits_with_even_parity_read_as_eight_are_the_same_weight():
    frame = toledo_simulator.with_even_parity(TOLEDO.frame(38_260))
    assert frame != TOLEDO.frame(38_260)
    readings = TOLEDO.stream().feed(frame * 3)
    assert [(reading.gross_kg, reading.raw) for reading in readings] == [(38_260.0, frame)] * 2


def test_a_noisy_line_is_not_blamed_on_the_configuration():
    """A person is sent for only when sound frames do not fit, not when noise makes a few look so."""
    stream = TOLEDO_BARE.stream()
    frame = TOLEDO_BARE.frame(38_260)
    odd_digit = frame.replace(b"6", b"7")
    stream.feed((odd_digit + frame[:7] + b"x" + frame[8:]) * 5)
    noisy = stream.belief.complaint.error("scale", silence="", silence_hint="", foreign_hint="")
    assert type(noisy) is ProtocolError
    stream.feed(odd_digit * 20)
    misfit = stream.belief.complaint.error("scale", silence="", silence_hint="", foreign_hint="")
    assert type(misfit) is DeviceRefused


def test_zero_padded_digits_are_read_like_space_padded_ones():
    frame = TOLEDO.frame(38_260).replace(b" ", b"0")
    # The unit byte is a space as well; it stays one.
    frame = frame[:3] + b" " + frame[4:17]
    frame += bytes([-sum(frame) & 0x7F])
    assert TOLEDO.stream().feed(frame * 2)[0].gross_kg == 38_260.0


def test_a_weight_in_tonnes_is_given_in_kilograms():
    """e = 20 kg shown as 0.02 t: two decimals, unit byte 2."""
    body = b"\x02" + bytes([0x20 | 0x10 | 4, 0x30 & ~0x10, 0x22]) + b"  3826     0\r"
    frame = body + bytes([-sum(body) & 0x7F])
    assert [reading.gross_kg for reading in TOLEDO.stream().feed(frame * 3)] == [38_260.0] * 2


def test_the_first_weight_after_motion_is_at_rest_only_when_the_next_frame_says_so_too():
    moving = Indication(38_260, 0, False, True, False, False, True)
    frame = toledo_simulator.frame(moving, DIVISION_KG, checksum=True, fixed_zero="dropped")
    readings = TOLEDO.stream().feed(frame * 3 + TOLEDO.frame(38_260) * 3)
    assert [reading.stable for reading in readings] == [False, False, False, True, True]
