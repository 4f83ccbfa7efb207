"""The rule of each kind of trust material: on whose word it comes into a ledger (Doc 9303-12, 8 and 9).

A root comes in by a master list whose publisher is pinned, by a link from a root that is trusted, or by hand
(`by_hand`).  Everything else is taken on the strength of those roots, or kept without being trusted.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from drivers.emrtd import certificates, issuing_states, revocation
from drivers.emrtd.certificates import Certificate
from drivers.emrtd.check import Outcome
from drivers.emrtd.errors import MalformedError, UnsupportedError
from drivers.emrtd.names import Name
from drivers.emrtd.statements import Problem
from drivers.emrtd.trust import crl, defect_list, deviation_list, ledger, master_list
from drivers.emrtd.trust.kinds import Kind
from drivers.emrtd.trust.ledger import Ledger, Source, Statement
from drivers.emrtd.trust.signed_lists import ListSigner, UntrustedList
from drivers.emrtd.trust_store import Role


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something comes from: the file's name and SHA-256, who imports it and when."""

    name: str
    digest: str
    by: str
    at: datetime

    def source(self, kind: str) -> Source:
        return Source(kind, self.name, self.digest, self.at)


@dataclass
class Report:
    """What an import did, in numbers, and in `problems` everything that was left out, and why."""

    certificates: int = 0
    new_anchors: int = 0
    new_links: int = 0
    new_signers: int = 0
    lists: int = 0
    problems: list[Problem] = field(default_factory=list[Problem])


def take(book: Ledger, kind: Kind, der: bytes, origin: Origin, report: Report) -> None:
    """Takes one piece in by the rule of its kind; what is refused is in the report."""
    rules: dict[Kind, Callable[[Ledger, bytes, Origin, Report], None]] = {
        Kind.CERTIFICATE: _certificate,
        Kind.MASTER_LIST: _master_list,
        Kind.CRL: _crl,
        Kind.DEVIATION_LIST: _deviation_list,
        Kind.DEFECT_LIST: _defect_list,
    }
    where = f"{kind.value} {origin.name}"
    try:
        rules[kind](book, der, origin, report)
    except UntrustedList as error:
        report.problems.append(Problem("list_not_trusted", where, error.reason))
    except (MalformedError, UnsupportedError) as error:
        report.problems.append(Problem("unreadable", where, str(error)))


def _certificate(book: Ledger, der: bytes, origin: Origin, report: Report) -> None:
    certificate = certificates.read(der)
    report.certificates += 1
    if certificate.self_signed and certificate.is_ca:
        held = book.entries.get(certificate.fingerprint)
        if held is not None and held.role is Role.ANCHOR:
            return
        if not _linked(book, certificate, origin.at):
            detail = f"fingerprint {certificate.fingerprint}: no link from a trusted root; import it by hand"
            report.problems.append(Problem("root_not_vouched_for", certificate.subject.text, detail))
            return
        hold(book, certificate, Role.ANCHOR, origin.source("link"), report)
    else:
        role = Role.LINK if certificate.is_ca else Role.SIGNER
        hold(book, certificate, role, origin.source("file"), report)


def _master_list(book: Ledger, der: bytes, origin: Origin, report: Report) -> None:
    found = master_list.read(der)
    signer = _in_force(book, master_list.check(found, _pinned(book), origin.at), "master list", origin)
    where = f"master list {origin.name}"
    report.problems += [Problem("certificate_unreadable", where, each) for each in found.unreadable]
    country = signer.anchor.subject.country or "?"
    signed = (signer.signed_at or origin.at).date().isoformat()
    source = Source("master list", f"{country} {signed}", origin.digest, origin.at)
    for certificate in found.certificates:
        report.certificates += 1
        role = Role.ANCHOR if certificate.self_signed else Role.LINK
        hold(book, certificate, role, source, report)
    report.lists += 1


def _crl(book: Ledger, der: bytes, origin: Origin, report: Report) -> None:
    found = crl.read(der)
    authorities = book.trust_store().authorities(found.issuer)
    if not any(found.signed_by(authority) for authority in authorities):
        reason = "signature_wrong" if authorities else "no_anchor"
        report.problems.append(Problem("crl_not_trusted", f"CRL of {found.issuer.text}", reason))
        return
    count = len(found.revoked)  # one that cannot be read to its end must not take the place of one that can
    mark = found.authority_key.hex() if found.authority_key is not None else ""
    publisher = f"{_folded(found.issuer)} {mark}".strip()
    _publish(book, Statement(ledger.CRL, publisher, found.this_update, der), report, f"{count} revoked")


