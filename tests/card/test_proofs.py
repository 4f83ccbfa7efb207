"""Chip authentication and active authentication: the chip proves its keys, and only in a session."""

import hashlib

import pytest
from asn1crypto.core import Sequence

from simulators.card.behaviour import Behaviour
from simulators.card.chip import Chip
from simulators.card.curves import curve, curve_names
from simulators.card.ecdsa import verify
from simulators.card.personalisation import (
    STANDARD_GROUPS,
    ChipAuthenticationKey,
    Cipher,
    EcActiveKey,
    PaceMapping,
    PaceOffer,
    RsaActiveKey,
)
from simulators.card.pki.keys import rsa_key
from tests.card.documents import ERIKSSON, EXAMPLE_G, document
from tests.card.terminal import OK, Terminal

AES256 = PaceOffer(PaceMapping.ECDH_GM, Cipher.AES256, 13)
CHALLENGE = bytes(range(8))


def in_session(*keys: ChipAuthenticationKey, **others: object) -> Terminal:
    terminal = Terminal(Chip(document(secrets=ERIKSSON, chip_authentication=keys, **others)))
    terminal.enter()
    assert terminal.bac(ERIKSSON) == OK
    return terminal


@pytest.mark.parametrize("group", STANDARD_GROUPS.values())
@pytest.mark.parametrize("form", ["template", "3DES", "AES"])
def test_chip_authentication_renews_the_session_on_every_group(group: str, form: str):
    aes = tuple(Cipher)[1 + len(group) % 3]
    key = ChipAuthenticationKey(group, 12345, aes if form == "AES" else Cipher.DES3)
    terminal = in_session(key)
    assert terminal.authenticate_chip(key, by_template=form == "template") == OK
    assert terminal.keys
    assert terminal.keys.cipher is key.cipher
    assert terminal.select(0x010E) == OK
    assert terminal.read(1)[1] == OK


def test_the_cipher_may_change_with_chip_authentication():
    """As French passports do: AES-256 before, 3DES after."""
    key = ChipAuthenticationKey("brainpoolP256r1", 99, Cipher.DES3)
    terminal = Terminal(Chip(document(AES256, chip_authentication=(key,))))
    terminal.pace(AES256, EXAMPLE_G)
    terminal.enter()
    assert terminal.authenticate_chip(key, by_template=True) == OK
    assert terminal.read(2, le=231)[1] == OK, "3DES now"


def test_the_key_is_chosen_by_protocol_and_identifier():
    first = ChipAuthenticationKey("secp256r1", 5, Cipher.AES128, key_id=1)
    second = ChipAuthenticationKey("brainpoolP320r1", 6, Cipher.AES128, key_id=0xC3)
    for key in (first, second):
        assert in_session(first, second).authenticate_chip(key) == OK
    unknown = ChipAuthenticationKey("secp256r1", 5, Cipher.AES128, key_id=9)
    assert in_session(first, second).authenticate_chip(unknown) == 0x6A88
    other = ChipAuthenticationKey("secp256r1", 5, Cipher.AES256, key_id=1)
    assert in_session(first, second).authenticate_chip(other) == 0x6A80
    assert in_session(first).authenticate_chip(first, by_template=True) == 0x6A80, "a template means 3DES"


def test_without_its_private_key_a_copy_cannot_follow():
    announced = ChipAuthenticationKey("secp256r1", 5, Cipher.AES128)
    copied = ChipAuthenticationKey("secp256r1", 6, Cipher.AES128)
    terminal = in_session(copied)
    assert terminal.authenticate_chip(announced) == OK, "9000 proves nothing"
    assert terminal.select(0x010E) == 0x6988
    assert in_session().authenticate_chip(announced) == 0x6A80, "no key at all"


def test_a_bad_first_command_under_the_new_keys_loses_everything():
    key = ChipAuthenticationKey("secp256r1", 5, Cipher.AES128)
    terminal = in_session(key)
    old = terminal.keys
    assert terminal.authenticate_chip(key) == OK
    terminal.keys = old
    assert terminal.select(0x010E) == 0x6988
    assert terminal.raw("00B0810004")[1] == 0x6982


def test_a_key_off_the_curve_is_refused_and_the_session_stays():
    key = ChipAuthenticationKey("secp256r1", 5, Cipher.AES128)
    terminal = in_session(key)
    assert terminal.send("002241A4", bytes.fromhex("800A04007F00070202030202"))[1] == OK
    bad = b"\x7c\x43\x80\x41\x04" + bytes(64)
    assert terminal.send("00860000", bad, 256)[1] == 0x6A80
    assert terminal.read(1)[1] == OK
    assert terminal.send("00860000", bad, 256)[1] == 0x6985, "the choice of a key is spent"


