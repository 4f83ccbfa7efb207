"""SecurityInfos: which protocols a chip speaks, with which keys and parameters.

Doc 9303-11, 9.2; BSI TR-03110-3, A.1:

    SecurityInfos ::= SET OF SecurityInfo
    SecurityInfo  ::= SEQUENCE { protocol OBJECT IDENTIFIER, required ANY, optional ANY OPTIONAL }

The same set stands in EF.CardAccess (unprotected), in EF.CardSecurity (signed) and in DG14 (hashed).  One
element that we do not know, or that is malformed, is kept as `UnknownInfo` and hides no other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from drivers.emrtd import object_identifiers, tlv
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.errors import MalformedError

BSI = "0.4.0.127.0.7.2.2"
ID_PK, ID_TA, ID_CA, ID_PACE = f"{BSI}.1", f"{BSI}.2", f"{BSI}.3", f"{BSI}.4"
ID_ACTIVE_AUTHENTICATION = "2.23.136.1.1.5"
ID_EF_DIR = "2.23.136.1.1.13"
ECDSA_PLAIN = "0.4.0.127.0.7.1.1.4.1"
"""ecdsa-plain-signatures of TR-03111; the last arc names the hash."""
INFOS_MAX = 64
"""Elements of one set; identity cards have some fifteen."""
INTEGER_OCTETS_MAX = 8

SEQUENCE, SET, OID, INTEGER, OCTET_STRING = 0x30, 0x31, 0x06, 0x02, 0x04


class KeyAgreement(StrEnum):
    DH = "DH"
    ECDH = "ECDH"


class Mapping(StrEnum):
    """How PACE maps the nonce to a generator: generic, integrated, or with chip authentication."""

    GM = "GM"
    IM = "IM"
    CAM = "CAM"


_MAPPINGS = {
    1: (KeyAgreement.DH, Mapping.GM),
    2: (KeyAgreement.ECDH, Mapping.GM),
    3: (KeyAgreement.DH, Mapping.IM),
    4: (KeyAgreement.ECDH, Mapping.IM),
    6: (KeyAgreement.ECDH, Mapping.CAM),
}
_AGREEMENTS = {1: KeyAgreement.DH, 2: KeyAgreement.ECDH}
_CIPHERS = {1: Cipher.DES3, 2: Cipher.AES128, 3: Cipher.AES192, 4: Cipher.AES256}
_HASHES = {1: "sha1", 2: "sha224", 3: "sha256", 4: "sha384", 5: "sha512", 6: "ripemd160"}


@dataclass(frozen=True, slots=True)
class SecurityInfo:
    """`oid` as dotted text, `oid_octets` its content octets (MSE sends them), `raw` the whole element."""

    oid: str
    oid_octets: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class PaceInfo(SecurityInfo):
    """One way of PACE (9303-11, 9.2.1).  `parameter_id` names the domain parameters, standard or of a
    PaceDomainParameterInfo; None is of old cards and leaves none but that."""

    key_agreement: KeyAgreement
    mapping: Mapping
    cipher: Cipher
    version: int
    parameter_id: int | None


@dataclass(frozen=True, slots=True)
class PaceDomainParameterInfo(SecurityInfo):
    """Explicit domain parameters of PACE (9.2.2).  `parameters` is the AlgorithmIdentifier, whole."""

    key_agreement: KeyAgreement
    mapping: Mapping
    parameters: bytes
    parameter_id: int | None


@dataclass(frozen=True, slots=True)
class ChipAuthenticationInfo(SecurityInfo):
    """Key agreement and cipher of chip authentication (9.2.5), for the key of the same `key_id`."""

    key_agreement: KeyAgreement
    cipher: Cipher
    version: int
    key_id: int | None


@dataclass(frozen=True, slots=True)
class ChipAuthenticationDomainParameterInfo(SecurityInfo):
    """Domain parameters of chip authentication version 2 (TR-03110-3, A.1.1.2)."""

    key_agreement: KeyAgreement
    parameters: bytes
    key_id: int | None


@dataclass(frozen=True, slots=True)
class ChipAuthenticationPublicKeyInfo(SecurityInfo):
    """A static key of the chip (9.2.6).  `spki` is the SubjectPublicKeyInfo, whole, as it was sent."""

    key_agreement: KeyAgreement
    spki: bytes
    key_id: int | None


@dataclass(frozen=True, slots=True)
class TerminalAuthenticationInfo(SecurityInfo):
    """The chip asks for terminal authentication; where EF.CVCA lies if not at 011C (TR-03110-3, A.1.1.3)."""

    version: int
    cvca_fid: int | None
    cvca_sfi: int | None


@dataclass(frozen=True, slots=True)
class ActiveAuthenticationInfo(SecurityInfo):
    """The signature of active authentication over ECDSA (9303-11, 9.2.4).  `hash_name` is None for a
    signature that is not plain ECDSA (TR-03111)."""

    version: int
    signature_oid: str
    hash_name: str | None


@dataclass(frozen=True, slots=True)
class EfDirInfo(SecurityInfo):
    """A signed copy of EF.DIR (9303-11, 9.2.10)."""

    ef_dir: bytes


@dataclass(frozen=True, slots=True)
class UnknownInfo(SecurityInfo):
    """What we do not know, or (`malformed`) what names a protocol of ours and is not built as it."""

    malformed: bool


Info = TypeVar("Info", bound=SecurityInfo)


def parse(data: bytes, place: str = "SecurityInfos") -> tuple[SecurityInfo, ...]:
    """All elements of the set in its order, from its encoding with tag 31.  Raises MalformedError for what is
    no such set; `place` says in its message which file it stood in."""
    outer = tlv.read(data)
    if outer.tag != SET:
        raise MalformedError(f"{place}: tag {outer.tag:02X} where a set of SecurityInfo begins")
    elements = outer.children()
    if len(elements) > INFOS_MAX:
        raise MalformedError(f"{place}: over {INFOS_MAX} elements")
    return tuple(_info(element, place) for element in elements)


def of_type(infos: Iterable[SecurityInfo], kind: type[Info]) -> tuple[Info, ...]:
    """The elements of one kind, in their order."""
    return tuple(info for info in infos if isinstance(info, kind))


def _info(element: tlv.Node, place: str) -> SecurityInfo:
    parts = element.children() if element.tag == SEQUENCE else ()
    if not parts or parts[0].tag != OID:
        raise MalformedError(f"{place}: an element that is no SecurityInfo")
    fields = _Fields(element, parts)
    read = _reader_of(fields.oid)
    if read is None:
        return UnknownInfo(*fields.head, malformed=False)
    try:
        return read(fields)
    except MalformedError:
        return UnknownInfo(*fields.head, malformed=True)


class _Fields:
    """What follows the identifier of one element; each reader raises MalformedError for what is not there."""

    def __init__(self, element: tlv.Node, parts: tuple[tlv.Node, ...]) -> None:
        self.oid = object_identifiers.decode(parts[0].value)
        self.head = (self.oid, parts[0].value, element.raw)
        self._rest = parts[1:]

    @property
    def arcs(self) -> tuple[int, ...]:
        """The identifier's arcs behind id-PACE, id-CA or id-PK."""
        return tuple(int(arc) for arc in self.oid.split(".")[len(ID_PACE.split(".")) :])

    def integer(self, place: int) -> int:
        """An INTEGER that is not negative."""
        octets = self._of(place, INTEGER).value
        if not 0 < len(octets) <= INTEGER_OCTETS_MAX or octets[0] & 0x80:
            raise MalformedError("SecurityInfo: an integer that is empty, negative or too long")
        return int.from_bytes(octets, "big")

    def integer_if_any(self, place: int) -> int | None:
        return self.integer(place) if len(self._rest) > place else None

    def identifier(self, place: int) -> str:
        return object_identifiers.decode(self._of(place, OID).value)

    def octets(self, place: int) -> bytes:
        return self._of(place, OCTET_STRING).value

    def sequence(self, place: int) -> bytes:
        """A SEQUENCE, whole."""
        return self._of(place, SEQUENCE).raw

    def file_if_any(self, place: int) -> tuple[int | None, int | None]:
        """FileID ::= SEQUENCE { fid OCTET STRING (SIZE(2)), sfid OCTET STRING (SIZE(1)) OPTIONAL }"""
        if len(self._rest) <= place:
            return None, None
        parts = self._of(place, SEQUENCE).children()
        sizes = [len(part.value) for part in parts if part.tag == OCTET_STRING]
        if len(sizes) != len(parts) or sizes not in ([2], [2, 1]):
            raise MalformedError("SecurityInfo: a FileID that is none")
        numbers = [int.from_bytes(part.value, "big") for part in parts]
        return numbers[0], numbers[1] if len(numbers) > 1 else None

    def _of(self, place: int, tag: int) -> tlv.Node:
        if len(self._rest) <= place or self._rest[place].tag != tag:
            raise MalformedError(f"SecurityInfo: no field with tag {tag:02X} at place {place + 1}")
        return self._rest[place]


