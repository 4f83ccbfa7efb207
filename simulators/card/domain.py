"""Key agreement over a group with some generator: what PACE and chip authentication need of it.

Keys go in and out as octets (TR-03110-3, D.2 and D.3): an uncompressed point, or an unsigned integer.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from simulators.card.curves import Curve, ModpGroup, Point, curve, modp_group

Random = Callable[[int], bytes]
"""So many random bytes."""


class Domain(Protocol):
    """A group and a generator."""

    @property
    def order(self) -> int: ...

    @property
    def key_tag(self) -> int:
        """The tag of a public key in a public key data object: 86 or 84."""
        ...

    @property
    def prime(self) -> int:
        """The field's prime."""
        ...

    def public(self, private: int) -> bytes: ...

    def check(self, key: bytes) -> None:
        """Raises ValueError when `key` is no element of the group, or none that may be used."""
        ...

    def same(self, left: bytes, right: bytes) -> bool:
        """Whether both octets mean one key."""
        ...

    def secret(self, private: int, key: bytes) -> bytes:
        """The shared secret, x coordinate or power, at the field's full length.  Raises ValueError."""
        ...

    def compress(self, key: bytes) -> bytes:
        """Comp(): the x coordinate, or SHA-1 of the integer (TR-03110-3, A.2.2.3)."""
        ...

    def mapped(self, nonce: int, private: int, key: bytes) -> "Domain":
        """The generic mapping of `nonce` with the result of one key agreement (Doc 9303-11, 4.4.3.3.1)."""
        ...

    def mapped_to(self, number: int) -> "Domain":
        """The integrated mapping of `number`, R(s, t) modulo p.  Raises ValueError where it fails."""
        ...


def draw_private(domain: Domain, random: Random) -> int:
    """A private key, uniform from 1 to the order less one."""
    bits = domain.order.bit_length()
    while True:
        private = int.from_bytes(random((bits + 7) // 8), "big") >> (-bits % 8)
        if 0 < private < domain.order:
            return private


@dataclass(frozen=True, slots=True)
class CurveDomain:
    """Points of a curve."""

    curve: Curve
    base: Point
    key_tag: int = 0x86

    @property
    def order(self) -> int:
        return self.curve.n

    @property
    def prime(self) -> int:
        return self.curve.p

    def public(self, private: int) -> bytes:
        return self.curve.encode(self.curve.multiply(private, self.base))

    def check(self, key: bytes) -> None:
        self.curve.decode(key)

    def same(self, left: bytes, right: bytes) -> bool:
        return left == right

    def secret(self, private: int, key: bytes) -> bytes:
        shared = self.curve.multiply(private, self.curve.decode(key))
        return self.curve.encode(shared)[1 : 1 + self.curve.size]

    def compress(self, key: bytes) -> bytes:
        return key[1 : 1 + self.curve.size]

    def mapped(self, nonce: int, private: int, key: bytes) -> "CurveDomain":
        shared = self.curve.multiply(private, self.curve.decode(key))
        base = self.curve.add(self.curve.multiply(nonce, self.base), shared)
        if base is None:
            raise ValueError("the nonce maps to infinity")
        return replace(self, base=base)

    def mapped_to(self, number: int) -> "CurveDomain":
        p, a, b = self.curve.p, self.curve.a, self.curve.b
        if p % 4 != 3:
            raise ValueError(f"{self.curve.name} has no integrated mapping")
        # Point encoding for p = 3 mod 4 (Doc 9303-11, 4.4.3.3.2): one of two candidates has a root.
        alpha = -number * number % p
        x2 = -b * pow(a, -1, p) * (1 + pow(alpha + alpha * alpha, -1, p)) % p
        x3 = alpha * x2 % p
        h2 = (x2 * x2 * x2 + a * x2 + b) % p
        u = pow(number, 3, p) * h2 % p
        root = pow(h2, p - 1 - (p + 1) // 4, p)
        x, y = (x2, root * h2 % p) if root * root * h2 % p == 1 else (x3, root * u % p)
        base = self.curve.multiply(self.curve.h, (x, y))
        if base is None or not self.curve.contains(base):
            raise ValueError("the number maps to no point of the group")
        return replace(self, base=base)


@dataclass(frozen=True, slots=True)
class ModpDomain:
    """Powers modulo a prime.  `padded` writes public keys at the prime's full length, leading zeros too."""

    group: ModpGroup
    base: int
    padded: bool = False
    key_tag: int = 0x84

    @property
    def order(self) -> int:
        return self.group.q

    @property
    def prime(self) -> int:
        return self.group.p

    def public(self, private: int) -> bytes:
        key = pow(self.base, private, self.group.p)
        return key.to_bytes(self.group.size if self.padded else (key.bit_length() + 7) // 8, "big")

    def check(self, key: bytes) -> None:
        self._decode(key)

    def same(self, left: bytes, right: bytes) -> bool:
        return int.from_bytes(left, "big") == int.from_bytes(right, "big")

    def secret(self, private: int, key: bytes) -> bytes:
        return pow(self._decode(key), private, self.group.p).to_bytes(self.group.size, "big")

    def compress(self, key: bytes) -> bytes:
        return hashlib.sha1(key.lstrip(b"\x00")).digest()  # noqa: S324 (the protocol's)

    def mapped(self, nonce: int, private: int, key: bytes) -> "ModpDomain":
        p = self.group.p
        return self._with(pow(self.base, nonce, p) * pow(self._decode(key), private, p) % p)

    def mapped_to(self, number: int) -> "ModpDomain":
        p, q = self.group.p, self.group.q
        return self._with(pow(number, (p - 1) // q, p))

    def _with(self, base: int) -> "ModpDomain":
        if base in (0, 1):
            raise ValueError("the nonce maps to no generator")
        return replace(self, base=base)

    def _decode(self, key: bytes) -> int:
        y, p = int.from_bytes(key, "big"), self.group.p
        # One octet more than the prime has is a sign octet.
        if len(key) > self.group.size + 1 or not 1 < y < p - 1 or pow(y, self.group.q, p) != 1:
            raise ValueError(f"no public key of {self.group.name}")
        return y


def domain(group: str, *, padded: bool = False) -> Domain:
    """The group of that name (a value of STANDARD_GROUPS) with its own generator."""
    if group.startswith("modp"):
        modp = modp_group(group)
        return ModpDomain(modp, modp.g, padded)
    named = curve(group)
    return CurveDomain(named, named.base)
