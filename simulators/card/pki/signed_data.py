"""CMS SignedData (RFC 5652) in the forms in which states write EF.SOD, well or not (Doc 9303-10, 4.6.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from simulators.card import der
from simulators.card.pki.keys import SigningKey
from simulators.card.pki.names import Name
from simulators.card.pki.signing import Scheme, digest, hash_identifier

SIGNED_DATA = "1.2.840.113549.1.7.2"
LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
CARD_SECURITY = "0.4.0.127.0.7.3.2.1"
MASTER_LIST = "2.23.136.1.1.2"
DEVIATION_LIST = "2.23.136.1.1.7"
DEFECT_LIST = "0.4.0.127.0.7.3.1.5"
DATA = "1.2.840.113549.1.7.1"

CONTENT_TYPES = {
    "icao": LDS_SECURITY_OBJECT,
    "data": DATA,
    "old-icao": "1.3.27.1.1.1",
    "old-nl": "1.2.528.1.1006.1.20.1",
}
"""What states call the content of EF.SOD."""

_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME = (f"1.2.840.113549.1.9.{arc}" for arc in (3, 4, 5))
_PIECE = 128
"""Bytes in one piece of a BER octet string."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the certificate and what of it names it, the key and how it signs."""

    certificate: bytes
    issuer: Name
    serial: int
    key_id: bytes
    key: SigningKey
    scheme: Scheme


@dataclass(frozen=True, slots=True)
class Form:
    """The choices of an encoder.

    `ber`: indefinite lengths and the content in pieces.  `by_key_id`: the signer named by its subject key
    identifier.  `rewritten_issuer`: its issuer's name in another order and string type than the certificate
    has.  `attributes` False signs the content itself, which only content of type id-data may.
    `signing_time` adds that attribute.  `certificate` False leaves the signer's certificate out.
    `digest_null` False leaves the NULL out of the hash identifiers.
    """

    ber: bool = False
    by_key_id: bool = False
    rewritten_issuer: bool = False
    attributes: bool = True
    signing_time: datetime | None = None
    certificate: bool = True
    digest_null: bool = True


def sign(
    content: bytes,
    content_type: str,
    signer: Signer,
    form: Form | None = None,
    *,
    others: Sequence[bytes] = (),
    claimed: bytes | None = None,
) -> bytes:
    """ContentInfo with the signed content.

    `others` are certificates to put beside the signer's.  `claimed` is the content that the signature is
    made over, where that is to differ from the content sent.
    """
    form = form or Form()
    signed = content if claimed is None else claimed
    name = signer.scheme.hash_name
    hash_id = hash_identifier(name, null=form.digest_null)
    attributes = b""
    if form.attributes:
        attributes = der.set_of(*_attributes(content_type, digest(name, signed), form.signing_time))
    info = der.sequence(
        der.integer(3 if form.by_key_id else 1),
        _identifier(signer, form),
        hash_id,
        b"\xa0" + attributes[1:] if attributes else b"",
        signer.scheme.identifier(),
        der.octets(signer.scheme.sign(signer.key, attributes or signed)),
    )
    certificates = der.set_of(*([signer.certificate] if form.certificate else []), *others)
    version = 1 if content_type == DATA and not form.by_key_id else 3
    make = der.indefinite if form.ber else der.tlv
    encapsulated = make(
        0x30,
        der.oid(content_type),
        make(0xA0, der.octets_in_pieces(content, _PIECE) if form.ber else der.octets(content)),
    )
    data = make(
        0x30,
        der.integer(version),
        der.set_of(hash_id),
        encapsulated,
        b"\xa0" + certificates[1:] if len(certificates) > 2 else b"",
        der.set_of(info),
    )
    return make(0x30, der.oid(SIGNED_DATA), make(0xA0, data))


def _identifier(signer: Signer, form: Form) -> bytes:
    if form.by_key_id:
        return der.tlv(0x80, signer.key_id)
    issuer = signer.issuer.rewritten() if form.rewritten_issuer else signer.issuer
    return der.sequence(issuer.encode(), der.integer(signer.serial))


def _attributes(content_type: str, hashed: bytes, signing_time: datetime | None) -> list[bytes]:
    def attribute(oid: str, value: bytes) -> bytes:
        return der.sequence(der.oid(oid), der.set_of(value))

    found = [attribute(_CONTENT_TYPE, der.oid(content_type)), attribute(_MESSAGE_DIGEST, der.octets(hashed))]
    if signing_time is not None:
        found.append(attribute(_SIGNING_TIME, der.time(signing_time)))
    return found
