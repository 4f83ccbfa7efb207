"""A state's certification authority for travel documents, and what it issues (Doc 9303-12, 7.1).

CSCA (self-signed) -> document signer, list signers, CRL
old CSCA -> link certificate -> new CSCA
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from simulators.card.pki import certificates
from simulators.card.pki.certificates import Certificate, Period, RevocationList, key_identifier
from simulators.card.pki.keys import SigningKey
from simulators.card.pki.names import Name
from simulators.card.pki.signed_data import Signer
from simulators.card.pki.signing import Scheme, digest

SIGNING_DAYS, LIFE_DAYS = 4 * 365 + 1, 15 * 365
"""How long a CSCA signs, and how long its certificate holds."""
CRL_DAYS = 90
"""The longest that a CRL may stand (Doc 9303-12, 7.1.4)."""


def period(first: date, last: date) -> Period:
    """From the first day's first second to the last day's last."""
    return Period(datetime.combine(first, time(0, 0, 0), UTC), datetime.combine(last, time(23, 59, 59), UTC))


@dataclass(frozen=True, slots=True)
class Authority:
    """A CSCA.  `state` is the code as the MRZ has it; `certificate` the self-signed one."""

    state: str
    name: Name
    key: SigningKey
    scheme: Scheme
    validity: Period
    certificate: bytes

    @property
    def key_id(self) -> bytes:
        return key_identifier(self.key)

    @property
    def country(self) -> str:
        return dict(self.name.attributes)["C"]


@dataclass(frozen=True, slots=True)
class AuthorityForm:
    """What of a CSCA certificate may differ, rightly or not: its serial number (None: drawn from its name,
    positive), path length (None: left out)."""

    serial: int | None = None
    path_length: int | None = 0


def authority(
    state: str,
    name: Name,
    key: SigningKey,
    scheme: Scheme,
    founded: date,
    form: AuthorityForm | None = None,
) -> Authority:
    """A CSCA whose key signs from `founded` on."""
    form = form or AuthorityForm()
    validity = period(founded, founded + timedelta(days=LIFE_DAYS))
    certificate = Certificate(
        _serial(name, key) if form.serial is None else form.serial,
        name,
        name,
        validity,
        key.public(),
        _authority_extensions(state, name, key_identifier(key), key, founded, form.path_length),
    )
    return Authority(state, name, key, scheme, validity, certificate.sign(key, scheme))


def link_certificate(old: Authority, new: Authority) -> bytes:
    """The new key under the old one's signature; marked when the name changed with it."""
    founded = new.validity.first.date()
    extensions = _authority_extensions(new.state, new.name, old.key_id, new.key, founded, 0)
    if old.name != new.name:
        extensions = (*extensions, certificates.name_change())
    validity = Period(new.validity.first, old.validity.last)
    serial = _serial(new.name, new.key, "link")
    certificate = Certificate(serial, old.name, new.name, validity, new.key.public(), extensions)
    return certificate.sign(old.key, old.scheme)


def _authority_extensions(
    state: str, name: Name, issuer_key_id: bytes, key: SigningKey, founded: date, path_length: int | None
) -> tuple[bytes, ...]:
    return (
        certificates.authority_key_identifier(issuer_key_id),
        certificates.subject_key_identifier(key_identifier(key)),
        certificates.key_usage(certificates.KEY_CERT_SIGN, certificates.CRL_SIGN),
        certificates.private_key_usage(period(founded, founded + timedelta(days=SIGNING_DAYS))),
        *certificates.state_names(state),
        certificates.basic_constraints(path_length),
        certificates.distribution_point(_crl_url(name)),
    )


@dataclass(frozen=True, slots=True)
class SignerForm:
    """What of a document signer's certificate may differ, mostly wrongly.

    `days` it holds from its first day; `key_usage` bits (empty: no such extension); `purpose` an extended key
    usage; `is_authority` calls it a CA; `unknown_critical` adds an extension that nobody knows;
    `without_key_ids` leaves out both key identifiers, so that only names lead to the issuer; `issuer` is what
    it calls its issuer, where that is not the authority's name.
    """

    days: int = 10 * 365 + 120
    key_usage: tuple[int, ...] = (certificates.DIGITAL_SIGNATURE,)
    purpose: str = ""
    is_authority: bool = False
    unknown_critical: bool = False
    without_key_ids: bool = False
    issuer: Name | None = None


def document_signer(
    issuer: Authority,
    name: Name,
    key: SigningKey,
    scheme: Scheme,
    first: date,
    *,
    codes: Sequence[str] = ("P",),
    form: SignerForm | None = None,
) -> Signer:
    """A document signer of the authority from `first` on, for documents of these codes.

    `scheme` is how it signs documents; its certificate is signed as the authority signs.
    """
    form = form or SignerForm()
    issued_by = form.issuer or issuer.name
    key_id = key_identifier(key)
    extensions: list[bytes] = []
    if not form.without_key_ids:
        extensions += [
            certificates.authority_key_identifier(issuer.key_id),
            certificates.subject_key_identifier(key_id),
        ]
    if form.key_usage:
        extensions.append(certificates.key_usage(*form.key_usage))
    extensions.append(certificates.private_key_usage(period(first, first + timedelta(days=90))))
    extensions += certificates.state_names(issuer.state)
    if form.is_authority:
        extensions.append(certificates.basic_constraints(0))
    if form.purpose:
        extensions.append(certificates.extended_key_usage(form.purpose))
    else:
        extensions.append(certificates.document_types(codes))
    extensions.append(certificates.distribution_point(_crl_url(issuer.name)))
    if form.unknown_critical:
        extensions.append(certificates.unknown_critical())
    validity = period(first, first + timedelta(days=form.days))
    serial = _serial(name, key, f"{first} {codes} {form}")
    certificate = Certificate(serial, issued_by, name, validity, key.public(), extensions)
    signed = certificate.sign(issuer.key, issuer.scheme)
    return Signer(signed, issued_by, serial, key_id, key, scheme)


def list_signer(
    issuer: Authority, name: Name, key: SigningKey, scheme: Scheme, first: date, purpose: str
) -> Signer:
    """Who signs a master or deviation list: told by its extended key usage."""
    return document_signer(issuer, name, key, scheme, first, form=SignerForm(purpose=purpose))


def revocation_list(
    issuer: Authority, published: date, revoked: Sequence[int] = (), *, days: int = CRL_DAYS
) -> bytes:
    """The authority's CRL of that day, good for `days`."""
    updated = period(published, published + timedelta(days=days))
    crl = RevocationList(issuer.name, updated, published.toordinal(), issuer.key_id, revoked)
    return crl.sign(issuer.key, issuer.scheme)


def _serial(name: Name, key: SigningKey, mark: str = "") -> int:
    """Eight bytes that are the name's and the key's: positive, as RFC 5280 asks."""
    hashed = digest("sha256", name.encode() + key_identifier(key) + mark.encode())
    return int.from_bytes(hashed[:8], "big") >> 1 | 1


def _crl_url(name: Name) -> str:
    country = dict(name.attributes)["C"].lower()
    return f"http://pki.example/{country}/csca.crl"
