"""The contents of the lists that states publish (master, deviation, defect list), and the PKD's LDIF."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from simulators.card import der
from simulators.card.pki.names import Name

DEVIATION = "2.23.136.1.1.7"
"""Deviation types lie under it: 1.1 DSSignature to 5 NationalUse (Doc 9303-12, 10)."""
DG_HASH_WRONG = f"{DEVIATION}.2.2"

DEFECT = "0.4.0.127.0.7.3.1.5"
"""Defect types lie under it: authentication's under 1, personalisation's under 2 (TR-03129-2, 7)."""
CERTIFICATE_REVOKED, CA_KEY_REVOKED = f"{DEFECT}.1.1", f"{DEFECT}.1.3"


def master_list(certificates: Iterable[bytes]) -> bytes:
    """CscaMasterList (Doc 9303-12, 9)."""
    return der.sequence(der.integer(0), der.set_of(*certificates))


@dataclass(frozen=True, slots=True)
class Deviation:
    """One entry of a deviation list: of which documents (all that is given must match), what is wrong.

    `signer` is issuer and serial number of their signer, `signer_key_id` its key instead.  `parameter` is a
    data group's number, 20 for EF.SOD, 21 for EF.COM.
    """

    kind: str
    document_type: str = ""
    signer: tuple[Name, int] | None = None
    signer_key_id: bytes = b""
    issued: tuple[date, date] | None = None
    numbers: Sequence[str] = ()
    parameter: int | None = None
    description: str = ""

    def encode(self) -> bytes:
        documents: list[bytes] = []
        if self.document_type:
            documents.append(der.implicit(0, der.printable(self.document_type)))
        if self.signer is not None:
            issuer, serial = self.signer
            documents.append(der.explicit(1, issuer.encode(), der.integer(serial)))
        if self.signer_key_id:
            documents.append(der.tlv(0x82, self.signer_key_id))
        if self.issued is not None:
            days = (der.tlv(0x18, f"{day:%Y%m%d}000000Z".encode()) for day in self.issued)
            documents.append(der.explicit(4, *days))
        if self.numbers:
            documents.append(der.explicit(5, *sorted(der.printable(number) for number in self.numbers)))
        what = der.sequence(
            der.printable(self.description) if self.description else b"",
            der.oid(self.kind),
            der.explicit(0, der.integer(self.parameter)) if self.parameter is not None else b"",
        )
        return der.sequence(der.sequence(*documents), der.set_of(what))


def deviation_list(entries: Iterable[Deviation]) -> bytes:
    """DeviationList, version 0."""
    return der.sequence(der.integer(0), der.set_of(*(entry.encode() for entry in entries)))


@dataclass(frozen=True, slots=True)
class Defect:
    """One entry of a defect list: which signer, what is wrong.  `parameter` is a whole element, if any.

    `certificate_hash` is of the signer's certificate, by the list's hash; empty where it is left out.
    """

    kind: str
    issuer: Name
    serial: int
    parameter: bytes = b""
    certificate_hash: bytes = b""

    def encode(self) -> bytes:
        return der.sequence(
            der.sequence(self.issuer.encode(), der.integer(self.serial)),
            der.octets(self.certificate_hash) if self.certificate_hash else b"",
            der.set_of(der.sequence(der.oid(self.kind), self.parameter)),
        )


def defect_list(entries: Iterable[Defect], hash_oid: str) -> bytes:
    """DefectList (TR-03129-2, 7)."""
    return der.sequence(der.integer(0), der.oid(hash_oid), der.set_of(*(entry.encode() for entry in entries)))


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """One entry of ICAO's public key directory: `kind` dsc, crl or ml."""

    kind: str
    country: str
    common_name: str
    value: bytes


_ATTRIBUTES = {
    "dsc": ("userCertificate;binary", ("inetOrgPerson", "pkdDownload")),
    "crl": ("certificateRevocationList;binary", ("cRLDistributionPoint",)),
    "ml": ("pkdMasterListContent", ("pkdMasterList", "pkdDownload")),
}


def ldif(entries: Iterable[DirectoryEntry]) -> str:
    """The entries as the directory's download has them (RFC 2849), lines folded at 76."""
    lines = ["version: 1", ""]
    for entry in entries:
        attribute, classes = _ATTRIBUTES[entry.kind]
        place = f"o={entry.kind},c={entry.country},dc=data,dc=download,dc=pkd,dc=icao,dc=int"
        lines += _folded(f"dn: cn={entry.common_name},{place}")
        lines += ["objectClass: top", *(f"objectClass: {name}" for name in classes)]
        lines += _folded(f"cn: {entry.common_name}")
        lines += _folded(f"{attribute}:: {base64.b64encode(entry.value).decode()}")
        lines.append("")
    return "\n".join(lines) + "\n"


def _folded(line: str) -> list[str]:
    return [line[:76], *(" " + line[start : start + 75] for start in range(76, len(line), 75))]
