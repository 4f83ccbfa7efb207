"""Private keys of the specimen authorities, and what they look like in public.

RSA keys lie in `test_keys.toml` (they take seconds to make); a curve's key is a hash of its label.  Both are
published with the source and protect nothing.
"""

import hashlib
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib.resources import files

from simulators.card import der
from simulators.card.curves import Curve, ModpGroup, Point, curve, modp_group

RSA_EXPONENT = 65537
RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
RSASSA_PSS = "1.2.840.113549.1.1.10"
EC_PUBLIC_KEY = "1.2.840.10045.2.1"
_PRIME_FIELD = "1.2.840.10045.1.1"
_DH_PUBLIC_NUMBER = "1.2.840.10046.2.1"
_DH_KEY_AGREEMENT = "1.2.840.113549.1.3.1"


@dataclass(frozen=True, slots=True)
class RsaKey:
    """An RSA key.  `pss_only` announces it under id-RSASSA-PSS, as some states' certificates do."""

    n: int
    e: int
    d: int = field(repr=False)
    p: int = field(repr=False)
    q: int = field(repr=False)
    pss_only: bool = False

    @property
    def size(self) -> int:
        return (self.n.bit_length() + 7) // 8

    def power(self, number: int) -> int:
        """number^d modulo n."""
        return _power(self, number)

    def public(self) -> bytes:
        """SubjectPublicKeyInfo."""
        algorithm = (
            der.sequence(der.oid(RSASSA_PSS))
            if self.pss_only
            else der.sequence(der.oid(RSA_ENCRYPTION), der.NULL)
        )
        return der.sequence(algorithm, der.bits(self.key_bits()))

    def key_bits(self) -> bytes:
        """What the key identifier is the hash of (RFC 5280, 4.2.1.2)."""
        return der.sequence(der.integer(self.n), der.integer(self.e))


@dataclass(frozen=True, slots=True)
class EcKey:
    """A key on a curve, announced by the curve's name, or by its parameters if `explicit`.

    `compressed_base` and `without_cofactor` are the allowed variants of explicit parameters.  `stated_curve`
    is what the public key says where that is not the curve that the key is on.
    """

    curve: Curve
    private: int = field(repr=False)
    explicit: bool = False
    compressed_base: bool = False
    without_cofactor: bool = False
    stated_curve: Curve | None = None

    @property
    def point(self) -> Point:
        return _public_point(self.curve, self.private)

    def public(self) -> bytes:
        """SubjectPublicKeyInfo."""
        return der.sequence(
            der.sequence(der.oid(EC_PUBLIC_KEY), self.parameters()), der.bits(self.key_bits())
        )

    def key_bits(self) -> bytes:
        return self.curve.encode(self.point)

    def parameters(self) -> bytes:
        """ECParameters (RFC 5480; explicit ones as X9.62 and TR-03111 have them)."""
        stated = self.stated_curve or self.curve
        if not self.explicit:
            return der.oid(stated.oid)
        seed = (der.bits(stated.seed),) if stated.seed else ()
        size = stated.size
        parts = [
            der.integer(1),
            der.sequence(der.oid(_PRIME_FIELD), der.integer(stated.p)),
            der.sequence(
                der.octets(stated.a.to_bytes(size, "big")), der.octets(stated.b.to_bytes(size, "big")), *seed
            ),
            der.octets(stated.encode(stated.base, compressed=self.compressed_base)),
            der.integer(stated.n),
        ]
        if not self.without_cofactor:
            parts.append(der.integer(stated.h))
        return der.sequence(*parts)


@dataclass(frozen=True, slots=True)
class DhKey:
    """A Diffie-Hellman key, for chip authentication.  `x942` says p, g and q (X9.42), otherwise PKCS#3."""

    group: ModpGroup
    private: int = field(repr=False)
    x942: bool = True

    @property
    def value(self) -> int:
        return pow(self.group.g, self.private, self.group.p)

    def public(self) -> bytes:
        numbers = [der.integer(self.group.p), der.integer(self.group.g)]
        if self.x942:
            numbers.append(der.integer(self.group.q))
        algorithm = _DH_PUBLIC_NUMBER if self.x942 else _DH_KEY_AGREEMENT
        return der.sequence(
            der.sequence(der.oid(algorithm), der.sequence(*numbers)), der.bits(der.integer(self.value))
        )


SigningKey = RsaKey | EcKey


@lru_cache(maxsize=1024)
def _power(key: RsaKey, number: int) -> int:
    """By the two primes apart; kept, since the same certificates are signed again and again."""
    first = pow(number, key.d % (key.p - 1), key.p)
    second = pow(number, key.d % (key.q - 1), key.q)
    return second + (first - second) * pow(key.q, -1, key.p) % key.p * key.q


@cache
def _public_point(on: Curve, private: int) -> Point:
    return on.multiply(private, on.base)


def scalar(label: str, order: int) -> int:
    """A private number below `order` that belongs to `label`: the same in every run."""
    wide = hashlib.shake_256(f"Borderlane specimen key {label}".encode()).digest(order.bit_length() // 8 + 16)
    return int.from_bytes(wide, "big") % (order - 2) + 1


@cache
def _test_keys() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("simulators.card.pki").joinpath("test_keys.toml").read_text())


@cache
def rsa_key(bits: int, label: str = "a") -> RsaKey:
    """One of the committed RSA keys.  Raises KeyError for one that is not there."""
    name = f"rsa-{bits}-{label}"
    if name not in _test_keys():
        raise KeyError(f"no test key {name} is committed")
    p, q = (int(_test_keys()[name][prime], 16) for prime in "pq")
    return RsaKey(p * q, RSA_EXPONENT, pow(RSA_EXPONENT, -1, (p - 1) * (q - 1)), p, q)


def ec_key(name: str, label: str) -> EcKey:
    """A key of its own for `label` on the curve of that name."""
    on = curve(name)
    return EcKey(on, scalar(f"{label} on {name}", on.n))


def dh_key(name: str, label: str, *, x942: bool = True) -> DhKey:
    group = modp_group(name)
    return DhKey(group, scalar(f"{label} in {name}", group.q), x942)


def signing_key(form: str, owner: str, rsa_label: str) -> SigningKey:
    """The key that `form` asks for.

    RSA is `rsa-2048` or `rsa-2048 pss`; `rsa_label` says which of the committed ones.  A curve is its name,
    then any of `explicit`, `compressed`, `no-cofactor`, and `says NAME` for a key that names another curve;
    each owner has a key of its own on each curve.  Raises ValueError for a form that is unknown.
    """
    name, *words = form.split() or [""]
    try:
        if name.startswith("rsa-"):
            if words in ([], ["pss"]):
                return replace(rsa_key(int(name[4:]), rsa_label), pss_only=bool(words))
        else:
            key = ec_key(name, owner)
            if "says" in words:
                place = words.index("says")
                key = replace(key, stated_curve=curve(words[place + 1]))
                del words[place : place + 2]
            if not set(words) - {"explicit", "compressed", "no-cofactor"}:
                return replace(
                    key,
                    explicit=bool(words),
                    compressed_base="compressed" in words,
                    without_cofactor="no-cofactor" in words,
                )
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(f"key {form!r}: {error.args[0]!r} is not known") from None
    raise ValueError(
        f"key {form!r} is neither rsa-BITS [pss] nor CURVE [explicit] [compressed] [no-cofactor]"
    )
