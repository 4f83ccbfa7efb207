"""The files of the logical data structure (Doc 9303-10, 3 and 4), each as the chip holds it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from simulators.card import der
from simulators.card.pki.signing import digest, hash_identifier

TAGS = {1: 0x61, 2: 0x75, 3: 0x63, 4: 0x76, 5: 0x65, 6: 0x66, 7: 0x67, 8: 0x68, 9: 0x69, 10: 0x6A, 11: 0x6B,
        12: 0x6C, 13: 0x6D, 14: 0x6E, 15: 0x6F, 16: 0x70}  # fmt: skip
"""Tag of each data group."""
APPLICATION = bytes.fromhex("A0000002471001")
_FACE, _FINGER, _IRIS = 0x02, 0x08, 0x10


@dataclass(frozen=True, slots=True)
class Writing:
    """How an issuer writes texts and dates.

    `bcd_dates`: four or seven packed bytes instead of digits.  `latin_1`: instead of UTF-8.  `absent_listed`:
    the tag list names an element that is not there, and leaves one out that is.  `empty`: an element of
    length 0 is added.
    """

    bcd_dates: bool = False
    latin_1: bool = False
    absent_listed: bool = False
    empty: bool = False

    def text(self, text: str) -> bytes:
        return text.encode("latin-1", "replace") if self.latin_1 else text.encode()

    def day(self, day: date) -> bytes:
        digits = f"{day:%Y%m%d}"
        return bytes.fromhex(digits) if self.bcd_dates else digits.encode()

    def moment(self, moment: datetime) -> bytes:
        digits = f"{moment:%Y%m%d%H%M%S}"
        return bytes.fromhex(digits) if self.bcd_dates else digits.encode()


def ef_com(groups: Iterable[int], version: str, unknown_tags: bytes = b"") -> bytes:
    """EF.COM; `version` as in 0107, `unknown_tags` put after the groups' (CN)."""
    tags = bytes(TAGS[group] for group in sorted(groups)) + unknown_tags
    return der.tlv(0x60, der.tlv(0x5F01, version.encode()), der.tlv(0x5F36, b"040000"), der.tlv(0x5C, tags))


def dg1(lines: Sequence[str]) -> bytes:
    return der.tlv(TAGS[1], der.tlv(0x5F1F, "".join(lines).encode("ascii")))


def biometric(group: int, records: Sequence[bytes], *, extensible: bool = False) -> bytes:
    """DG2, DG3 or DG4 with its records, in the template of ISO/IEC 19785."""
    kind, standard = {2: (_FACE, 0x0008), 3: (_FINGER, 0x0007), 4: (_IRIS, 0x0009)}[group]
    parts: list[bytes] = [der.tlv(0x02, bytes([len(records)]))]
    for record in records:
        if extensible:
            head = der.tlv(0xA1, der.tlv(0x87, b"\x01\x01"), der.tlv(0x88, b"\x00\x2a"))
            parts.append(der.tlv(0x7F60, head, der.tlv(0x7F2E, record)))
            continue
        head = der.tlv(
            0xA1,
            der.tlv(0x81, bytes([kind])),
            der.tlv(0x82, b"\x00"),
            der.tlv(0x87, b"\x01\x01"),
            der.tlv(0x88, standard.to_bytes(2, "big")),
        )
        parts.append(der.tlv(0x7F60, head, der.tlv(0x5F2E, record)))
    return der.tlv(TAGS[group], der.tlv(0x7F61, *parts))


def displayed(group: int, images: Sequence[bytes]) -> bytes:
    """DG5 (portraits to show) or DG7 (signatures): plain images."""
    tag = {5: 0x5F40, 7: 0x5F43}[group]
    return der.tlv(TAGS[group], der.tlv(0x02, bytes([len(images)])), *(der.tlv(tag, one) for one in images))


