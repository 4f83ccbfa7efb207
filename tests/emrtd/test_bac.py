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

EXCHANGE = [
    ("0084000008", "4608F919887022129000"),
    (
        "008200002872C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A728",
        "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74499000",
    ),
]
"""Doc 9303-11, D.3: GET CHALLENGE and EXTERNAL AUTHENTICATE with their answers."""
RND_IFD, K_IFD = bytes.fromhex("781723860C06C226"), bytes.fromhex("0B795240CB7049B01C19B33E32804F0B")


def key() -> MrzKey:
    return MrzKey("L898902C", "690806", "940623")


def scripted(*changes: tuple[int, str]) -> tuple[Channel, ScriptedChip]:
    """The chip of appendix D; each change puts another answer in an exchange's place."""
    exchange = list(EXCHANGE)
    for at, answer in changes:
        exchange[at] = (exchange[at][0], answer)
    chip = ScriptedChip(exchange, [RND_IFD, K_IFD])
    return Channel(chip), chip


def test_the_worked_example_of_appendix_d() -> None:
    """D.3 to the last octet, then D.4: the first command under the new keys and counter as it is printed."""
    channel, chip = scripted()
    bac.run(channel, key(), chip.random)
    assert chip.finished
    session = channel.secure
    assert session is not None
    assert (session.cipher, session.ssc.hex()) == (Cipher.DES3, "887022120c06c226")
    command = session.protect(CommandApdu(0x00, 0xA4, 0x02, 0x0C, bytes.fromhex("011E")))
    assert command.encode().hex() == "0ca4020c158709016375432908c044f68e08bf8b92d635ff24f800"
    answer = session.unprotect(bytes.fromhex("990290008E08FA855A5D4C50A8ED9000"), None)
    assert answer.status == 0x9000


@needs_data
def test_the_published_trace_is_that_of_the_standard() -> None:
    """D.3, and the session's keys and counter."""
    trace = vectors("icao_and_chip_traces")["bac_icao_d"]
    assert [(command.upper(), answer.upper()) for command, answer in trace["apdus"]] == EXCHANGE
    assert hexadecimal(trace)[:2] == [RND_IFD, K_IFD]
    chip = ScriptedChip(trace["apdus"], hexadecimal(trace)[:2])
    channel = Channel(chip)
    number, birth, expiry, *_ = trace["mrz_info"].split()
    bac.run(channel, MrzKey(number, birth, expiry), chip.random)
    session = channel.secure
    assert session is not None
    assert [session._ks_enc, session._ks_mac, session.ssc] == hexadecimal(trace)[2:]


@pytest.mark.parametrize("status", ["6300", "6982", "6985", "6988", "6A80", "6983", "63C2"])
def test_a_key_that_is_not_the_chip_s_is_said_to_be_refused(status: str) -> None:
    channel, chip = scripted((1, status))
    with pytest.raises(AccessRefused, match=status) as caught:
        bac.run(channel, key(), chip.random)
    assert caught.value.tries_left == (2 if status == "63C2" else None)
    assert channel.secure is None


@pytest.mark.parametrize(("at", "status"), [(0, "6D00"), (0, "6982"), (1, "6F00")])
def test_a_chip_without_the_protocol_answers_a_status(at: int, status: str) -> None:
    channel, chip = scripted((at, status))
    with pytest.raises(StatusError, match=status):
        bac.run(channel, key(), chip.random)


def test_an_answer_changed_anywhere_is_refused() -> None:
    answer = bytearray.fromhex(EXCHANGE[1][1])
    for at in range(len(answer) - 2):
        answer[at] ^= 1
        channel, chip = scripted((1, answer.hex()))
        with pytest.raises(ProtocolError, match="MAC"):
            bac.run(channel, key(), chip.random)
        assert channel.secure is None
        answer[at] ^= 1


@pytest.mark.parametrize(("at", "answer"), [(0, "4608F9198870229000"), (0, "9000"), (1, "9000")])
def test_an_answer_of_a_wrong_length_is_refused(at: int, answer: str) -> None:
    channel, chip = scripted((at, answer))
    with pytest.raises(ProtocolError, match="bytes, expected"):
        bac.run(channel, key(), chip.random)


def test_an_answer_of_an_earlier_try_is_refused() -> None:
    """The chip's recorded answer, replayed to a terminal that chose other random octets."""
    exchange = EXCHANGE
    answers = iter([exchange[0][1], exchange[1][1]])
    channel = Channel(lambda _command: bytes.fromhex(next(answers)))
    with pytest.raises(ProtocolError, match="other challenges"):
        bac.run(channel, key(), bytes)
