"""The chip's end of secure messaging, read anew from Doc 9303-11, 9.8, for tests of the reader's end."""

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.secure_messaging import SecureMessaging


class SecuredEnd:
    """Opens protected commands and protects answers.  `ssc` goes its own way, one step with each."""

    def __init__(self, cipher: Cipher, ks_enc: bytes, ks_mac: bytes, ssc: int = 0) -> None:
        self.cipher, self.ks_enc, self.ks_mac, self.ssc = cipher, ks_enc, ks_mac, ssc
        self.block = 8 if cipher is Cipher.DES3 else 16

    def open(self, raw: bytes) -> tuple[bytes, bytes, int | None]:
        """Header, plain data and Le of a command; fails unless every octet is as the standard has it."""
        self.ssc += 1
        header, rest = raw[:4], raw[4:]
        assert header[0] & 0x0C == 0x0C
        if rest[0]:
            lc, objects, le = rest[0], rest[1:-1], rest[-1:]
            assert le == b"\0"
        else:
            lc, objects, le = int.from_bytes(rest[1:3], "big"), rest[3:-2], rest[-2:]
            assert le == b"\0\0"
        assert len(objects) == lc
        body, dos = objects[:-10], {}
        assert objects[-10:-8] == b"\x8e\x08"
        assert objects[-8:] == self._mac(self._padded(header) + body)
        at = 0
        while at < len(body):
            tag, length, at = body[at], body[at + 1], at + 2
            if length > 0x80:
                octets = length - 0x80
                length, at = int.from_bytes(body[at : at + octets], "big"), at + octets
            dos[tag], at = body[at : at + length], at + length
        assert set(dos) <= ({0x85, 0x97} if header[1] & 1 else {0x87, 0x97})
        data = b""
        if 0x87 in dos:
            assert dos[0x87][0] == 1
            data = self._decrypted(dos[0x87][1:])
        if 0x85 in dos:
            data = self._decrypted(dos[0x85])
        wanted = None
        if 0x97 in dos:
            wanted = int.from_bytes(dos[0x97], "big") or 1 << 8 * len(dos[0x97])
        return header, data, wanted

    def close(self, data: bytes, status: int, tag: int = 0x87) -> bytes:
        """A protected answer."""
        self.ssc += 1
        objects = b""
        if data:
            cryptogram = self._cbc().encryptor().update(self._padded(data))
            objects += self._object(tag, (b"\1" if tag == 0x87 else b"") + cryptogram)
        objects += self._object(0x99, status.to_bytes(2, "big"))
        return self.sealed(objects, status)

    def sealed(self, objects: bytes, status: int) -> bytes:
        """These objects, whatever they are, under a right MAC."""
        return objects + self._object(0x8E, self._mac(objects)) + status.to_bytes(2, "big")

    def _object(self, tag: int, value: bytes) -> bytes:
        n = len(value)
        length = (
            bytes([n]) if n < 0x80 else b"\x81" + bytes([n]) if n < 0x100 else b"\x82" + n.to_bytes(2, "big")
        )
        return bytes([tag]) + length + value

    def _padded(self, data: bytes) -> bytes:
        data += b"\x80"
        return data + bytes(-len(data) % self.block)

    def _decrypted(self, cryptogram: bytes) -> bytes:
        return self._cbc().decryptor().update(cryptogram).rstrip(b"\0")[:-1]

    def _cbc(self) -> Primitive[modes.CBC]:
        if self.cipher is Cipher.DES3:
            return Primitive(TripleDES(self.ks_enc + self.ks_enc[:8]), modes.CBC(bytes(8)))
        ecb = Primitive(algorithms.AES(self.ks_enc), modes.ECB()).encryptor()
        return Primitive(algorithms.AES(self.ks_enc), modes.CBC(ecb.update(self.ssc.to_bytes(16, "big"))))

    def _mac(self, message: bytes) -> bytes:
        message = self._padded(self.ssc.to_bytes(self.block, "big") + message)
        if self.cipher is not Cipher.DES3:
            cmac = CMAC(algorithms.AES(self.ks_mac))
            cmac.update(message)
            return cmac.finalize()[:8]
        first, second = (TripleDES(half * 3) for half in (self.ks_mac[:8], self.ks_mac[8:]))
        state = bytes(8)
        for at in range(0, len(message), 8):
            block = bytes(a ^ b for a, b in zip(state, message[at : at + 8], strict=True))
            state = Primitive(first, modes.ECB()).encryptor().update(block)
        state = Primitive(second, modes.ECB()).decryptor().update(state)
        return Primitive(first, modes.ECB()).encryptor().update(state)


def both_ends(cipher: Cipher, ssc: int = 0) -> tuple[SecureMessaging, SecuredEnd]:
    """A session between the reader's end and the chip's."""
    ks_enc, ks_mac = bytes(range(cipher.key_length)), bytes(range(100, 100 + cipher.key_length))
    return SecureMessaging(cipher, ks_enc, ks_mac, ssc), SecuredEnd(cipher, ks_enc, ks_mac, ssc)
