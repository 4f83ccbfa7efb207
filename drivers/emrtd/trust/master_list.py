"""CSCA master lists (Doc 9303-12, 8): what one publisher believes to be the roots of many states."""

from dataclasses import dataclass, field
from datetime import datetime

from drivers.emrtd import asn1, certificates
from drivers.emrtd.certificates import MASTER_LIST_SIGNER, Certificate
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.signed_data import SignedData
from drivers.emrtd.trust import signed_lists
from drivers.emrtd.trust.signed_lists import FindPath, ListSigner

CONTENT_TYPE = "2.23.136.1.1.2"
CERTIFICATES_MAX = 8192


@dataclass(frozen=True, slots=True)
class MasterList:
    """A list as read, not yet verified.  `unreadable` says, by position, which certificates are none: one odd
    certificate must not cost the list, and none is left out in silence."""

    signed: SignedData = field(repr=False)
    certificates: tuple[Certificate, ...] = field(repr=False)
    unreadable: tuple[str, ...]


def read(data: bytes) -> MasterList:
    """The list that `data` is.  Raises MalformedError."""
    signed = signed_lists.read(data, "master list", CONTENT_TYPE)
    fields = asn1.read(signed.content, "master list", signed_lists.SIZE_MAX).fields("master list")
    fields.take(asn1.INTEGER)
    elements = fields.take(asn1.SET).children()
    if len(elements) > CERTIFICATES_MAX:
        raise MalformedError(f"master list: {len(elements)} certificates, more than {CERTIFICATES_MAX}")
    readable: list[Certificate] = []
    unreadable: list[str] = []
    for number, element in enumerate(elements, 1):
        try:
            readable.append(certificates.from_element(element))
        except MalformedError as error:
            unreadable.append(f"certificate {number} of {len(elements)}: {error}")
    return MasterList(signed, tuple(readable), tuple(unreadable))


def check(master_list: MasterList, find_path: FindPath, at: datetime | None) -> ListSigner:
    """Its signer, whose path must end at a root pinned for this publisher.  Raises UntrustedList."""
    return signed_lists.check(master_list.signed, "master list", find_path, at, MASTER_LIST_SIGNER)
