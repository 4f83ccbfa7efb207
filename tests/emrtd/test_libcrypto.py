"""Points and fields: what libcrypto computes is right, is freed, and may be asked from any thread."""

import ctypes
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256, sha384, sha512
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from drivers.emrtd import curves, libcrypto, modp_groups
from drivers.emrtd.curves import CURVES, Curve
from drivers.emrtd.errors import LibraryMissing, MalformedError, UnsupportedError
from drivers.emrtd.libcrypto import Field
from drivers.emrtd.modp_groups import GROUPS, ModpGroup
from tests.emrtd.affine import add
from tests.emrtd.affine import multiply as affine_multiply

each_curve = pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)


@each_curve
def test_every_curve_is_one(curve: Curve) -> None:
    """The generator is a point of it, of the order n, and n is within Hasse's bound with the cofactor 1."""
    assert libcrypto.on_curve(curve, curve.generator)
    assert libcrypto.multiply(curve, curve.n, curve.generator) is None
    assert libcrypto.multiply(curve, curve.n - 1, curve.generator) == (curve.gx, curve.p - curve.gy)
    assert (curve.n - curve.p - 1) ** 2 <= 4 * curve.p
    assert curve.n != curve.p, "an anomalous curve has no discrete logarithm problem"


@each_curve
def test_libcrypto_agrees_with_textbook_arithmetic(curve: Curve) -> None:
    scalar = secrets.randbelow(curve.n)
    point = affine_multiply(curve, 77, curve.generator)
    assert point is not None
    product = affine_multiply(curve, scalar, point)
    assert libcrypto.multiply(curve, scalar, point) == product
    assert libcrypto.multiply(curve, 77, curve.generator) == point
    assert libcrypto.multiply_add(curve, scalar, point, curve.generator) == add(
        curve, product, curve.generator
    )


def test_infinity_is_none() -> None:
    curve = curves.by_name("brainpoolP256r1")
    negative = (curve.gx, curve.p - curve.gy)
    assert libcrypto.multiply(curve, 0, curve.generator) is None
    assert libcrypto.multiply(curve, curve.n, negative) is None
    assert libcrypto.multiply_add(curve, 1, curve.generator, negative) is None
    assert libcrypto.multiply_add(curve, 0, curve.generator, negative) == negative


@each_curve
def test_a_point_off_the_curve_is_refused(curve: Curve) -> None:
    """An off-curve point lies on a weaker curve and would draw the scalar out, some bits a time."""
    off = (curve.gx, curve.gy ^ 1)
    beyond = (curve.gx + curve.p, curve.gy)
    for point in (off, beyond, (-1, curve.gy), (0, 0)):
        assert not libcrypto.on_curve(curve, point)
        with pytest.raises(MalformedError, match=curve.name):
            libcrypto.multiply(curve, 5, point)
        with pytest.raises(MalformedError):
            libcrypto.multiply_add(curve, 5, curve.generator, point)
        with pytest.raises(MalformedError):
            libcrypto.ecdsa_verify(curve, point, b"digest", 1, 1)


