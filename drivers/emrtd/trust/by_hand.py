"""A root taken on two persons' word: one brings the file, a second reads its fingerprint from another source.

For states in no published list, and for the roots that master lists are checked against.  Both names go on
record with the reason.
"""

import re

from drivers.emrtd.certificates import Certificate
from drivers.emrtd.errors import EmrtdError
from drivers.emrtd.trust.intake import Origin
from drivers.emrtd.trust.ledger import Act, Ledger
from drivers.emrtd.trust_store import Role


class ImportRefused(EmrtdError):
    """Something that is not to be trusted on this word, or nothing known.  Says what would be needed."""


def take_root(
    book: Ledger,
    root: Certificate,
    origin: Origin,
    *,
    fingerprint: str,
    second: str,
    reason: str,
    publisher: bool = False,
) -> None:
    """Makes `root` an anchor.

    `fingerprint`: SHA-256 of the certificate in hex, as `second` has it from another source than the file's.
    `publisher`: master and defect lists that lead to this root count from now on.  A root that was removed
    comes back by this.  Raises ImportRefused.
    """
    if re.sub(r"[\s:.-]", "", fingerprint).lower() != root.fingerprint:
        raise ImportRefused(
            f"{origin.name}: the fingerprint told is not the file's ({root.fingerprint}).  "
            "Try: compare both with the state that issued it; import it only when they agree"
        )
    if not _name(second) or not _name(origin.by) or _name(second) == _name(origin.by):
        raise ImportRefused(f"{origin.name}: needs two persons, both by name")
    if not root.self_signed or not root.is_ca:
        raise ImportRefused(f"{origin.name}: {root.subject.text} is no self-signed CA certificate")
    book.hold(root, Role.ANCHOR, origin.source("by hand"))
    book.restore(root.fingerprint)
    if publisher:
        book.pin(root, origin.by)
    book.refreshed = origin.at
    action = "pinned by hand" if publisher else "imported by hand"
    subject = f"{root.subject.text} {root.fingerprint}"
    book.record(Act(origin.at, action, subject, origin.by, second, reason))


def _name(text: str) -> str:
    return " ".join(text.casefold().split())
