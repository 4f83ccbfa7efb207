"""MT-SICS: the terminal answers as its manual says, the driver's reader refuses everything else."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scale.mt_sics_lines import LINE_BYTES_MAX, Answer, LineStream, Refused
from simulators.scale.indicator import Indicator
from simulators.scale.mt_sics import Simulator
from simulators.serial_line import PtyLine

WEIGHT = b"S S      38250 kg\r\n"


def terminal(**setup: float) -> Simulator:
    indicator = Indicator(max_kg=60_000, division_kg=10)
    indicator.rest(setup.get("load_kg", 0))
    return Simulator("scale", PtyLine(), indicator)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"XYZ\r\n", b"ES\r\n"),
        (b"si\r\n", b"ES\r\n"),
        (b"\r\n", b"ES\r\n"),
        (b"SI 5\r\n", b"EL\r\n"),
        (b"S\xf0I\r\n", b"ET\r\n"),
        (b"A" * 100, b"ET\r\n"),
        (b"@\r\nTA\r\n", b'I4 A "B021002593"\r\nTA A          0 kg\r\n'),
        (b"TAC\r\n", b"TAC A\r\n"),
    ],
)
def test_the_terminal_answers_wrong_input_as_the_manual_says(said, answer):
    assert terminal().answer(said) == answer


def test_the_terminal_takes_a_command_in_pieces():
    device = terminal()
    assert device.answer(b"S") + device.answer(b"I\r") + device.answer(b"\n") == b"S S          0 kg\r\n"


def test_a_weight_at_rest_is_waited_for_and_given_up_after_three_seconds():
    device = terminal(load_kg=20_000)
    device.indicator.load_kg = 30_000
    device.indicator.step(0.3)
    assert device.answer(b"S\r\n") == b""
    said = b""
    for _ in range(100):
        device.indicator.step(0.1)
        said += device.due()
    assert said.startswith((b"S S      3", b"S S      29"))
    device.indicator.set_fault("stuck_motion", True)
    assert device.answer(b"S\r\n") == b""
    assert b"".join(device.due() for _ in range(40)) == b"S I\r\n"


def test_repeated_weights_end_with_a_cancel():
    device = terminal()
    assert device.answer(b"SIR\r\n") == b"S S          0 kg\r\n"
    assert device.due() == b"S S          0 kg\r\n"
    assert device.answer(b"@\r\n").startswith(b"I4 A")
    assert device.due() == b""


def test_zero_and_tare_are_refused_with_the_reason():
    device = terminal(load_kg=20_000)
    assert device.answer(b"Z\r\n") == b"Z +\r\n"
    assert device.answer(b"T\r\n") == b"T S      20000 kg\r\n"
    assert device.answer(b"Z\r\n") == b"Z I\r\n"
    assert device.answer(b"SI\r\n") == b"S S          0 kg\r\n"
    assert terminal().answer(b"T\r\n") == b"T -\r\n"


@given(cuts=st.lists(st.integers(0, 80), max_size=10))
def test_however_the_lines_arrive_the_same_answers_come_out(cuts):
    data = WEIGHT + b"S +\r\n" + b'I4 A "12"\r\n' + b"nonsense\r\n" + WEIGHT
    lines = LineStream()
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    found = [one for a, b in pairwise(edges) for one in lines.feed(data[a:b])]
    assert found == LineStream().feed(data)
    assert [type(one) for one in found] == [Answer, Answer, Answer, Refused, Answer]


@given(st.data())
def test_a_lost_or_added_byte_is_never_another_weight(data):
    at = data.draw(st.integers(0, len(WEIGHT) - 3))
    noise = data.draw(st.binary(max_size=3))
    damaged = WEIGHT[:at] + noise + WEIGHT[at + data.draw(st.integers(0 if noise else 1, 3)) :]
    for one in LineStream().feed(damaged):
        if isinstance(one, Answer) and one.weight_kg is not None:
            # Without a checksum a changed digit is seen by repetition alone; a changed length is seen here.
            assert len(one.raw) == len(WEIGHT)


@given(st.lists(st.binary(max_size=200), max_size=30))
def test_noise_is_refused_in_bounded_memory(chunks):
    lines = LineStream()
    for chunk in chunks:
        for one in lines.feed(chunk):
            assert isinstance(one, Refused) or one.weight_kg is None
        assert len(lines._buffer) <= LINE_BYTES_MAX


@given(st.binary(max_size=300))
def test_the_terminal_survives_any_input_in_bounded_memory(data):
    device = terminal()
    answers = device.answer(data)
    assert all(line in b"ES ET EL" or line[:2] for line in answers.split(b"\r\n"))
    assert len(device._input) <= 64