@pytest.mark.parametrize(
    ("name", "theirs", "hashed", "digest"),
    [
        ("secp256r1", ec.SECP256R1(), hashes.SHA256(), sha256),
        ("secp256r1", ec.SECP256R1(), hashes.SHA512(), sha512),
        ("secp384r1", ec.SECP384R1(), hashes.SHA256(), sha256),
        ("secp521r1", ec.SECP521R1(), hashes.SHA512(), sha512),
        ("brainpoolP384r1", ec.BrainpoolP384R1(), hashes.SHA384(), sha384),
        ("brainpoolP512r1", ec.BrainpoolP512R1(), hashes.SHA512(), sha512),
    ],
)
def test_signatures_of_pyca_verify_and_altered_ones_do_not(
    name: str, theirs: ec.EllipticCurve, hashed: hashes.HashAlgorithm, digest: Callable[[bytes], Any]
) -> None:
    curve, key = curves.by_name(name), ec.generate_private_key(theirs)
    numbers = key.public_key().public_numbers()
    public = numbers.x, numbers.y
    r, s = decode_dss_signature(key.sign(b"said", ec.ECDSA(hashed)))
    said = digest(b"said").digest()
    assert libcrypto.ecdsa_verify(curve, public, said, r, s)
    assert libcrypto.ecdsa_verify(curve, public, said, r, curve.n - s), "(r, -s) is a signature too"
    assert not libcrypto.ecdsa_verify(curve, public, digest(b"unsaid").digest(), r, s)
    assert not libcrypto.ecdsa_verify(curve, public, said, r ^ 1, s)
    assert not libcrypto.ecdsa_verify(curve, curve.generator, said, r, s)
    for low, high in ((0, s), (r, 0), (r + curve.n, s), (r, s + curve.n), (-r, s), (curve.n, s)):
        assert not libcrypto.ecdsa_verify(curve, public, said, low, high)


def test_field_arithmetic_is_that_of_the_integers() -> None:
    p = curves.by_name("brainpoolP320r1").p
    field, left, right = Field(p), secrets.randbelow(p), secrets.randbelow(p)
    assert field.add(left, right) == (left + right) % p
    assert field.subtract(left, right) == (left - right) % p
    assert field.multiply(left, right) == left * right % p
    assert field.power(left, right) == pow(left, right, p)
    assert field.power(0, 5) == 0
    assert field.power(left, 0) == 1
    assert field.multiply(field.inverse(right), right) == 1
    with pytest.raises(ZeroDivisionError):
        field.inverse(0)


def test_four_threads_get_what_one_gets() -> None:
    work = [(curve, scalar) for scalar in range(3, 13) for curve in CURVES]

    def ask(item: tuple[Curve, int]) -> object:
        curve, scalar = item
        return libcrypto.multiply(curve, scalar, curve.generator)

    libcrypto._groups.clear()  # so that the threads also meet over making the groups
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(ask, work))
    assert found == [affine_multiply(curve, scalar, curve.generator) for curve, scalar in work]


COUNT_ALLOCATIONS = """
import ctypes
import os
live = set()
libc = ctypes.PyDLL(None)
for name in ("malloc", "realloc"):
    getattr(libc, name).restype = ctypes.c_void_p
MALLOC = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_int)
REALLOC = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_int)
FREE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)
def malloc(size, file, line):
    pointer = libc.malloc(ctypes.c_size_t(size))
    live.add(pointer)
    return pointer
def realloc(old, size, file, line):
    pointer = libc.realloc(ctypes.c_void_p(old), ctypes.c_size_t(size))
    live.discard(old)
    live.add(pointer)
    return pointer
def free(pointer, file, line):
    live.discard(pointer)
    libc.free(ctypes.c_void_p(pointer))
hooks = MALLOC(malloc), REALLOC(realloc), FREE(free)
assert ctypes.CDLL("libcrypto.so.3").CRYPTO_set_mem_functions(*hooks) == 1, "libcrypto allocated before"

from drivers.emrtd import libcrypto
from drivers.emrtd.curves import CURVES
from drivers.emrtd.errors import MalformedError
def everything():
    for curve in CURVES:
        g = curve.generator
        libcrypto.multiply(curve, 5, libcrypto.multiply(curve, 3, g))
        libcrypto.multiply_add(curve, 5, g, g)
        libcrypto.multiply(curve, 0, g)
        libcrypto.ecdsa_verify(curve, g, b"digest", 5, 7)
        for call in (libcrypto.multiply, lambda c, k, p: libcrypto.multiply_add(c, k, g, p)):
            try:
                call(curve, 5, (1, 1))
            except MalformedError:
                pass
        field = libcrypto.Field(curve.p)
        field.add(1, 2), field.subtract(1, 2), field.multiply(3, 4), field.power(5, 6), field.inverse(7)
everything()
before = len(live)
assert before > 50, "nothing is counted"
for _ in range(3):
    everything()
print(before, len(live), flush=True)
os._exit(0)  # libcrypto's own exit would call the hooks of an interpreter that is gone
"""


