"""Card-verifiable certificates made for tests: a CVCA of state UTO, its link, a verifier and terminals."""

from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from drivers.emrtd import object_identifiers, tlv
from drivers.emrtd.card_verifiable import INSPECTION_SYSTEM

EcPrivate, RsaPrivate = ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey
_P256 = {
    0x81: "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
    0x82: "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC",
    0x83: "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B",
    0x84: "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
    "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5",
    0x85: "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
}


@dataclass(frozen=True)
class Holder:
    """One key and its reference; `oid` is the signature scheme of terminal authentication."""

    name: str
    private: EcPrivate | RsaPrivate
    oid: str = "0.4.0.127.0.7.2.2.2.2.3"

    @cached_property
    def pem(self) -> bytes:
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def point(self) -> bytes:
        assert isinstance(self.private, EcPrivate)
        return self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    def sign(self, message: bytes) -> bytes:
        if isinstance(self.private, EcPrivate):
            r, s = utils.decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def key_template(self, *, with_parameters: bool) -> bytes:
        oid = tlv.build(0x06, object_identifiers.encode(self.oid))
        if isinstance(self.private, RsaPrivate):
            numbers = self.private.public_key().public_numbers()
            n = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
            return tlv.build(0x7F49, oid, tlv.build(0x81, n), tlv.build(0x82, b"\1\0\1"))
        first = (
            [tlv.build(tag, bytes.fromhex(text)) for tag, text in _P256.items()] if with_parameters else []
        )
        last = [tlv.build(0x87, b"\1")] if with_parameters else []
        return tlv.build(0x7F49, oid, *first, tlv.build(0x86, self.point), *last)

    def certify(self, other: "Holder", rights: int, *, parameters: bool = False) -> bytes:
        """The certificate of `other`, signed by this key."""
        template = tlv.build(
            0x7F4C,
            tlv.build(0x06, object_identifiers.encode(INSPECTION_SYSTEM)),
            tlv.build(0x53, bytes([rights])),
        )
        body = tlv.build(
            0x7F4E,
            tlv.build(0x5F29, b"\0"),
            tlv.build(0x42, self.name.encode()),
            other.key_template(with_parameters=parameters),
            tlv.build(0x5F20, other.name.encode()),
            template,
            tlv.build(0x5F25, bytes([2, 6, 0, 1, 0, 1])),
            tlv.build(0x5F24, bytes([2, 6, 1, 2, 3, 1])),
        )
        return tlv.build(0x7F21, body, tlv.build(0x5F37, self.sign(body)))


def ec_holder(name: str) -> Holder:
    return Holder(name, ec.generate_private_key(ec.SECP256R1()))


class Hierarchy:
    """CVCA 1, its successor CVCA 2 with a link, a verifier under each, a terminal under each verifier."""

    def __init__(self) -> None:
        names = ("UTOCVCA00001", "UTOCVCA00002", "UTODV00000001", "UTODV00000002", "UTOIS00000001")
        self.cvca_1, self.cvca_2, self.verifier_1, self.verifier_2, self.terminal = map(ec_holder, names)
        self.root = self.cvca_1.certify(self.cvca_1, 0xC3, parameters=True)
        self.link = self.cvca_1.certify(self.cvca_2, 0xC3, parameters=True)
        self.verifier = self.cvca_2.certify(self.verifier_2, 0x83)
        self.certificate = self.verifier_2.certify(self.terminal, 0x01)
        self.elsewhere = self.cvca_1.certify(self.verifier_1, 0x43)
