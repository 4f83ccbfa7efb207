"""The contents of a trust store with their history: a union that nothing leaves by omission.

Lists drop old roots whose documents are still in use, so what was once vouched for stays until a person
removes it with name and reason; and what was removed stays on record too.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from drivers.emrtd.certificates import Certificate
from drivers.emrtd.errors import EmrtdError
from drivers.emrtd.statements import Problem, Statements
from drivers.emrtd.trust import crl, defect_list, deviation_list
from drivers.emrtd.trust_store import Holding, Role, TrustStore


@dataclass(frozen=True, slots=True)
class Source:
    """What vouches for a certificate: a list, or a person's act.  `digest` is SHA-256 of the list or file."""

    kind: str
    name: str
    digest: str
    seen: datetime

    @property
    def text(self) -> str:
        return f"{self.kind} {self.name} {self.seen.date().isoformat()}"


@dataclass(frozen=True, slots=True)
class Removal:
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    certificate: Certificate
    role: Role
    sources: tuple[Source, ...]
    removed: Removal | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A CRL, deviation or defect list: of each publisher the newest one."""

    kind: str
    publisher: str
    published: datetime
    der: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Act:
    """One line of history: who did what, when; `second` is the person who read out the fingerprint."""

    at: datetime
    action: str
    subject: str
    by: str
    second: str = ""
    detail: str = ""


@dataclass
class Ledger:
    """The store as it is built.  `serial` counts its versions; `publishers` maps fingerprints of roots pinned
    for lists about all states to who pinned them."""

    serial: int = 0
    refreshed: datetime | None = None
    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])
    statements: dict[tuple[str, str], Statement] = field(default_factory=dict[tuple[str, str], Statement])
    publishers: dict[str, str] = field(default_factory=dict[str, str])
    history: list[Act] = field(default_factory=list[Act])
    _store: TrustStore | None = field(default=None, repr=False)

    def hold(self, certificate: Certificate, role: Role, source: Source) -> bool:
        """Adds a certificate, or a source to one that is held.  Returns whether it is new.

        What is held keeps its role, and what was removed stays so: only a person's act brings it back."""
        self._store = None
        mark = certificate.fingerprint
        held = self.entries.get(mark)
        if held is None:
            self.entries[mark] = Entry(certificate, role, (source,))
            return True
        kept = tuple(each for each in held.sources if (each.kind, each.name) != (source.kind, source.name))
        self.entries[mark] = replace(held, sources=(*kept, source))
        return False

    def remove(self, fingerprint: str, removal: Removal) -> None:
        """Takes trust away.  Raises KeyError if the store does not hold the certificate."""
        self._store = None
        entry = self.entries[fingerprint]
        self.entries[fingerprint] = replace(entry, removed=removal)
        self.publishers.pop(fingerprint, None)
        self.record(Act(removal.at, "removed", _named(entry.certificate), removal.by, detail=removal.reason))

    def restore(self, fingerprint: str) -> None:
        """Gives trust back; the caller records whose act it was."""
        self._store = None
        self.entries[fingerprint] = replace(self.entries[fingerprint], removed=None)

    def pin(self, certificate: Certificate, by: str) -> None:
        """Lets lists about all states that lead to this anchor count."""
        self._store = None
        self.publishers[certificate.fingerprint] = by

    def publish(self, statement: Statement) -> bool:
        """Keeps a list unless a newer one of its publisher is held.  Returns whether it was taken."""
        place = (statement.kind, statement.publisher)
        held = self.statements.get(place)
        if held is not None and held.published > statement.published:
            return False
        self._store = None
        self.statements[place] = statement
        return True

    def record(self, act: Act) -> None:
        self.history.append(act)

    def trust_store(self, digest: str = "", problems: list[Problem] | None = None) -> TrustStore:
        """What a lane asks.  Made once and again after a change."""
        if self._store is None or self._store.digest != digest or problems:
            problems = problems or []
            self._store = TrustStore(
                (_holding(entry) for entry in self.entries.values()),
                _statements(self.statements.values(), frozenset(self.publishers), problems),
                digest=digest,
                serial=self.serial,
                refreshed=self.refreshed,
                problems=problems,
            )
        return self._store


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _named(certificate: Certificate) -> str:
    return f"{certificate.subject.text} {certificate.fingerprint}"


def _holding(entry: Entry) -> Holding:
    removed = f"{entry.removed.reason} ({entry.removed.by})" if entry.removed is not None else None
    return Holding(entry.certificate, entry.role, tuple(each.text for each in entry.sources), removed)


def _statements(held: Iterable[Statement], publishers: frozenset[str], problems: list[Problem]) -> Statements:
    """The lists parsed.  They were readable when they came in: what is not now becomes a problem."""
    crls: list[crl.Crl] = []
    deviations: list[deviation_list.DeviationList] = []
    defects: list[defect_list.DefectList] = []
    for each in held:
        try:
            if each.kind == CRL:
                crls.append(crl.read(each.der))
            elif each.kind == DEVIATION_LIST:
                deviations.append(deviation_list.read(each.der))
            else:
                defects.append(defect_list.read(each.der))
        except EmrtdError as error:
            problems.append(Problem("list_unreadable", f"{each.kind} {each.publisher}", str(error)))
    return Statements(crls, deviations, defects, publishers)


CRL, DEVIATION_LIST, DEFECT_LIST = "crl", "deviation_list", "defect_list"
