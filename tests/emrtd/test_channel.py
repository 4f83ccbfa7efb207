"""The way to the chip: retries of the line's protocol, and nothing in the clear after a session."""

from collections.abc import Callable

import pytest

from drivers.emrtd.apdu import CommandApdu
from drivers.emrtd.channel import Channel
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.errors import ProtocolError, SessionLost, StatusError, TagLost
from tests.emrtd.scripted_chip import ScriptedChip
from tests.emrtd.secured_end import SecuredEnd, both_ends

READ = CommandApdu(0x00, 0xB0, 0x00, 0x00, le=8)


def secured(answer: Callable[[SecuredEnd, bytes], bytes]) -> Channel:
    """A channel in a session with a chip that answers as told."""
    reader, chip = both_ends(Cipher.AES128)
    channel = Channel(lambda raw: answer(chip, raw))
    channel.secure = reader
    return channel


def test_6c_is_followed_once_with_the_length_it_names() -> None:
    chip = ScriptedChip([("00B0000008", "6C03"), ("00B0000003", "0102039000")])
    assert Channel(chip).send(READ).data == b"\1\2\3"
    chip = ScriptedChip([("00B0000008", "6C03"), ("00B0000003", "6C02")])
    assert Channel(chip).send(READ).status == 0x6C02


def test_6c_within_a_session_is_followed_by_a_new_command() -> None:
    asked: list[int | None] = []

    def answer(chip: SecuredEnd, raw: bytes) -> bytes:
        asked.append(chip.open(raw)[2])
        return chip.close(b"", 0x6C03) if len(asked) == 1 else chip.close(b"123", 0x9000)

    assert secured(answer).send(READ).data == b"123"
    assert asked == [8, 3]


def test_61_is_fetched() -> None:
    chip = ScriptedChip([("00B0000008", "016102"), ("00C0000002", "0261FF"), ("00C00000FF", "039000")])
    channel = Channel(chip)
    assert channel.send(READ).data == b"\1\2\3"
    assert (channel.apdus, channel.bytes_sent, channel.bytes_received) == (3, 15, 9)


def test_61_without_end_is_refused() -> None:
    with pytest.raises(ProtocolError, match="without end"):
        Channel(lambda _raw: bytes.fromhex("6101")).send(READ)


def test_expect_names_what_went_wrong() -> None:
    channel = Channel(lambda _raw: bytes.fromhex("6A82"))
    with pytest.raises(StatusError, match=r"SELECT EF\.SOD: the chip answers 6A82"):
        channel.expect(READ, what="SELECT EF.SOD")
    assert channel.expect(READ, 0x6A82, what="SELECT EF.SOD").status == 0x6A82


def test_a_long_command_goes_in_parts() -> None:
    chip = ScriptedChip(
        [
            ("102A00BEFF" + "11" * 255, "9000"),
            ("102A00BEFF" + "11" * 255, "9000"),
            ("002A00BE0A" + "11" * 10, "9000"),
        ]
    )
    command = CommandApdu(0x00, 0x2A, 0x00, 0xBE, b"\x11" * 520)
    assert Channel(chip).send_chained(command, what="PSO").status == 0x9000
    with pytest.raises(StatusError, match="PSO: the chip answers 6884"):
        Channel(lambda _raw: bytes.fromhex("6884")).send_chained(command, what="PSO")


def test_parts_within_a_session_are_protected_one_by_one() -> None:
    parts: list[tuple[int, int]] = []

    def answer(chip: SecuredEnd, raw: bytes) -> bytes:
        header, data, _ = chip.open(raw)
        parts.append((header[0], len(data)))
        return chip.close(b"", 0x9000)

    secured(answer).send_chained(CommandApdu(0x00, 0x2A, 0x00, 0xBE, bytes(500)), what="PSO")
    assert parts == [(0x1C, 223), (0x1C, 223), (0x0C, 54)]


@pytest.mark.parametrize(
    ("answer", "error"),
    [(b"", TagLost), (bytes.fromhex("6988"), SessionLost), (bytes.fromhex("9000"), ProtocolError)],
)
def test_after_a_broken_session_nothing_goes_out_in_the_clear(answer: bytes, error: type[Exception]) -> None:
    channel = secured(lambda _chip, _raw: answer)
    with pytest.raises(error):
        channel.send(READ)
    sent = channel.apdus
    with pytest.raises(ProtocolError, match="nothing may follow it in the clear"):
        channel.send(READ)
    assert (channel.apdus, channel.secure) == (sent, None)


def test_a_chip_that_was_reset_is_spoken_to_in_the_clear() -> None:
    channel = secured(lambda _chip, _raw: bytes.fromhex("6988"))
    with pytest.raises(SessionLost):
        channel.send(READ)
    channel.restart()
    assert channel.send(READ).status == 0x6988


def test_a_transport_that_loses_the_tag_ends_the_session() -> None:
    def lost(_chip: SecuredEnd, _raw: bytes) -> bytes:
        raise TagLost("removed")

    channel = secured(lost)
    with pytest.raises(TagLost, match="removed"):
        channel.send(READ)
    with pytest.raises(ProtocolError, match="the session is over"):
        channel.send(READ)


def test_a_session_that_is_replaced_is_forgotten() -> None:
    channel = secured(lambda _chip, _raw: b"")
    before = channel.secure
    assert before is not None
    channel.secure = both_ends(Cipher.DES3)[0]
    with pytest.raises(ProtocolError, match="keys are gone"):
        before.protect(READ)


def test_more_bytes_in_the_clear_than_asked_for_are_refused() -> None:
    with pytest.raises(ProtocolError, match="9 bytes to Le 8"):
        Channel(lambda _raw: bytes(9) + b"\x90\0").send(READ)
