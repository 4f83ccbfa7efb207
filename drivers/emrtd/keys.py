"""Ephemeral keys over domain parameters: made, written, read with every check, and agreed.

Doc 9303-11, sections 9.4 to 9.6; BSI TR-03110-3, A.2 and D.2; TR-03111, section 4.3.  An `EcDomain` or
`DhDomain` is what the standard calls D: a group with a generator, which PACE replaces by a mapped one.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from hashlib import sha1
from typing import ClassVar, Generic, TypeVar

from drivers.emrtd import libcrypto
from drivers.emrtd.apdu import Random
from drivers.emrtd.curves import Curve, Point
from drivers.emrtd.errors import ProtocolError
from drivers.emrtd.libcrypto import Field
from drivers.emrtd.modp_groups import ModpGroup

_DRAWS_MAX = 200
"""Draws of a private key; each of ours is taken with a probability over one half."""

Element = TypeVar("Element", Point, int)


@dataclass(frozen=True, slots=True)
class KeyPair(Generic[Element]):
    """`encoded` is the public key as it goes over the line, and as the token takes it."""

    private: int = field(repr=False)
    public: Element
    encoded: bytes


class Domain(ABC, Generic[Element]):
    """A group and the generator in use; its elements are public keys."""

    public_tag: ClassVar[int]
    """Tag of the public key within a public key data object (TR-03110-3, D.3)."""
    generator: Element

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the group."""

    @property
    @abstractmethod
    def order(self) -> int:
        """Order of the generator, a prime."""

    @abstractmethod
    def multiply(self, private: int, public: Element) -> Element:
        """`private` times `public`, in the group's own operation.  Raises ProtocolError where the result is
        the neutral element: nothing is secret then."""

    @abstractmethod
    def encode(self, public: Element) -> bytes:
        """The public key as it goes over the line."""

    @abstractmethod
    def decode(self, octets: bytes) -> Element:
        """A public key of the chip.  Raises ProtocolError for all that is no element of the right order."""

    @abstractmethod
    def secret(self, shared: Element) -> bytes:
        """What keys are derived from, of a shared element: always of the same length."""

    @abstractmethod
    def compress(self, octets: bytes) -> bytes:
        """Comp(PK) of a key as it goes over the line, for terminal authentication (TR-03110-3, A.2.2.3)."""

    def key_pair(self, random: Random) -> KeyPair[Element]:
        """A fresh key on the generator in use."""
        return self.key_pair_of(draw(random, self.order))

    def key_pair_of(self, private: int) -> KeyPair[Element]:
        public = self.multiply(private, self.generator)
        return KeyPair(private, public, self.encode(public))

    def shared_secret(self, private: int, public: Element) -> bytes:
        """K of the key agreement (9303-11, section 9.6)."""
        return self.secret(self.multiply(private, public))

    def agree(self, private: int, octets: bytes) -> bytes:
        """K with a key of the chip as it came, once that is found to be one."""
        return self.shared_secret(private, self.decode(octets))


@dataclass(frozen=True)
class EcDomain(Domain[Point]):
    curve: Curve
    generator: Point
    public_tag = 0x86

    @classmethod
    def of(cls, curve: Curve) -> "EcDomain":
        return cls(curve, curve.generator)

    @property
    def name(self) -> str:
        return self.curve.name

    @property
    def order(self) -> int:
        return self.curve.n

    def with_generator(self, generator: Point) -> "EcDomain":
        return replace(self, generator=generator)

    def multiply(self, private: int, public: Point) -> Point:
        product = libcrypto.multiply(self.curve, private, public)
        if product is None:
            raise ProtocolError("the key agreement ends in the point at infinity")
        return product

    def encode(self, public: Point) -> bytes:
        """04 || x || y, both of the field's length (TR-03110-3, D.2.2)."""
        return b"\x04" + b"".join(coordinate.to_bytes(self.curve.size, "big") for coordinate in public)

    def decode(self, octets: bytes) -> Point:
        # Infinity has no such form, and all curves here have the cofactor 1: a point of the curve is of
        # order n.
        size = self.curve.size
        if len(octets) != 1 + 2 * size or octets[0] != 4:
            raise ProtocolError(f"a public key of {len(octets)} bytes, expected 04 and {2 * size} more")
        point = int.from_bytes(octets[1 : 1 + size], "big"), int.from_bytes(octets[1 + size :], "big")
        if not libcrypto.on_curve(self.curve, point):
            raise ProtocolError(f"a public key that is not on {self.curve.name}")
        return point

    def secret(self, shared: Point) -> bytes:
        """The x coordinate at the field's length (TR-03111, section 4.3.1)."""
        return shared[0].to_bytes(self.curve.size, "big")

    def compress(self, octets: bytes) -> bytes:
        """The x coordinate at the field's length."""
        return octets[1 : 1 + self.curve.size]


@dataclass(frozen=True)
class DhDomain(Domain[int]):
    group: ModpGroup
    generator: int
    public_tag = 0x84

    @classmethod
    def of(cls, group: ModpGroup) -> "DhDomain":
        return cls(group, group.g)

    @property
    def name(self) -> str:
        return self.group.name

    @property
    def order(self) -> int:
        return self.group.q

    def with_generator(self, generator: int) -> "DhDomain":
        return replace(self, generator=generator)

    def multiply(self, private: int, public: int) -> int:
        power = Field(self.group.p).power(public, private)
        if power == 1:
            raise ProtocolError("the key agreement ends in 1")
        return power

    def encode(self, public: int) -> bytes:
        """An unsigned integer in the fewest octets (TR-03110-3, D.2.1.1)."""
        return unsigned(public)

    def decode(self, octets: bytes) -> int:
        """1 < y < p - 1, and y in the subgroup of order q (RFC 2631, section 2.1.5): one elsewhere would
        draw the private key out.  Leading zeros are accepted."""
        if not 0 < len(octets) <= self.group.size + 1:
            raise ProtocolError(f"a public key of {len(octets)} bytes, expected at most {self.group.size}")
        public = int.from_bytes(octets, "big")
        if not 1 < public < self.group.p - 1:
            raise ProtocolError("a public key of 0, 1, p - 1 or more")
        if Field(self.group.p).power(public, self.group.q) != 1:
            raise ProtocolError(f"a public key outside the subgroup of order q of {self.group.name}")
        return public

    def secret(self, shared: int) -> bytes:
        """The value at the length of p (RFC 2631, section 2.1.2)."""
        return shared.to_bytes(self.group.size, "big")

    def compress(self, octets: bytes) -> bytes:
        """SHA-1 of the key."""
        return sha1(octets, usedforsecurity=False).digest()


def unsigned(number: int) -> bytes:
    """The number in the fewest octets, at least one, without a sign octet (TR-03110-3, D.2.1.1)."""
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")


def draw(random: Random, order: int) -> int:
    """A private key, evenly in 1..order - 1: octets are drawn again until they fit (FIPS 186-4, B.4.2)."""
    size, spare = (order.bit_length() + 7) // 8, -order.bit_length() % 8
    for _ in range(_DRAWS_MAX):
        octets = random(size)
        private = int.from_bytes(bytes([octets[0] & 0xFF >> spare]) + octets[1:], "big")
        if 0 < private < order:
            return private
    raise ValueError("the source of randomness gives no number in the range of a private key")
