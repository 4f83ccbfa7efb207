"""Secure messaging from the chip's side (Doc 9303-11, 9.8).

    command:  0C INS P1 P2 Lc | [87 01 cryptogram | 85 cryptogram] [97 Le] 8E mac | Le
    answer:                     [87 01 cryptogram | 85 cryptogram]  99 SW  8E mac | SW

85 goes with odd instructions.  The counter steps once before a command and once before its answer; MACs cover
the counter, the padded header (commands only) and all objects before the 8E, padded.
"""

import hmac
from dataclasses import dataclass, field

from simulators.card.apdu import SECURE_OBJECTS_MISSING, SECURE_OBJECTS_WRONG, Answer, Command, Refused
from simulators.card.ciphers import (
    FOR_ENCRYPTION,
    FOR_MAC,
    MAC_SIZE,
    block_size,
    decrypt,
    derive_key,
    encrypt,
    encrypt_block,
    mac,
    pad,
    unpad,
)
from simulators.card.der import tlv
from simulators.card.personalisation import Cipher
from simulators.card.tlv import DataObject, data_objects

CRYPTOGRAM, CRYPTOGRAM_ODD, LE, STATUS, MAC = 0x87, 0x85, 0x97, 0x99, 0x8E


@dataclass(slots=True)
class SecureMessaging:
    """One session's keys and its send sequence counter."""

    cipher: Cipher
    encryption_key: bytes = field(repr=False)
    mac_key: bytes = field(repr=False)
    counter: int = field(default=0, repr=False)

    @classmethod
    def from_secret(cls, cipher: Cipher, secret: bytes, counter: int = 0) -> "SecureMessaging":
        """Keys derived from a shared secret."""
        return cls(
            cipher,
            derive_key(cipher, secret, FOR_ENCRYPTION),
            derive_key(cipher, secret, FOR_MAC),
            counter,
        )

    def open(self, command: Command) -> Command:
        """The plain command inside a secured one.

        Raises Refused with 6987 or 6988; the session is over then, and the answer goes out in the clear.
        """
        self.step_counter()
        try:
            objects = list(data_objects(command.data))
        except ValueError:
            raise Refused(SECURE_OBJECTS_WRONG) from None
        tags = [each.tag for each in objects]
        if MAC not in tags:
            raise Refused(SECURE_OBJECTS_MISSING)
        cryptogram_tag = CRYPTOGRAM_ODD if command.ins & 1 else CRYPTOGRAM
        if tags != [tag for tag in (cryptogram_tag, LE, MAC) if tag in tags]:
            raise Refused(SECURE_OBJECTS_WRONG)
        by_tag = {each.tag: each for each in objects}
        self._check_mac(command, objects)
        cryptogram, le = by_tag.get(cryptogram_tag), by_tag.get(LE)
        return Command(
            command.cla & ~0x0C,
            command.ins,
            command.p1,
            command.p2,
            self._decrypt(cryptogram) if cryptogram else b"",
            _expected(le.value) if le else None,
            command.extended,
        )

    def seal(self, answer: Answer, *, odd: bool = False) -> bytes:
        """The secured answer; `odd` when the command's instruction was."""
        self.step_counter()
        objects = b""
        if answer.data:
            padded = pad(answer.data, block_size(self.cipher))
            cryptogram = encrypt(self.cipher, self.encryption_key, padded, self._iv())
            objects = tlv(CRYPTOGRAM_ODD, cryptogram) if odd else tlv(CRYPTOGRAM, b"\x01" + cryptogram)
        status = answer.status.to_bytes(2, "big")
        objects += tlv(STATUS, status)
        return objects + tlv(MAC, self._mac(objects)) + status

    def room(self, frame: int) -> int:
        """The most plain bytes whose secured answer has at most `frame` bytes, status words apart."""
        size = block_size(self.cipher)
        # 99 and 8E take 14 bytes, 87 with its length and the padding indicator 5 at most.
        blocks = (frame - 14 - 5) // size
        return max(blocks * size - 1, 0)

    def step_counter(self) -> None:
        self.counter = (self.counter + 1) % (1 << 8 * block_size(self.cipher))

    def _check_mac(self, command: Command, objects: list[DataObject]) -> None:
        header = bytes([command.cla, command.ins, command.p1, command.p2])
        covered = pad(header, block_size(self.cipher)) + b"".join(each.octets for each in objects[:-1])
        sent = objects[-1].value
        if len(sent) != MAC_SIZE or not hmac.compare_digest(sent, self._mac(covered)):
            raise Refused(SECURE_OBJECTS_WRONG)

    def _decrypt(self, cryptogram: DataObject) -> bytes:
        data = cryptogram.value
        if cryptogram.tag == CRYPTOGRAM:
            if data[:1] != b"\x01":
                raise Refused(SECURE_OBJECTS_WRONG)
            data = data[1:]
        try:
            return unpad(decrypt(self.cipher, self.encryption_key, data, self._iv()))
        except ValueError:
            raise Refused(SECURE_OBJECTS_WRONG) from None

    def _counter_octets(self) -> bytes:
        return self.counter.to_bytes(block_size(self.cipher), "big")

    def _iv(self) -> bytes:
        if self.cipher is Cipher.DES3:
            return b""
        return encrypt_block(self.cipher, self.encryption_key, self._counter_octets())

    def _mac(self, covered: bytes) -> bytes:
        data = pad(self._counter_octets() + covered, block_size(self.cipher))
        return mac(self.cipher, self.mac_key, data)


def _expected(value: bytes) -> int:
    if not 1 <= len(value) <= 2:
        raise Refused(SECURE_OBJECTS_WRONG)
    return int.from_bytes(value, "big") or 1 << 8 * len(value)
