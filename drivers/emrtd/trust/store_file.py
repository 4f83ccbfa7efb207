"""The trust store's one file: lines of JSON, the first of which holds the digest of the others.

A stranger can read it with a text tool; a lane that finds one octet changed refuses it.  It is replaced as
a whole: written beside, flushed to disk, renamed over the old one, so that a power cut leaves old or new.
"""

import base64
import fcntl
import hashlib
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drivers.emrtd import certificates
from drivers.emrtd.errors import EmrtdError, MalformedError
from drivers.emrtd.trust.kinds import FILE_MAX, STORE_MARK
from drivers.emrtd.trust.ledger import Act, Entry, Ledger, Removal, Source, Statement
from drivers.emrtd.trust_store import Role, TrustStore

VERSION = 1


class StoreFileError(EmrtdError):
    """The store's file cannot be read or written.  Says which, why, and what to do."""


def load(path: Path) -> TrustStore:
    """The store of a file, for a lane.  Raises StoreFileError."""
    ledger, digest = read(path)
    return ledger.trust_store(digest)


def read(path: Path) -> tuple[Ledger, str]:
    """The ledger of a file, and the file's SHA-256.  Raises StoreFileError."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_MAX + 1)
    except OSError as error:
        raise StoreFileError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return parse(data), hashlib.sha256(data).hexdigest()
    except MalformedError as error:
        hint = "bring back the last good copy, or build it again with `borderlane trust import`"
        raise StoreFileError(f"{path}: {error}.  Try: {hint}") from error


def parse(data: bytes) -> Ledger:
    """The ledger of a store file's octets.  Raises MalformedError."""
    if len(data) > FILE_MAX or not data.startswith(STORE_MARK):
        raise MalformedError("no trust store, or one that is too large")
    head, _, body = data.partition(b"\n")
    try:
        header = json.loads(head)
        if header["version"] != VERSION:
            raise MalformedError(f"trust store of version {header['version']}; this one reads {VERSION}")
        if header["sha256"] != hashlib.sha256(body).hexdigest():
            raise MalformedError("trust store whose digest does not fit: it was changed or cut off")
        refreshed = header["refreshed"]
        ledger = Ledger(
            serial=_count(header["serial"]), refreshed=None if refreshed is None else _moment(refreshed)
        )
        sources: list[Source] = []
        for line in body.splitlines():
            _take(json.loads(line), ledger, sources)
    except MalformedError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, EmrtdError, RecursionError) as error:
        raise MalformedError(f"trust store: {type(error).__name__}: {error}") from error
    return ledger


def save(path: Path, ledger: Ledger) -> str:
    """Puts the ledger in place of the file as its next version.  Returns the new file's SHA-256.

    Raises StoreFileError; the old file is then still there, whole."""
    ledger.serial += 1
    data = encode(ledger)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        try:
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        _sync_directory(path.parent)
    except OSError as error:
        reason = f"{error.strerror}; the store is as it was.  Try: free space, and permission to write there"
        raise StoreFileError(f"{path}: cannot be written: {reason}") from error
    return hashlib.sha256(data).hexdigest()


@contextmanager
def update(path: Path) -> Generator[Ledger]:
    """The ledger of the file (a new one where there is none), saved when the block ends without error.

    Two persons at once: the second waits.  Raises StoreFileError."""
    lock_path = path.with_name(f".{path.name}.lock")
    try:
        lock = lock_path.open("a")
    except OSError as error:
        raise StoreFileError(f"{lock_path}: cannot be written: {error.strerror}") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in path.parent.glob(f".{path.name}.*.new"):  # of one who died while writing
            left.unlink(missing_ok=True)
        ledger = read(path)[0] if path.exists() else Ledger()
        yield ledger
        save(path, ledger)


def encode(ledger: Ledger) -> bytes:
    """The file's octets."""
    sources: dict[Source, int] = {}
    for entry in ledger.entries.values():
        for source in entry.sources:
            sources.setdefault(source, len(sources))
    lines: list[dict[str, Any]] = [
        {
            "line": "source",
            "kind": each.kind,
            "name": each.name,
            "digest": each.digest,
            "seen": _text(each.seen),
        }
        for each in sources
    ]
    for entry in ledger.entries.values():
        removed = entry.removed
        lines.append(
            {
                "line": "certificate",
                "subject": entry.certificate.subject.text,
                "role": entry.role.value,
                "sources": [sources[each] for each in entry.sources],
                "removed": removed and {"at": _text(removed.at), "by": removed.by, "reason": removed.reason},
                "der": _base64(entry.certificate.raw),
            }
        )
    lines += [
        {
            "line": "statement",
            "kind": each.kind,
            "publisher": each.publisher,
            "published": _text(each.published),
            "der": _base64(each.der),
        }
        for each in ledger.statements.values()
    ]
    lines += [{"line": "publisher", "fingerprint": mark, "by": by} for mark, by in ledger.publishers.items()]
    lines += [
        {
            "line": "act",
            "at": _text(each.at),
            "action": each.action,
            "subject": each.subject,
            "by": each.by,
            "second": each.second,
            "detail": each.detail,
        }
        for each in ledger.history
    ]
    body = b"".join(_json(line) + b"\n" for line in lines)
    header = {
        "format": "borderlane-trust-store",
        "version": VERSION,
        "serial": ledger.serial,
        "refreshed": ledger.refreshed and _text(ledger.refreshed),
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    return _json(header) + b"\n" + body


def _take(line: dict[str, Any], ledger: Ledger, sources: list[Source]) -> None:
    match line["line"]:
        case "source":
            seen = _moment(line["seen"])
            sources.append(Source(line["kind"], line["name"], line["digest"], seen))
        case "certificate":
            certificate = certificates.read(_octets(line["der"]))
            removed = line["removed"]
            ledger.entries[certificate.fingerprint] = Entry(
                certificate,
                Role(line["role"]),
                tuple(sources[index] for index in line["sources"]),
                removed and Removal(_moment(removed["at"]), removed["by"], removed["reason"]),
            )
        case "statement":
            published = _moment(line["published"])
            each = Statement(line["kind"], line["publisher"], published, _octets(line["der"]))
            ledger.statements[each.kind, each.publisher] = each
        case "publisher":
            ledger.publishers[line["fingerprint"]] = line["by"]
        case "act":
            at = _moment(line["at"])
            words = (line["action"], line["subject"], line["by"], line["second"], line["detail"])
            ledger.history.append(Act(at, *words))
        case other:
            raise MalformedError(f"trust store: a line of kind {other!r}")


def _sync_directory(path: Path) -> None:
    """A rename is on disk only once its folder is."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise MalformedError(f"trust store: {text!r} is no moment: its time zone is missing")
    return moment


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedError(f"trust store: the serial {value!r} is no number of a version")
    return value


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _octets(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
