"""Basic access control (Doc 9303-11, 4.3), against the worked example of appendix D and chips that do
wrong."""

import pytest

from drivers.emrtd import bac
from drivers.emrtd.access_key import MrzKey
from drivers.emrtd.apdu import CommandApdu
from drivers.emrtd.channel import Channel
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.errors import AccessRefused, ProtocolError, StatusError
from tests.emrtd.material import hexadecimal, needs_data, vectors
from tests.emrtd.scripted_chip import ScriptedChip

TRACE = vectors("icao_and_chip_traces").get("bac_icao_d", {"apdus": [], "other_hex_in_order": []})


def key() -> MrzKey:
    return MrzKey("L898902C", "690806", "940623")


def scripted(*changes: tuple[int, str]) -> tuple[Channel, ScriptedChip]:
    """The chip of appendix D; each change puts another answer in an exchange's place."""
    exchange = [(command, answer) for command, answer in TRACE["apdus"]]
    for at, answer in changes:
        exchange[at] = (exchange[at][0], answer)
    chip = ScriptedChip(exchange, hexadecimal(TRACE)[:2])
    return Channel(chip), chip


@needs_data
def test_the_worked_example_of_appendix_d() -> None:
    """D.3: the exchange to the last octet, then the session's keys and counter."""
    channel, chip = scripted()
    bac.run(channel, key(), chip.random)
    assert chip.finished
    ks_enc, ks_mac, ssc = hexadecimal(TRACE)[2:]
    session = channel.secure
    assert session is not None
    assert (session.cipher, session.ssc) == (Cipher.DES3, ssc)
    # D.4: the first command under the new keys is as the standard prints it, so the keys are those it prints.
    command = session.protect(CommandApdu(0x00, 0xA4, 0x02, 0x0C, bytes.fromhex("011E")))
    assert command.encode().hex() == "0ca4020c158709016375432908c044f68e08bf8b92d635ff24f800"
    assert (ks_enc.hex(), ks_mac.hex()) == (
        "979ec13b1cbfe9dcd01ab0fed307eae5",
        "f1cb1f1fb5adf208806b89dc579dc1f8",
    )


@needs_data
@pytest.mark.parametrize("status", ["6300", "6982", "6985", "6988", "6A80", "6983", "63C2"])
def test_a_key_that_is_not_the_chip_s_is_said_to_be_refused(status: str) -> None:
    channel, chip = scripted((1, status))
    with pytest.raises(AccessRefused, match=status) as caught:
        bac.run(channel, key(), chip.random)
    assert caught.value.tries_left == (2 if status == "63C2" else None)
    assert channel.secure is None


@needs_data
@pytest.mark.parametrize(("at", "status"), [(0, "6D00"), (0, "6982"), (1, "6F00")])
def test_a_chip_without_the_protocol_answers_a_status(at: int, status: str) -> None:
    channel, chip = scripted((at, status))
    with pytest.raises(StatusError, match=status):
        bac.run(channel, key(), chip.random)


@needs_data
def test_an_answer_changed_anywhere_is_refused() -> None:
    answer = bytearray.fromhex(TRACE["apdus"][1][1])
    for at in range(len(answer) - 2):
        answer[at] ^= 1
        channel, chip = scripted((1, answer.hex()))
        with pytest.raises(ProtocolError, match="MAC"):
            bac.run(channel, key(), chip.random)
        assert channel.secure is None
        answer[at] ^= 1


@needs_data
@pytest.mark.parametrize(("at", "answer"), [(0, "4608F9198870229000"), (0, "9000"), (1, "9000")])
def test_an_answer_of_a_wrong_length_is_refused(at: int, answer: str) -> None:
    channel, chip = scripted((at, answer))
    with pytest.raises(ProtocolError, match="bytes, expected"):
        bac.run(channel, key(), chip.random)


@needs_data
def test_an_answer_of_an_earlier_try_is_refused() -> None:
    """The chip's recorded answer, replayed to a terminal that chose other random octets."""
    exchange = TRACE["apdus"]
    answers = iter([exchange[0][1], exchange[1][1]])
    channel = Channel(lambda _command: bytes.fromhex(next(answers)))
    with pytest.raises(ProtocolError, match="other challenges"):
        bac.run(channel, key(), bytes)
