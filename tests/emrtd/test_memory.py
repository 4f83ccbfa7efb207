"""Hostile lengths and crowds cost memory in proportion to the octets that came, never to what they announce;
a chip that talks without end is cut off."""

import io
import random
from collections.abc import Callable

import pytest

from drivers.emrtd import card_verifiable, certificates, signed_data, tlv
from drivers.emrtd.access_key import MrzKey
from drivers.emrtd.apdu import EXTENDED_LE_MAX
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds import security_infos
from drivers.emrtd.passive_authentication import authenticate, authenticate_card_security
from drivers.emrtd.portraits import faces
from drivers.emrtd.reader import ChipReader
from drivers.emrtd.trust import crl, defect_list, deviation_list, kinds, ldif, master_list, store_file
from tests.emrtd.measured import BASE, PER_OCTET, measured
from tests.emrtd.small_pki import AT
from tests.emrtd.test_lds import BARE
from tests.emrtd.test_lds import READERS as FILES
from tests.emrtd.test_signed_fuzz import STORE

SIZE = 5_000
GIGABYTE = b"\x84\x40\0\0\0"

Reader = Callable[[bytes], object]
SIGNED: dict[str, tuple[int, Reader]] = {
    "EF.SOD": (0x77, lambda data: authenticate(data, {}, STORE, AT)),
    "EF.CardSecurity": (0x30, lambda data: authenticate_card_security(data, STORE, AT)),
    "signed data": (0x30, lambda data: signed_data.read(data, "x")),
    "certificate": (0x30, certificates.read),
    "CRL": (0x30, lambda data: crl.read(data).revoked),
    "master list": (0x30, master_list.read),
    "deviation list": (0x30, deviation_list.read),
    "defect list": (0x30, defect_list.read),
    "what a file is": (0x30, lambda data: list(kinds.parts(data))),
    "card-verifiable certificate": (0x7F21, card_verifiable.read),
    "SecurityInfos": (0x31, security_infos.parse),
    "face record": (0x46, faces),
}
READERS = (
    SIGNED
    | {f"file {tag:02X}": (tag, read) for tag, read in FILES}
    | {f"{read.__module__.rpartition('.')[2]} alone": (0x61, read) for read in BARE}
)
CROWDS = {
    "empty primitives": b"\x02\0" * (SIZE // 2),
    "empty sequences": b"\x30\0" * (SIZE // 2),
    "indefinite, flat": b"\x30\x80\0\0" * (SIZE // 4),
    "indefinite, within each other": b"\x30\x80" * (SIZE // 2),
    "thirty deep": b"\x30\x80" * 30 + b"\x05\0" * (SIZE // 2) + b"\0\0" * 30,
    "gigabytes within each other": (b"\x30" + GIGABYTE) * (SIZE // 6),
    "zeros": bytes(SIZE),
    "noise": random.Random(5).randbytes(SIZE),
}  # fmt: skip


def shapes(tag: int, crowd: bytes) -> list[bytes]:
    """A crowd alone, in the file's own tag, a level further in, and behind lengths that lie."""
    mark = tlv.build(tag)[:-1]
    return [
        crowd,
        tlv.build(tag, crowd),
        tlv.build(tag, tlv.build(0x30, crowd)),
        tlv.build(tag, tlv.build(0x7F61, tlv.build(0x02, b"\1"), tlv.build(0x7F60, crowd))),
        mark + b"\x80" + crowd,
        mark + GIGABYTE + crowd,
    ]


@pytest.mark.parametrize("name", READERS)
def test_a_crowd_of_elements_costs_in_proportion_to_its_octets(name: str) -> None:
    tag, read = READERS[name]
    for crowd, octets in CROWDS.items():
        for shape in shapes(tag, octets):
            with measured() as cost:
                read(shape)
            assert cost.peak < BASE + PER_OCTET * len(shape), (crowd, shape[:8].hex(), cost.peak)


def test_the_measure_sees_what_a_reader_holds() -> None:
    with measured() as cost:
        list(range(200_000))
    assert cost.peak > 1_600_000


@pytest.mark.parametrize(
    "line",
    [
        b"userCertificate;binary:: " + b"QUJD" * 40_000 + b"\n",
        b"dn: x\n" + b" y\n" * 60_000,
        b"\n" * 200_000,
        b"#" * 200_000,
        b"dn: cn=x\nuserCertificate;binary:: QUJD\n\n" * 5_000,
    ],
    ids=["one long value", "folded without end", "empty lines", "no line's end", "many entries"],
)
def test_a_directory_is_read_entry_by_entry(line: bytes) -> None:
    with measured() as cost:
        for _ in ldif.entries(io.BytesIO(line)):
            pass
    assert cost.peak < BASE + 8 * len(line)


def test_a_directory_of_many_entries_costs_no_more_than_one() -> None:
    stream = io.BytesIO(b"dn: cn=x\nuserCertificate;binary:: QUJD\n\n" * 8_000)
    with measured() as cost:
        for _ in ldif.entries(stream):
            pass
    assert cost.peak < BASE


@pytest.mark.parametrize(
    "body",
    [b'{"entries": [' + b"{}," * 20_000, b"[" * 50_000, b'"' + b"x" * 100_000],
    ids=["flat", "deep", "long"],
)
def test_a_broken_store_file_costs_in_proportion(body: bytes) -> None:
    with measured() as cost, pytest.raises(MalformedError):
        store_file.parse(body + b"\n" + body)
    assert cost.peak < BASE + PER_OCTET * len(body)


def read_as_chip(answer: Callable[[bytes], bytes]) -> tuple[int, int]:
    """APDUs that a reading took, and bytes it held at most; the chip answers as `answer` says."""
    asked = 0

    def transport(command: bytes) -> bytes:
        nonlocal asked
        asked += 1
        assert asked < 5000, "the reader goes on asking"
        return answer(command)

    reader = ChipReader(transport, MrzKey("L898902C3", "740812", "350615"), reconnect=lambda: None)
    with measured() as cost:
        reader.run()
    return asked, cost.peak


def unprotected(head: bytes, at_most: int) -> Callable[[bytes], bytes]:
    """A chip without access control, all of whose files begin with `head` and go on in zeros."""

    def answer(command: bytes) -> bytes:
        if command[1] not in (0xB0, 0xB1):
            return b"\x90\0"
        offset = command[3] if command[2] & 0x80 else command[2] << 8 | command[3]
        size = min(command[-1] or 256, at_most)
        return (head + bytes(offset + size))[offset : offset + size] + b"\x90\0"

    return answer


NOISE = random.Random(3).randbytes(EXTENDED_LE_MAX)


@pytest.mark.parametrize(
    "answer",
    [
        lambda _command: NOISE + b"\x90\0",
        lambda _command: NOISE + b"\x61\0",
        lambda _command: b"x\x61\0",
        lambda _command: b"\x61\0",
        lambda _command: b"\x6c\1",
        lambda _command: b"\x90\0",
        lambda _command: b"\x69\x88",
        lambda _command: b"\x90",
        *(
            unprotected(bytes.fromhex(head), at_most)
            for head in ("31827FFF", "317FFFFFFFFF", "77847FFFFFFF", "778307FFFF", "1F8181818181", "7700")
            for at_most in (1, 9, 256)
        ),
    ],
)  # fmt: skip
def test_a_chip_that_talks_without_end_is_cut_off(answer: Callable[[bytes], bytes]) -> None:
    _, peak = read_as_chip(answer)
    assert peak < 2 << 20


def test_every_answer_may_be_anything() -> None:
    """Random lengths and statuses: the reader ends by itself, in a reading or in an error of ours."""
    drawn = random.Random(9303)
    statuses = [
        bytes.fromhex(each) for each in ("9000", "6100", "6C10", "6282", "6988", "6A82", "6F00", "63C1")
    ]
    for _ in range(150):
        limit = drawn.choice((1, 9, 300))

        def answer(_command: bytes, limit: int = limit) -> bytes:
            return drawn.randbytes(drawn.randrange(limit)) + drawn.choice(statuses)

        _, peak = read_as_chip(answer)
        assert peak < 2 << 20
