"""A small terminal for tests of the chip alone: the other half of each protocol, and no judgement.

It uses the chip's ciphers and groups, which the standards' examples have proved; what it adds is the
terminal's order of steps.
"""

import hmac
from dataclasses import dataclass

from simulators.card import integrated_mapping
from simulators.card.access_keys import bac_seed, pace_key
from simulators.card.chip import Chip
from simulators.card.ciphers import (
    FOR_ENCRYPTION,
    FOR_MAC,
    block_size,
    decrypt,
    derive_key,
    encrypt,
    encrypt_block,
    key_size,
    mac,
    pad,
    unpad,
)
from simulators.card.der import oid_value, tlv
from simulators.card.domain import Domain, domain
from simulators.card.personalisation import (
    AccessSecrets,
    ChipAuthenticationKey,
    Cipher,
    PaceMapping,
    PaceOffer,
)
from simulators.card.tlv import unwrap, values

SELECT_EMRTD = "00A4040C07A0000002471001"
OK = 0x9000


@dataclass(slots=True)
class Keys:
    """The terminal's copy of a session."""

    cipher: Cipher
    encryption: bytes
    mac: bytes
    counter: int = 0

    @classmethod
    def from_secret(cls, cipher: Cipher, secret: bytes, counter: int = 0) -> "Keys":
        return cls(
            cipher,
            derive_key(cipher, secret, FOR_ENCRYPTION),
            derive_key(cipher, secret, FOR_MAC),
            counter,
        )

    def step(self) -> bytes:
        self.counter += 1
        return self.counter.to_bytes(block_size(self.cipher), "big")

    def iv(self, counter: bytes) -> bytes:
        return b"" if self.cipher is Cipher.DES3 else encrypt_block(self.cipher, self.encryption, counter)

    def authenticate(self, counter: bytes, data: bytes) -> bytes:
        return mac(self.cipher, self.mac, pad(counter + data, block_size(self.cipher)))


