"""Deviation lists (Doc 9303-3, 7 and 9303-12, 10): a state says which of its own documents are made wrongly.

An entry explains a failure, so that an officer sees a known slip of the issuer and not a forgery.  It passes
nothing: see `passive_authentication`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from drivers.emrtd import asn1, names, signatures
from drivers.emrtd.certificates import DEVIATION_LIST_SIGNER, Certificate
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.names import Name
from drivers.emrtd.signatures import Digest
from drivers.emrtd.signed_data import SignedData
from drivers.emrtd.trust import signed_lists
from drivers.emrtd.trust.signed_lists import FindPath, ListSigner

CONTENT_TYPE = "2.23.136.1.1.7"
DEVIATIONS_MAX = 10_000
SECURITY_OBJECT, COM = 20, 21
"""Numbers of EF.SOD and EF.COM where a parameter names a file; data groups have their own."""


class DeviationType(StrEnum):
    SIGNER_SIGNATURE = CONTENT_TYPE + ".1.1"
    SIGNER_ENCODING = CONTENT_TYPE + ".1.2"
    ISSUER_ENCODING = CONTENT_TYPE + ".1.3"
    ACTIVE_AUTHENTICATION_KEY_COMPROMISED = CONTENT_TYPE + ".1.4"
    DATA_GROUP_MALFORMED = CONTENT_TYPE + ".2.1"
    DATA_GROUP_HASH_WRONG = CONTENT_TYPE + ".2.2"
    SECURITY_OBJECT_SIGNATURE_WRONG = CONTENT_TYPE + ".2.3"
    COM_INCONSISTENT = CONTENT_TYPE + ".2.4"
    MRZ_WRONG_DATA = CONTENT_TYPE + ".3.1"
    MRZ_WRONG_CHECK_DIGIT = CONTENT_TYPE + ".3.2"
    CHIP = CONTENT_TYPE + ".4"
    NATIONAL_USE = CONTENT_TYPE + ".5"


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What is known of a document, for matching; None is not known.  `code`: the MRZ's document code."""

    code: str | None = None
    number: str | None = field(default=None, repr=False)
    issued: date | None = None


@dataclass(frozen=True, slots=True)
class Documents:
    """Which documents deviate: all criteria that are given must hold."""

    code: str | None
    issuer: Name | None
    serial: int | None
    subject_key: bytes | None
    certificate_digest: bytes | None
    first_issued: date | None
    last_issued: date | None
    numbers: frozenset[str] | None = field(repr=False)

    def include(self, signer: Certificate, facts: DocumentFacts, digest: Digest | None) -> bool:
        """Whether a document is among them.  A criterion on a fact that is not known does not hold: an entry
        explains nothing unless it is sure to be about this document."""
        if self.issuer is not None and (self.issuer.key, self.serial) != (signer.issuer.key, signer.serial):
            return False
        if self.subject_key is not None and self.subject_key != signer.subject_key:
            return False
        if self.certificate_digest is not None and self.certificate_digest not in _digests(signer, digest):
            return False
        if self.code is not None and (facts.code is None or _plain(facts.code) != self.code):
            return False
        if self.numbers is not None and (facts.number is None or _plain(facts.number) not in self.numbers):
            return False
        if self.first_issued is None or self.last_issued is None:
            return True
        return facts.issued is not None and self.first_issued <= facts.issued <= self.last_issued


@dataclass(frozen=True, slots=True)
class Deviation:
    """One way in which some documents deviate.  `kind` is dotted text where the type is not of the standard;
    `parameter` is the number of a data group (20 EF.SOD, 21 EF.COM) for types that have one."""

    documents: Documents
    kind: DeviationType | str
    parameter: int | None
    description: str


@dataclass(frozen=True, slots=True)
class DeviationList:
    """A list as read, not yet verified."""

    signed: SignedData = field(repr=False)
    digest: Digest | None
    deviations: tuple[Deviation, ...]

    def about(self, signer: Certificate, facts: DocumentFacts) -> tuple[Deviation, ...]:
        """Entries about a document that `signer` signed."""
        return tuple(each for each in self.deviations if each.documents.include(signer, facts, self.digest))


