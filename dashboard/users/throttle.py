"""Slows down guessing of passwords: free failures first, then a wait that doubles.

By account and address together, so that a stranger cannot lock an officer out of his own work place; by
address and by account alone with a longer rope.
"""

from collections import OrderedDict
from collections.abc import Iterable

FREE_FAILURES = 5
FREE_FAILURES_ALONE = 30
WAIT_FIRST_S = 5.0
WAIT_MAX_S = 900.0
FORGET_AFTER_S = 3600.0
KEYS_MAX = 10_000


class Throttle:
    """`now_s` is monotonic time, given by the caller."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, ...], tuple[int, float]] = OrderedDict()

    def wait_s(self, account: str, address: str, now_s: float) -> float:
        """Seconds until another attempt is looked at; 0 when it may be made now."""
        return max(self._wait_s(key, free, now_s) for key, free in _keys(account, address))

    def _wait_s(self, key: tuple[str, ...], free: int, now_s: float) -> float:
        count, last_s = self._failures.get(key, (0, now_s))
        if count < free:
            return 0.0
        wait_s = min(WAIT_MAX_S, WAIT_FIRST_S * 2 ** min(count - free, 20))
        return max(0.0, last_s + wait_s - now_s)

    def failed(self, account: str, address: str, now_s: float) -> None:
        for key, _ in _keys(account, address):
            count, last_s = self._failures.pop(key, (0, now_s))
            if now_s - last_s > FORGET_AFTER_S:
                count = 0
            self._failures[key] = (count + 1, now_s)
        while len(self._failures) > KEYS_MAX:
            self._failures.popitem(last=False)

    def succeeded(self, account: str, address: str) -> None:
        self._failures.pop(("both", account, address), None)


def _keys(account: str, address: str) -> Iterable[tuple[tuple[str, ...], int]]:
    yield ("both", account, address), FREE_FAILURES
    yield ("account", account), FREE_FAILURES_ALONE
    yield ("address", address), FREE_FAILURES_ALONE
