"""Everything a state's authorities make for one document: CSCA, signer, and what they publish."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from simulators.card.document import Document, Signing
from simulators.card.pki import authority, certificates, keys, lists, signed_data, signing
from simulators.card.pki.authority import Authority, AuthorityForm
from simulators.card.pki.names import ALPHA_2, Name, authority_name
from simulators.card.pki.signed_data import Signer
from simulators.card.pki.signing import Scheme, digest

GENERATION_YEARS = 4
"""A CSCA signs for so long; then comes the next."""


@dataclass(frozen=True, slots=True)
class NationalPki:
    """`previous` is the CSCA that announced `current` by a link certificate, None where there was none."""

    current: Authority
    previous: Authority | None
    signer: Signer

    @property
    def anchors(self) -> tuple[bytes, ...]:
        """Self-signed certificates that other states got by hand: the oldest."""
        return ((self.previous or self.current).certificate,)

    @property
    def link(self) -> bytes | None:
        return authority.link_certificate(self.previous, self.current) if self.previous else None

    def revocation_list(self, published: date, revoked: Iterable[int] = ()) -> bytes:
        return authority.revocation_list(self.current, published, tuple(revoked))

    def trust(self, published: date, revoked: Iterable[int] = ()) -> dict[str, bytes]:
        """Files for a lane's trust folder, by name: anchor, link, CRL of the day `published`."""
        mark = f"{self.current.country}-{digest('sha256', self.current.certificate)[:4].hex()}"
        found = {f"csca-{mark}.cer": one for one in self.anchors}
        if self.link is not None:
            found[f"link-{mark}.cer"] = self.link
        return found | {f"revoked-{mark}.crl": self.revocation_list(published, revoked)}

    def master_list(self, others: Iterable[bytes] = ()) -> bytes:
        """A master list with this state's certificates and `others`, its CSCA beside its signer's."""
        own = [*self.anchors, self.current.certificate, *([self.link] if self.link else [])]
        content = lists.master_list({*own, *others})
        holder = self._list_signer("master list", certificates.MASTER_LIST_SIGNING)
        return signed_data.sign(content, signed_data.MASTER_LIST, holder, others=[self.current.certificate])

    def deviation_list(self, entries: Iterable[lists.Deviation]) -> bytes:
        content = lists.deviation_list(entries)
        holder = self._list_signer("deviation list", certificates.DEVIATION_LIST_SIGNING)
        return signed_data.sign(content, signed_data.DEVIATION_LIST, holder)

    def defect_list(self, entries: Iterable[lists.Defect]) -> bytes:
        holder = self._list_signer("defect list", "")
        content = lists.defect_list(entries, signing.HASHES[holder.scheme.hash_name])
        return signed_data.sign(content, signed_data.DEFECT_LIST, holder)

    def _list_signer(self, kind: str, purpose: str) -> Signer:
        key = keys.ec_key("secp256r1", f"{self.current.state} {kind} signer")
        name = authority_name(self.current.country, f"Specimen {kind} signer")
        first = self.current.validity.first.date()
        return authority.list_signer(self.current, name, key, signing.scheme("sha256", key), first, purpose)


def national_pki(document: Document) -> NationalPki:
    """The authorities behind a document: the same for all documents that a state issued alike in a month.

    Raises ValueError when keys and signatures do not go together.
    """
    page = document.page
    return _made(document.signing.model_dump_json(), page.issuer, page.issued.replace(day=1), page.code)


def generation(day: date) -> int:
    """The year from whose first day on the CSCA signs that signed on `day`."""
    return day.year - day.year % GENERATION_YEARS


@lru_cache(maxsize=64)
def _made(signing_plan: str, state: str, month: date, code: str) -> NationalPki:
    plan = Signing.model_validate_json(signing_plan)
    country = plan.country or ALPHA_2[state]
    founded = date(generation(month), 1, 1)
    name = authority_name(country, "Specimen CSCA", printable=plan.printable)
    form = AuthorityForm(plan.serial, None if plan.path_length < 0 else plan.path_length)
    current = _csca(plan, state, name, "a", founded, form)
    previous = None
    if plan.linked:
        previous = _csca(plan, state, name, "c", date(founded.year - GENERATION_YEARS, 1, 1), form)
    key = keys.signing_key(plan.signer, f"{state} document signer", "b")
    signer = authority.document_signer(
        current,
        authority_name(country, "Specimen document signer", printable=plan.printable),
        key,
        _scheme(plan, key),
        month,
        codes=(code,),
        form=plan.signer_form,
    )
    return NationalPki(current, previous, signer)


def _csca(plan: Signing, state: str, name: Name, label: str, founded: date, form: AuthorityForm) -> Authority:
    key = keys.signing_key(plan.csca, f"{state} CSCA {label}", label)
    return authority.authority(state, name, key, signing.scheme(plan.csca_signature, key), founded, form)


def _scheme(plan: Signing, key: keys.SigningKey) -> Scheme:
    plain = signing.scheme(plan.signature, key)
    return Scheme(
        plain.family, plain.hash_name, plan.mask_hash, plan.salt_length, null=plan.null, bare=plan.bare
    )
