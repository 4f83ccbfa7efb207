"""The card-verifiable side of a state: whom its chips let read fingerprints, and a terminal that may."""

from datetime import date

from simulators.card.document import Document, TerminalAuthentication
from simulators.card.pki import card_verifiable, keys, signing
from simulators.card.pki.card_verifiable import Chain, Holder
from simulators.card.pki.names import ALPHA_2


def terminal_chain(document: Document, today: date, *, rights: int = 3, foreign: bool = False) -> Chain:
    """Certificates and key of a terminal that the document's chip believes, good for 30 days from `today`.

    Raises ValueError for a document without terminal authentication.
    """
    plan = document.terminal_authentication
    if plan is None:
        raise ValueError("the document has no terminal authentication")
    country = ALPHA_2[document.page.issuer]
    return card_verifiable.chain(
        _holder(plan, country, "CVCA", "a"),
        _holder(plan, country, "DVCA", "b"),
        _holder(plan, country, "LANE", "c"),
        today,
        rights=rights,
        foreign=foreign,
    )


def chip_trust(document: Document) -> tuple[bytes, ...]:
    """The authority's certificates that the chip is born with."""
    return (terminal_chain(document, document.page.issued).authority_certificate,)


def chip_references(document: Document) -> tuple[str, ...]:
    """Their references, for EF.CVCA."""
    return (terminal_chain(document, document.page.issued).authority.reference,)


def _holder(plan: TerminalAuthentication, country: str, mnemonic: str, label: str) -> Holder:
    key = keys.signing_key(plan.key, f"{country} {mnemonic}", label)
    return Holder(f"{country}{mnemonic}00001", key, signing.scheme(plan.signature, key))