class Terminal:
    """Sends commands to a chip, plain or under `keys`."""

    def __init__(self, chip: Chip, random: int = 7) -> None:
        self.chip = chip
        self.keys: Keys | None = None
        self.ephemeral = b""
        self.chip_key = b""
        self._private = random
        self.le_of_last: int | None = 256
        """Of the command that ends BAC or PACE; None asks for no answer."""

    def raw(self, apdu: str | bytes) -> tuple[bytes, int]:
        """Data and status of a command sent as it is."""
        answer = self.chip.answer(bytes.fromhex(apdu) if isinstance(apdu, str) else apdu)
        assert answer is not None
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def send(
        self, head: str, data: bytes = b"", le: int | None = None, *, extended: bool = False
    ) -> tuple[bytes, int]:
        """Data and status; `head` is CLA INS P1 P2 in hexadecimal."""
        if self.keys is None:
            return self.raw(command(bytes.fromhex(head), data, le, extended))
        answer = self.raw(self.protect(bytes.fromhex(head), data, le, extended))
        return self.unprotect(*answer)

    def protect(self, head: bytes, data: bytes, le: int | None, extended: bool = False) -> bytes:
        assert self.keys
        keys, counter = self.keys, self.keys.step()
        header = bytes([head[0] | 0x0C]) + head[1:]
        objects = b""
        if data:
            size = block_size(keys.cipher)
            cryptogram = encrypt(keys.cipher, keys.encryption, pad(data, size), keys.iv(counter))
            objects = tlv(0x85, cryptogram) if head[1] & 1 else tlv(0x87, b"\x01" + cryptogram)
        if le is not None:
            objects += tlv(0x97, (le % 65536).to_bytes(2, "big") if extended else bytes([le % 256]))
        covered = pad(header, block_size(keys.cipher)) + objects
        objects += tlv(0x8E, keys.authenticate(counter, covered))
        return command(header, objects, 65536 if extended else 256, extended or len(objects) > 255)

    def unprotect(self, answer: bytes, status: int) -> tuple[bytes, int]:
        assert self.keys
        keys, counter = self.keys, self.keys.step()
        if not answer:
            self.keys = None
            return b"", status
        fields = values(answer)
        assert list(fields)[-2:] == [0x99, 0x8E]
        covered = answer[: -len(tlv(0x8E, bytes(8)))]
        assert hmac.compare_digest(fields[0x8E], keys.authenticate(counter, covered)), "the chip's MAC"
        assert fields[0x99] == status.to_bytes(2, "big")
        cryptogram = fields[0x87][1:] if 0x87 in fields else fields.get(0x85, b"")
        if not cryptogram:
            return b"", status
        return unpad(decrypt(keys.cipher, keys.encryption, cryptogram, keys.iv(counter))), status

    def select(self, file: int) -> int:
        return self.send("00A4020C", file.to_bytes(2, "big"))[1]

    def enter(self) -> int:
        """Select the eMRTD application."""
        return self.send("00A4040C", bytes.fromhex("A0000002471001"))[1]

    def read(self, short_identifier: int, offset: int = 0, le: int = 256) -> tuple[bytes, int]:
        return self.send(f"00B0{0x80 | short_identifier:02X}{offset:02X}", le=le)

    def bac(self, secrets: AccessSecrets, *, flip: int | None = None, returned: bytes | None = None) -> int:
        """Basic access control; the application must be selected.  The status of its last command.

        `flip`: a byte of the token to turn; `returned`: a challenge to give back instead of the chip's.
        """
        challenge, _ = self.send("00840000", le=8)
        seed = bac_seed(secrets)
        encryption, authentication = (
            derive_key(Cipher.DES3, seed, counter) for counter in (FOR_ENCRYPTION, FOR_MAC)
        )
        own, key = bytes(range(8)), bytes(range(16, 32))
        cryptogram = encrypt(Cipher.DES3, encryption, own + (returned or challenge) + key)
        token = cryptogram + mac(Cipher.DES3, authentication, pad(cryptogram, 8))
        if flip is not None:
            token = token[:flip] + bytes([token[flip] ^ 1]) + token[flip + 1 :]
        answer, status = self.send("00820000", token, self.le_of_last and 40)
        if status == OK:
            plain = decrypt(Cipher.DES3, encryption, answer[:32])
            assert plain[:16] == challenge + own
            assert answer[32:] == mac(Cipher.DES3, authentication, pad(answer[:32], 8))
            shared = bytes(left ^ right for left, right in zip(key, plain[16:], strict=True))
            counter = int.from_bytes(challenge[4:] + own[4:], "big")
            self.keys = Keys.from_secret(Cipher.DES3, shared, counter)
        return status

    def begin_pace(self, offer: PaceOffer, password: int = 1, *, parameters: bool = True) -> int:
        data = tlv(0x80, oid_value(offer.oid)) + tlv(0x83, bytes([password]))
        if parameters:
            data += tlv(0x84, bytes([offer.parameter_id]))
        return self.send("0022C1A4", data)[1]

    def general(self, inside: bytes, *, last: bool = False) -> tuple[dict[int, bytes], int]:
        """GENERAL AUTHENTICATE with these objects inside 7C, and those that come back."""
        data = tlv(0x7C, inside)
        long = len(data) > 255 or self.chip.state.personalisation.pace[0].parameter_id in (1, 2)
        le = self.le_of_last if last else 65536 if long else 256
        answer, status = self.send("00860000" if last else "10860000", data, le, extended=long)
        return (values(unwrap(answer, 0x7C)) if status == OK else {}), status

    def pace(self, offer: PaceOffer, secrets: AccessSecrets, password: int = 1) -> dict[int, bytes]:
        """PACE to its end; the objects of the last answer, and under 0 CAM's proof decrypted, under 1 the
        chip's mapping key.  AssertionError where the chip refuses."""
        assert self.begin_pace(offer, password) == OK
        key = pace_key(secrets, password, offer.cipher)
        assert key is not None
        found, _ = self.general(b"")
        nonce = decrypt(offer.cipher, key, found[0x80])
        mapped, mapping_key = self._map(offer, domain(offer.group), nonce)
        self._private += 1
        own = self.ephemeral = mapped.public(self._private)
        found, status = self.general(tlv(0x83, own))
        assert status == OK
        self.chip_key = found[0x84]
        keys = Keys.from_secret(offer.cipher, mapped.secret(self._private, self.chip_key))
        found, status = self.general(tlv(0x85, self._token(offer, keys, mapped, self.chip_key)), last=True)
        assert status == OK, f"{status:04X}"
        assert found[0x86] == self._token(offer, keys, mapped, own)
        self.keys = keys
        if proof := found.get(0x8A):
            iv = encrypt_block(offer.cipher, keys.encryption, b"\xff" * 16)
            found[0] = unpad(decrypt(offer.cipher, keys.encryption, proof, iv))
        return found | {1: mapping_key}

    def _map(self, offer: PaceOffer, group: Domain, nonce: bytes) -> tuple[Domain, bytes]:
        if offer.mapping in (PaceMapping.DH_IM, PaceMapping.ECDH_IM):
            own = bytes(range(key_size(offer.cipher)))
            found, status = self.general(tlv(0x81, own))
            assert (found[0x82], status) == (b"", OK)
            return integrated_mapping.integrate(group, offer.cipher, nonce, own), b""
        found, status = self.general(tlv(0x81, group.public(self._private)))
        assert status == OK
        return group.mapped(int.from_bytes(nonce, "big"), self._private, found[0x82]), found[0x82]

    def _token(self, offer: PaceOffer, keys: Keys, group: Domain, key: bytes) -> bytes:
        data = tlv(0x7F49, tlv(0x06, oid_value(offer.oid)) + tlv(group.key_tag, key))
        return mac(offer.cipher, keys.mac, pad(data, 8) if offer.cipher is Cipher.DES3 else data)

    def authenticate_chip(self, key: ChipAuthenticationKey, *, by_template: bool = False) -> int:
        """Chip authentication, by MSE:Set KAT with `by_template`; the status of its last command."""
        group = domain(key.group)
        own = self.ephemeral = group.public(11)
        reference = b"" if key.key_id is None else tlv(0x84, bytes([key.key_id]))
        if by_template:
            _, status = self.send("002241A6", tlv(0x91, own) + reference)
        else:
            _, status = self.send("002241A4", tlv(0x80, oid_value(key.oid)) + reference)
            if status == OK:
                _, status = self.send("00860000", tlv(0x7C, tlv(0x80, own)), 256, extended=len(own) > 150)
        if status == OK:
            public = group.public(key.private)
            self.keys = Keys.from_secret(key.cipher, group.secret(11, public))
            self.ephemeral = group.compress(own)
        return status


def command(head: bytes, data: bytes, le: int | None, extended: bool) -> bytes:
    """A command APDU."""
    if not extended:
        body = bytes([len(data)]) + data if data else b""
        return head + body + (b"" if le is None else bytes([le % 256]))
    body = len(data).to_bytes(2, "big") + data if data else b""
    end = b"" if le is None else (le % 65536).to_bytes(2, "big")
    return head + b"\x00" + body + end