def _reader_of(oid: str) -> Callable[[_Fields], SecurityInfo] | None:
    """How to read an element of this protocol; None where we know none.  Longest identifiers first."""
    family, _, tail = oid.rpartition(".")
    exact = {
        ID_TA: _terminal_authentication,
        ID_ACTIVE_AUTHENTICATION: _active_authentication,
        ID_EF_DIR: _ef_dir,
    }
    if oid in exact:
        return exact[oid]
    if family == ID_PK and tail in ("1", "2"):
        return _chip_authentication_key
    if family == ID_PACE and int(tail) in _MAPPINGS:
        return _pace_parameters
    if family == ID_CA and tail in ("1", "2"):
        return _chip_authentication_parameters
    grandfamily, _, middle = family.rpartition(".")
    if grandfamily == ID_PACE and int(middle) in _MAPPINGS and int(tail) in _CIPHERS:
        return _pace
    if grandfamily == ID_CA and middle in ("1", "2") and int(tail) in _CIPHERS:
        return _chip_authentication
    return None


def _pace(fields: _Fields) -> PaceInfo:
    mapping, cipher = fields.arcs
    agreement, how = _MAPPINGS[mapping]
    return PaceInfo(
        *fields.head, agreement, how, _CIPHERS[cipher], fields.integer(0), fields.integer_if_any(1)
    )


