"""The random re-check that staff can't steer: commit and reveal.

At shift start headquarters publishes H(seed).  A passage is chosen if HMAC(seed, lane, passage) < rate.  The
seed is disclosed after the shift, and anyone recomputes every choice.  Only lane and passage number go in:
nothing that staff can vary.  Source: `docs/sources.md` 73; HMAC-SHA-256, RFC 2104 and FIPS 180-4.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A shift's seed, once it is over, with what was published at its start."""

    seed: bytes
    commitment: str
    rate: float


class Draw:
    """One shift's draw.  `commitment` is public from the start, `disclose` ends the shift."""

    def __init__(self, rate: float, seed: bytes | None = None) -> None:
        if not 0.0 <= rate <= 1.0:
            raise ValueError(f"rate {rate}: expected 0 to 1")
        self.rate = rate
        self._seed = seed if seed is not None else secrets.token_bytes(32)
        self.commitment = commit(self._seed)

    def select(self, lane: str, passage: int) -> tuple[bool, str]:
        """Whether this passage is chosen, and the proof: the HMAC as hex, which tells nothing of the seed."""
        proof = _proof(self._seed, lane, passage)
        return chosen(proof, self.rate), proof.hex()

    def disclose(self) -> Disclosed:
        """End the shift: hand out its seed and begin a new one."""
        ended = Disclosed(self._seed, self.commitment, self.rate)
        self._seed = secrets.token_bytes(32)
        self.commitment = commit(self._seed)
        return ended


def commit(seed: bytes) -> str:
    """H(seed), SHA-256 as hex."""
    return hashlib.sha256(seed).hexdigest()


def _proof(seed: bytes, lane: str, passage: int) -> bytes:
    """HMAC over lane, a zero byte and the passage number in 8 bytes: no two pairs give the same input."""
    return hmac.digest(seed, lane.encode("utf-8") + b"\0" + passage.to_bytes(8, "big"), "sha256")


def chosen(proof: bytes, rate: float) -> bool:
    """The first 8 bytes as a fraction of their range lie below the rate."""
    return int.from_bytes(proof[:8], "big") < rate * 2**64


def recompute(disclosed: Disclosed, lane: str, passage: int, selected: bool, proof: str) -> bool:
    """Whether a choice made during the shift is the one its seed gives; False also for a seed that is not
    the one that was committed to."""
    if commit(disclosed.seed) != disclosed.commitment:
        return False
    own = _proof(disclosed.seed, lane, passage)
    return hmac.compare_digest(own.hex(), proof) and chosen(own, disclosed.rate) == selected
