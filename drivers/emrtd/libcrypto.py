"""Arithmetic on secrets, done by OpenSSL's libcrypto through ctypes: points of any curve, and fields.

Python's integers take a time that depends on their value, and pyca/cryptography knows neither a mapped
generator nor brainpool's 160, 192, 224 and 320 bits.  So points are multiplied by EC_POINT_mul with one
scalar at a time, which is a ladder of fixed length, and powers are BN_mod_exp_mont_consttime; every number
carries BN_FLG_CONSTTIME.  What crosses this border is still a Python integer: the guarantee is for the
arithmetic, not for the copies.

All calls may be made from any thread: nothing is shared but the curves' groups, only read once they are made.
What a call allocates, it wipes and frees.  The groups stay, at most one a curve.
"""

import ctypes
import functools
import threading
from collections.abc import Callable
from ctypes import c_char_p, c_int, c_size_t, c_void_p
from typing import Any

from drivers.emrtd.curves import Curve, Point
from drivers.emrtd.errors import LibraryMissing, MalformedError, UnsupportedError

LIBRARY = "libcrypto.so.3"
_BN_FLG_CONSTTIME = 4
_UNCOMPRESSED = 4

# Every function of libcrypto used here: what it returns and what it takes (openssl/bn.h, ec.h, objects.h).
_PROTOTYPES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "BN_CTX_new": (c_void_p, ()),
    "BN_CTX_free": (None, (c_void_p,)),
    "BN_new": (c_void_p, ()),
    "BN_clear_free": (None, (c_void_p,)),
    "BN_bin2bn": (c_void_p, (c_char_p, c_int, c_void_p)),
    "BN_bn2binpad": (c_int, (c_void_p, c_char_p, c_int)),
    "BN_set_flags": (None, (c_void_p, c_int)),
    "BN_mod_add": (c_int, (c_void_p,) * 5),
    "BN_mod_sub": (c_int, (c_void_p,) * 5),
    "BN_mod_mul": (c_int, (c_void_p,) * 5),
    "BN_mod_inverse": (c_void_p, (c_void_p,) * 4),
    "BN_mod_exp_mont_consttime": (c_int, (c_void_p,) * 6),
    "OBJ_txt2nid": (c_int, (c_char_p,)),
    "EC_GROUP_new_by_curve_name": (c_void_p, (c_int,)),
    "EC_GROUP_new_curve_GFp": (c_void_p, (c_void_p,) * 4),
    "EC_GROUP_set_generator": (c_int, (c_void_p,) * 4),
    "EC_GROUP_get_curve": (c_int, (c_void_p,) * 5),
    "EC_GROUP_get0_order": (c_void_p, (c_void_p,)),
    "EC_GROUP_get0_generator": (c_void_p, (c_void_p,)),
    "EC_GROUP_free": (None, (c_void_p,)),
    "EC_POINT_new": (c_void_p, (c_void_p,)),
    "EC_POINT_clear_free": (None, (c_void_p,)),
    "EC_POINT_oct2point": (c_int, (c_void_p, c_void_p, c_char_p, c_size_t, c_void_p)),
    "EC_POINT_point2oct": (c_size_t, (c_void_p, c_void_p, c_int, c_char_p, c_size_t, c_void_p)),
    "EC_POINT_mul": (c_int, (c_void_p,) * 6),
    "EC_POINT_add": (c_int, (c_void_p,) * 5),
    "ERR_clear_error": (None, ()),
}
# Only these run long enough to be worth giving up the interpreter's lock.  Giving it up for each of the small
# calls around them would let a busy thread hold every one back by its whole slice (5 ms).
_LONG = ("EC_POINT_mul", "BN_mod_exp_mont_consttime", "BN_mod_inverse")


def multiply(curve: Curve, scalar: int, point: Point) -> Point | None:
    """scalar · point, or None at infinity; the scalar is secret.  Raises MalformedError off the curve."""
    with _Scope() as scope:
        group = _group(curve)
        return scope.read_point(curve, group, _times(scope, curve, group, scalar, point))


def multiply_add(curve: Curve, scalar: int, point: Point, addend: Point) -> Point | None:
    """scalar · point + addend, or None at infinity.  Raises MalformedError if a point is off `curve`."""
    with _Scope() as scope:
        group = _group(curve)
        # Not one EC_POINT_mul: with two scalars that is a sliding window, whose time tells of the scalar.
        product = _times(scope, curve, group, scalar, point)
        other = scope.point(curve, group, addend)
        _done(scope.library.EC_POINT_add(group, product, product, other, scope.context))
        return scope.read_point(curve, group, product)


