"""The trust store in memory: who may have signed a certificate, and what is said against it (Doc 9303-12, 9).

Indexed once, when it is made; a document then costs the few signatures of its own path.  Only certificates of
the store are trusted, never those that come along in a security object.
"""

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from drivers.emrtd import asn1, issuing_states, signatures
from drivers.emrtd.certificates import Certificate
from drivers.emrtd.errors import MalformedError, UnsupportedError
from drivers.emrtd.names import Name
from drivers.emrtd.public_keys import ForbiddenKey
from drivers.emrtd.signed_data import SignerIdentifier
from drivers.emrtd.statements import Problem, Statements

LINKS_MAX = 8
"""Link certificates on one path: a state renews its root every three to five years."""
CANDIDATES_MAX = 64


class Role(StrEnum):
    """What a certificate of the store may do.

    An anchor is trusted by itself.  A link counts only through an anchor whose key signed it.  A signer is a
    document signer kept for security objects that do not carry theirs; it is never trusted by itself.
    """

    ANCHOR = "anchor"
    LINK = "link"
    SIGNER = "signer"


@dataclass(frozen=True, slots=True)
class Holding:
    """A certificate of the store.  `sources` vouch for it; `removed` says why it no longer counts."""

    certificate: Certificate
    role: Role
    sources: tuple[str, ...] = ()
    removed: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """From a certificate's issuer to the anchor.  Where there is none, `reason` says why; `forbidden` means
    that a key must never be used or a signature is plainly wrong."""

    certificates: tuple[Certificate, ...]
    reason: str
    forbidden: bool = False

    @property
    def issuer(self) -> Certificate:
        return self.certificates[0]

    @property
    def anchor(self) -> Certificate:
        return self.certificates[-1]


_RANK = (
    "no_anchor",
    "issuer_not_a_ca",
    "issuer_key_differs",
    "algorithm_unknown",
    "issuer_malformed",
    "critical_extension_unknown",
    "anchor_removed",
)
"""Reasons why there is no path, the most telling last."""


