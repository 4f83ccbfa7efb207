"""What a chip lets be read, when, and how it answers what is against the rules (Doc 9303-10 and -11)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.card.behaviour import Behaviour, MasterFileForm
from simulators.card.chip import Chip
from simulators.card.ciphers import encrypt, pad
from simulators.card.der import tlv
from simulators.card.personalisation import (
    ChipAuthenticationKey,
    Cipher,
    EcActiveKey,
    PaceMapping,
    PaceOffer,
    Personalisation,
)
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


def test_card_security_reads_after_pace_only():
    terminal = Terminal(Chip(document(OFFER)))
    terminal.enter()
    assert terminal.bac(EXAMPLE_G) == OK
    terminal.send("00A4000C")
    assert terminal.read(0x1D)[1] == 0x6982
    terminal.pace(OFFER, EXAMPLE_G)
    assert terminal.read(0x1D)[1] == OK


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


def test_a_token_must_be_whole_and_answer_this_challenge():
    terminal = Terminal(Chip(document(secrets=ERIKSSON)))
    terminal.enter()
    for byte in (0, 31, 32, 39):
        assert terminal.bac(ERIKSSON, flip=byte) == 0x6300
    assert terminal.bac(ERIKSSON, returned=bytes(8)) == 0x6300
    assert terminal.bac(ERIKSSON) == OK


def test_the_right_key_opens_nothing_when_its_answer_is_not_asked_for():
    terminal = Terminal(Chip(document(OFFER)))
    terminal.enter()
    terminal.le_of_last = None
    assert terminal.bac(EXAMPLE_G) == 0x6700
    assert statuses(terminal, "00B0810004") == ["6982"]
    with pytest.raises(AssertionError, match="6700"):
        terminal.pace(OFFER, EXAMPLE_G)
    assert statuses(terminal, "00B0810004") == ["6982"]


def test_a_right_key_makes_the_chip_forget_wrong_ones():
    terminal = Terminal(Chip(document(OFFER, secrets=ERIKSSON), Behaviour(wrong_keys_max=2)))
    for _ in range(2):
        terminal.keys = None
        terminal.enter()
        assert terminal.bac(EXAMPLE_G) == 0x6300
        assert terminal.bac(ERIKSSON) == OK
    terminal.keys = None
    terminal.enter()
    assert [terminal.bac(EXAMPLE_G) for _ in range(2)] == [0x6300, 0x6300]
    assert terminal.raw("0084000008")[1] == 0x6983


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


@pytest.mark.parametrize(
    "objects",
    [
        "97 01 04",
        "87 09 01 {data} 97 01 04",
        "97 01 04 87 09 01 {data}",
        "97 01 04 97 01 04",
        "85 08 {data} 97 01 04",
        "97 03 00 00 04",
        "87 09 02 {data} 97 01 04",
        "87 08 01 00000000000000 97 01 04",
        "87 09 01 0000000000000000 97 01 04",
    ],
)
def test_objects_that_are_well_protected_still_must_be_the_right_ones(objects: str):
    """The MAC is right in each; the order, the kinds and the padding are right in the first two only."""
    terminal = opened()
    keys = terminal.keys
    assert keys
    counter, header = keys.step(), bytes.fromhex("0CB08100")
    data = encrypt(Cipher.DES3, keys.encryption, pad(b"", 8)).hex()
    sent = bytes.fromhex(objects.format(data=data))
    mac = keys.authenticate(counter, pad(header, 8) + sent)
    answer, status = terminal.raw(command(header, sent + tlv(0x8E, mac), 256, extended=False))
    if objects in ("97 01 04", "87 09 01 {data} 97 01 04"):
        assert status == OK
    else:
        assert (answer, status) == (b"", 0x6988)


def test_lengths_that_do_not_fit_end_the_session_too():
    terminal = opened()
    assert terminal.raw("00A4020C0301")[1] == 0x6700
    assert terminal.read(1)[1] == 0x6988


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
        ("00A4020C00000311", "6700"),
        ("00A4020C000002011E00", "6700"),
        ("00A4020C000002011E", "6982"),
        ("0022C1A403830201", "6A80"),
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


COMMANDS = st.tuples(
    st.sampled_from([0xA4, 0xB0, 0xB1, 0x84, 0x82, 0x88, 0x22, 0x86, 0x2A, 0xC0, 0xD6]),
    st.sampled_from([0x00, 0x01, 0x02, 0x04, 0x41, 0x81, 0x83, 0xC1, 0xFF]),
    st.sampled_from([0x00, 0x0C, 0xA4, 0xA6, 0xB6, 0xBE, 0xFF]),
    st.binary(max_size=40)
    | st.sampled_from([0x7C, 0x80, 0x83, 0x91, 0x54, 0x7F4E]).map(lambda tag: tlv(tag, b"\x04" + bytes(64))),
    st.none() | st.integers(1, 256),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(COMMANDS, max_size=12))
def test_no_command_breaks_a_session_open_or_reads_fingerprints(
    commands: list[tuple[int, int, int, bytes, int | None]],
):
    """Any commands at all, well protected: the chip answers each, and DG3 stays shut."""
    key = ChipAuthenticationKey("secp256r1", 5, Cipher.AES128)
    active = EcActiveKey("secp256r1", 7)
    terminal = opened(document(secrets=ERIKSSON, chip_authentication=(key,), active_authentication=active))
    for ins, p1, p2, data, le in commands:
        if terminal.keys is None or terminal.chip.state.session.terminal_key:
            break
        answer, status = terminal.send(f"00{ins:02X}{p1:02X}{p2:02X}", data, le)
        assert status >> 12 in (6, 9)
        assert b"fingers" not in answer
    if terminal.keys and not terminal.chip.state.session.terminal_key:
        assert terminal.read(3)[1] in (0x6982, 0x6A82)
