"""Terminal authentication (TR-03110-3, B.3), version 1 against a chip of a few lines, version 2 by BSI's
example."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from drivers.emrtd import card_verifiable, curves, signatures, terminal_authentication, terminal_key, tlv
from drivers.emrtd.card_verifiable import Rights
from drivers.emrtd.channel import Channel
from drivers.emrtd.errors import MalformedError, ProtocolError, StatusError, UnsupportedError
from drivers.emrtd.public_keys import EcKey, RsaKey
from drivers.emrtd.signatures import Digest, Padding, Scheme
from tests.emrtd.material import needs_data, vectors
from tests.emrtd.terminal_certificates import Hierarchy, Holder

EXAMPLES = vectors("bsi_eac_worked_examples")
CHALLENGE = bytes(range(8))


@needs_data
def test_the_signature_of_bsi_s_worked_example() -> None:
    """EAC worked example, DH, version 2: RSA-1024 with SHA-1 over Comp(PK_IC) || r || Comp(PK_IFD)."""
    chip, terminal = (
        hashlib.sha1(bytes.fromhex(EXAMPLES[name]), usedforsecurity=False).digest()
        for name in ("tc_dh_picc_pub_key", "tc_dh_ca_pcd_pub_key")
    )
    certificate = bytes.fromhex(EXAMPLES["tc_dh_ta_cert"])
    at = certificate.index(bytes.fromhex("818180")) + 3
    key = RsaKey(int.from_bytes(certificate[at : at + 128], "big"), 65537)
    signed = terminal_authentication.message(chip, bytes.fromhex(EXAMPLES["tc_dh_ta_nonce"]), terminal)
    signature = bytes.fromhex(EXAMPLES["tc_dh_ta_pcd_signature"])
    scheme = Scheme(Padding.PKCS1, Digest.SHA1)
    assert signatures.verify(key, scheme, signed, signature)
    assert not signatures.verify(key, scheme, signed + b"\0", signature)


TERMINAL_POINT = bytes.fromhex(
    "3385B484E8E994C93F55ADF4A9C92DA3C063AC7D744E85D38EE070BF6FF8D7AB"
    "A2DE688724B27D6BAE2B1C8AE074C09BB8808CC83036B0692898711D3F6FC321"
    "3846E14B3154845084DFBC0EB70AE2BDEA8EEBD6796ACFA4C56F5703CE5A6EFE"
    "0A266E43C3F71A1B7EEC60E5C6F0850DC4D3455F53282C9FBCA85DC947D13BEE"
)
"""Public key of the worked example's terminal, DETESTATDE019 (5F20), on brainpoolP512r1."""


@needs_data
def test_the_signature_of_bsi_s_worked_example_on_curves() -> None:
    """EAC worked example, ECDH, version 2: plain ECDSA with SHA-512; Comp is the x coordinate."""
    chip, terminal = (
        bytes.fromhex(EXAMPLES[name])[1:33] for name in ("tc_ecdh_picc_pub_key", "tc_ecdh_ca_pcd_pub_key")
    )
    point = int.from_bytes(TERMINAL_POINT[:64], "big"), int.from_bytes(TERMINAL_POINT[64:], "big")
    key = EcKey(curves.by_name("brainpoolP512r1"), point)
    signed = terminal_authentication.message(chip, bytes.fromhex(EXAMPLES["tc_ecdh_ta_nonce"]), terminal)
    signature = bytes.fromhex(EXAMPLES["tc_ecdh_ta_pcd_signature"])
    scheme = Scheme(Padding.ECDSA_PLAIN, Digest.SHA512)
    assert signatures.verify(key, scheme, signed, signature)
    assert not signatures.verify(key, scheme, signed + b"\0", signature)