def on_curve(curve: Curve, point: Point) -> bool:
    """Whether `point` satisfies the curve's equation with coordinates under p."""
    with _Scope() as scope:
        try:
            scope.point(curve, _group(curve), point)
        except MalformedError:
            return False
    return True


def ecdsa_verify(curve: Curve, public: Point, digest: bytes, r: int, s: int) -> bool:
    """Whether (r, s) is `public`'s signature of `digest` (TR-03111, section 4.2.1.2).

    A digest longer than the order counts with its leftmost bits.  Raises MalformedError if `public` is off
    `curve`.
    """
    if not (0 < r < curve.n and 0 < s < curve.n):
        return False
    hashed = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - curve.n.bit_length())
    inverse = pow(s, -1, curve.n)  # nothing here is secret
    with _Scope() as scope:
        group = _group(curve)
        key = scope.point(curve, group, public)
        first = scope.number(hashed * inverse % curve.n)
        second = scope.number(r * inverse % curve.n)
        result = scope.new_point(group)
        _done(_long().EC_POINT_mul(group, result, first, key, second, scope.context))
        found = scope.read_point(curve, group, result)
    return found is not None and found[0] % curve.n == r


class Field:
    """The integers modulo an odd prime p.  All operands may be secrets; none is negative."""

    def __init__(self, p: int) -> None:
        self.p = p
        self._size = (p.bit_length() + 7) // 8

    def reduce(self, value: int) -> int:
        return self.add(value, 0)

    def add(self, left: int, right: int) -> int:
        return self._binary("BN_mod_add", left, right)

    def subtract(self, left: int, right: int) -> int:
        return self._binary("BN_mod_sub", left, right)

    def multiply(self, left: int, right: int) -> int:
        return self._binary("BN_mod_mul", left, right)

    def power(self, base: int, exponent: int) -> int:
        """base to the `exponent` >= 0; either may be the secret."""
        with _Scope() as scope:
            result, modulus = scope.number(0), scope.number(self.p)
            left, right = scope.number(base), scope.number(exponent)
            _done(_long().BN_mod_exp_mont_consttime(result, left, right, modulus, scope.context, None))
            return scope.read_number(result, self._size)

    def inverse(self, value: int) -> int:
        """Raises ZeroDivisionError for 0."""
        if value == 0:
            raise ZeroDivisionError("0 has no inverse")
        with _Scope() as scope:
            result, number, modulus = scope.number(0), scope.number(value), scope.number(self.p)
            _done(_long().BN_mod_inverse(result, number, modulus, scope.context))
            return scope.read_number(result, self._size)

    def _binary(self, function: str, left: int, right: int) -> int:
        with _Scope() as scope:
            result = scope.number(0)
            operands = scope.number(left), scope.number(right), scope.number(self.p)
            _done(getattr(scope.library, function)(result, *operands, scope.context))
            return scope.read_number(result, self._size)


