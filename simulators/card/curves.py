"""Elliptic curves over prime fields, all that Doc 9303 knows, in plain integers (SEC 1, 2; RFC 5639).

For a simulator: it takes no care of timing and must never hold a secret worth having.  Points are (x, y), and
None for the point at infinity.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Point = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Curve:
    """y^2 = x^3 + a x + b modulo p, with the base point (x, y) of order n and the cofactor h."""

    name: str
    oid: str
    p: int
    a: int
    b: int
    x: int
    y: int
    n: int
    seed: bytes = b""
    h: int = 1

    @property
    def size(self) -> int:
        """Bytes of a coordinate."""
        return (self.p.bit_length() + 7) // 8

    @property
    def order_size(self) -> int:
        """Bytes of half a plain signature."""
        return (self.n.bit_length() + 7) // 8

    @property
    def base(self) -> Point:
        return (self.x, self.y)

    def contains(self, point: Point) -> bool:
        """Whether the point, not infinity, lies on the curve with coordinates in range."""
        if point is None:
            return False
        x, y = point
        in_range = 0 <= x < self.p and 0 <= y < self.p
        return in_range and (y * y - (x * x + self.a) * x - self.b) % self.p == 0

    def encode(self, point: Point, *, compressed: bool = False) -> bytes:
        """Octets of a point (SEC 1, 2.3.3), of fixed length.  Raises ValueError for infinity."""
        if point is None:
            raise ValueError("the point at infinity has no octets here")
        x, y = point
        if compressed:
            return bytes([2 + (y & 1)]) + x.to_bytes(self.size, "big")
        return b"\x04" + x.to_bytes(self.size, "big") + y.to_bytes(self.size, "big")

    def decode(self, octets: bytes) -> Point:
        """The point of an uncompressed encoding.  Raises ValueError when it is none or off the curve."""
        if len(octets) != 1 + 2 * self.size or octets[0] != 4:
            raise ValueError(f"{len(octets)} bytes are no uncompressed point of {self.name}")
        point = (
            int.from_bytes(octets[1 : 1 + self.size], "big"),
            int.from_bytes(octets[1 + self.size :], "big"),
        )
        if not self.contains(point):
            raise ValueError(f"the point does not lie on {self.name}")
        return point

    def negate(self, point: Point) -> Point:
        return None if point is None else (point[0], -point[1] % self.p)

    def add(self, left: Point, right: Point) -> Point:
        return self._affine(_add(self, _jacobian(left), _jacobian(right)))

    def multiply(self, factor: int, point: Point) -> Point:
        """`factor` times `point`; `factor` may be any integer."""
        if factor < 0:
            return self.multiply(-factor, self.negate(point))
        # Windows of four bits: half the additions of bit by bit.
        start = _jacobian(point)
        table = [_INFINITY]
        for _ in range(15):
            table.append(_add(self, table[-1], start))
        total = _INFINITY
        for shift in range((factor.bit_length() + 3) // 4 * 4 - 4, -4, -4):
            for _ in range(4):
                total = _double(self, total)
            total = _add(self, total, table[factor >> shift & 15])
        return self._affine(total)

    def _affine(self, point: "_Jacobian") -> Point:
        x, y, z = point
        if z == 0:
            return None
        inverse = pow(z, -1, self.p)
        square = inverse * inverse % self.p
        return (x * square % self.p, y * square * inverse % self.p)


_Jacobian = tuple[int, int, int]
"""(X, Y, Z) for x = X / Z^2, y = Y / Z^3: no division until the end.  Z = 0 is infinity."""

_INFINITY: _Jacobian = (1, 1, 0)


def _jacobian(point: Point) -> _Jacobian:
    return _INFINITY if point is None else (point[0], point[1], 1)


def _double(curve: Curve, point: _Jacobian) -> _Jacobian:
    x, y, z = point
    p = curve.p
    if z == 0 or y == 0:
        return _INFINITY
    y2 = y * y % p
    s = 4 * x * y2 % p
    z2 = z * z % p
    m = (3 * x * x + curve.a * z2 * z2) % p
    x3 = (m * m - 2 * s) % p
    return (x3, (m * (s - x3) - 8 * y2 * y2) % p, 2 * y * z % p)


def _add(curve: Curve, left: _Jacobian, right: _Jacobian) -> _Jacobian:
    x1, y1, z1 = left
    x2, y2, z2 = right
    p = curve.p
    if z1 == 0:
        return right
    if z2 == 0:
        return left
    z1z1, z2z2 = z1 * z1 % p, z2 * z2 % p
    u1, u2 = x1 * z2z2 % p, x2 * z1z1 % p
    s1, s2 = y1 * z2 * z2z2 % p, y2 * z1 * z1z1 % p
    if u1 == u2:
        return _double(curve, left) if s1 == s2 else _INFINITY
    h, r = u2 - u1, s2 - s1
    h2 = h * h % p
    h3 = h * h2 % p
    v = u1 * h2 % p
    x3 = (r * r - h3 - 2 * v) % p
    return (x3, (r * (v - x3) - s1 * h3) % p, h * z1 * z2 % p)


@dataclass(frozen=True, slots=True)
class ModpGroup:
    """Diffie-Hellman's numbers: g generates a subgroup of prime order q modulo p (RFC 5114)."""

    name: str
    p: int
    g: int
    q: int

    @property
    def size(self) -> int:
        """Bytes of p."""
        return (self.p.bit_length() + 7) // 8


@cache
def _groups() -> tuple[dict[str, Curve], dict[str, ModpGroup]]:
    tables = tomllib.loads(files("simulators.card").joinpath("groups.toml").read_text())

    def curve(name: str, row: dict[str, str]) -> Curve:
        numbers = (int(row[key], 16) for key in ("p", "a", "b", "x", "y", "n"))
        return Curve(name, row["oid"], *numbers, seed=bytes.fromhex(row.get("seed", "")))

    def modp(name: str, row: dict[str, str]) -> ModpGroup:
        return ModpGroup(name, *(int(row[key], 16) for key in ("p", "g", "q")))

    return (
        {name: curve(name, row) for name, row in tables["curve"].items()},
        {name: modp(name, row) for name, row in tables["modp"].items()},
    )


def curve_names() -> tuple[str, ...]:
    return tuple(_groups()[0])


def curve(name: str) -> Curve:
    """The curve of that name, such as brainpoolP320r1.  Raises KeyError."""
    return _groups()[0][name]


def modp_group(name: str) -> ModpGroup:
    """The group of that name: modp1024-160, modp2048-224 or modp2048-256.  Raises KeyError."""
    return _groups()[1][name]
