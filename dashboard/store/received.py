"""Which sequences of one journal were received: everything up to `contiguous`, and runs above the gaps."""

from bisect import bisect_left, bisect_right

RUNS_MAX = 10_000
"""More holes than this in one journal are not kept in mind: what lies beyond is refused, and the lane sends
it again, since its cursor follows `contiguous`."""


class Received:
    """A set of whole numbers from 1 upwards, small when they come nearly in order."""

    def __init__(self, contiguous: int = 0) -> None:
        self.contiguous = contiguous
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    def __contains__(self, sequence: int) -> bool:
        if sequence <= self.contiguous:
            return True
        run = bisect_right(self._firsts, sequence) - 1
        return run >= 0 and sequence <= self._lasts[run]

    @property
    def highest(self) -> int:
        return self._lasts[-1] if self._lasts else self.contiguous

    @property
    def gap(self) -> tuple[int, int] | None:
        """The first hole, first and last missing, or None."""
        return (self.contiguous + 1, self._firsts[0] - 1) if self._firsts else None

    def add(self, sequence: int) -> bool:
        """Takes one number; False when it was there, or would be one hole too many."""
        if sequence in self:
            return False
        if sequence == self.contiguous + 1:
            self.contiguous = sequence
            if self._firsts and self._firsts[0] == sequence + 1:
                self.contiguous = self._lasts[0]
                del self._firsts[0], self._lasts[0]
            return True
        at = bisect_left(self._firsts, sequence)
        touches_before = at > 0 and self._lasts[at - 1] == sequence - 1
        touches_after = at < len(self._firsts) and self._firsts[at] == sequence + 1
        if touches_before and touches_after:
            self._lasts[at - 1] = self._lasts[at]
            del self._firsts[at], self._lasts[at]
        elif touches_before:
            self._lasts[at - 1] = sequence
        elif touches_after:
            self._firsts[at] = sequence
        elif len(self._firsts) >= RUNS_MAX:
            return False
        else:
            self._firsts.insert(at, sequence)
            self._lasts.insert(at, sequence)
        return True

    def accept_loss(self, kept_from: int) -> list[tuple[int, int]]:
        """Counts everything below `kept_from` as received; the runs that were not, first and last."""
        lost: list[tuple[int, int]] = []
        while self.contiguous + 1 < kept_from:
            hole = self.gap or (self.contiguous + 1, kept_from - 1)
            lost.append((hole[0], min(hole[1], kept_from - 1)))
            self.contiguous = lost[-1][1]
            if self._firsts and self._firsts[0] == self.contiguous + 1:
                self.contiguous = self._lasts[0]
                del self._firsts[0], self._lasts[0]
        return lost

    def copy(self) -> "Received":
        twin = Received(self.contiguous)
        twin._firsts, twin._lasts = list(self._firsts), list(self._lasts)
        return twin