def _listed(group: int, elements: Sequence[tuple[int, bytes]], writing: Writing, spare: int) -> bytes:
    """DG11 or DG12: a list of tags, then the elements."""
    listed = [tag for tag, _ in elements]
    if writing.absent_listed:
        listed = [*listed[1:], spare]
    if writing.empty:
        elements = [*elements, (spare + 1, b"")]
        listed = [*listed, spare + 1]
    tags = b"".join(tag.to_bytes((tag.bit_length() + 7) // 8, "big") for tag in listed)
    return der.tlv(TAGS[group], der.tlv(0x5C, tags), *(der.tlv(tag, value) for tag, value in elements))


def dg11(
    full_name: str,
    birth: date,
    writing: Writing,
    *,
    other_names: Sequence[str] = (),
    personal_number: str = "",
    place_of_birth: str = "",
    address: str = "",
    telephone: str = "",
    profession: str = "",
    title: str = "",
    summary: str = "",
) -> bytes:
    """Additional personal details.  Parts of a text are apart by `<`."""
    elements: list[tuple[int, bytes]] = [(0x5F0E, writing.text(full_name))]
    if other_names:
        names = (der.tlv(0x5F0F, writing.text(name)) for name in other_names)
        elements.append((0xA0, der.tlv(0x02, bytes([len(other_names)])) + b"".join(names)))
    texts = {0x5F10: personal_number}
    elements += [(tag, writing.text(text)) for tag, text in texts.items() if text]
    elements.append((0x5F2B, writing.day(birth)))
    texts = {
        0x5F11: place_of_birth,
        0x5F42: address,
        0x5F12: telephone,
        0x5F13: profession,
        0x5F14: title,
        0x5F15: summary,
    }
    elements += [(tag, writing.text(text)) for tag, text in texts.items() if text]
    return _listed(11, elements, writing, spare=0x5F17)


def dg12(
    authority: str,
    issued: date,
    writing: Writing,
    *,
    others: Sequence[str] = (),
    endorsements: str = "",
    personalised: datetime | None = None,
    system: str = "",
) -> bytes:
    """Additional document details."""
    elements: list[tuple[int, bytes]] = [
        (0x5F19, writing.text(authority)),
        (0x5F26, writing.day(issued)),
    ]
    if others:
        names = (der.tlv(0x5F1A, writing.text(name)) for name in others)
        elements.append((0xA0, der.tlv(0x02, bytes([len(others)])) + b"".join(names)))
    if endorsements:
        elements.append((0x5F1B, writing.text(endorsements)))
    if personalised is not None:
        elements.append((0x5F55, writing.moment(personalised)))
    if system:
        elements.append((0x5F56, writing.text(system)))
    return _listed(12, elements, writing, spare=0x5F1C)


def dg13(value: bytes, *, structured: bool = True) -> bytes:
    """Whatever the issuer likes; not even data objects inside, where `structured` is False (SG)."""
    return der.tlv(TAGS[13], der.tlv(0x5F99, value) if structured else value)


def dg16(people: Sequence[tuple[date, str, str, str]], writing: Writing) -> bytes:
    """Persons to notify: recorded on, name, telephone, address."""
    parts = [
        der.tlv(
            0xA1 + place,
            der.tlv(0x5F50, writing.day(recorded)),
            der.tlv(0x5F51, writing.text(name)),
            der.tlv(0x5F52, writing.text(telephone)),
            der.tlv(0x5F53, writing.text(address)),
        )
        for place, (recorded, name, telephone, address) in enumerate(people)
    ]
    return der.tlv(TAGS[16], der.tlv(0x02, bytes([len(people)])), *parts)


def dg14(infos: bytes) -> bytes:
    return der.tlv(TAGS[14], infos)


def dg15(public_key: bytes) -> bytes:
    return der.tlv(TAGS[15], public_key)


def security_object(
    groups: Mapping[int, bytes], hash_name: str, *, version: int = 0, null: bool = True
) -> bytes:
    """LDSSecurityObject over the files.  Version 1 also says which versions of LDS and Unicode (LDS 1.8)."""
    hashes = [
        der.sequence(der.integer(number), der.octets(digest(hash_name, file)))
        for number, file in sorted(groups.items())
    ]
    versions = der.sequence(der.printable("0108"), der.printable("040000")) if version else b""
    return der.sequence(
        der.integer(version), hash_identifier(hash_name, null=null), der.sequence(*hashes), versions
    )


def ef_sod(content_info: bytes) -> bytes:
    return der.tlv(0x77, content_info)


def ef_cvca(references: Sequence[str]) -> bytes:
    """The authorities' references that terminal authentication may start from, filled to 36 bytes."""
    return b"".join(der.tlv(0x42, one.encode("latin-1")) for one in references).ljust(36, b"\x00")


def ef_dir(applications: Iterable[bytes] = (APPLICATION,)) -> bytes:
    return b"".join(der.tlv(0x61, der.tlv(0x4F, one)) for one in applications)


def ef_atr_info(command_bytes: int, response_bytes: int) -> bytes:
    """Card capabilities (chaining and extended lengths) and the longest command and response."""
    longest = der.tlv(0x7F66, _two_bytes(command_bytes), _two_bytes(response_bytes))
    return der.tlv(0x47, bytes.fromhex("8401C0")) + longest


def _two_bytes(number: int) -> bytes:
    return der.tlv(0x02, number.to_bytes(2, "big"))