def _pace_parameters(fields: _Fields) -> PaceDomainParameterInfo:
    agreement, how = _MAPPINGS[fields.arcs[0]]
    return PaceDomainParameterInfo(*fields.head, agreement, how, fields.sequence(0), fields.integer_if_any(1))


def _chip_authentication(fields: _Fields) -> ChipAuthenticationInfo:
    agreement, cipher = fields.arcs
    return ChipAuthenticationInfo(
        *fields.head,
        _AGREEMENTS[agreement],
        _CIPHERS[cipher],
        fields.integer(0),
        fields.integer_if_any(1),
    )


def _chip_authentication_parameters(fields: _Fields) -> ChipAuthenticationDomainParameterInfo:
    return ChipAuthenticationDomainParameterInfo(
        *fields.head, _AGREEMENTS[fields.arcs[0]], fields.sequence(0), fields.integer_if_any(1)
    )


def _chip_authentication_key(fields: _Fields) -> ChipAuthenticationPublicKeyInfo:
    return ChipAuthenticationPublicKeyInfo(
        *fields.head, _AGREEMENTS[fields.arcs[0]], fields.sequence(0), fields.integer_if_any(1)
    )


def _terminal_authentication(fields: _Fields) -> TerminalAuthenticationInfo:
    return TerminalAuthenticationInfo(*fields.head, fields.integer(0), *fields.file_if_any(1))


def _active_authentication(fields: _Fields) -> ActiveAuthenticationInfo:
    signature = fields.identifier(1)
    family, _, number = signature.rpartition(".")
    hash_name = _HASHES.get(int(number)) if family == ECDSA_PLAIN else None
    return ActiveAuthenticationInfo(*fields.head, fields.integer(0), signature, hash_name)


def _ef_dir(fields: _Fields) -> EfDirInfo:
    return EfDirInfo(*fields.head, fields.octets(0))
