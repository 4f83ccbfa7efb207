"""A trust store of 1,000 certificates: loading it, and one document against it, beside asn1crypto with pyca.

The documents are the published security objects of seven states; times are CPU of the one thread that works.
The peers stand for what a reader makes of the same two libraries: parse, index by subject and key, try the
candidates.  Where pyca does not load a key (explicit curve parameters), the peer gives the document up.
"""

import hashlib
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from measures import Figure, Measurement, at_most, percentile, shown

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "emrtd"
AT = datetime(2026, 6, 1, tzinfo=UTC)
CERTIFICATES = 1000
NAMES = ("chip-trust-load", "chip-trust-document", "chip-trust-document-first", "chip-trust-verified")
LOAD_MS_MAX, DOCUMENT_MS_MAX = 250, 10


def run(full: bool) -> list[Figure]:
    if not DATA.is_dir():
        missing = f"not measured: the published lists and security objects are not in {DATA}"
        return [shown(name, 0, "", missing) for name in NAMES]
    rounds = 40 if full else 10
    roots = _roots()
    documents = [path.read_bytes() for path in sorted((DATA / "sod").glob("EF_SOD_*.bin"))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trust.store"
        _write(path, roots)
        load = [_ms(lambda: _load(path)) for _ in range(rounds)]
        size = path.stat().st_size
        first = [_first_ms(path, sod) for sod in documents]
        store = _load(path)
        later = [_ms(lambda sod=sod: _judge(sod, store)) for sod in documents for _ in range(rounds)]
        verified = sum(_judge(sod, store) for sod in documents)
    peer_load = [_ms(lambda: _peer_index(roots)) for _ in range(rounds)]
    index = _peer_index(roots)
    peer = [_ms(lambda sod=sod: _peer_judge(sod, index)) for sod in documents for _ in range(rounds)]
    peer_verified = sum(_peer_judge(sod, index) for sod in documents)
    return [
        at_most(
            NAMES[0],
            percentile(load, 0.5),
            "ms",
            LOAD_MS_MAX,
            f"{CERTIFICATES} certificates, {size / 1e6:.1f} MB, digest checked; "
            f"asn1crypto {percentile(peer_load, 0.5):.0f} ms, parse and index only",
        ),
        at_most(
            NAMES[1],
            percentile(later, 0.5),
            "ms",
            DOCUMENT_MS_MAX,
            f"p95 {percentile(later, 0.95):.2f} ms; asn1crypto with pyca {percentile(peer, 0.5):.2f} ms",
        ),
        shown(NAMES[2], max(first), "ms", "the slowest first document of a fresh store"),
        shown(
            NAMES[3],
            verified,
            f"of {len(documents)} documents",
            f"asn1crypto with pyca {peer_verified}: explicit curves do not load",
        ),
    ]


def _ms(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1e3


def _first_ms(path: Path, sod: bytes) -> float:
    store = _load(path)
    _judge(b"", store)  # imports
    return _ms(lambda: _judge(sod, store))


def _roots() -> list[bytes]:
    """1,000 certificates: those of two published lists, the rest copies of them with other signatures."""
    from drivers.emrtd.trust import master_list

    found = {
        each.raw: None
        for path in sorted((DATA / "masterlists").iterdir())
        for each in master_list.read(path.read_bytes()).certificates
    }
    found[(DATA / "csca" / "ID_2020-10_CSCA.cer").read_bytes()] = None
    real = list(found)
    copies = [raw[:-2] + number.to_bytes(2, "big") for number, raw in enumerate(real)]
    return [*real, *copies][:CERTIFICATES]


def _write(path: Path, roots: list[bytes]) -> None:
    from drivers.emrtd import certificates
    from drivers.emrtd.trust import store_file
    from drivers.emrtd.trust.ledger import Ledger, Source
    from drivers.emrtd.trust_store import Role

    book = Ledger(refreshed=AT)
    source = Source("master list", "published", "", AT)
    for raw in roots:
        book.hold(certificates.read(raw), Role.ANCHOR, source)
    store_file.save(path, book)


def _load(path: Path) -> Any:
    from drivers.emrtd.trust import store_file

    return store_file.load(path)


def _judge(sod: bytes, store: Any) -> bool:
    from drivers.emrtd.passive_authentication import DataVerdict, authenticate

    return authenticate(sod, {}, store, AT).verdict is DataVerdict.VERIFIED


def _peer_index(roots: list[bytes]) -> dict[Any, list[Any]]:
    from asn1crypto import x509

    index: dict[Any, list[Any]] = defaultdict(list)
    for raw in roots:
        certificate = x509.Certificate.load(raw)
        index[certificate.subject.hashable].append(certificate)
        index[certificate.key_identifier].append(certificate)
    return index


def _peer_judge(sod: bytes, index: dict[Any, list[Any]]) -> bool:
    from asn1crypto import cms

    at = 2 if sod[1] < 0x80 else 2 + (sod[1] & 0x7F)
    content = cms.ContentInfo.load(sod[at:])["content"]
    signer, certificate = content["signer_infos"][0], content["certificates"][0].chosen
    attributes = signer["signed_attrs"]
    digest = signer["digest_algorithm"]["algorithm"].native
    hashed = hashlib.new(digest, bytes(content["encap_content_info"]["content"])).digest()
    if not any(hashed in (value.native for value in each["values"]) for each in attributes):
        return False
    if not _peer_signed(
        certificate,
        signer["signature_algorithm"],
        signer["signature"].native,
        attributes.untag().dump(),
        digest,
    ):
        return False
    candidates = (
        index.get(certificate.authority_key_identifier) or index.get(certificate.issuer.hashable) or ()
    )
    body = certificate["tbs_certificate"].dump()
    algorithm, signature = certificate["signature_algorithm"], certificate["signature_value"].native
    return any(_peer_signed(each, algorithm, signature, body, algorithm.hash_algo) for each in candidates)


def _peer_signed(certificate: Any, algorithm: Any, signature: bytes, message: bytes, digest: str) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    function = getattr(hashes, digest.upper())()
    try:
        key: Any = load_der_public_key(certificate.public_key.dump())
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(function))
        elif algorithm.signature_algo == "rsassa_pss":
            salt = algorithm["parameters"]["salt_length"].native
            key.verify(signature, message, padding.PSS(padding.MGF1(function), salt), function)
        else:
            key.verify(signature, message, padding.PKCS1v15(), function)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


MEASUREMENTS = [Measurement(NAMES, run)]
