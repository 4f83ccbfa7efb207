"""How much a device may say.  What is over is counted, and told in one fact."""


class Allowance:
    """A bucket of `burst` tokens that fills at `rate_per_s`."""

    def __init__(self, rate_per_s: float, burst: float) -> None:
        self.rate_per_s, self.burst = rate_per_s, burst
        self._tokens, self._at_s = burst, 0.0

    def take(self, at_s: float) -> bool:
        """Whether one more is allowed at `at_s` (monotonic seconds)."""
        self._tokens = min(self.burst, self._tokens + (at_s - self._at_s) * self.rate_per_s)
        self._at_s = at_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Flood:
    """Cuts a device's readings to a rate; `due` gives the number cut off, once every `tell_s`."""

    def __init__(self, rate_per_s: float, tell_s: float = 10.0) -> None:
        self._allowance = Allowance(rate_per_s, 2 * rate_per_s)
        self._tell_s = tell_s
        self._cut = 0
        self._told_s = float("-inf")

    def take(self, at_s: float) -> bool:
        if self._allowance.take(at_s):
            return True
        self._cut += 1
        return False

    def due(self, at_s: float) -> int:
        """How many readings were cut off since this last said so; 0 while there is nothing to tell yet."""
        if not self._cut or at_s - self._told_s < self._tell_s:
            return 0
        cut, self._cut, self._told_s = self._cut, 0, at_s
        return cut