@needs_data
def test_the_terminal_of_bsi_s_worked_example_on_curves() -> None:
    """The copies of its certificate and of its key end early: within the public point, and within the prime
    of the curve that both are on."""
    certificate, key = (bytes.fromhex(EXAMPLES[name]) for name in ("tc_ecdh_ta_cert", "tc_ecdh_ta_pcd_key"))
    public = certificate[certificate.index(bytes.fromhex("86818104")) + 4 :]
    assert len(public) == 32
    assert TERMINAL_POINT.startswith(public)
    _, found, prime = key.partition(bytes.fromhex("06072A8648CE3D0101024100"))
    assert len(found + prime) > 32
    assert curves.by_name("brainpoolP512r1").p.to_bytes(64, "big").startswith(prime)


class Inspected:
    """A chip that knows CVCA 1: it checks each certificate as it comes, then the signature."""

    def __init__(self, uto: Hierarchy, identifier: bytes, ephemeral: bytes) -> None:
        root = card_verifiable.read(uto.root)
        self.known = {root.holder: (root.key.key, root.key.scheme)}
        self.identifier, self.ephemeral = identifier, ephemeral
        self.selected = ""
        self.parts = b""
        self.granted = False
        self.version_2: bytes | None = None
        self.sent: list[str] = []

    def __call__(self, raw: bytes) -> bytes:
        self.sent.append(raw[:4].hex())
        data = raw[5 : 5 + raw[4]]
        if raw[0] & 0x10:
            self.parts += data
            return b"\x90\0"
        data, self.parts = self.parts + data, b""
        return (
            self.answer(raw[1], raw[2:4].hex(), data).to_bytes(2, "big")
            if raw[1] != 0x84
            else (CHALLENGE + b"\x90\0")
        )

    def answer(self, ins: int, p1p2: str, data: bytes) -> int:
        if ins == 0x22:
            objects = {node.tag: node.value for node in tlv.iterate(data)}
            self.selected = objects[0x83].decode()
            self.version_2 = objects.get(0x91)
            return 0x9000 if self.selected in self.known else 0x6A88
        key, scheme = self.known[self.selected]
        assert key is not None
        if ins == 0x2A:
            certificate = card_verifiable.read(tlv.build(0x7F21, data))
            if not certificate.verify(key, scheme):
                return 0x6300
            self.known[certificate.holder] = (certificate.key.on(key), certificate.key.scheme)
            return 0x9000
        signed = self.identifier + CHALLENGE + self.ephemeral
        self.granted = ins == 0x82 and signatures.verify(key, scheme, signed, data)
        return 0x9000 if self.granted else 0x6300


@pytest.fixture(scope="module")
def uto() -> Hierarchy:
    return Hierarchy()


def held(uto: Hierarchy) -> tuple[bytes, ...]:
    return (uto.certificate, uto.verifier, uto.link, uto.elsewhere)


def test_the_chip_is_shown_the_link_the_verifier_and_the_terminal(uto: Hierarchy) -> None:
    chip = Inspected(uto, b"L898902C<3", b"\x11" * 32)
    key = terminal_key.load(uto.terminal.pem, held(uto))
    rights = terminal_authentication.run(Channel(chip), key, [uto.cvca_1.name], b"L898902C<3", b"\x11" * 32)
    assert (chip.granted, rights) == (True, Rights.FINGERS)
    assert [command for command in chip.sent if command != "102a00be"] == [
        *["002281b6", "002a00be"] * 3,
        "002281a4",
        "00840000",
        "00820000",
    ]


def test_version_2_names_the_key_of_the_chip_authentication_to_come(uto: Hierarchy) -> None:
    chip = Inspected(uto, b"\x22" * 32, b"\x11" * 32)
    key = terminal_key.load(uto.terminal.pem, held(uto))
    channel = Channel(chip)
    terminal_authentication.run_version_2(channel, key, [uto.cvca_1.name], b"\x22" * 32, b"\x11" * 32)
    assert (chip.granted, chip.version_2) == (True, b"\x11" * 32)


