"""All that a document's protocols and signatures are made of, axis by axis, and which values go together."""

import functools
import itertools
import random
from collections.abc import Iterator, Mapping
from typing import Any

Case = Mapping[str, str]
Pair = frozenset[tuple[str, str]]

CIPHERS = ("3DES", "AES-128", "AES-192", "AES-256")
MODP = ("modp1024-160", "modp2048-224", "modp2048-256")
CURVES = (
    "secp192r1", "brainpoolP192r1", "secp224r1", "brainpoolP224r1", "secp256r1", "brainpoolP256r1",
    "brainpoolP320r1", "secp384r1", "brainpoolP384r1", "brainpoolP512r1", "secp521r1",
)  # fmt: skip
MAPPINGS = ("BAC", "DH-GM", "ECDH-GM", "DH-IM", "ECDH-IM", "ECDH-CAM")
NONE = "none"
PAGE = {"number": "L898902C3", "issued": "2025-06-16", "expires": "2035-06-15"}
_LESS = ("modp2048-224", "secp192r1", "secp224r1")

AXES: dict[str, tuple[str, ...]] = {
    "mapping": MAPPINGS,
    "cipher": CIPHERS,
    "group": (*MODP, *CURVES),
    "password": ("MRZ", "CAN"),
    # Three groups less than PACE has: with all of them no 200 cases could hold every pair.
    "chip_group": (NONE, *(each for each in (*MODP, *CURVES) if each not in _LESS)),
    "chip_cipher": CIPHERS,
    "active": (
        NONE,
        "rsa-1024",
        "rsa-1792",
        "rsa-3072",
        "secp192r1",
        "brainpoolP224r1",
        "secp256r1",
        "brainpoolP320r1",
        "secp384r1",
        "brainpoolP512r1",
        "secp521r1",
    ),
    "active_hash": ("sha1", "sha224", "sha256", "sha384", "sha512"),
    "signer": (
        "rsa-1024",
        "rsa-3072",
        "rsa-2048 pss",
        "secp224r1",
        "secp256r1 explicit",
        "brainpoolP256r1",
        "brainpoolP320r1 explicit",
        "brainpoolP384r1 explicit compressed",
        "brainpoolP512r1",
        "secp521r1 explicit no-cofactor",
    ),
    "signature": (
        "rsa-sha1",
        "rsa-sha256",
        "rsa-sha512",
        "pss-sha256",
        "pss-sha384",
        "ecdsa-sha1",
        "ecdsa-sha224",
        "ecdsa-sha256",
        "ecdsa-sha384",
        "ecdsa-sha512",
    ),
    "csca": ("rsa-4096", "brainpoolP384r1", "secp521r1 explicit"),
    "digest": ("sha1", "sha224", "sha256", "sha384", "sha512"),
    "sod": (
        "plain",
        "LDS 1.8",
        "BER",
        "by key id",
        "id-data",
        "RDN rewritten",
        "without NULL",
        "signing time",
    ),
    "form": ("TD1", "TD2", "TD3"),
    "face": ("19794-5 jpeg", "19794-5 jpeg2000", "39794-5 jpeg2000"),
}


def fits(case: Case) -> bool:
    """Whether these values, of some axes or of all, can stand in one document."""
    mapping, group = case.get("mapping"), case.get("group")
    if mapping == "BAC" and (case.get("password") == "CAN" or case.get("cipher", "3DES") != "3DES"):
        return False
    if mapping is not None and group is not None:
        # BAC has none: one value stands for that.
        if group not in {"BAC": MODP[:1], "DH-GM": MODP, "DH-IM": MODP}.get(mapping, CURVES):
            return False
        if mapping == "ECDH-IM" and group == "secp224r1":
            return False
    if mapping == "ECDH-CAM" and case.get("cipher") == "3DES":
        return False
    if case.get("chip_group") == NONE == case.get("active") and mapping != "ECDH-CAM":
        return False
    signer, signature = case.get("signer"), case.get("signature")
    if signer is not None and signature is not None:
        if signer.startswith("rsa") == signature.startswith("ecdsa"):
            return False
        if signer.endswith("pss") and not signature.startswith("pss"):
            return False
    return True


