"""The authentication token: each side's MAC over the other's ephemeral key (Doc 9303-11, section 4.4.3.4)."""

from drivers.emrtd import ciphers, tlv
from drivers.emrtd.ciphers import Cipher

_PUBLIC_KEY, _OID = 0x7F49, 0x06


def public_key_object(oid: bytes, tag: int, public: bytes) -> bytes:
    """The data object 7F49 of a key that is given as it went over the line (TR-03110-3, D.3)."""
    return tlv.build(_PUBLIC_KEY, tlv.build(_OID, oid), tlv.build(tag, public))


def make(cipher: Cipher, ks_mac: bytes, oid: bytes, tag: int, public: bytes) -> bytes:
    """T over the other side's key: 8 octets."""
    return ciphers.mac(cipher, ks_mac, public_key_object(oid, tag, public))