@pytest.mark.parametrize(("identifier", "ephemeral"), [(b"other", b"\x11" * 32), (b"L898902C<3", b"other")])
def test_a_signature_for_another_session_is_refused(
    uto: Hierarchy, identifier: bytes, ephemeral: bytes
) -> None:
    chip = Inspected(uto, b"L898902C<3", b"\x11" * 32)
    key = terminal_key.load(uto.terminal.pem, held(uto))
    with pytest.raises(StatusError, match="EXTERNAL AUTHENTICATE of the terminal: the chip answers 6300"):
        terminal_authentication.run(Channel(chip), key, [uto.cvca_1.name], identifier, ephemeral)


def test_a_certificate_that_the_chip_refuses_is_named(uto: Hierarchy) -> None:
    chip = Inspected(uto, b"", b"")
    forged = uto.verifier[:-1] + bytes([uto.verifier[-1] ^ 1])
    key = terminal_key.load(uto.terminal.pem, (uto.certificate, forged, uto.link))
    with pytest.raises(StatusError, match="Verify Certificate UTODV00000002: the chip answers 6300"):
        terminal_authentication.run(Channel(chip), key, [uto.cvca_1.name], b"", b"")
    with pytest.raises(UnsupportedError, match="no terminal certificate leads"):
        terminal_authentication.run(Channel(chip), key, ["XXCVCA00001"], b"", b"")


def test_a_challenge_of_a_wrong_length_is_refused(uto: Hierarchy) -> None:
    key = terminal_key.load(uto.terminal.pem, (uto.certificate,))
    channel = Channel(lambda raw: b"\1\x90\0" if raw[1] == 0x84 else b"\x90\0")
    with pytest.raises(ProtocolError, match="challenge of 1 bytes"):
        terminal_authentication.run(channel, key, [uto.verifier_2.name], b"", b"")


@pytest.mark.parametrize(
    ("oid", "scheme"),
    [
        ("1.1", Scheme(Padding.PKCS1, Digest.SHA1)),
        ("1.2", Scheme(Padding.PKCS1, Digest.SHA256)),
        ("1.3", Scheme(Padding.PSS, Digest.SHA1, Digest.SHA1, 20)),
        ("1.4", Scheme(Padding.PSS, Digest.SHA256, Digest.SHA256, 32)),
        ("1.5", Scheme(Padding.PKCS1, Digest.SHA512)),
        ("1.6", Scheme(Padding.PSS, Digest.SHA512, Digest.SHA512, 64)),
        ("2.1", Scheme(Padding.ECDSA_PLAIN, Digest.SHA1)),
        ("2.5", Scheme(Padding.ECDSA_PLAIN, Digest.SHA512)),
    ],
)
def test_a_key_from_a_file_signs_by_the_scheme_of_its_certificate(
    uto: Hierarchy, rsa_private: rsa.RSAPrivateKey, oid: str, scheme: Scheme
) -> None:
    private = rsa_private if oid.startswith("1") else uto.terminal.private
    own = Holder("UTOIS00000009", private, f"0.4.0.127.0.7.2.2.2.{oid}")
    key = terminal_key.load(own.pem, [uto.verifier_2.certify(own, 0x03)])
    public = card_verifiable.read(uto.root).key.key
    assert isinstance(public, EcKey)
    assert signatures.verify(key.certificates[0].key.on(public), scheme, b"message", key.sign(b"message"))


@pytest.fixture(scope="module")
def rsa_private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def test_a_key_that_belongs_to_no_certificate_is_refused(uto: Hierarchy) -> None:
    with pytest.raises(MalformedError, match="belongs to none"):
        terminal_key.load(uto.cvca_1.pem, held(uto))
    with pytest.raises(MalformedError, match="none of the certificates is a terminal's"):
        terminal_key.load(uto.terminal.pem, [uto.verifier])
    for broken in (b"", b"-----BEGIN PRIVATE KEY-----", b"\x30\x03\x02\x01\x00"):
        with pytest.raises(MalformedError, match="not an unencrypted private key"):
            terminal_key.load(broken, held(uto))
