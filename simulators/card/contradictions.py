"""What in a document does not go together, though each key by itself may stand."""

import re
from collections.abc import Callable, Iterator

from simulators.card import security_infos
from simulators.card.data_groups import ASKED_FOR, groups_of
from simulators.card.document import Document, pace_offer
from simulators.card.personalisation import PaceMapping
from simulators.card.pki import keys, signing
from simulators.card.pki.keys import SigningKey
from simulators.toml_places import Location

_FORMS = {(2, 44), (2, 36), (3, 30)}

Mistake = tuple[Location, str]


def contradictions(document: Document) -> Iterator[Mistake]:
    """Where each mistake is, and what may stand there instead."""
    yield from _page(document)
    yield from _signing(document)
    yield from _chip_keys(document)
    yield from _files(document)


def _page(document: Document) -> Iterator[Mistake]:
    page = document.page
    if page.lines:
        sizes = {len(line) for line in page.lines}
        if len(sizes) > 1 or (len(page.lines), *sizes) not in _FORMS:
            shown = ", ".join(f"1 of {len(line)}" for line in page.lines)
            yield ("page", "lines"), f"found {shown}, expected 2 lines of 44, 2 of 36 or 3 of 30"
        elif not all(re.fullmatch("[A-Z0-9<]+", line) for line in page.lines):
            yield ("page", "lines"), "found other characters than A-Z, 0-9 and <, which alone an MRZ may have"
    elif page.form == "TD3" and len(page.number) > 9:
        said = f"found {len(page.number)} characters, expected at most 9 on a TD3 page"
        yield ("page", "number"), said
    else:
        yield from _refused(("page", "optional"), lambda: document.mrz)


def _signing(document: Document) -> Iterator[Mistake]:
    plan = document.signing
    yield from _signature(
        ("signing", "csca"), plan.csca, "a", ("signing", "csca_signature"), plan.csca_signature
    )
    yield from _signature(("signing", "signer"), plan.signer, "b", ("signing", "signature"), plan.signature)
    if (terminal := document.terminal_authentication) is not None:
        at = "terminal_authentication"
        yield from _signature((at, "key"), terminal.key, "a", (at, "signature"), terminal.signature)


def _signature(
    at: Location, form: str, label: str, signature_at: Location, signature: str
) -> Iterator[Mistake]:
    def key() -> SigningKey:
        return keys.signing_key(form, "", label)

    wrong = list(_refused(at, key))
    yield from wrong or _refused(signature_at, lambda: signing.scheme(signature, key()))


def _chip_keys(document: Document) -> Iterator[Mistake]:
    for place, plan in enumerate(document.chip_authentication):
        yield from _agreement(("chip_authentication", place, "key"), plan.key)
    mapping = document.chip_authentication_mapping
    if mapping is not None:
        yield from _agreement(("chip_authentication_mapping", "key"), mapping.key)
    offers = [pace_offer(text) for text in document.access.pace]
    wanted = {offer.group for offer in offers if offer.mapping is PaceMapping.ECDH_CAM}
    if missing := wanted - ({mapping.key.split()[0]} if mapping and mapping.key else set[str]()):
        said = f"ECDH-CAM on {', '.join(sorted(missing))} needs chip_authentication_mapping there"
        yield ("access", "pace"), said
    if (active := document.active_authentication) is not None:
        yield from _refused(
            ("active_authentication", "key"), lambda: security_infos.active_key(active.key, "")
        )


def _agreement(at: Location, form: str) -> Iterator[Mistake]:
    yield from _refused(at, lambda: security_infos.agreement_key(form, ""))


def _files(document: Document) -> Iterator[Mistake]:
    for number in document.files.groups:
        if number not in ASKED_FOR:
            yield ("files", "groups"), f"found {number}, expected 1 to 5, 7, 11 to 13 or 16"
    there = groups_of(document)
    for place, numbers in (
        (("files", "unlisted"), document.files.unlisted),
        (("files", "rewritten"), document.files.rewritten),
        (("sod", "com_hides"), document.sod.com_hides),
    ):
        for number in numbers:
            if number not in there:
                yield place, f"found {number}, expected one of {', '.join(map(str, sorted(there)))}"


def _refused(at: Location, make: Callable[[], object]) -> Iterator[Mistake]:
    try:
        make()
    except ValueError as error:
        yield at, str(error)
