"""How many bytes to ask a chip for, and how: what it was seen to take, kept over its sessions.

Chips differ in the longest answer they give (9303-10, 3.6.4 allows less than a frame) and some lose the
session over a wish they cannot serve.  So reading starts with what every chip is known to take and goes
down, never up, unless the chip or its reader has said that more is possible."""

from dataclasses import dataclass

_LADDER = (223, 192, 128, 96)
"""Bytes in one answer: what fits a short frame under AES, then less, as some states' chips need."""

_OVERHEAD = 16 + 4 + 4 + 10 + 2
"""Octets that secure messaging adds to an answer at most: padding, 87 82 L L with 01, 99, 8E, SW."""


@dataclass(slots=True)
class ReadPolicy:
    """What this chip takes.  Give a fresh one to each document."""

    le: int = _LADDER[0]
    """Bytes to ask for at once."""
    le_large: int | None = None
    """The same for the rest of a large file, when extended length is known to work."""
    by_sfi: bool = True
    """Whether to name files by their short identifier, which saves a SELECT (9303-10, 3.6.3)."""

    proved: int = 0
    """The longest answer that came without trouble: what follows one as long has another reason."""

    def allow_extended(self, response_max: int) -> None:
        """The chip and the reader take answers of `response_max` octets, status word and all."""
        room = response_max - _OVERHEAD
        self.le_large = room if room > self.le else None

    def lower(self, asked: int) -> bool:
        """A read of `asked` bytes was refused: ask for less from now on.  False when that cannot be the
        reason, or there is nothing less."""
        if asked <= self.proved:
            return False
        if self.le_large is not None and asked > self.le:
            self.le_large = None
            return True
        less = [step for step in _LADDER if step < min(asked, self.le)]
        if not less:
            return False
        self.le, self.le_large = less[0], None
        return True

    def learn(self, given: int) -> None:
        """The chip answered with `given` bytes in the middle of a file where more were asked for."""
        if given >= _LADDER[0] and self.le_large is not None:
            self.le_large = given
        elif given >= _LADDER[-1]:
            self.le, self.le_large = min(self.le, given), None
