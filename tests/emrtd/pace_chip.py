"""A chip that does PACE in all mappings and does wrong where it is told to; its mappings are written anew."""

import secrets
from collections.abc import Callable
from typing import Any

from drivers.emrtd import ciphers, domain_parameters, libcrypto, tlv
from drivers.emrtd.channel import Channel
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.curves import Curve, Point
from drivers.emrtd.keys import DhDomain, EcDomain, KeyPair
from drivers.emrtd.lds import security_infos
from drivers.emrtd.modp_groups import ModpGroup
from tests.emrtd.secured_end import SecuredEnd

CIPHERS = (Cipher.DES3, Cipher.AES128, Cipher.AES192, Cipher.AES256)
DH_GM, ECDH_GM, DH_IM, ECDH_IM, ECDH_CAM = 1, 2, 3, 4, 6
Whim = Callable[["PaceChip", bytes], bytes]
"""Given the data objects of the good answer: the whole answer to give instead, status word included."""


def oid(mapping: int, cipher: int) -> bytes:
    return bytes.fromhex("04007f0007020204") + bytes([mapping, cipher])


def pace_info(mapping: int, cipher: int, number: int, version: int = 2) -> bytes:
    """A PACEInfo."""
    return tlv.build(0x30, tlv.build(0x06, oid(mapping, cipher)), bytes([2, 1, version, 2, 1, number]))


def card_access(*infos: bytes) -> tuple[security_infos.SecurityInfo, ...]:
    return security_infos.parse(tlv.build(0x31, *infos))