def test_active_authentication_needs_a_session_and_a_key():
    key = EcActiveKey("secp256r1", 77)
    terminal = Terminal(Chip(document(secrets=ERIKSSON, active_authentication=key)))
    terminal.enter()
    assert terminal.send("00880000", CHALLENGE, 256)[1] == 0x6982
    assert in_session().send("00880000", CHALLENGE, 256)[1] == 0x6D00
    terminal.bac(ERIKSSON)
    assert terminal.send("00880000", CHALLENGE[:4], 256)[1] == 0x6700


@pytest.mark.parametrize("name", curve_names())
@pytest.mark.parametrize("hash_name", ["sha1", "sha256", "sha512"])
def test_active_authentication_by_ecdsa(name: str, hash_name: str):
    key = EcActiveKey(name, 77, hash_name)
    signature, status = in_session(active_authentication=key).send("00880000", CHALLENGE, 256)
    assert status == OK
    named = curve(name)
    public = named.multiply(77, named.base)
    assert verify(named, public, CHALLENGE, signature, hash_name)
    assert not verify(named, public, CHALLENGE[1:] + b"x", signature, hash_name)


def test_an_ecdsa_answer_may_be_der():
    """Portuguese identity cards."""
    key = EcActiveKey("secp384r1", 77, "sha256", der_answer=True)
    signature, _ = in_session(active_authentication=key).send("00880000", CHALLENGE, 256)
    r, s = (int(part) for part in Sequence.load(signature, strict=True).native.values())
    named = curve("secp384r1")
    plain = r.to_bytes(48, "big") + s.to_bytes(48, "big")
    assert verify(named, named.multiply(77, named.base), CHALLENGE, plain, "sha256")


@pytest.mark.parametrize(
    ("hash_name", "two_bytes", "ending"),
    [
        ("sha1", False, "bc"),
        ("sha1", True, "33cc"),
        ("sha224", False, "38cc"),
        ("sha256", False, "34cc"),
        ("sha384", False, "36cc"),
        ("sha512", False, "35cc"),
    ],
)
def test_active_authentication_by_rsa(hash_name: str, two_bytes: bool, ending: str):
    """ISO/IEC 9796-2, scheme 1, as a verifier recovers it."""
    pair = rsa_key(1280)
    key = RsaActiveKey(pair.n, pair.e, pair.d, hash_name, two_bytes)
    signature, status = in_session(active_authentication=key).send("00880000", CHALLENGE, 256)
    assert (len(signature), status) == (160, OK)
    assert 2 * int.from_bytes(signature, "big") < pair.n, "the smaller of the two"
    opened = pow(int.from_bytes(signature, "big"), pair.e, pair.n)
    message = (opened if opened & 15 == 12 else pair.n - opened).to_bytes(160, "big")
    assert message[0] == 0x6A
    assert message.endswith(bytes.fromhex(ending))
    digest = hashlib.new(hash_name)
    end = len(message) - len(ending) // 2
    first_part, hashed = message[1 : end - digest.digest_size], message[end - digest.digest_size : end]
    digest.update(first_part + CHALLENGE)
    assert digest.digest() == hashed


def test_a_long_signature_needs_an_extended_answer():
    pair = rsa_key(2048)
    key = RsaActiveKey(pair.n, pair.e, pair.d)
    terminal = in_session(active_authentication=key)
    assert terminal.send("00880000", CHALLENGE, 256)[1] == 0x6700
    assert len(terminal.send("00880000", CHALLENGE, 256, extended=True)[0]) == 256


def test_habits_at_active_authentication():
    key = EcActiveKey("secp256r1", 77)
    personalised = document(secrets=ERIKSSON, active_authentication=key)
    habits = Behaviour(active_needs_extended=True, active_empty_at_65536=True)
    terminal = Terminal(Chip(personalised, habits))
    terminal.enter()
    terminal.bac(ERIKSSON)
    assert terminal.send("00880000", CHALLENGE, 256)[1] == 0x6700
    assert terminal.send("00880000", CHALLENGE, 65536, extended=True) == (b"", OK)
    assert len(terminal.send("00880000", CHALLENGE, 64, extended=True)[0]) == 64