def pairs() -> set[Pair]:
    """Every two values of two axes that can stand together."""
    return {
        frozenset({(first, one), (second, other)})
        for first, second in itertools.combinations(AXES, 2)
        for one, other in itertools.product(AXES[first], AXES[second])
        if fits({first: one, second: other})
    }


def pairs_of(case: Case) -> set[Pair]:
    return {frozenset(pair) for pair in itertools.combinations(case.items(), 2)}


def pairwise(seed: int = 9303) -> Iterator[dict[str, str]]:
    """Cases in which every two values that can stand together do so once at least."""
    rng = random.Random(seed)
    names, left = list(AXES), pairs()
    # Pairs of the longest axes first: they decide how many cases there must be.
    ordered = sorted(
        (tuple(sorted(pair)) for pair in left),
        key=lambda pair: (-len(AXES[pair[0][0]]) * len(AXES[pair[1][0]]), pair),
    )
    while left:
        first = sorted(rng.choice(ordered[:20]) for _ in range(2))
        tries = [_candidate(rng, left, names, dict(pair)) for pair in first]
        case = max(tries, key=lambda tried: len(pairs_of(tried) & left))
        left -= pairs_of(case)
        ordered = [pair for pair in ordered if frozenset(pair) in left]
        yield {name: case[name] for name in names}


def _candidate(rng: random.Random, left: set[Pair], names: list[str], case: dict[str, str]) -> dict[str, str]:
    """A case that takes an open pair and then, axis by axis, the value that closes the most."""
    for name in sorted(set(names) - set(case), key=lambda name: (-len(AXES[name]), name)):
        values = [value for value in AXES[name] if completable(case | {name: value})]
        rng.shuffle(values)
        case[name] = max(
            values, key=lambda value: sum(frozenset({(name, value), item}) in left for item in case.items())
        )
    return case


_TOGETHER = (("mapping", "group", "cipher", "password", "chip_group", "active"), ("signer", "signature"))
"""Axes whose values bind each other."""


def completable(case: Case) -> bool:
    """Whether values for the axes that bind each other can still be found."""
    return all(
        _some(tuple((name, case[name]) for name in names if name in case), names) for names in _TOGETHER
    )


@functools.cache
def _some(chosen: tuple[tuple[str, str], ...], names: tuple[str, ...]) -> bool:
    case = dict(chosen)
    if not fits(case):
        return False
    name = next((name for name in names if name not in case), None)
    return name is None or any(
        _some(
            tuple((each, (case | {name: value})[each]) for each in names if each in case or each == name),
            names,
        )
        for value in AXES[name]
    )


def parts(case: Case) -> dict[str, Any]:
    """The case as the tables of a document."""
    record, image = case["face"].split()
    sod: dict[str, Any] = {
        "LDS 1.8": {"lds": "1.8"},
        "BER": {"ber": True},
        "by key id": {"by_key_id": True},
        "id-data": {"content_type": "data"},
        "RDN rewritten": {"rewritten_issuer": True},
        "without NULL": {"digest_null": False},
        "signing time": {"signing_time": True},
    }.get(case["sod"], {})
    made: dict[str, Any] = {
        "page": PAGE | {"form": case["form"]},
        "signing": {
            "csca": case["csca"],
            "csca_signature": "sha512",
            "signer": case["signer"],
            "signature": case["signature"],
            "digest": case["digest"],
        },
        "sod": sod,
        "portrait": {"bytes": 2500, "width": 90, "height": 120, "record": record, "image": image},
    }
    if case["mapping"] != "BAC":
        offer = f"{case['mapping']} {case['cipher']} {case['group']}"
        made["access"] = {"pace": [offer], "can": "500540"}
    if case["mapping"] == "ECDH-CAM":
        made["chip_authentication_mapping"] = {"key": case["group"]}
    if case["chip_group"] != NONE:
        made["chip_authentication"] = [{"key": case["chip_group"], "cipher": case["chip_cipher"]}]
    if case["active"] != NONE:
        made["active_authentication"] = {"key": case["active"], "hash": case["active_hash"]}
    return made
