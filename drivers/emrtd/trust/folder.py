"""Trust for judging files at rest, from a folder or a single file that a person puts there.

Whoever fills the folder vouches for it: its self-signed CA certificates are anchors.  A link certificate
counts only through one, a signer certificate never; master lists, CRLs, deviation and defect lists count if
their signer leads to one, be it one that another master list of it brings: that list, too, was put there.
"""

from datetime import datetime
from pathlib import Path

from drivers.emrtd import certificates
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.statements import Problem
from drivers.emrtd.trust import importing, intake, kinds, ledger, store_file
from drivers.emrtd.trust.by_hand import ImportRefused
from drivers.emrtd.trust.intake import Origin, Report
from drivers.emrtd.trust.kinds import Kind
from drivers.emrtd.trust.ledger import Ledger, Source
from drivers.emrtd.trust_store import Role, TrustStore

FILES_MAX = 20_000
_ORDER = (Kind.CERTIFICATE, Kind.LDIF, Kind.MASTER_LIST, Kind.DEVIATION_LIST, Kind.DEFECT_LIST, Kind.CRL)


def load(path: Path, at: datetime) -> TrustStore:
    """The trust store of a store file, of a folder, or of one file of trust material.

    What in a folder is of no use is among the store's problems.  Raises StoreFileError, and ImportRefused
    where `path` is not there, cannot be read, or is one file that is nothing known.
    """
    if path.is_dir():
        return _folder(path, at)
    if path.exists() and not path.is_file():
        raise ImportRefused(f"{path}: is neither a folder nor a regular file")
    try:
        with path.open("rb") as file:
            head = file.read(kinds.HEAD)
    except OSError as error:
        raise ImportRefused(f"{path}: cannot be read: {error.strerror}") from error
    if head.startswith(kinds.STORE_MARK):
        return store_file.load(path)
    problems: list[Problem] = []
    store = _built([path], at, problems)
    if problems and not store.holdings:
        raise ImportRefused(f"{path}: {problems[0].detail}")
    return store


def _folder(path: Path, at: datetime) -> TrustStore:
    try:
        next(path.iterdir(), None)  # rglob finds nothing in a folder that may not be read, and says nothing
        files = sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
    except OSError as error:
        raise ImportRefused(f"{path}: cannot be read: {error.strerror}") from error
    if len(files) > FILES_MAX:
        raise ImportRefused(f"{path}: {len(files)} files, more than {FILES_MAX}.  Try: a folder of its own")
    return _built(files, at, [])


def _built(files: list[Path], at: datetime, problems: list[Problem]) -> TrustStore:
    book = Ledger()
    report = Report(problems=problems)
    parts: list[tuple[Kind, Path, bytes]] = []
    for path in files:
        try:
            parts += _parts(path)
        except (OSError, MalformedError) as error:
            problems.append(Problem("unreadable", path.name, getattr(error, "strerror", None) or str(error)))
    parts.sort(key=lambda part: _ORDER.index(part[0]))
    for kind, path, data in parts:
        if kind is Kind.CERTIFICATE:
            _certificate(book, path, data, at, report)
    for kind, path, _ in parts:
        if kind is Kind.LDIF:
            try:
                problems += importing.import_path(book, path, "folder", at).problems
            except ImportRefused as error:
                problems.append(Problem("unreadable", path.name, str(error)))
    _pin_all(book)
    _master_lists(book, [part for part in parts if part[0] is Kind.MASTER_LIST], at, report)
    for kind, path, data in parts:
        if kind not in (Kind.CERTIFICATE, Kind.LDIF, Kind.MASTER_LIST):
            intake.take(book, kind, data, Origin(path.name, ledger.digest_of(data), "folder", at), report)
    return book.trust_store(problems=problems)


def _master_lists(book: Ledger, parts: list[tuple[Kind, Path, bytes]], at: datetime, report: Report) -> None:
    """All that lead to an anchor: again while another one has brought new anchors."""
    waiting, before = parts, len(parts) + 1
    while waiting and len(waiting) < before:
        before, left, refused = len(waiting), list[tuple[Kind, Path, bytes]](), list[Problem]()
        for kind, path, data in waiting:
            found = Report()
            intake.take(book, kind, data, Origin(path.name, ledger.digest_of(data), "folder", at), found)
            if found.lists:
                report.problems += found.problems
                _pin_all(book)
            else:
                left.append((kind, path, data))
                refused += found.problems
        waiting = left
        if len(waiting) == before or not waiting:
            report.problems += refused


def _pin_all(book: Ledger) -> None:
    for entry in list(book.entries.values()):
        if entry.role is Role.ANCHOR:
            book.pin(entry.certificate, "folder")


def _parts(path: Path) -> list[tuple[Kind, Path, bytes]]:
    with path.open("rb") as file:
        head = file.read(kinds.HEAD)
        if kinds.is_ldif(head):
            return [(Kind.LDIF, path, b"")]
        if head.startswith(kinds.STORE_MARK):
            raise MalformedError("a trust store within a folder is not read: name it alone")
        data = head + file.read(kinds.FILE_MAX + 1)
    return [(kind, path, der) for kind, der in kinds.parts(data)]


def _certificate(book: Ledger, path: Path, data: bytes, at: datetime, report: Report) -> None:
    try:
        certificate = certificates.read(data)
        if certificate.self_signed and certificate.is_ca:
            role = Role.ANCHOR
        else:
            role = Role.LINK if certificate.is_ca else Role.SIGNER
    except MalformedError as error:
        report.problems.append(Problem("unreadable", path.name, str(error)))
        return
    source = Source("folder", path.name, ledger.digest_of(data), at)
    intake.hold(book, certificate, role, source, report)
