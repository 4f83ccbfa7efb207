"""The simulators' curves, beside OpenSSL's."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from simulators.card import curves
from simulators.card.curves import ModpGroup

LIBRARY: dict[str, ec.EllipticCurve] = {
    "secp192r1": ec.SECP192R1(),
    "secp224r1": ec.SECP224R1(),
    "secp256r1": ec.SECP256R1(),
    "secp384r1": ec.SECP384R1(),
    "secp521r1": ec.SECP521R1(),
    "brainpoolP256r1": ec.BrainpoolP256R1(),
    "brainpoolP384r1": ec.BrainpoolP384R1(),
    "brainpoolP512r1": ec.BrainpoolP512R1(),
}


@pytest.mark.parametrize("name", curves.curve_names())
def test_every_curve_holds_its_base_point_of_prime_order(name: str) -> None:
    curve = curves.curve(name)
    assert curve.contains(curve.base)
    assert curve.multiply(curve.n, curve.base) is None
    assert curve.multiply(curve.n - 1, curve.base) == curve.negate(curve.base)
    assert pow(2, curve.n - 1, curve.n) == 1
    assert curve.decode(curve.encode(curve.base)) == curve.base


@pytest.mark.parametrize("name", LIBRARY)
def test_multiples_are_those_of_openssl(name: str) -> None:
    curve = curves.curve(name)
    for factor in (1, 2, 15, 16, 17, curve.n // 3, curve.n - 2):
        numbers = ec.derive_private_key(factor, LIBRARY[name]).public_key().public_numbers()
        assert curve.multiply(factor, curve.base) == (numbers.x, numbers.y)


def test_addition_knows_doubling_infinity_and_opposites() -> None:
    curve = curves.curve("brainpoolP224r1")
    twice = curve.multiply(2, curve.base)
    assert curve.add(curve.base, curve.base) == twice
    assert curve.add(curve.base, twice) == curve.multiply(3, curve.base)
    assert curve.add(curve.base, None) == curve.base
    assert curve.add(curve.base, curve.negate(curve.base)) is None
    assert curve.multiply(-2, curve.base) == curve.negate(twice)
    assert curve.multiply(0, curve.base) is None


def test_a_point_off_the_curve_is_not_decoded() -> None:
    curve = curves.curve("secp256r1")
    octets = bytearray(curve.encode(curve.base))
    octets[-1] ^= 1
    with pytest.raises(ValueError, match="does not lie on secp256r1"):
        curve.decode(bytes(octets))


@pytest.mark.parametrize("name", ["modp1024-160", "modp2048-224", "modp2048-256"])
def test_every_group_generator_has_the_order_it_names(name: str) -> None:
    group: ModpGroup = curves.modp_group(name)
    assert pow(group.g, group.q, group.p) == 1
    assert (group.p - 1) % group.q == 0
    assert name == f"modp{group.p.bit_length()}-{group.q.bit_length()}"