def test_nothing_that_libcrypto_allocates_stays() -> None:
    """Counted at libcrypto's own allocator, in a process of its own: not one more after three rounds."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", COUNT_ALLOCATIONS],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    before, after = ran.stdout.split()
    assert after == before


def test_a_machine_without_libcrypto_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libcrypto, "LIBRARY", "libcrypto.so.of-another-age")
    with pytest.raises(LibraryMissing, match=r"install the package libssl3"):
        libcrypto._load(ctypes.CDLL, ())


def test_a_library_without_a_function_is_no_libcrypto(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libcrypto, "LIBRARY", "libc.so.6")
    with pytest.raises(LibraryMissing, match="EC_POINT_mul"):
        libcrypto._load(ctypes.CDLL, ("EC_POINT_mul",))


@each_curve
def test_a_curve_is_found_by_name_by_oid_and_by_its_exact_parameters(curve: Curve) -> None:
    size = curve.size
    x, y = curve.gx.to_bytes(size, "big"), curve.gy.to_bytes(size, "big")
    assert curves.by_name(curve.name) is curve
    assert curves.by_oid(curve.oid) is curve
    for generator in (b"\x04" + x + y, bytes([2 | curve.gy & 1]) + x):
        for cofactor in (1, None):
            found = curves.by_parameters(curve.p, curve.a, curve.b, generator, curve.n, cofactor)
            assert found is curve


def test_a_swapped_generator_is_refused() -> None:
    """CVE-2020-0601: with G' = Q/k of the attacker's choice, k signs for Q."""
    curve = curves.by_name("secp256r1")
    point = libcrypto.multiply(curve, 2, curve.generator)
    assert point is not None
    other = b"\x04" + b"".join(coordinate.to_bytes(curve.size, "big") for coordinate in point)
    with pytest.raises(UnsupportedError, match="another generator"):
        curves.by_parameters(curve.p, curve.a, curve.b, other, curve.n, 1)
    negative = bytes([3 - (curve.gy & 1)]) + curve.gx.to_bytes(curve.size, "big")
    with pytest.raises(UnsupportedError):
        curves.by_parameters(curve.p, curve.a, curve.b, negative, curve.n, 1)


@pytest.mark.parametrize("altered", range(5))
def test_parameters_that_differ_in_one_place_are_refused(altered: int) -> None:
    curve = curves.by_name("brainpoolP224r1")
    generator = b"\x04" + curve.gx.to_bytes(curve.size, "big") + curve.gy.to_bytes(curve.size, "big")
    values = [curve.p, curve.a, curve.b, curve.n, curve.h]
    values[altered] += 2
    p, a, b, n, h = values
    with pytest.raises(UnsupportedError):
        curves.by_parameters(p, a, b, generator, n, h)


def test_an_unknown_curve_is_unsupported() -> None:
    with pytest.raises(UnsupportedError, match="secp256k1"):
        curves.by_name("secp256k1")
    with pytest.raises(UnsupportedError, match=r"1\.3\.132\.0\.10"):
        curves.by_oid("1.3.132.0.10")


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_every_group_is_one(group: ModpGroup) -> None:
    """q divides p - 1 and is the order of g; both are prime (by Fermat, enough for a misprint)."""
    field = Field(group.p)
    assert (group.p - 1) % group.q == 0
    assert field.power(group.g, group.q) == 1
    assert 1 < group.g < group.p - 1
    assert field.power(2, group.p - 1) == 1
    assert Field(group.q).power(2, group.q - 1) == 1
    assert modp_groups.by_parameters(group.p, group.g, group.q) is group
    assert modp_groups.by_parameters(group.p, group.g) is group
    for p, g, q in ((group.p, group.g + 1, None), (group.p + 2, group.g, None), (group.p, group.g, 3)):
        with pytest.raises(UnsupportedError):
            modp_groups.by_parameters(p, g, q)
