"""Checking plain ECDSA signatures, r || s, over any curve (TR-03111, 4.2.1 and 5.2.1)."""

import hashlib

from simulators.card.curves import Curve, Point


def _number(curve: Curve, digest: bytes) -> int:
    """The leftmost bits of a hash, as many as the order has."""
    return int.from_bytes(digest, "big") >> max(8 * len(digest) - curve.n.bit_length(), 0)


def verify(curve: Curve, key: Point, message: bytes, signature: bytes, hash_name: str) -> bool:
    """Whether plain `signature` holds for `message`."""
    if len(signature) != 2 * curve.order_size:
        return False
    r, s = (
        int.from_bytes(half, "big") for half in (signature[: curve.order_size], signature[curve.order_size :])
    )
    if not (0 < r < curve.n and 0 < s < curve.n):
        return False
    inverse = pow(s, -1, curve.n)
    number = _number(curve, hashlib.new(hash_name, message).digest())
    point = curve.add(
        curve.multiply(number * inverse % curve.n, curve.base), curve.multiply(r * inverse % curve.n, key)
    )
    return point is not None and point[0] % curve.n == r
