"""What a chip lets be read, when, and how it answers what is against the rules (Doc 9303-10 and -11)."""

import pytest

from simulators.card.behaviour import Behaviour, MasterFileForm
from simulators.card.chip import Chip
from simulators.card.personalisation import Cipher, PaceMapping, PaceOffer, Personalisation
from tests.card.documents import ERIKSSON, EXAMPLE_G, document
from tests.card.terminal import OK, SELECT_EMRTD, Terminal, command

OFFER = PaceOffer(PaceMapping.ECDH_GM, Cipher.AES128, 12)


def statuses(terminal: Terminal, *apdus: str) -> list[str]:
    return [f"{terminal.raw(apdu)[1]:04X}" for apdu in apdus]


def opened(personalised: Personalisation | None = None, behaviour: Behaviour | None = None) -> Terminal:
    """A terminal in a BAC session, in the application."""
    terminal = Terminal(Chip(personalised or document(secrets=ERIKSSON), behaviour))
    terminal.enter()
    assert terminal.bac(terminal.chip.state.personalisation.secrets) == OK
    return terminal


def test_without_access_only_the_free_files_read():
    terminal = Terminal(Chip(document(OFFER)))
    assert statuses(terminal, "00A4020C02011C", "00B0000004", "00B09C0004") == ["9000", "9000", "9000"]
    assert statuses(terminal, "00A4020C02011D", "00B09D0004") == ["6982", "6982"], "EF.CardSecurity"
    assert statuses(terminal, SELECT_EMRTD, "00A4020C02011E", "00B09E0004", "00B0810004") == [
        "9000", "6982", "6982", "6982",
    ]  # fmt: skip


def test_a_chip_may_let_locked_files_be_selected_and_still_not_be_read():
    terminal = Terminal(Chip(document(OFFER), Behaviour(selects_locked=True)))
    assert statuses(terminal, SELECT_EMRTD, "00A4020C02011E", "00B0000004") == ["9000", "9000", "6982"]


def test_the_same_identifier_is_another_file_in_each_directory():
    terminal = Terminal(Chip(document(OFFER)))
    access, _ = terminal.raw("00B09C0000")
    assert access[:1] == b"\x31"
    terminal.pace(OFFER, EXAMPLE_G)
    security, _ = terminal.read(0x1D)
    terminal.enter()
    signed, _ = terminal.read(0x1D, le=0)
    assert (security[:1], signed[:1]) == (b"\x30", b"\x77")
    assert terminal.read(0x1C)[1] == 0x6A82, "there is no EF.CVCA"


def test_basic_access_control_opens_everything_but_what_needs_a_terminals_rights():
    terminal = opened()
    for short_identifier in (0x1E, 0x1D, 1, 2, 14):
        assert terminal.read(short_identifier)[1] == OK
    assert terminal.read(3)[1] == 0x6982
    assert terminal.select(0x0103) == 0x6982
    assert terminal.read(5)[1] == 0x6A82
    assert terminal.keys, "refusals come back protected and end nothing"


def test_a_wrong_key_opens_nothing_and_its_challenge_is_spent():
    terminal = Terminal(Chip(document(secrets=ERIKSSON)))
    terminal.enter()
    assert terminal.bac(EXAMPLE_G) == 0x6300
    assert statuses(terminal, "0082000028" + "00" * 40 + "28", "00B09E0004") == ["6985", "6982"]
    assert terminal.bac(ERIKSSON) == OK


def test_a_challenge_dies_with_the_next_command():
    terminal = Terminal(Chip(document(secrets=ERIKSSON)))
    apdus = (SELECT_EMRTD, "0084000008", "00B09E0004", "0082000028" + "00" * 40 + "28")
    assert statuses(terminal, *apdus)[-1] == "6985"


@pytest.mark.parametrize("status", [0x6982, 0x6300])
def test_a_document_for_pace_only_gives_a_challenge_and_takes_no_bac(status: int):
    terminal = Terminal(Chip(document(OFFER, bac=False), Behaviour(bac_refused=status)))
    terminal.enter()
    assert terminal.bac(EXAMPLE_G) == status
    terminal.pace(OFFER, EXAMPLE_G)
    assert terminal.read(1)[1] == OK


def test_a_document_without_access_control_reads_at_once():
    terminal = Terminal(Chip(document(bac=False)))
    assert statuses(terminal, SELECT_EMRTD, "00B0810004", "00B0830004") == ["9000", "9000", "6982"]


def test_a_plain_command_ends_the_session_and_reads_nothing():
    terminal = opened()
    assert statuses(terminal, "00B0810004") == ["6982"]
    secured = terminal.protect(bytes.fromhex("00B08100"), b"", 4)
    assert terminal.raw(secured)[1] == 0x6988, "the keys are gone"


