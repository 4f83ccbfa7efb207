"""A throw-away certificate authority for demo, simulation and tests.

Never for a real site: its private key lies beside the certificates, unprotected.  One identity a lane,
`site/lane` as common name, which the broker takes as user name.
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_AUTHORITY = "Borderlane demonstration authority"


@dataclass(frozen=True, slots=True)
class Identity:
    """Files (PEM) of one end of a TLS connection; `ca` is the authority both ends trust."""

    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class CommandKey:
    """An Ed25519 key pair (PEM) that signs commands: the dashboard has the private, lanes the public half."""

    key_id: str
    private: Path
    public: Path


def _write_key(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class Authority:
    """Makes its key and certificate in `folder` when created; `days` is how long all certificates hold."""

    def __init__(self, folder: Path, *, days: float = 90.0) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.certificate = folder / "ca.pem"
        self._days = days
        self._key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(_AUTHORITY, self._key.public_key(), days, authority=True)
        self.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _sign(
        self,
        common_name: str,
        public: ec.EllipticCurvePublicKey,
        days: float,
        *,
        authority: bool,
        server: bool = False,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        # A lane's clock may be wrong by days (docs/sources.md 78): certificates begin well before today.
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(common_name))
            .issuer_name(_name(_AUTHORITY))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=60))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(authority, 0 if authority else None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
        )
        if authority:
            usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, critical=True)
        else:
            purpose = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        if server:
            here = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            builder = builder.add_extension(x509.SubjectAlternativeName(here), critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def issue(self, common_name: str, *, server: bool = False, days: float | None = None) -> Identity:
        """A key and a certificate for `common_name`; a server's is for localhost and 127.0.0.1."""
        key = ec.generate_private_key(ec.SECP256R1())
        lasts = self._days if days is None else days
        certificate = self._sign(common_name, key.public_key(), lasts, authority=False, server=server)
        stem = common_name.replace("/", ".")
        identity = Identity(self.certificate, self.folder / f"{stem}.pem", self.folder / f"{stem}.key")
        identity.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        _write_key(identity.key, _pem(key))
        return identity

    def command_key(self, key_id: str) -> CommandKey:
        """A key pair for signing commands, named `key_id` in every signature."""
        key = ed25519.Ed25519PrivateKey.generate()
        pair = CommandKey(key_id, self.folder / f"{key_id}.sign.key", self.folder / f"{key_id}.sign.pub")
        _write_key(pair.private, _pem(key))
        pair.public.write_bytes(
            key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        return pair
