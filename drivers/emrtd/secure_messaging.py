"""Secure messaging of Doc 9303-11 (section 9.8): every command and answer encrypted and authenticated.

The send sequence counter goes up before each command and before each answer, so that nothing can be replayed,
dropped or reordered.  Whatever is wrong with an answer ends the session: the keys are overwritten at once.
"""

import hmac

from drivers.emrtd import ciphers, tlv
from drivers.emrtd.apdu import (
    CHAINING,
    EXTENDED_LE_MAX,
    SHORT_DATA_MAX,
    SHORT_LE_MAX,
    CommandApdu,
    ResponseApdu,
)
from drivers.emrtd.ciphers import MAC_LENGTH, Cipher, Octets
from drivers.emrtd.errors import MalformedError, ProtocolError, SessionLost

_CRYPTOGRAM, _CRYPTOGRAM_ODD, _LE, _MAC, _STATUS = 0x87, 0x85, 0x97, 0x8E, 0x99
_PADDED = b"\x01"
"""The octet in DO 87 that says how its content is padded."""


class SecureMessaging:
    """One session's keys and counter.  `ssc` is the counter's start: zero after PACE and chip
    authentication."""

    def __init__(self, cipher: Cipher, ks_enc: Octets, ks_mac: Octets, ssc: int = 0) -> None:
        if len(ks_enc) != cipher.key_length or len(ks_mac) != cipher.key_length:
            raise ValueError(f"{cipher.label} takes keys of {cipher.key_length} octets")
        self.cipher = cipher
        self._ks_enc, self._ks_mac = bytearray(ks_enc), bytearray(ks_mac)
        self._ssc = ssc
        self._forgotten = False

    def __repr__(self) -> str:
        return f"SecureMessaging({self.cipher.label})"

    @property
    def ssc(self) -> bytes:
        """The counter as it stands, in one block."""
        return self._ssc.to_bytes(self.cipher.block, "big")

    @property
    def data_max(self) -> int:
        """Plain octets that fit a short command or a short answer: 231 under 3DES, 223 under AES."""
        room = SHORT_DATA_MAX - 4 - 3 - (2 + MAC_LENGTH)  # without 87 81 L 01, 97 01 Le, 8E 08 MAC
        return room // self.cipher.block * self.cipher.block - 1

    def forget(self) -> None:
        """Overwrite the keys.  Nothing more can be sent or read with this session."""
        for key in (self._ks_enc, self._ks_mac):
            key[:] = bytes(len(key))
        self._forgotten = True

    def protect(self, command: CommandApdu) -> CommandApdu:
        """The protected form of a plain command (9.8.4); the counter goes up by one."""
        if self._forgotten:
            raise ProtocolError("the session's keys are gone: authenticate again")
        self._count()
        header = bytes([0x0C | command.cla & CHAINING, command.ins, command.p1, command.p2])
        objects = b""
        if command.data:
            objects += self._encrypted(command)
        if command.le is not None:
            octets = 1 if command.le <= SHORT_LE_MAX and not command.extended else 2
            objects += tlv.build(_LE, (command.le % (1 << 8 * octets)).to_bytes(octets, "big"))
        objects += tlv.build(_MAC, self._mac(ciphers.pad(header, self.cipher.block) + objects))
        wide = len(objects) > SHORT_DATA_MAX or command.extended
        le = EXTENDED_LE_MAX if wide else SHORT_LE_MAX
        return CommandApdu(header[0], command.ins, command.p1, command.p2, objects, le)

    def unprotect(self, raw: bytes, le: int | None) -> ResponseApdu:
        """The plain answer in a protected one (9.8.5, 9.8.7), to a command that wanted `le` octets.

        SessionLost for an error in the clear: the chip has given the session up.  ProtocolError for
        everything that this standard forbids, success in the clear above all.  After either the keys are
        gone.  TagLost for an empty answer."""
        try:
            return self._unprotect(ResponseApdu.parse(raw), le)
        except (ProtocolError, MalformedError) as error:
            self.forget()
            if isinstance(error, MalformedError):
                raise ProtocolError(f"a secured answer is not made of data objects: {error}") from error
            raise

    def _unprotect(self, outer: ResponseApdu, le: int | None) -> ResponseApdu:
        if self._forgotten:
            raise ProtocolError("the session's keys are gone: authenticate again")
        self._count()
        if not outer.data:
            if _is_error(outer.status):
                raise SessionLost(outer.status)
            raise ProtocolError(f"the chip answers {outer.status:04X} in the clear within a secured session")
        nodes = list(tlv.iterate(outer.data))
        tags = [node.tag for node in nodes]
        if tags not in ([_STATUS, _MAC], [_CRYPTOGRAM, _STATUS, _MAC], [_CRYPTOGRAM_ODD, _STATUS, _MAC]):
            found = " ".join(f"{tag:02X}" for tag in tags)
            raise ProtocolError(f"a secured answer holds the objects {found}, expected [87|85] 99 8E")
        # The MAC first and in constant time: nothing of an answer is looked at before it is known to be the
        # chip's.
        covered = b"".join(node.raw for node in nodes[:-1])
        if not hmac.compare_digest(self._mac(covered), nodes[-1].value):
            # An error that is not the chip's word is as good as one in the clear: some chips lose count of
            # the session when they refuse a length, and say so under a MAC that nobody can check.
            if _is_error(outer.status):
                raise SessionLost(outer.status)
            raise ProtocolError("a secured answer's MAC is wrong")
        status = nodes[-2].value
        if len(status) != 2 or int.from_bytes(status, "big") != outer.status:
            raise ProtocolError(
                f"the secured status {status.hex()} is not the one outside, {outer.status:04X}"
            )
        data = self._decrypted(nodes[0]) if len(nodes) == 3 else b""
        if len(data) > (le or 0):
            raise ProtocolError(f"the chip answers {len(data)} bytes where {le or 0} were asked for")
        return ResponseApdu(data, outer.status)

    def _encrypted(self, command: CommandApdu) -> bytes:
        padded = ciphers.pad(command.data, self.cipher.block)
        cryptogram = ciphers.encrypt_cbc(self.cipher, self._ks_enc, padded, self._iv())
        if command.ins & 1:
            return tlv.build(_CRYPTOGRAM_ODD, cryptogram)
        return tlv.build(_CRYPTOGRAM, _PADDED, cryptogram)

    def _decrypted(self, node: tlv.Node) -> bytes:
        cryptogram = node.value
        if node.tag == _CRYPTOGRAM:
            if not cryptogram.startswith(_PADDED):
                raise ProtocolError("DO 87 does not begin with the padding indicator 01")
            cryptogram = cryptogram[1:]
        if not cryptogram or len(cryptogram) % self.cipher.block:
            raise ProtocolError(f"a cryptogram of {len(cryptogram)} bytes is not whole blocks")
        plain = ciphers.decrypt_cbc(self.cipher, self._ks_enc, cryptogram, self._iv())
        return ciphers.unpad(plain, self.cipher.block)

    def _iv(self) -> bytes | None:
        if self.cipher is Cipher.DES3:
            return None
        return ciphers.encrypt_block(self.cipher, self._ks_enc, self.ssc)

    def _mac(self, message: bytes) -> bytes:
        message = self.ssc + message
        # The retail MAC pads by itself; CMAC is made over a message that was padded all the same (9.8.6).
        if self.cipher is not Cipher.DES3:
            message = ciphers.pad(message, self.cipher.block)
        return ciphers.mac(self.cipher, self._ks_mac, message)

    def _count(self) -> None:
        self._ssc = (self._ssc + 1) % (1 << 8 * self.cipher.block)


def _is_error(status: int) -> bool:
    """Whether the command was not carried out: neither 9000 nor a warning (ISO/IEC 7816-4, 5.6)."""
    return status != 0x9000 and status >> 8 not in (0x62, 0x63)
