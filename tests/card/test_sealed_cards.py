"""The simulated chip and its wire: a locked chip gives nothing away, and no bytes break it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.card.chip import Chip
from simulators.card.sealed import sealed_passport
from simulators.card.vpcd import Deframer, frame, respond

SELECT = bytes.fromhex("00A4040C07A0000002471001")


def answers(chip: Chip, *commands: str) -> list[str]:
    return [(chip.answer(bytes.fromhex(command)) or b"").hex().upper() for command in commands]


def test_a_locked_chip_lets_itself_be_selected_and_shows_no_file():
    chip = sealed_passport()
    assert answers(chip, SELECT.hex(), "00A4020C02011E", "00B09E0004", "00B0000004") == [
        "9000",
        "6982",
        "6982",
        "6986",
    ]


def test_before_the_application_is_selected_its_files_are_not_found():
    chip = sealed_passport()
    assert answers(chip, "00A4020C02011E", "00A4020C02011C", "00B09E0004", "0084000008") == [
        "6A82",
        "6A82",
        "6A82",
        "6D00",
    ]


def test_a_challenge_is_fresh_and_serves_one_try():
    chip = sealed_passport()
    answers(chip, SELECT.hex())
    first, second = answers(chip, "0084000008", "0084000008")
    assert first != second
    assert len(first) == 20
    wrong = "0082000028" + "00" * 40 + "28"
    assert answers(chip, wrong, wrong) == ["6300", "6985"]
    assert answers(chip, "0084000008", "00B09E0004", wrong)[-1] == "6985"


def test_power_takes_all_state_and_the_identifier_with_it():
    chip = sealed_passport()
    (before,) = answers(chip, "FFCA000000")
    answers(chip, SELECT.hex())
    respond(chip, b"\x02")
    assert not chip.selected
    (after,) = answers(chip, "FFCA000000")
    assert before[:2] == after[:2] == "08"
    assert before != after


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("00A404", "6700"),
        ("00A4040C08A0000002471001", "6700"),
        ("80A4040C07A0000002471001", "6E00"),
        ("00C00000", "6D00"),
        ("00A4050C07A0000002471001", "6A86"),
        ("00A4040C07A0000002471002", "6A82"),
    ],
)
def test_a_wrong_command_gets_the_status_of_the_standard(command: str, status: str):
    assert answers(sealed_passport(), command) == [status]


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_no_bytes_break_the_chip_or_open_it(commands: list[bytes]):
    chip = sealed_passport()
    chip.answer(SELECT)
    for command in commands:
        answer = respond(chip, command)
        if len(command) != 1:
            assert answer is not None
            assert 2 <= len(answer) <= 10
            assert len(answer) == 2 or command[1] in (0x84, 0xCA)


@given(st.lists(st.binary(max_size=40), max_size=6), st.data())
def test_frames_are_the_same_however_the_line_cuts_them(payloads: list[bytes], data: st.DataObject):
    sent = b"".join(frame(payload) for payload in payloads)
    cut = data.draw(st.integers(0, len(sent)))
    deframer = Deframer()
    assert deframer.feed(sent[:cut]) + deframer.feed(sent[cut:]) == payloads


def test_what_does_not_fit_a_frame_is_refused():
    with pytest.raises(ValueError, match="65536 bytes"):
        frame(bytes(65536))
