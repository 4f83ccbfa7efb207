"""Files into a ledger: single certificates and lists, PEM bundles, and the ICAO PKD's LDIF, streamed."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from drivers.emrtd.errors import MalformedError
from drivers.emrtd.statements import Problem
from drivers.emrtd.trust import intake, kinds, ldif, ledger
from drivers.emrtd.trust.by_hand import ImportRefused
from drivers.emrtd.trust.intake import Origin, Report
from drivers.emrtd.trust.kinds import Kind
from drivers.emrtd.trust.ledger import Act, Ledger

_LDIF_KINDS = {
    ldif.CA: Kind.CERTIFICATE,
    ldif.SIGNER: Kind.CERTIFICATE,
    ldif.MASTER_LIST: Kind.MASTER_LIST,
    ldif.CRL: Kind.CRL,
}
"""In the order in which they build on each other."""


def import_path(book: Ledger, path: Path, by: str, at: datetime) -> Report:
    """Takes in a file of any kind but a root that nothing vouches for (`by_hand.take_root`).

    Raises ImportRefused where the file cannot be read or is nothing known; what of it was left out, and why,
    is in the report.
    """
    report = Report()
    try:
        with path.open("rb") as file:
            if kinds.is_ldif(file.read(kinds.HEAD)):
                file.seek(0)
                origin = Origin(path.name, hashlib.file_digest(file, "sha256").hexdigest(), by, at)
                file.seek(0)
                _import_entries(book, ldif.entries(file), origin, report)
            else:
                file.seek(0)
                data = file.read(kinds.FILE_MAX + 1)
                origin = Origin(path.name, ledger.digest_of(data), by, at)
                import_parts(book, data, origin, report)
    except OSError as error:
        raise ImportRefused(f"{path}: cannot be read: {error.strerror}") from error
    except MalformedError as error:
        raise ImportRefused(f"{path}: {error}") from error
    counts = f"{report.certificates} certificates, {report.lists} lists, {len(report.problems)} problems"
    book.record(Act(at, "imported", f"{path.name} {origin.digest}", by, detail=counts))
    if report.lists:
        book.refreshed = at
    return report


def import_parts(book: Ledger, data: bytes, origin: Origin, report: Report) -> None:
    """Takes in the octets of a file other than LDIF.  Raises MalformedError if it is nothing known."""
    for kind, der in kinds.parts(data):
        if kind is Kind.STORE:
            raise MalformedError("a trust store is not imported into another: use it in its place")
        intake.take(book, kind, der, origin, report)


def _import_entries(book: Ledger, entries: Iterable[ldif.Entry], origin: Origin, report: Report) -> None:
    """Entry by entry.  CRLs and lists wait for the certificates: within one file, any order is good."""
    waiting: list[tuple[Kind, bytes]] = []
    for entry in entries:
        report.problems += [Problem("unreadable", origin.name, each) for each in entry.problems]
        if not entry.conformant:
            code = entry.attributes.get(ldif.CONFORMANCE_CODE, [b"?"])[0][:100].decode("utf-8", "replace")
            report.problems.append(Problem("not_conformant", entry.dn[:200], code))
        for name, kind in _LDIF_KINDS.items():
            for value in entry.attributes.get(name, ()):
                if kind is Kind.CERTIFICATE:
                    intake.take(book, kind, value, origin, report)
                else:
                    waiting.append((kind, value))
    for wanted in (Kind.MASTER_LIST, Kind.CRL):
        for kind, value in waiting:
            if kind is wanted:
                intake.take(book, kind, value, origin, report)
