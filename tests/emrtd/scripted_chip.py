"""A transport that follows a script: it answers what is written and fails when asked for anything else."""

from collections.abc import Iterable


class ScriptedChip:
    """Plays recorded pairs of command and answer, in order; `random` hands out the recorded random octets."""

    def __init__(self, exchange: Iterable[tuple[str, str]], random: Iterable[bytes] = ()) -> None:
        self._exchange = [(bytes.fromhex(command), bytes.fromhex(answer)) for command, answer in exchange]
        self._random = list(random)

    def __call__(self, command: bytes) -> bytes:
        expected, answer = self._exchange.pop(0)
        assert command.hex() == expected.hex()
        return answer

    def random(self, length: int) -> bytes:
        octets = self._random.pop(0)
        assert len(octets) == length
        return octets

    @property
    def finished(self) -> bool:
        """Whether all was said and all random octets were used."""
        return not self._exchange and not self._random