class TrustStore:
    """All that is trusted, and what was published against it.

    `digest` is that of the file it came from, `serial` that file's version, `refreshed` when something was
    last imported into it.
    """

    def __init__(
        self,
        holdings: Iterable[Holding],
        statements: Statements | None = None,
        *,
        digest: str = "",
        serial: int = 0,
        refreshed: datetime | None = None,
        problems: Iterable[Problem] = (),
    ) -> None:
        self.digest, self.serial, self.refreshed = digest, serial, refreshed
        self.holdings: Mapping[str, Holding] = {each.certificate.fingerprint: each for each in holdings}
        self.statements = statements or Statements()
        self._problems = list(problems)
        self._by_name: dict[object, list[Certificate]] = defaultdict(list)
        self._by_key: dict[bytes, list[Certificate]] = defaultdict(list)
        self._signers: dict[object, list[Certificate]] = defaultdict(list)
        self._link_issuers: dict[str, list[Certificate]] = {}
        self._removed_keys: set[bytes] = set()
        self._removed_signers: set[tuple[object, int]] = set()
        for holding in self.holdings.values():
            self._index(holding)

    def examine(self) -> tuple[Problem, ...]:
        """The problems after every list was verified, not only those that documents asked for."""
        self.statements.examine(self.authorities, self.find_path)
        return self.problems

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the store's own contents, found so far: to be shown as alarms."""
        return (*self._problems, *self.statements.problems)

    def signers(self, identifier: SignerIdentifier) -> tuple[Certificate, ...]:
        """Document signers of the store that fit a security object's signer identifier."""
        key: object = identifier.subject_key
        if key is None:
            key = (identifier.issuer.key if identifier.issuer is not None else None, identifier.serial)
        return tuple(self._signers.get(key, ()))

    def path(self, certificate: Certificate) -> Path:
        """The path of a certificate to an anchor: every candidate's signature is tried, since states reuse
        names and write key identifiers as they like."""
        if (certificate.issuer.key, certificate.serial) in self._removed_signers:
            return Path((), "signer_removed")
        found, reason = self._issuers(certificate)
        paths = [path for issuer in found if (path := self._upward(issuer))]
        if paths:
            best = max(paths, key=lambda path: _preference(path, certificate))
            return Path(best, "anchored")
        if found:
            reason = "link_without_anchor"
        return Path((), reason, forbidden=reason in ("issuer_key_forbidden", "issuer_signature_wrong"))

    def find_path(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """The same as bare certificates, empty where there is none."""
        return self.path(certificate).certificates

    def authorities(self, name: Name) -> tuple[Certificate, ...]:
        """Trusted certificates that have this name: who may sign its CRL."""
        named = self._by_name.get(name.key, ())
        return tuple(each for each in named if self._unfit(each) is None and self._upward(each))

    def sources(self, certificate: Certificate) -> tuple[str, ...]:
        """What vouches for a certificate of the store."""
        holding = self.holdings.get(certificate.fingerprint)
        return holding.sources if holding is not None else ()

    def _index(self, holding: Holding) -> None:
        certificate = holding.certificate
        key = certificate.subject_key
        if holding.role is Role.SIGNER:
            if holding.removed is not None:
                # By issuer and serial: a security object may bring the same certificate, written otherwise.
                self._removed_signers.add((certificate.issuer.key, certificate.serial))
            else:
                self._signers[certificate.issuer.key, certificate.serial].append(certificate)
                if key is not None:
                    self._signers[key].append(certificate)
            return
        if holding.removed is not None:
            self._removed_keys.add(certificate.spki)
        self._by_name[certificate.subject.key].append(certificate)
        for each in {key, _key_hash(certificate)}:
            if each is not None:
                self._by_key[each].append(certificate)

    def _unfit(self, issuer: Certificate) -> str | None:
        """Why what this key signs does not count; None if it does.

        A key that was removed comes back through no link, whatever its name.  A link with a condition that
        is not known is not followed (RFC 5280, 4.2)."""
        if issuer.spki in self._removed_keys:
            return "anchor_removed"
        if issuer.unknown_critical and self.holdings[issuer.fingerprint].role is Role.LINK:
            return "critical_extension_unknown"
        return None

    def _candidates(self, certificate: Certificate) -> list[list[Certificate]]:
        """Those whose key the certificate names; then the others that have its issuer's name."""
        key = certificate.authority_key
        keyed = self._by_key.get(key, []) if key is not None else []
        named = self._by_name.get(certificate.issuer.key, [])
        seen = {certificate.fingerprint}
        groups: list[list[Certificate]] = []
        for group in (keyed, named):
            groups.append([each for each in group if each.fingerprint not in seen][:CANDIDATES_MAX])
            seen.update(each.fingerprint for each in group)
        return groups

    def _issuers(self, certificate: Certificate) -> tuple[list[Certificate], str]:
        """Live CA certificates whose key made the signature; where there is none, the most telling reason."""
        try:
            scheme = signatures.read_scheme(certificate.signature_algorithm)
        except (MalformedError, UnsupportedError):
            return [], "algorithm_unknown"
        reasons: set[str] = {"no_anchor"}
        found: list[Certificate] = []
        for group in self._candidates(certificate):
            tried: dict[bytes, str | None] = {}  # what each key came to: several certificates may hold one
            for candidate in group:
                reason = "issuer_not_a_ca" if not _is_ca(candidate) else None
                if reason is None:
                    if candidate.spki not in tried:
                        tried[candidate.spki] = _tried(certificate, candidate, scheme)
                    reason = tried[candidate.spki]
                reason = reason or self._unfit(candidate)
                if reason is None:
                    found.append(candidate)
                else:
                    reasons.add(reason)
            if any(self.holdings[each.fingerprint].role is Role.ANCHOR for each in found):
                return found, ""
        return found, max(reasons, key=lambda reason: _RANK.index(reason) if reason in _RANK else len(_RANK))

    def _upward(self, issuer: Certificate) -> tuple[Certificate, ...]:
        """The issuer and what is above it, up to the nearest anchor; empty where a link leads nowhere.

        Breadth first and each link once: links may go round, and one key may have signed many."""
        paths: deque[tuple[Certificate, ...]] = deque([(issuer,)])
        seen = {issuer.fingerprint}
        while paths:
            path = paths.popleft()
            mark = path[-1].fingerprint
            if self.holdings[mark].role is Role.ANCHOR:
                return path
            if len(path) > LINKS_MAX:
                continue
            if mark not in self._link_issuers:
                self._link_issuers[mark] = self._issuers(path[-1])[0]
            for upper in self._link_issuers[mark]:
                # A state vouches for its own keys alone, never for a root in its neighbour's name.
                own = issuing_states.of_one_state(path[-1].subject.country, upper.subject.country)
                if own and upper.may_sign_certificates and upper.fingerprint not in seen:
                    seen.add(upper.fingerprint)
                    paths.append((*path, upper))
        return ()


def _tried(certificate: Certificate, candidate: Certificate, scheme: signatures.Scheme) -> str | None:
    """None if the candidate's key made the signature, else why not."""
    try:
        key = candidate.vouched_key
        if not signatures.fits(key, scheme):
            return "issuer_key_differs"
        if signatures.verify(key, scheme, certificate.signed, certificate.signature):
            return None
        if _is_named_issuer(certificate, candidate):
            return "issuer_signature_wrong"
    except ForbiddenKey:
        return "issuer_key_forbidden"
    except UnsupportedError:
        return "algorithm_unknown"
    except MalformedError:
        return "issuer_malformed"
    return "issuer_key_differs"


def _is_ca(certificate: Certificate) -> bool:
    try:
        return certificate.is_ca
    except MalformedError:
        return False


def _is_named_issuer(certificate: Certificate, candidate: Certificate) -> bool:
    """Whether the certificate says beyond doubt that this candidate's key signed it: by name, and by a key
    identifier that is the key's own hash (RFC 5280, 4.2.1.2, method 1) and not just a label."""
    same = candidate.subject.key == certificate.issuer.key
    return (
        same and certificate.authority_key is not None and certificate.authority_key == _key_hash(candidate)
    )


def _key_hash(certificate: Certificate) -> bytes | None:
    try:
        bits = asn1.read(certificate.spki, "public key").children()[-1].bits()
    except MalformedError:
        return None
    return hashlib.sha1(bits, usedforsecurity=False).digest()


def _preference(path: tuple[Certificate, ...], below: Certificate) -> tuple[bool, bool, bool, int, datetime]:
    """Two certificates may hold one key (DE): one that may sign, was valid then, has the name that stands
    below, and is nearest an anchor."""
    issuer = path[0]
    covers = issuer.not_before <= below.not_before <= issuer.not_after
    named = issuer.subject.key == below.issuer.key
    return issuer.may_sign_certificates, covers, named, -len(path), issuer.not_after