def read(data: bytes) -> DeviationList:
    """The list that `data` is.  Raises MalformedError, UnsupportedError."""
    signed = signed_lists.read(data, "deviation list", CONTENT_TYPE)
    fields = asn1.read(signed.content, "deviation list", signed_lists.SIZE_MAX).fields("deviation list")
    fields.take(asn1.INTEGER)
    algorithm = fields.optional(asn1.SEQUENCE)
    digest = signatures.read_digest(algorithm) if algorithm is not None else None
    found: list[Deviation] = []
    for element in fields.take(asn1.SET).children():
        entry = element.fields("deviation")
        documents = _documents(entry.take(asn1.SEQUENCE))
        found.extend(_description(each, documents) for each in entry.take(asn1.SET).children())
        if len(found) > DEVIATIONS_MAX:
            raise MalformedError(f"deviation list: more than {DEVIATIONS_MAX} deviations")
    return DeviationList(signed, digest, tuple(found))


def check(deviation_list: DeviationList, find_path: FindPath, at: datetime | None) -> ListSigner:
    """Its signer: what the list says counts only for that signer's own state.  Raises UntrustedList."""
    return signed_lists.check(deviation_list.signed, "deviation list", find_path, at, DEVIATION_LIST_SIGNER)


def _documents(element: asn1.Element) -> Documents:
    fields = element.fields("deviation: documents")
    code = fields.optional(0x80)
    pair, key, hashed = fields.optional(0xA1), fields.optional(0x82, 0xA2), fields.optional(0x83, 0xA3)
    period, numbers = fields.optional(0xA4), fields.optional(0xA5)
    issuer, serial = _issuer_and_serial(pair) if pair is not None else (None, None)
    first, last = _period(period) if period is not None else (None, None)
    return Documents(
        code=_plain(code.text()) if code is not None else None,
        issuer=issuer,
        serial=serial,
        subject_key=_octets(key),
        certificate_digest=_octets(hashed),
        first_issued=first,
        last_issued=last,
        numbers=frozenset(_plain(each.text()) for each in numbers.children())
        if numbers is not None
        else None,
    )


def _description(element: asn1.Element, documents: Documents) -> Deviation:
    fields = element.fields("deviation: description")
    text = fields.optional(0x13, 0x0C)
    oid = fields.take(asn1.OID).oid()
    parameter = fields.optional(0x80, 0xA0)
    return Deviation(
        documents=documents,
        kind=DeviationType(oid) if oid in set(DeviationType) else oid,
        parameter=_number(parameter) if parameter is not None else None,
        description=text.text()[:500] if text is not None else "",
    )


def _number(element: asn1.Element) -> int | None:
    """A parameter that is a number; of other types there is nothing to be done with it."""
    inner = element.only() if element.constructed else element
    return inner.integer() if inner.tag in (asn1.INTEGER, 0x80) and len(inner.content) == 1 else None


def _issuer_and_serial(element: asn1.Element) -> tuple[Name, int]:
    parts = element.children()
    fields = (element if len(parts) != 1 else parts[0]).fields("deviation: signer", None)  # explicit tags too
    return names.read(fields.take(asn1.SEQUENCE).raw), fields.take(asn1.INTEGER).integer()


def _octets(element: asn1.Element | None) -> bytes | None:
    return element.octets() if element is not None else None


def _period(element: asn1.Element) -> tuple[date, date]:
    parts = element.children()
    fields = (element if len(parts) != 1 else parts[0]).fields("deviation: period", None)
    return fields.take().time().date(), fields.take().time().date()


def _plain(text: str) -> str:
    return text.replace("<", "").replace(" ", "").upper()


def _digests(signer: Certificate, digest: Digest | None) -> tuple[bytes, ...]:
    functions = (digest,) if digest is not None else (Digest.SHA256, Digest.SHA1)
    return tuple(function.of(each) for each in signer.encodings for function in functions)
