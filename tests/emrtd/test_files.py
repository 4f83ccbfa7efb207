"""Reading files (Doc 9303-10, 3.6): each byte once, never past the end, whatever the chip's habits or
lies."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.emrtd import tlv
from drivers.emrtd.channel import Channel
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.elementary_files import ATR_INFO, CARD_ACCESS, COM, CVCA, DATA_GROUPS, SOD
from drivers.emrtd.errors import ProtocolError, SessionLost, StatusError, TagLost
from drivers.emrtd.files import FileReader
from drivers.emrtd.read_policy import ReadPolicy
from tests.emrtd.scripted_chip import ScriptedChip
from tests.emrtd.small_card import SmallCard

DG1, DG2 = DATA_GROUPS[1], DATA_GROUPS[2]


def content(length: int, tag: int = 0x75) -> bytes:
    """A file whose value is so long and has no two stretches alike."""
    return tlv.build(tag, b"".join(n.to_bytes(3, "big") for n in range(length // 3 + 1))[:length])


def opened(
    card: SmallCard, policy: ReadPolicy | None = None, cipher: Cipher | None = Cipher.AES128
) -> FileReader:
    """A reader in the application, the commands so far forgotten."""
    reader = FileReader(card.channel(cipher), policy or ReadPolicy())
    reader.select_application()
    card.commands.clear()
    return reader


def test_a_file_is_read_by_its_short_identifier_and_never_past_its_end() -> None:
    card = SmallCard({0x0101: content(88, 0x61)})
    assert opened(card).read(DG1) == content(88, 0x61)
    assert card.commands == ["0cb08100 4", "0cb00004 86"]


def test_a_picture_takes_as_many_answers_as_its_size_needs() -> None:
    card = SmallCard({0x0102: content(20_000)})
    told: list[tuple[int, int]] = []
    reader = opened(card)
    data = bytearray()
    reader.read_into(DG2, data, lambda done, total: told.append((done, total)))
    assert data == content(20_000)
    assert len(card.commands) == 1 + -(-20_000 // 223)
    assert told[0] == (4, 20_004)
    assert told[-1] == (20_004, 20_004)


def test_a_chip_without_short_identifiers_is_asked_by_select_and_asked_once() -> None:
    card = SmallCard({0x0101: content(5, 0x61), 0x011D: content(5, 0x77)}, sfi=False)
    reader = opened(card)
    reader.read(DG1)
    reader.read(SOD)
    assert card.commands == [
        "0cb08100 4",
        "0ca4020c0101",
        "0cb00000 4",
        "0cb00004 3",
        "0ca4020c011d",
        "0cb00000 4",
        "0cb00004 3",
    ]


def test_beyond_32_kb_the_odd_form_is_used_and_its_header_counted() -> None:
    """ISO/IEC 7816-4, 11.2.3: offset in an object 54, bytes in an object 53."""
    card = SmallCard({0x0102: content(70_000)})
    assert opened(card).read(DG2) == content(70_000)
    odd = [command for command in card.commands if command.startswith("0cb1")]
    assert odd[0].split()[0] in {f"0cb100005402{offset:04x}" for offset in range(0x8000, 0x8000 + 223)}
    assert all(int(command.split()[1]) <= 223 for command in odd)
    assert odd[-1].startswith("0cb10000540301")
    assert len(card.commands) == 2 + 147 + 170  # header; 6 to 32787 in 223s; the rest in 220s


@pytest.mark.parametrize("length", [0, 1, 2, 3, 122, 123, 220, 221, 65531, 65532])
@pytest.mark.parametrize("cipher", [None, Cipher.DES3, Cipher.AES256])
def test_every_size_is_read_whole(length: int, cipher: Cipher | None) -> None:
    card = SmallCard({0x0102: content(length)})
    assert opened(card, cipher=cipher).read(DG2) == content(length)


@given(
    st.integers(0, 3000),
    st.integers(17, 300),
    st.booleans(),
    st.sampled_from([None, 1000, 65538]),
    st.sampled_from([None, Cipher.AES128]),
)
def test_a_chip_that_gives_less_than_asked_is_read_whole(
    length: int, most: int, sfi: bool, extended: int | None, cipher: Cipher | None
) -> None:
    """Each Le up to `most` is served, a longer one gets `most` bytes."""

    def short(card: SmallCard, offset: int, le: int) -> bytes | None:
        return card.files[0x0102][offset : offset + most] if le > most else None

    card = SmallCard({0x0102: content(length)}, whim=short, sfi=sfi)
    policy = ReadPolicy()
    if extended is not None:
        policy.allow_extended(extended)
    assert opened(card, policy, cipher).read(DG2) == content(length)


def test_what_a_chip_gives_at_most_is_learnt() -> None:
    def short(card: SmallCard, offset: int, le: int) -> bytes | None:
        return card.files[0x0102][offset : offset + 100] if le > 100 else None

    card = SmallCard({0x0102: content(1000)}, whim=short)
    opened(card).read(DG2)
    assert [command.split()[1] for command in card.commands] == ["4", "223", *["100"] * 9]


def test_6c_names_the_length_and_it_is_kept_to() -> None:
    """A chip that serves 192 bytes and says so (6CC0)."""
    card = SmallCard({0x0102: content(800)}, whim=lambda _card, _offset, le: 0x6CC0 if le > 192 else None)
    assert opened(card).read(DG2) == content(800)
    assert [command.split()[1] for command in card.commands] == ["4", "223", "192", "192", "192", "192", "32"]


@pytest.mark.parametrize("status", [0x6700, 0x6B00])
def test_a_refused_le_goes_down_step_by_step(status: int) -> None:
    card = SmallCard({0x0102: content(800)}, whim=lambda _card, _offset, le: status if le > 100 else None)
    assert opened(card).read(DG2) == content(800)
    assert [command.split()[1] for command in card.commands][:5] == ["4", "223", "192", "128", "96"]


def test_extended_length_is_used_where_it_is_known_to_work() -> None:
    policy = ReadPolicy()
    policy.allow_extended(1000)
    card = SmallCard({0x0102: content(20_000), 0x0101: content(88, 0x61)})
    reader = opened(card, policy)
    reader.read(DG1)
    assert card.commands == ["0cb08100 4", "0cb00004 86"]
    reader.read(DG2)
    assert len(card.commands) - 2 == 1 + -(-20_000 // 964)


def test_a_session_lost_over_a_long_answer_is_not_lost_so_again() -> None:
    """The chip ends the session with 6988 in the clear; the next session asks for less and goes on."""

    def lose(card: SmallCard, _offset: int, le: int) -> None:
        card.bare = 0x6988 if le > 192 else None

    card = SmallCard({0x0102: content(800)}, whim=lose)
    policy, so_far = ReadPolicy(), bytearray()
    with pytest.raises(SessionLost):
        opened(card, policy).read_into(DG2, so_far)
    card.bare = None
    assert (policy.le, len(so_far)) == (192, 4)
    opened(card, policy).read_into(DG2, so_far)
    assert so_far == content(800)
    assert card.commands[0] == "0cb08204 192"


def test_a_session_lost_over_an_answer_as_long_as_before_has_another_reason() -> None:
    policy = ReadPolicy()

    def lose(card: SmallCard, offset: int, _le: int) -> None:
        card.bare = 0x6988 if offset > 300 else None

    with pytest.raises(SessionLost):
        opened(SmallCard({0x0102: content(800)}, whim=lose), policy).read(DG2)
    assert policy.le == 223


@given(st.integers(1, 8), st.integers(0, 5))
def test_a_tag_lost_anywhere_costs_no_byte_twice(at: int, again: int) -> None:
    card = SmallCard({0x0102: content(1200)})
    policy, so_far = ReadPolicy(), bytearray()
    asked: list[str] = []
    for lost in (at, again, None):
        reader = opened(card, policy)
        card.lost_at = lost
        try:
            reader.read_into(DG2, so_far)
        except TagLost:
            assert lost is not None
        card.lost_at = None
        asked += [command for command in card.commands if command.startswith("0cb0")]
    assert so_far == content(1200)
    assert len(asked) == 1 + -(-1200 // 223)


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ("7584400000000000", "announces 1073741830 bytes, more than the 524288"),
        ("75830FFFFF00", "more than the 524288"),
        ("610100", "begins with tag 61, expected 75"),
        ("7580000000", "indefinite"),
        ("0000000000", "octet 00"),
        ("7F818181FFFFFF", "more than 4 octets"),
        ("758500000000010000", "length of 5 octets"),
    ],
)
def test_a_beginning_that_lies_is_refused_before_more_is_read(start: str, why: str) -> None:
    card = SmallCard({0x0102: bytes.fromhex(start).ljust(300, b"\0")})
    with pytest.raises(ProtocolError, match=why):
        opened(card).read(DG2)
    assert len(card.commands) <= 2


def test_other_files_than_pictures_are_small() -> None:
    with pytest.raises(ProtocolError, match="more than the 32768"):
        opened(SmallCard({0x011D: bytes.fromhex("7783010000") + bytes(70_000)})).read(SOD)


@pytest.mark.parametrize(
    "whim",
    [
        None,
        lambda _card, offset, _le: b"" if offset >= 500 else None,
        lambda _card, offset, _le: 0x6282 if offset >= 500 else None,
    ],
    ids=["6B00 at its end", "nothing, with 9000", "nothing, with 6282"],
)
def test_a_file_shorter_than_it_says_is_refused(
    whim: Callable[[SmallCard, int, int], bytes | int | None] | None,
) -> None:
    card = SmallCard({0x0102: content(800)[:500]}, whim=whim)
    with pytest.raises(ProtocolError, match="but 804 are announced"):
        opened(card).read(DG2)
    assert len(card.commands) <= 5


@pytest.mark.parametrize("cipher", [None, Cipher.AES128])
def test_a_file_that_comes_in_crumbs_is_given_up(cipher: Cipher | None) -> None:
    def crumb(card: SmallCard, offset: int, _le: int) -> bytes:
        return card.files[0x0102][offset : offset + 1]

    card = SmallCard({0x0102: content(100_000)}, whim=crumb)
    with pytest.raises(ProtocolError, match="crumbs"):
        opened(card, cipher=cipher).read(DG2)
    assert len(card.commands) < 60


def test_more_bytes_than_asked_for_are_not_taken() -> None:
    with pytest.raises(ProtocolError, match="bytes where 4 were asked for"):
        opened(SmallCard({0x0102: content(800)}, whim=lambda *_: bytes(250))).read(DG2)


@pytest.mark.parametrize("status", [0x6A82, 0x6A88])
def test_an_absent_file_is_named_with_what_the_chip_said(status: int) -> None:
    card = SmallCard({}, whim=None)
    with pytest.raises(StatusError, match=r"SELECT EF\.DG2: the chip answers 6A82"):
        opened(card).read(DG2)
    card = SmallCard({0x0102: content(4)}, whim=lambda *_: 0x6982)
    with pytest.raises(StatusError, match=r"READ BINARY EF\.DG2 at 0: the chip answers 6982"):
        opened(card).read(DG2)


@pytest.mark.parametrize("status", [0x6300, 0x6F00, 0x6281, 0x6400])
def test_bytes_under_a_status_that_is_no_success_are_not_the_file(status: int) -> None:
    """6282 and 6283 alone may come with content."""
    exchange = [("00B0820004", f"75820320{status:04X}"), ("00A4020C020102", "9000"), ("00B0000004", "6F00")]
    reader = FileReader(
        Channel(ScriptedChip([("00A4040C07A0000002471001", "9000"), *exchange])), ReadPolicy()
    )
    reader.select_application()
    with pytest.raises(StatusError):
        reader.read(DG2)


def test_malaysian_chips_say_deactivated_and_give_the_file() -> None:
    chip = ScriptedChip(
        [
            ("00B09C0004", "6A82"),
            ("00A4020C02011C", "6283"),
            ("00B0000004", "310230006283"),
        ]
    )
    assert FileReader(Channel(chip), ReadPolicy()).read(CARD_ACCESS) == bytes.fromhex("31023000")


def test_a_small_file_may_end_within_the_first_four_bytes() -> None:
    card = SmallCard({0x011E: bytes.fromhex("600100")})
    assert opened(card).read(COM) == bytes.fromhex("600100")
    assert card.commands == ["0cb09e00 4"]


def test_a_file_without_an_outer_object_is_one_answer() -> None:
    cvca = bytes.fromhex("420E55544F435643413030303031").ljust(36, b"\0")
    card = SmallCard({0x011C: cvca})
    assert opened(card).read(CVCA) == cvca
    assert card.commands == ["0cb09c00 36"]
    info = bytes.fromhex("7F660802020400020204D09000")
    card = SmallCard({0x2F01: info})
    assert FileReader(card.channel(), ReadPolicy()).read(ATR_INFO) == info


def test_files_of_the_other_directory_are_not_mixed_up() -> None:
    """EF.SOD and EF.CardSecurity have one identifier in two directories."""
    with pytest.raises(ValueError, match="lies in the MF"):
        opened(SmallCard({})).read(CARD_ACCESS)


@given(st.lists(st.binary(max_size=260), min_size=1, max_size=40))
def test_no_answers_do_more_than_raise_our_errors(answers: list[bytes]) -> None:
    script = iter(answers)
    reader = FileReader(Channel(lambda _raw: next(script, b"")), ReadPolicy())
    try:
        reader.select_application()
        data = reader.read(DG2)
    except (ProtocolError, StatusError, TagLost):
        return
    assert data[0] == 0x75
