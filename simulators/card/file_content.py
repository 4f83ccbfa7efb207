"""A file as READ BINARY sees it: a size and pieces."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FileContent:
    """`octets`, once; or if `endless`, as many times as an offset can ask for."""

    octets: bytes = field(repr=False)
    endless: bool = False

    @property
    def size(self) -> int:
        return 1 << 31 if self.endless else len(self.octets)

    def piece(self, offset: int, count: int) -> bytes:
        """So many bytes, fewer at the end."""
        if not self.endless or not self.octets:
            return self.octets[offset : offset + count]
        start = offset % len(self.octets)
        times = count // len(self.octets) + 2
        return (self.octets * times)[start : start + count]