def _deviation_list(book: Ledger, der: bytes, origin: Origin, report: Report) -> None:
    found = deviation_list.read(der)
    find_path = book.trust_store().find_path
    signer = _in_force(book, deviation_list.check(found, find_path, origin.at), "deviation list", origin)
    published = signer.signed_at or origin.at
    publisher = signer.anchor.subject.country or _folded(signer.anchor.subject)
    _publish(book, Statement(ledger.DEVIATION_LIST, publisher, published, der), report, "")


def _defect_list(book: Ledger, der: bytes, origin: Origin, report: Report) -> None:
    found = defect_list.read(der)
    signer = _in_force(book, defect_list.check(found, _pinned(book), origin.at), "defect list", origin)
    published = signer.signed_at or origin.at
    _publish(book, Statement(ledger.DEFECT_LIST, signer.anchor.fingerprint, published, der), report, "")


def hold(book: Ledger, certificate: Certificate, role: Role, source: Source, report: Report) -> None:
    """Puts a certificate into the ledger and counts it.  One that can never serve is kept, and said."""
    if book.hold(certificate, role, source):
        report.new_anchors += role is Role.ANCHOR
        report.new_links += role is Role.LINK
        report.new_signers += role is Role.SIGNER
    elif book.entries[certificate.fingerprint].removed is not None:
        report.problems.append(Problem("stays_removed", certificate.subject.text, certificate.fingerprint))
    if role is not Role.SIGNER and (reason := _useless(certificate)) is not None:
        where = f"{certificate.subject.text}, serial {certificate.serial:x}"
        report.problems.append(Problem("certificate_not_usable", where, reason))


def _useless(certificate: Certificate) -> str | None:
    """Why a root or link can never be an issuer; None if it can."""
    try:
        if not certificate.may_sign_certificates:
            return "may not sign certificates"
        if certificate.unknown_critical:
            return f"critical extension {certificate.unknown_critical[0]}"
        _ = certificate.vouched_key
    except (MalformedError, UnsupportedError) as error:
        return str(error)
    return None


def _linked(book: Ledger, root: Certificate, at: datetime) -> bool:
    """Whether a link that leads to a trusted root holds this root's name and key, and both are valid."""
    if not root.not_before <= at <= root.not_after:
        return False
    store = book.trust_store()
    for entry in book.entries.values():
        link = entry.certificate
        if entry.role is not Role.LINK or entry.removed is not None:
            continue
        same = link.spki == root.spki and link.subject.key == root.subject.key
        if same and link.may_sign_certificates and link.not_before <= at <= link.not_after:
            path = store.path(link)
            if not path.certificates or link.unknown_critical:
                continue
            own = issuing_states.of_one_state(link.subject.country, path.issuer.subject.country)
            revoked = revocation.check(link, path, store, at).outcome is Outcome.FAILED
            if own and path.issuer.may_sign_certificates and not revoked:
                return True
    return False


def _pinned(book: Ledger) -> Callable[[Certificate], tuple[Certificate, ...]]:
    """Paths that end at a root pinned for lists about all states: no other may speak for its neighbours."""

    def find(certificate: Certificate) -> tuple[Certificate, ...]:
        path = book.trust_store().find_path(certificate)
        return path if path and path[-1].fingerprint in book.publishers else ()

    return find


def _in_force(book: Ledger, signer: ListSigner, what: str, origin: Origin) -> ListSigner:
    """The same signer, unless it or an issuer of it was revoked.  Raises UntrustedList."""
    store = book.trust_store()
    found = revocation.check(signer.certificate, store.path(signer.certificate), store, origin.at)
    if found.outcome is Outcome.FAILED:
        raise UntrustedList(what, found.reason)
    return signer


def _publish(book: Ledger, statement: Statement, report: Report, detail: str) -> None:
    if book.publish(statement):
        report.lists += 1
    else:
        where = f"{statement.kind} {statement.publisher}"
        report.problems.append(Problem("older_than_held", where, detail))


def _folded(name: Name) -> str:
    return ",".join(f"{oid}={value}" for oid, value in name.key)
