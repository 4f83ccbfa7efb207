"""What a file of trust material is, told from its content: names and endings lie."""

import base64
import binascii
import re
from collections.abc import Iterator
from enum import StrEnum

from drivers.emrtd import asn1, signed_data
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.trust import defect_list, deviation_list, master_list

FILE_MAX = 128 << 20
HEAD = 4096
"""Octets that tell what a file is."""
STORE_MARK = b'{"format":"borderlane-trust-store"'
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----(.*?)-----END \1-----", re.DOTALL)


class Kind(StrEnum):
    CERTIFICATE = "certificate"
    CRL = "crl"
    MASTER_LIST = "master list"
    DEVIATION_LIST = "deviation list"
    DEFECT_LIST = "defect list"
    LDIF = "LDIF"
    STORE = "trust store"


_CONTENT_TYPES = {
    master_list.CONTENT_TYPE: Kind.MASTER_LIST,
    deviation_list.CONTENT_TYPE: Kind.DEVIATION_LIST,
    defect_list.CONTENT_TYPE: Kind.DEFECT_LIST,
}


def is_ldif(head: bytes) -> bool:
    """Whether a file that begins like this is LDIF."""
    return re.match(rb"\s*(#|version:|dn:)", head, re.IGNORECASE) is not None


def parts(data: bytes) -> Iterator[tuple[Kind, bytes]]:
    """What is in a file, each with its DER: one part, or as many as a PEM file has blocks.

    An LDIF file and a trust store come back as they are.  Raises MalformedError for anything else."""
    if data.startswith(STORE_MARK):
        yield Kind.STORE, data
    elif b"-----BEGIN " in data[:65536]:
        blocks = _PEM.findall(data)
        if not blocks:
            raise MalformedError("PEM: a block that does not end")
        for _, text in blocks:
            try:
                der = base64.b64decode(b"".join(text.split()), validate=True)
            except binascii.Error as error:
                raise MalformedError(f"PEM: {error}") from error
            yield kind_of(der), der
    elif data[:1] == b"\x30":
        yield kind_of(data), data
    elif is_ldif(data[:HEAD]):
        yield Kind.LDIF, data
    else:
        raise MalformedError("neither DER, PEM, LDIF nor a trust store")


def kind_of(der: bytes) -> Kind:
    """What a DER structure is.  Raises MalformedError if it is nothing that a trust store takes."""
    children = asn1.read(der, "file", FILE_MAX).fields("file")
    first = children.take()
    if first.tag == asn1.OID:
        if first.oid() != signed_data.SIGNED_DATA:
            raise MalformedError(f"content {first.oid()} is no signed data")
        content_type = signed_data.content_type(der)
        if (kind := _CONTENT_TYPES.get(content_type)) is None:
            raise MalformedError(f"signed data of type {content_type}")
        return kind
    # A certificate's signed part has its validity, a sequence, fifth; a CRL's a time in its third or fourth.
    fields = first.fields("file", asn1.SEQUENCE).rest()
    if any(each.tag in (asn1.UTC_TIME, asn1.GENERALIZED_TIME) for each in fields):
        return Kind.CRL
    return Kind.CERTIFICATE
