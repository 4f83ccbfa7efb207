"""READ BINARY in all its forms, at the ends of files and of frames."""

import pytest

from simulators.card.behaviour import Behaviour, OverLength
from simulators.card.chip import Chip
from simulators.card.der import tlv
from simulators.card.personalisation import Cipher, PaceMapping, PaceOffer, Personalisation, data_group
from tests.card.documents import EXAMPLE_G, document, files
from tests.card.terminal import OK, Terminal

AES = PaceOffer(PaceMapping.ECDH_GM, Cipher.AES128, 12)
DES = PaceOffer(PaceMapping.ECDH_GM, Cipher.DES3, 12)
DG2 = files()[data_group(2)]
LARGE = tlv(0x75, bytes(each % 256 for each in range(40_000)))


def opened(
    habits: Behaviour | None = None, offer: PaceOffer = AES, personalised: Personalisation | None = None
) -> Terminal:
    terminal = Terminal(Chip(personalised or document(offer), habits))
    terminal.pace(offer, EXAMPLE_G)
    terminal.enter()
    return terminal


def whole(terminal: Terminal, size: int, step: int) -> bytes:
    terminal.select(0x0102)
    pieces = (
        terminal.send(f"00B0{offset >> 8:02X}{offset & 255:02X}", le=min(step, size - offset))
        for offset in range(0, size, step)
    )
    return b"".join(data for data, _ in pieces)


@pytest.mark.parametrize(("offer", "most"), [(AES, 223), (DES, 231)], ids=["AES", "3DES"])
def test_a_short_frame_holds_what_doc_9303_says(offer: PaceOffer, most: int):
    terminal = opened(offer=offer)
    data, status = terminal.read(2, le=256)
    assert (len(data), status) == (most, OK)
    assert terminal.read(2, le=most)[1] == OK
    assert terminal.read(2, le=most + 1)[1] == 0x6700
    assert whole(terminal, len(DG2), most) == DG2


def test_an_extended_frame_holds_a_file():
    data, status = (terminal := opened()).send("00B08200", le=65536, extended=True)
    assert (data, status) == (DG2, OK)
    assert terminal.send("00B08200", le=500, extended=True)[0] == DG2[:500]


def test_a_file_ends_where_it_ends():
    terminal = opened()
    size = len(DG2)
    terminal.select(0x0102)
    assert terminal.send(f"00B0{size >> 8:02X}{size & 255:02X}", le=1)[1] == 0x6B00
    last = size - 3
    assert terminal.send(f"00B0{last >> 8:02X}{last & 255:02X}", le=3) == (DG2[-3:], OK)
    assert terminal.send(f"00B0{last >> 8:02X}{last & 255:02X}", le=9) == (DG2[-3:], 0x6282)
    assert terminal.send(f"00B0{last >> 8:02X}{last & 255:02X}", le=256) == (DG2[-3:], OK)


def test_an_exact_chip_says_how_much_is_left():
    terminal = opened(Behaviour(exact_at_end=True))
    assert terminal.read(1, offset=90, le=9) == (b"", 0x6C03)
    assert terminal.read(1, offset=90, le=3)[1] == OK


@pytest.mark.parametrize(
    ("habit", "expected"),
    [
        (OverLength.FEWER, (192, OK)),
        (OverLength.EXACT, (0, 0x6CC0)),
        (OverLength.WRONG_LENGTH, (0, 0x6700)),
        (OverLength.OUTSIDE, (0, 0x6B00)),
    ],
)
def test_too_much_at_once_is_answered_by_habit(habit: OverLength, expected: tuple[int, int]):
    terminal = opened(Behaviour(read_max=192, over_length=habit))
    data, status = terminal.read(2, le=200)
    assert (len(data), status) == expected
    assert terminal.read(2, le=192)[1] == OK
    assert (len(terminal.read(2, le=256)[0]) == 192) == (habit is not OverLength.OUTSIDE)


def test_a_chip_may_lose_its_session_over_it():
    terminal = opened(
        Behaviour(read_max=223, over_length=OverLength.OUTSIDE, loses_session_when_refusing=True)
    )
    assert terminal.read(2, le=256) == (b"", 0x6B00), "the refusal itself is protected as it should be"
    assert terminal.read(2, le=10)[1] == 0x6988


def test_a_chip_may_lose_its_session_over_an_extended_command():
    terminal = opened(Behaviour(loses_session_at_extended=True))
    assert terminal.send("00B08200", le=1000, extended=True)[1] == 0x6988


def test_a_short_chip_refuses_extended_commands():
    terminal = opened(Behaviour(extended=False))
    assert terminal.send("00B08200", le=1000, extended=True)[1] == 0x6700