class _Scope:
    """What one operation allocates: wiped and freed when it ends, however it ends."""

    def __init__(self) -> None:
        self.library = _quick()
        self._owned: list[tuple[Callable[[int], None], int]] = []
        self.context = self._own(self.library.BN_CTX_new(), self.library.BN_CTX_free)

    def __enter__(self) -> "_Scope":
        return self

    def __exit__(self, *_: object) -> None:
        while self._owned:
            free, pointer = self._owned.pop()
            free(pointer)

    def number(self, value: int) -> int:
        octets = value.to_bytes((value.bit_length() + 7) // 8, "big")
        made = self.library.BN_bin2bn(octets, len(octets), None)
        pointer = self._own(made, self.library.BN_clear_free)
        self.library.BN_set_flags(pointer, _BN_FLG_CONSTTIME)
        return pointer

    def new_point(self, group: int) -> int:
        return self._own(self.library.EC_POINT_new(group), self.library.EC_POINT_clear_free)

    def point(self, curve: Curve, group: int, point: Point) -> int:
        pointer = self.new_point(group)
        octets = b""
        if all(0 <= coordinate < curve.p for coordinate in point):
            octets = b"\x04" + b"".join(coordinate.to_bytes(curve.size, "big") for coordinate in point)
        if self.library.EC_POINT_oct2point(group, pointer, octets, len(octets), self.context) != 1:
            self.library.ERR_clear_error()  # the queue is shared with Python's own ssl module
            raise MalformedError(f"a point that is not on {curve.name}")
        return pointer

    def read_number(self, pointer: int, size: int) -> int:
        buffer = ctypes.create_string_buffer(size)
        if self.library.BN_bn2binpad(pointer, buffer, size) != size:
            raise _failure()
        return int.from_bytes(buffer.raw, "big")

    def read_point(self, curve: Curve, group: int, pointer: int) -> Point | None:
        size = 1 + 2 * curve.size
        buffer = ctypes.create_string_buffer(size)
        written = self.library.EC_POINT_point2oct(group, pointer, _UNCOMPRESSED, buffer, size, self.context)
        if written == 1:  # a single 00: infinity (SEC 1, section 2.3.3)
            return None
        if written != size:
            raise _failure()
        middle = 1 + curve.size
        return int.from_bytes(buffer.raw[1:middle], "big"), int.from_bytes(buffer.raw[middle:], "big")

    def _own(self, pointer: int | None, free: Callable[[int], None]) -> int:
        if pointer is None:
            self.__exit__()
            raise MemoryError("libcrypto has no memory")
        self._owned.append((free, pointer))
        return pointer


def _times(scope: _Scope, curve: Curve, group: int, scalar: int, point: Point) -> int:
    result, number = scope.new_point(group), scope.number(scalar)
    factors = (number, None, None)  # the generator has tables made for it
    if point != curve.generator:
        factors = (None, scope.point(curve, group, point), number)
    _done(_long().EC_POINT_mul(group, result, *factors, scope.context))
    return result


_groups: dict[str, int] = {}
_groups_lock = threading.Lock()


def _group(curve: Curve) -> int:
    made = _groups.get(curve.name)
    if made is None:
        with _groups_lock:
            made = _groups.get(curve.name)
            if made is None:
                made = _groups[curve.name] = _make_group(curve)
    return made


def _make_group(curve: Curve) -> int:
    """libcrypto's own group where it has the curve, as some are faster, if it means the same curve by it."""
    with _Scope() as scope:
        library = scope.library
        named: int | None = library.EC_GROUP_new_by_curve_name(library.OBJ_txt2nid(curve.oid.encode()))
        if named is not None:
            if _parameters(scope, curve, named) == (curve.p, curve.a, curve.b, curve.n, curve.generator):
                return named
            library.EC_GROUP_free(named)
        p, a, b, n, h = (scope.number(value) for value in (curve.p, curve.a, curve.b, curve.n, curve.h))
        explicit: int | None = library.EC_GROUP_new_curve_GFp(p, a, b, scope.context)
        library.ERR_clear_error()
        if explicit is None:
            raise UnsupportedError(f"this machine's {LIBRARY} takes no {curve.name}")
        _done(library.EC_GROUP_set_generator(explicit, scope.point(curve, explicit, curve.generator), n, h))
        return explicit


def _parameters(scope: _Scope, curve: Curve, group: int) -> tuple[int, int, int, int, Point | None]:
    library, p, a, b = scope.library, scope.number(0), scope.number(0), scope.number(0)
    _done(library.EC_GROUP_get_curve(group, p, a, b, scope.context))
    p, a, b = (scope.read_number(number, curve.size) for number in (p, a, b))
    n = scope.read_number(library.EC_GROUP_get0_order(group), curve.order_size)
    return p, a, b, n, scope.read_point(curve, group, library.EC_GROUP_get0_generator(group))


@functools.cache
def _quick() -> Any:
    return _load(ctypes.PyDLL, tuple(_PROTOTYPES))


@functools.cache
def _long() -> Any:
    return _load(ctypes.CDLL, _LONG)


def _load(loader: type[ctypes.CDLL], functions: tuple[str, ...]) -> ctypes.CDLL:
    try:
        library = loader(LIBRARY)
        for name in functions:
            function = getattr(library, name)
            function.restype, function.argtypes = _PROTOTYPES[name]
    except (OSError, AttributeError) as error:
        raise LibraryMissing(
            f"{LIBRARY} (OpenSSL 3) cannot be used: {error}; "
            "install the package libssl3 (Debian, Ubuntu) or openssl-libs (Fedora, RHEL)"
        ) from error
    return library


def _done(status: int | None) -> None:
    """Arithmetic fails only for want of memory, or by a mistake of ours."""
    if not status:
        raise _failure()


def _failure() -> Exception:
    _quick().ERR_clear_error()
    return MemoryError("libcrypto could not finish its arithmetic")
