"""A chip of a few lines that holds files and has whims, in the clear or within a session."""

from collections.abc import Callable

from drivers.emrtd.channel import Channel
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.errors import TagLost
from tests.emrtd.secured_end import SecuredEnd, both_ends

Whim = Callable[["SmallCard", int, int], bytes | int | None]
"""Given offset and Le of a read: other data, another status, or None to answer as a good chip does."""


class SmallCard:
    """`files` by identifier; the short identifier is its low five bits.  `commands` keeps what came, in
    plain."""

    def __init__(self, files: dict[int, bytes], *, whim: Whim | None = None, sfi: bool = True) -> None:
        self.files, self.whim, self.sfi = files, whim, sfi
        self.current: int | None = None
        self.commands: list[str] = []
        self.secured: SecuredEnd | None = None
        self.bare: int | None = None
        self.lost_at: int | None = None

    def channel(self, cipher: Cipher | None = None) -> Channel:
        """A way to this chip, in a session of `cipher` if given."""
        channel = Channel(self)
        self.current, self.secured = None, None
        if cipher is not None:
            channel.secure, self.secured = both_ends(cipher)
        return channel

    def __call__(self, raw: bytes) -> bytes:
        if self.lost_at == len(self.commands):
            self.lost_at = None
            raise TagLost("the chip left the field")
        if self.secured is None:
            self.commands.append(raw.hex())
            header, data, le = raw[:4], *self._plain(raw[4:])
        else:
            header, data, le = self.secured.open(raw)
            self.commands.append((header + data).hex() + ("" if le is None else f" {le}"))
        answer, status = self._answer(header[1], header[2:4], data, le or 0)
        if self.bare is not None:
            return self.bare.to_bytes(2, "big")
        if self.secured is None:
            return answer + status.to_bytes(2, "big")
        return self.secured.close(answer, status, 0x85 if header[1] & 1 else 0x87)

    @staticmethod
    def _plain(body: bytes) -> tuple[bytes, int | None]:
        if len(body) > 2 and body[0] == 0:
            if len(body) == 3:
                return b"", int.from_bytes(body[1:], "big") or 65536
            length = int.from_bytes(body[1:3], "big")
            return body[3 : 3 + length], int.from_bytes(body[3 + length :], "big") or 65536
        if len(body) <= 1:
            return b"", (body[0] or 256) if body else None
        data, rest = body[1 : 1 + body[0]], body[1 + body[0] :]
        return data, (rest[0] or 256) if rest else None

    def _answer(self, ins: int, p1p2: bytes, data: bytes, le: int) -> tuple[bytes, int]:
        if ins == 0xA4:
            return b"", self._select(p1p2[0], data)
        if ins == 0xB0:
            offset = int.from_bytes(p1p2, "big")
            if offset & 0x8000:
                if not self.sfi:
                    return b"", 0x6A86
                found = [fid for fid in self.files if fid & 0x1F == p1p2[0] & 0x1F]
                if not found:
                    return b"", 0x6A82
                self.current, offset = found[0], p1p2[1]
            return self._read(offset, le)
        if ins == 0xB1:
            assert data[:1] == b"\x54"
            assert data[1] == len(data) - 2
            header = 2 if le - 2 < 0x80 else 3 if le - 3 < 0x100 else 4
            content, status = self._read(int.from_bytes(data[2:], "big"), le - header)
            n = len(content)
            length = (
                bytes([n])
                if n < 0x80
                else b"\x81" + bytes([n])
                if n < 256
                else b"\x82" + n.to_bytes(2, "big")
            )
            return (b"\x53" + length + content if content else b""), status
        return b"", 0x6D00

    def _select(self, p1: int, data: bytes) -> int:
        if p1 != 0x02:
            self.current = None
            return 0x9000
        fid = int.from_bytes(data, "big")
        if fid not in self.files:
            return 0x6A82
        self.current = fid
        return 0x9000

    def _read(self, offset: int, le: int) -> tuple[bytes, int]:
        if self.current is None:
            return b"", 0x6986
        if self.whim is not None:
            other = self.whim(self, offset, le)
            if isinstance(other, int):
                return b"", other
            if other is not None:
                return other, 0x9000
        content = self.files[self.current]
        if offset >= len(content):
            return b"", 0x6B00
        answer = content[offset : offset + le]
        return answer, 0x9000 if len(answer) == le else 0x6282