class PaceChip:
    """`whims` by step: 0 is MSE:Set AT, 1 to 4 the GENERAL AUTHENTICATEs."""

    def __init__(self, mapping: int, cipher: int, number: int, password: bytes) -> None:
        self.mapping, self.cipher, self.number, self.password = mapping, CIPHERS[cipher - 1], number, password
        self.oid = oid(mapping, cipher)
        self.offered = card_access(pace_info(mapping, cipher, number))
        self.domain: Any = domain_parameters.standard(number)
        self.whims: dict[int, Whim] = {}
        self.commands: list[bytes] = []
        self.step = 0
        self.nonce = secrets.token_bytes(32 if self.cipher.key_length > 16 else 16)
        self.static = self.domain.key_pair(secrets.token_bytes) if mapping == ECDH_CAM else None
        self.mapping_own: KeyPair[Any] | None = None
        self.own: KeyPair[Any] | None = None
        self.their_mapping, self.theirs = b"", b""
        self.end: SecuredEnd | None = None

    def channel(self) -> Channel:
        return Channel(self)

    def __call__(self, raw: bytes) -> bytes:
        if self.end is not None:
            self.end.open(raw)
            return self.end.close(b"", 0x9000)
        self.commands.append(raw)
        step, self.step = self.step, self.step + 1
        objects = self.set_template(raw) if step == 0 else self.authenticate(step, raw)
        if (whim := self.whims.get(step)) is not None:
            self.end = None
            return whim(self, objects)
        return (tlv.build(0x7C, objects) if step else b"") + b"\x90\0"

    def set_template(self, raw: bytes) -> bytes:
        assert raw[:4].hex() == "0022c1a4"
        objects = {node.tag: node.value for node in tlv.iterate(raw[5:])}
        assert objects[0x80] == self.oid
        assert objects[0x83] in (b"\1", b"\2")
        assert objects[0x84] == bytes([self.number])
        return b""

    def authenticate(self, step: int, raw: bytes) -> bytes:
        assert raw[:4].hex() == ("00860000" if step == 4 else "10860000")
        body = raw[5 : 5 + raw[4]] if raw[4] else raw[7 : 7 + int.from_bytes(raw[5:7], "big")]
        sent = tlv.read(body)
        assert sent.tag == 0x7C
        value = sent.get((0, 0x81, 0x83, 0x85)[step - 1]).value if step > 1 else b""
        return (self.encrypted_nonce, self.map, self.agree, self.confirm)[step - 1](value)

    def encrypted_nonce(self, _: bytes) -> bytes:
        key = ciphers.derive_key(self.cipher, self.password, 3)
        return tlv.build(0x80, ciphers.encrypt_cbc(self.cipher, key, self.nonce))

    def map(self, value: bytes) -> bytes:
        if self.mapping in (DH_IM, ECDH_IM):
            assert len(value) == self.cipher.key_length
            self.domain = self.domain.with_generator(integrated(self.domain, self.cipher, self.nonce, value))
            return b""
        self.their_mapping = value
        own = self.mapping_own = self.domain.key_pair(secrets.token_bytes)
        number = int.from_bytes(self.nonce, "big")
        shared = self.domain.multiply(own.private, self.domain.decode(value))
        if isinstance(self.domain, EcDomain):
            mapped = libcrypto.multiply_add(self.domain.curve, number, self.domain.generator, shared)
        else:
            p = self.domain.group.p
            mapped = pow(self.domain.generator, number, p) * shared % p
        self.domain = self.domain.with_generator(mapped)
        return tlv.build(0x82, own.encoded)

    def agree(self, value: bytes) -> bytes:
        self.theirs = value
        own = self.own = self.domain.key_pair(secrets.token_bytes)
        secret = self.domain.agree(own.private, value)
        self.ks_enc, self.ks_mac = (ciphers.derive_key(self.cipher, secret, counter) for counter in (1, 2))
        return tlv.build(0x84, own.encoded)

    def confirm(self, value: bytes) -> bytes:
        assert self.own is not None
        objects = tlv.build(0x86, self.token(self.theirs))
        if value != self.token(self.own.encoded):
            self.whims.setdefault(4, lambda *_: b"\x63\0")
        if self.static is not None:
            objects += tlv.build(0x8A, self.proof())
        self.end = SecuredEnd(self.cipher, self.ks_enc, self.ks_mac)
        return objects

    def token(self, public: bytes) -> bytes:
        tag = 0x86 if isinstance(self.domain, EcDomain) else 0x84
        covered = tlv.build(0x7F49, tlv.build(0x06, self.oid), tlv.build(tag, public))
        return ciphers.mac(self.cipher, self.ks_mac, covered)

    def proof(self, factor: int = 1) -> bytes:
        """Encrypted CA_IC: the mapping key over the static key, modulo n."""
        assert self.static is not None
        assert self.mapping_own is not None
        n = self.domain.curve.n
        number = pow(self.static.private, -1, n) * self.mapping_own.private * factor % n
        iv = ciphers.encrypt_block(self.cipher, self.ks_enc, b"\xff" * 16)
        padded = ciphers.pad(number.to_bytes(self.domain.curve.order_size, "big"), 16)
        return ciphers.encrypt_cbc(self.cipher, self.ks_enc, padded, iv)

    def card_security(self) -> tuple[security_infos.SecurityInfo, ...]:
        """What EF.CardSecurity would hold: a foreign key first, then the static one."""
        assert self.static is not None
        foreign = self.domain.of(self.domain.curve).key_pair(secrets.token_bytes)
        return card_access(
            *(self._key_info(key.encoded, at) for at, key in enumerate((foreign, self.static)))
        )

    def _key_info(self, public: bytes, key_id: int) -> bytes:
        parameters = tlv.build(0x30, bytes.fromhex("060704007f00070102"), bytes([2, 1, self.number]))
        spki = tlv.build(0x30, parameters, tlv.build(0x03, b"\0", public))
        return tlv.build(0x30, bytes.fromhex("060904007f000702020102"), spki, bytes([2, 1, key_id]))


def integrated(domain: EcDomain | DhDomain, cipher: Cipher, secret: bytes, public: bytes) -> Point | int:
    """Integrated mapping by Python's own integers, for a chip that nobody times (appendix B)."""
    constants = (
        ("a668892a7c41e3ca739f40b057d85904", "a4e136ac725f738b01c1f60217c188ad")
        if len(secret) == 16
        else (
            "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676",
            "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517",
        )
    )
    group: Curve | ModpGroup = domain.curve if isinstance(domain, EcDomain) else domain.group
    p = group.p
    c0, c1 = (bytes.fromhex(text) for text in constants)
    key, output = ciphers.encrypt_cbc(cipher, public, secret)[: cipher.key_length], b""
    while 8 * len(output) < p.bit_length() + 64:
        output += ciphers.encrypt_cbc(cipher, key, c1)
        key = ciphers.encrypt_cbc(cipher, key, c0)[: cipher.key_length]
    x = int.from_bytes(output, "big") % p
    if isinstance(group, ModpGroup):
        return pow(x, (p - 1) // group.q, p)
    a = -x * x % p
    x2 = -group.b * pow(group.a, -1, p) * (1 + pow(a + a * a, -1, p)) % p
    h2 = (x2**3 + group.a * x2 + group.b) % p
    root = pow(h2, (p + 1) // 4, p)
    if root * root % p == h2:
        return x2, root
    return a * x2 % p, -(x**3) * root % p
