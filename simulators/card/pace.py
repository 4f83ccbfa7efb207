"""PACE from the chip's side: one run after MSE:Set AT (Doc 9303-11, 4.4).

    7C00          -> 7C{80 z}                    the nonce, encrypted with the password
    7C{81 ..}     -> 7C{82 ..}                   the nonce mapped to a generator
    7C{83 key}    -> 7C{84 key}                  key agreement on that generator
    7C{85 token}  -> 7C{86 token [87, 88] [8A]}  both tokens; 8A proves the chip with CAM

Every wrong step ends the run; the caller forgets it.
"""

import hmac
from dataclasses import dataclass, field

from simulators.card import integrated_mapping
from simulators.card.apdu import AUTHENTICATION_FAILED, CONDITIONS_NOT_SATISFIED, WRONG_DATA, Refused
from simulators.card.ciphers import block_size, encrypt, encrypt_block, key_size, mac, pad
from simulators.card.der import oid_value, tlv
from simulators.card.domain import Domain, Random, draw_private
from simulators.card.personalisation import ChipAuthenticationMappingKey, Cipher, PaceMapping, PaceOffer
from simulators.card.secure_messaging import SecureMessaging

STEPS = ("nonce", "map", "agree", "token")
COMMAND_TAGS = (None, 0x81, 0x83, 0x85)
"""What each step's command carries inside 7C."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a successful run leaves: the session, and the chip's ephemeral key as terminal authentication
    names it (TR-03110-1, ID_IC)."""

    session: SecureMessaging
    chip_identifier: bytes


@dataclass(slots=True)
class PaceRun:
    """One run.  `trust_points` are the names of the CVCA keys that the last answer tells (87, 88)."""

    offer: PaceOffer
    password: int
    password_key: bytes = field(repr=False)
    domain: Domain
    random: Random
    mapping_key: ChipAuthenticationMappingKey | None = None
    trust_points: tuple[bytes, ...] = ()
    step: int = 0
    agreed: Agreed | None = None
    _nonce: bytes = field(default=b"", repr=False)
    _map_private: int = field(default=0, repr=False)
    _mapped: Domain | None = None
    _seen: list[bytes] = field(default_factory=list[bytes])
    _session: SecureMessaging | None = None
    _expected_token: bytes = field(default=b"", repr=False)
    _chip_token: bytes = b""
    _chip_key: bytes = b""

    @property
    def name(self) -> str:
        """The step that comes next."""
        return STEPS[self.step]

    def advance(self, objects: dict[int, bytes]) -> bytes:
        """The answer's 7C for a command's objects inside 7C.  Raises Refused."""
        tag = COMMAND_TAGS[self.step]
        if list(objects) != ([] if tag is None else [tag]):
            expected_elsewhere = any(each in COMMAND_TAGS for each in objects) or not objects
            raise Refused(CONDITIONS_NOT_SATISFIED if expected_elsewhere else WRONG_DATA)
        value = objects.get(tag, b"") if tag else b""
        try:
            inside = (self._give_nonce, self._map, self._agree, self._finish)[self.step](value)
        except ValueError:
            raise Refused(WRONG_DATA) from None
        self.step += 1
        return tlv(0x7C, inside)

    def _give_nonce(self, _: bytes) -> bytes:
        cipher = self.offer.cipher
        integrated = self.offer.mapping in (PaceMapping.DH_IM, PaceMapping.ECDH_IM)
        # The integrated mapping takes the nonce as a key: as many bits as the cipher's (Doc 9303-11,
        # 4.4.3.3.2: 256 for AES-192 too).  Elsewhere it has 128 bits.
        self._nonce = self.random(integrated_mapping.nonce_size(cipher) if integrated else 16)
        return tlv(0x80, encrypt(cipher, self.password_key, self._nonce))

    def _map(self, value: bytes) -> bytes:
        if self.offer.mapping in (PaceMapping.DH_IM, PaceMapping.ECDH_IM):
            if len(value) != key_size(self.offer.cipher):
                raise ValueError("the terminal's nonce has another length")
            self._mapped = integrated_mapping.integrate(self.domain, self.offer.cipher, self._nonce, value)
            return tlv(0x82, b"")
        self._map_private, key = self._ephemeral(self.domain, value)
        self._mapped = self.domain.mapped(int.from_bytes(self._nonce, "big"), self._map_private, value)
        return tlv(0x82, key)

    def _agree(self, value: bytes) -> bytes:
        assert self._mapped is not None
        private, key = self._ephemeral(self._mapped, value)
        cipher = self.offer.cipher
        self._session = SecureMessaging.from_secret(cipher, self._mapped.secret(private, value))
        self._expected_token = self._token(key)
        self._chip_token = self._token(value)
        self._chip_key = key
        return tlv(0x84, key)

    def _finish(self, value: bytes) -> bytes:
        assert self._session is not None
        assert self._mapped is not None
        if not hmac.compare_digest(value, self._expected_token):
            raise Refused(AUTHENTICATION_FAILED)
        self.agreed = Agreed(self._session, self._mapped.compress(self._chip_key))
        inside = tlv(0x86, self._chip_token)
        for tag, name in zip((0x87, 0x88), self.trust_points, strict=False):
            inside += tlv(tag, name)
        return inside + self._proof()

    def _proof(self) -> bytes:
        """CA_IC: the mapping's private key divided by the static one, encrypted (Doc 9303-11, 4.4.3.5)."""
        if self.offer.mapping is not PaceMapping.ECDH_CAM or self.mapping_key is None:
            return b""
        assert self._session is not None
        order = self.domain.order
        proof = self._map_private * pow(self.mapping_key.private, -1, order) % order
        size, key = block_size(self.offer.cipher), self._session.encryption_key
        iv = encrypt_block(self.offer.cipher, key, b"\xff" * size)
        octets = proof.to_bytes((order.bit_length() + 7) // 8, "big")
        return tlv(0x8A, encrypt(self.offer.cipher, key, pad(octets, size), iv))

    def _ephemeral(self, domain: Domain, theirs: bytes) -> tuple[int, bytes]:
        """A key pair of the chip's own, not the terminal's.  Raises ValueError for a bad `theirs`."""
        domain.check(theirs)
        if any(domain.same(theirs, seen) for seen in self._seen):
            raise ValueError("a key is sent back")
        while True:
            private = draw_private(domain, self.random)
            key = domain.public(private)
            if not domain.same(key, theirs):
                self._seen += [theirs, key]
                return private, key

    def _token(self, key: bytes) -> bytes:
        """The authentication token over the other side's `key`, as it was sent."""
        assert self._session is not None
        cipher = self.offer.cipher
        data = tlv(0x7F49, tlv(0x06, oid_value(self.offer.oid)) + tlv(self.domain.key_tag, key))
        # The retail MAC pads (method 2), CMAC does not.
        return mac(cipher, self._session.mac_key, pad(data, 8) if cipher is Cipher.DES3 else data)