def test_an_odd_instruction_reads_anywhere_and_its_answer_has_a_header():
    terminal = opened(personalised=document(AES, files=files(AES) | {data_group(2): LARGE}))
    terminal.select(0x0102)

    def odd(offset: int, le: int, head: str = "00B10000") -> tuple[bytes, int]:
        data = tlv(0x54, offset.to_bytes((offset.bit_length() + 7) // 8 or 1, "big"))
        return terminal.send(head, data, le)

    assert odd(39_000, 102) == (tlv(0x53, LARGE[39_000:39_100]), OK)
    assert odd(39_000, 203) == (tlv(0x53, LARGE[39_000:39_200]), OK)
    assert odd(len(LARGE) - 2, 50) == (tlv(0x53, LARGE[-2:]), 0x6282)
    assert odd(len(LARGE), 50)[1] == 0x6B00
    assert odd(0, 10, "00B10101") == (tlv(0x53, files()[data_group(1)][:8]), OK), "by identifier"
    assert odd(0, 10, "00B10002") == (tlv(0x53, LARGE[:8]), OK), "by short identifier"
    assert odd(0, 10, "00B10105")[1] == 0x6A82
    assert terminal.send("00B10000", b"\x54\x02\x00", 10)[1] == 0x6A80
    assert terminal.send("00B07FFF", le=4) == (LARGE[0x7FFF:0x8003], OK)
    data, status = terminal.send("00B10000", tlv(0x54, b"\x00"), 65536, extended=True)
    assert status == OK
    assert data.endswith(LARGE)


def test_an_odd_instruction_has_its_own_data_object_both_ways():
    """Doc 9303-11, 9.8.5: 85 without padding indicator instead of 87."""
    terminal = opened()
    odd, _ = terminal.raw(terminal.protect(bytes.fromhex("00B10002"), b"\x54\x01\x00", 20))
    assert terminal.keys
    terminal.keys.step()
    even, _ = terminal.raw(terminal.protect(bytes.fromhex("00B08200"), b"", 20))
    assert (odd[0], even[0]) == (0x85, 0x87)


def test_a_chip_may_know_no_odd_instruction():
    terminal = opened(Behaviour(odd_read=False))
    assert terminal.send("00B10002", tlv(0x54, b"\x00"), 10)[1] == 0x6D00


def test_without_a_current_file_there_is_nothing_to_read():
    terminal = opened()
    assert terminal.send("00B00000", le=4)[1] == 0x6986
    terminal.read(1)
    assert terminal.send("00B00000", le=1) == (b"\x61", OK), "a short identifier selects"


def test_answers_may_come_by_get_response():
    chip = Chip(document(AES), Behaviour(get_response=True))
    access = files(AES)[(("MF"), 0x011C)]
    terminal = Terminal(chip)
    assert terminal.raw("00B09C0000") == (b"", 0x6100 | len(access))
    assert terminal.raw("00C0000005") == (access[:5], 0x6100 | len(access) - 5)
    assert terminal.raw("00C0000000") == (access[5:], OK)
    assert terminal.raw("00C0000000")[1] == 0x6D00


@pytest.mark.parametrize(
    ("habits", "apdu", "status"),
    [
        (Behaviour(absent=0x6A88), "00A4020C020105", 0x6A88),
        (Behaviour(refuses_le_at_select=True), "00A4040C07A000000247100100", 0x6700),
        (Behaviour(short_identifiers_in_master_file=False), "00B09C0004", 0x6A86),
        (Behaviour(locked_directory=True), "00B09E0004", 0x6982),
        (Behaviour(deactivated=frozenset({("MF", 0x011C)})), "00A4020C02011C", 0x6283),
        (Behaviour(application_needs_terminal=True), "00A4040C07A0000002471001", 0x6982),
    ],
)
def test_habits_of_states_answer_as_they_were_seen_to(habits: Behaviour, apdu: str, status: int):
    personalised = document(AES, files=files(AES) | {("MF", 0x2F00): tlv(0x61, b"\x4f\x00")})
    assert Terminal(Chip(personalised, habits)).raw(apdu)[1] == status


def test_selection_tells_sizes_only_where_it_is_asked_to():
    terminal = Terminal(Chip(document(AES)))
    assert terminal.raw("00A4020C02011C00") == (b"", OK)
    size = len(files(AES)[("MF", 0x011C)])
    assert terminal.raw("00A4020402011C00")[0] == tlv(
        0x62, tlv(0x80, bytes([0, 0, size])) + b"\x83\x02\x01\x1c"
    )
