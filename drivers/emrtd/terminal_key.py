"""The terminal's key from files: a private key in PEM or DER, and its card-verifiable certificates."""

from collections.abc import Iterable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from drivers.emrtd import card_verifiable
from drivers.emrtd.card_verifiable import Role
from drivers.emrtd.errors import MalformedError, UnsupportedError
from drivers.emrtd.public_keys import RsaKey
from drivers.emrtd.signatures import Digest, Padding, Scheme
from drivers.emrtd.terminal_authentication import Sign, TerminalKey

_HASHES: dict[Digest, hashes.HashAlgorithm] = {
    Digest.SHA1: hashes.SHA1(),  # noqa: S303  the scheme of older chips
    Digest.SHA224: hashes.SHA224(),
    Digest.SHA256: hashes.SHA256(),
    Digest.SHA384: hashes.SHA384(),
    Digest.SHA512: hashes.SHA512(),
}


def load(private: bytes, certificates: Iterable[bytes]) -> TerminalKey:
    """The key of an unencrypted PKCS #8 file, with the certificates that are to lead to it.

    MalformedError or UnsupportedError, which say which of them, where one cannot be read or the key belongs
    to none."""
    read = tuple(card_verifiable.read(data) for data in certificates)
    own = [certificate for certificate in read if certificate.role is Role.TERMINAL]
    if not own:
        raise MalformedError("terminal key: none of the certificates is a terminal's")
    key = _private(private)
    for certificate in own:
        if _belongs(key, certificate.key):
            return TerminalKey(read, _signer(key, certificate.key.scheme))
    raise MalformedError("terminal key: it belongs to none of the terminal certificates")


def _private(data: bytes) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    loader = (
        serialization.load_pem_private_key if b"-----BEGIN" in data else serialization.load_der_private_key
    )
    try:
        key = loader(data, password=None)
    except UnsupportedAlgorithm as error:
        raise UnsupportedError(f"terminal key: {error}") from error
    except (ValueError, TypeError) as error:
        raise MalformedError("terminal key: not an unencrypted private key in PEM or DER") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise UnsupportedError("terminal key: neither RSA nor elliptic curve")
    return key


def _belongs(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, public: card_verifiable.CvKey) -> bool:
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return public.key == RsaKey(numbers.n, numbers.e)
    form = serialization.PublicFormat.UncompressedPoint
    return public.octets == key.public_key().public_bytes(serialization.Encoding.X962, form)


def _signer(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, scheme: Scheme) -> Sign:
    assert scheme.digest is not None
    digest = _HASHES[scheme.digest]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        size = (key.curve.group_order.bit_length() + 7) // 8

        def sign(message: bytes) -> bytes:
            r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(digest)))
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")

        return sign
    form = (
        padding.PSS(padding.MGF1(digest), scheme.salt_length)
        if scheme.padding is Padding.PSS
        else padding.PKCS1v15()
    )
    return lambda message: key.sign(message, form, digest)