def spoilt(secured: bytes, case: str) -> bytes:
    """A secured READ BINARY, 0C B0 P1 P2 Lc 97 01 Le 8E 08 mac 00, with one thing wrong."""
    header, le, mac = secured[:4], secured[5:8], secured[8:-1]
    body = {
        "a wrong MAC": le + mac[:-1] + bytes([mac[-1] ^ 1]),
        "a short MAC": le + b"\x8e\x07" + mac[2:-1],
        "no MAC": le,
        "objects in the wrong order": mac + le,
        "an object twice": le + le + mac,
        "an unknown object": le + b"\x85\x00" + mac,
        "malformed objects": le + mac[:-1],
        "another header": le + mac,
    }[case]
    if case == "another header":
        header = header[:2] + bytes([header[2] ^ 0x03]) + header[3:]
    return command(header, body, 256, extended=False)


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ("a wrong MAC", 0x6988),
        ("a short MAC", 0x6988),
        ("no MAC", 0x6987),
        ("objects in the wrong order", 0x6988),
        ("an object twice", 0x6988),
        ("an unknown object", 0x6988),
        ("malformed objects", 0x6988),
        ("another header", 0x6988),
    ],
)
def test_bad_secure_messaging_ends_the_session_with_a_bare_status(case: str, status: int):
    terminal = opened()
    secured = terminal.protect(bytes.fromhex("00B08100"), b"", 4)
    assert terminal.raw(spoilt(secured, case)) == (b"", status)
    again = terminal.protect(bytes.fromhex("00B08100"), b"", 4)
    assert terminal.raw(again)[1] == 0x6988
    terminal.keys = None
    assert terminal.bac(ERIKSSON) == OK, "the place in the file system is kept"


def test_a_replayed_command_is_refused():
    terminal = opened()
    secured = terminal.protect(bytes.fromhex("00B08100"), b"", 4)
    assert terminal.raw(secured)[1] == OK
    assert terminal.raw(secured)[1] == 0x6988


def test_power_off_ends_everything():
    terminal = opened()
    terminal.chip.power(False)
    terminal.chip.power(True)
    secured = terminal.protect(bytes.fromhex("00B08100"), b"", 4)
    assert terminal.raw(secured)[1] == 0x6988
    assert statuses(terminal, "00A4020C02011E") == ["6A82"], "back in the master file"


@pytest.mark.parametrize(
    ("apdu", "status"),
    [
        ("0084000008", "9000"),
        ("0084010008", "6A86"),
        ("00840000", "6700"),
        ("0084000004", "6700"),
        ("0088000008010203040506070800", "6D00"),
        ("00220000", "6A86"),
        ("002241A603910100", "6982"),
        ("002281B603830141", "6985"),
        ("002A00BE027F4E", "6985"),
        ("0086000000", "6985"),
        ("00C0000000", "6D00"),
        ("00D6000001FF", "6D00"),
        ("80B0000004", "6E00"),
        ("04B0000004", "6E00"),
        ("0CB0000004", "6988"),
        ("00A4030C023F00", "6A86"),
        ("00A4020F02011E", "6A86"),
        ("00B0000000000100", "6700"),
        ("00B0E00004", "6A86"),
        ("00A4020C0311", "6700"),
        ("00", "6700"),
    ],
)
def test_what_is_against_the_form_gets_the_standards_status(apdu: str, status: str):
    terminal = Terminal(Chip(document(secrets=ERIKSSON)))
    terminal.enter()
    assert statuses(terminal, apdu) == [status]


@pytest.mark.parametrize("form", list(MasterFileForm))
def test_the_master_file_is_selected_by_the_forms_that_a_chip_takes(form: MasterFileForm):
    every = ("00A4000C", "00A4000C023F00", "00A40000")
    chip = Chip(document(), Behaviour(master_file_forms=frozenset({form})))
    assert [f"{chip.answer(bytes.fromhex(apdu))[-2:].hex()}" for apdu in every] == [  # type: ignore[index]
        "9000" if apdu == form else "6a86" for apdu in every
    ]


def test_the_reader_learns_an_identifier_that_changes_with_the_power():
    terminal = Terminal(Chip(document()))
    first, again = terminal.raw("FFCA000000")[0], terminal.raw("FFCA000000")[0]
    assert first == again
    assert first[:1] == b"\x08", "a random identifier says so"
    terminal.chip.power(False)
    assert terminal.raw("FFCA000000")[0] != first
    assert terminal.raw("FFCA010000") == (bytes.fromhex("0578807002"), OK)
