"""The terminal's key in a PKCS #11 token: a real one in software (SoftHSM), and what is wrong with a URI."""

import os
import shutil
import subprocess
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from drivers.emrtd import card_verifiable, signatures, terminal_key_token
from drivers.emrtd.errors import MalformedError, TerminalKeyError
from drivers.emrtd.terminal_key_token import KeyUri
from tests.emrtd.terminal_certificates import Hierarchy, Holder

MODULE = next(
    (
        str(path)
        for path in map(Path, ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so"))
        if path.exists()
    ),
    "",
)
needs_token = pytest.mark.skipif(
    not MODULE or not shutil.which("softhsm2-util"), reason="SoftHSM is not installed (apt install softhsm2)"
)
PIN = "271828"


@pytest.fixture(scope="module")
def uto() -> Hierarchy:
    return Hierarchy()


@pytest.fixture(scope="module")
def rsa_private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@contextmanager
def soft_token(folder: Path, keys: Mapping[str, bytes]) -> Generator[Path]:
    """A token `lane` that holds these private keys by their names, ids from 01; the file with its PIN."""
    (folder / "tokens").mkdir()
    conf, pin = folder / "softhsm2.conf", folder / "pin"
    conf.write_text(f"directories.tokendir = {folder}/tokens\n")
    pin.write_text(PIN + "\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(conf)
    run = ["softhsm2-util", "--pin", PIN]
    subprocess.run([*run, "--init-token", "--free", "--label", "lane", "--so-pin", "1234"], check=True)
    for number, (name, private) in enumerate(keys.items(), 1):
        key = folder / f"{name}.pem"
        key.write_bytes(private)
        subprocess.run(
            [*run, "--import", key, "--token", "lane", "--label", name, "--id", f"{number:02}"], check=True
        )
        key.unlink()
    pkcs11.lib(MODULE).reinitialize()  # SoftHSM reads where its tokens lie but once
    yield pin
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture(scope="module")
def token(
    tmp_path_factory: pytest.TempPathFactory, uto: Hierarchy, rsa_private: rsa.RSAPrivateKey
) -> Iterator[Path]:
    """A token with the keys `curve` (id 01) and `rsa` (id 02); the file with its PIN."""
    keys = {"curve": Holder("curve", uto.terminal.private).pem, "rsa": Holder("rsa", rsa_private).pem}
    with soft_token(tmp_path_factory.mktemp("token"), keys) as pin:
        yield pin


def uri(pin: Path, key: str, token: str = "token=lane;") -> str:
    return f"pkcs11:{token}{key}?module-path={MODULE}&pin-source=file:{pin}"


@needs_token
@pytest.mark.parametrize("key", ["object=curve", "id=%01", "object=curve;id=%01;type=private"])
def test_a_key_on_a_curve_signs_in_its_token(token: Path, uto: Hierarchy, key: str) -> None:
    held = terminal_key_token.load(uri(token, key), [uto.certificate, uto.verifier])
    public = card_verifiable.read(uto.root).key.key
    assert public is not None
    own = card_verifiable.read(uto.certificate).key
    assert signatures.verify(own.on(public), own.scheme, b"message", held.sign(b"message"))


@needs_token
@pytest.mark.parametrize("oid", ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6"])
def test_an_rsa_key_signs_by_each_scheme(
    token: Path, uto: Hierarchy, rsa_private: rsa.RSAPrivateKey, oid: str
) -> None:
    own = Holder("UTOIS00000007", rsa_private, f"0.4.0.127.0.7.2.2.2.{oid}")
    held = terminal_key_token.load(uri(token, "object=rsa"), [uto.verifier_2.certify(own, 0x03)])
    key = held.certificates[0].key
    assert key.key is not None
    assert signatures.verify(key.key, key.scheme, b"message", held.sign(b"message"))


@needs_token
@pytest.mark.parametrize(
    ("key", "which"),
    [("object=none", "token=lane;"), ("object=curve", "token=other;"), ("id=%09", "token=lane;")],
)
def test_a_key_or_token_that_is_not_there_is_said(token: Path, uto: Hierarchy, key: str, which: str) -> None:
    with pytest.raises(TerminalKeyError, match=r"terminal key in a token: .*libsofthsm2"):
        terminal_key_token.load(uri(token, key, which), [uto.certificate]).sign(b"")


@needs_token
def test_a_wrong_pin_and_a_missing_one_are_said(token: Path, uto: Hierarchy, tmp_path: Path) -> None:
    wrong = tmp_path / "pin"
    wrong.write_text("000000")
    for source in (wrong, tmp_path / "absent"):
        with pytest.raises(TerminalKeyError, match="terminal key in a token") as caught:
            terminal_key_token.load(uri(source, "object=curve"), [uto.certificate]).sign(b"")
        assert "000000" not in str(caught.value)


def test_a_library_that_is_none_is_said(uto: Hierarchy) -> None:
    with pytest.raises(TerminalKeyError, match=r"/nowhere/lib\.so"):
        terminal_key_token.load("pkcs11:object=a?module-path=/nowhere/lib.so", [uto.certificate]).sign(b"")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("/etc/lane/key.pem", "does not begin with pkcs11:"),
        ("pkcs11:object=a", "no module-path"),
        ("pkcs11:token=a?module-path=/x", "names no key"),
        ("pkcs11:object=a;type=cert?module-path=/x", "another type"),
        ("pkcs11:object=a?module-path=/x&pin-value=1234", "for everybody to read"),
        ("pkcs11:objekt=a?module-path=/x", "'objekt' is not known"),
        ("pkcs11:object=a;object=b?module-path=/x", "there twice"),
    ],
)
def test_a_uri_that_says_too_little_or_too_much_is_refused(text: str, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        KeyUri.read(text)


def test_a_uri_is_read_as_rfc_7512_writes_it() -> None:
    read = KeyUri.read("pkcs11:token=My%20lane;serial=0a;id=%01%ff?module-path=/x/y.so&pin-source=/etc/pin")
    assert (read.token, read.serial, read.key_id) == ("My lane", b"0a", b"\x01\xff")
    assert (read.label, read.module_path, read.pin_source) == (None, "/x/y.so", "/etc/pin")


def test_exactly_one_terminal_certificate_says_how_to_sign(uto: Hierarchy) -> None:
    with pytest.raises(MalformedError, match="0 terminal certificates"):
        terminal_key_token.load("pkcs11:object=a?module-path=/x", [uto.verifier])
