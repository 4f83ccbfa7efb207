"""PACE: every mapping, group and cipher of Doc 9303-11 opens the chip, and nothing else does."""

import pytest

from simulators.card.behaviour import Behaviour
from simulators.card.chip import Chip
from simulators.card.ciphers import encrypt
from simulators.card.curves import curve
from simulators.card.der import oid_value, tlv
from simulators.card.domain import domain
from simulators.card.integrated_mapping import pseudo_random
from simulators.card.personalisation import (
    STANDARD_GROUPS,
    AccessSecrets,
    ChipAuthenticationMappingKey,
    Cipher,
    PaceMapping,
    PaceOffer,
)
from tests.card.documents import EXAMPLE_G, document
from tests.card.terminal import OK, Terminal

SECP224R1 = 10
SHORT = ("a668892a7c41e3ca739f40b057d85904", "a4e136ac725f738b01c1f60217c188ad")
LONG = (
    "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676",
    "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517",
)
"""c0 and c1 of Doc 9303-11, 4.4.3.3.2."""


def is_standard(mapping: PaceMapping, cipher: Cipher, group: int) -> bool:
    modp = group < 3
    integrated = mapping in (PaceMapping.DH_IM, PaceMapping.ECDH_IM)
    return (
        modp == mapping.startswith("DH")
        and not (integrated and group == SECP224R1)
        and not (mapping is PaceMapping.ECDH_CAM and cipher is Cipher.DES3)
    )


OFFERS = [
    # Every group with every mapping at once, the ciphers in turn; the rest of the product takes longer.
    pytest.param(
        PaceOffer(mapping, cipher, group),
        marks=() if (group + place + turn) % 3 == 0 else pytest.mark.long,
        id=f"{mapping} {cipher} {STANDARD_GROUPS[group]}",
    )
    for turn, mapping in enumerate(PaceMapping)
    for group in STANDARD_GROUPS
    for place, cipher in enumerate(each for each in Cipher if is_standard(mapping, each, group))
]
ONE = PaceOffer(PaceMapping.ECDH_GM, Cipher.AES128, 12)
STATIC = 0x1234567


def chip_with(*offers: PaceOffer, behaviour: Behaviour | None = None) -> Chip:
    mapping_key = ChipAuthenticationMappingKey(offers[0].group, STATIC)
    return Chip(document(*offers, chip_authentication_mapping=mapping_key), behaviour)


@pytest.mark.parametrize("offer", OFFERS)
def test_every_standard_offer_opens_the_chip(offer: PaceOffer):
    terminal = Terminal(chip_with(offer))
    last = terminal.pace(offer, EXAMPLE_G)
    assert terminal.read(0x1D)[1] == OK, "EF.CardSecurity, in the master file"
    assert terminal.enter() == OK
    content, status = terminal.read(1, le=0)
    assert (content[:1], status) == (b"\x61", OK)
    assert (0x8A in last) == (offer.mapping is PaceMapping.ECDH_CAM)
    if 0x8A in last:
        # CA_IC times the static public key is the chip's key of the mapping (Doc 9303-11, 4.4.3.5).
        named = curve(offer.group)
        proof = int.from_bytes(last[0], "big")
        static = named.multiply(STATIC, named.base)
        assert named.encode(named.multiply(proof, static)) == last[1]


def test_the_card_access_number_opens_it_too_and_passwords_it_has_not_are_refused():
    terminal = Terminal(chip_with(ONE))
    terminal.pace(ONE, EXAMPLE_G, password=2)
    assert terminal.keys
    assert Terminal(chip_with(ONE)).begin_pace(ONE, 3) == 0x6A88
    nameless = AccessSecrets("T22000129", "640812", "101031")
    assert Terminal(Chip(document(ONE, secrets=nameless))).begin_pace(ONE, 2) == 0x6A88


def test_what_the_chip_does_not_offer_is_refused():
    terminal = Terminal(chip_with(ONE))
    assert terminal.begin_pace(PaceOffer(PaceMapping.ECDH_GM, Cipher.AES256, 12)) == 0x6A80
    assert terminal.begin_pace(PaceOffer(PaceMapping.ECDH_GM, Cipher.AES128, 13)) == 0x6A80
    assert terminal.begin_pace(ONE, parameters=False) == OK, "one PACEInfo needs no 84"
    twice = tlv(0x80, oid_value(ONE.oid)) + b"\x83\x01\x01" * 2
    assert terminal.send("0022C1A4", twice)[1] == 0x6A80


@pytest.mark.parametrize("status", [0x6A88, 0x6A87])
def test_a_missing_parameter_id_is_refused_where_several_fit(status: int):
    other = PaceOffer(PaceMapping.ECDH_GM, Cipher.AES128, 13)
    terminal = Terminal(chip_with(ONE, other, behaviour=Behaviour(missing_parameter=status)))
    assert terminal.begin_pace(ONE, parameters=False) == status
    assert terminal.begin_pace(other) == OK
    strict = Behaviour(missing_parameter=status, needs_parameter=True)
    assert Terminal(chip_with(ONE, behaviour=strict)).begin_pace(ONE, parameters=False) == status


def test_steps_out_of_order_void_the_run():
    terminal = Terminal(chip_with(ONE))
    own = domain(ONE.group).public(5)
    assert terminal.general(b"")[1] == 0x6985
    for steps in ([tlv(0x81, own)], [b"", tlv(0x83, own)], [b"", b""], [b"", tlv(0x81, own), tlv(0x85, own)]):
        assert terminal.begin_pace(ONE) == OK
        statuses = [terminal.general(each)[1] for each in steps]
        assert statuses == [OK] * (len(steps) - 1) + [0x6985]
        assert terminal.general(b"")[1] == 0x6985, "all of it is void"
    assert terminal.begin_pace(ONE) == OK
    assert terminal.general(b"", last=True)[1] == 0x6985, "the chaining bit belongs to the protocol"
    assert terminal.begin_pace(ONE) == OK
    assert terminal.raw("00A4000C")[1] == OK
    assert terminal.general(b"")[1] == 0x6985, "another command voids it"


def test_a_bad_key_is_refused_and_the_chip_never_sends_one_back():
    terminal = Terminal(chip_with(ONE))
    named = domain(ONE.group)
    own = named.public(5)
    off = own[:-1] + bytes([own[-1] ^ 1])
    for bad in (off, own[:-1], b"", b"\x04" + bytes(64), b"\x02" + own[1:33]):
        terminal.begin_pace(ONE)
        terminal.general(b"")
        assert terminal.general(tlv(0x81, bad))[1] == 0x6A80
    terminal.begin_pace(ONE)
    terminal.general(b"")
    sent, _ = terminal.general(tlv(0x81, own))
    assert terminal.general(tlv(0x83, sent[0x82]))[1] == 0x6A80, "its own key of another step"


def test_keys_outside_the_subgroup_are_refused():
    offer = PaceOffer(PaceMapping.DH_GM, Cipher.AES128, 0)
    prime = domain(offer.group).prime
    for bad in (0, 1, prime - 1, prime, 3):
        terminal = Terminal(chip_with(offer))
        terminal.begin_pace(offer)
        terminal.general(b"")
        assert terminal.general(tlv(0x81, bad.to_bytes(128, "big")))[1] == 0x6A80


def test_a_key_with_zeros_before_it_is_taken_but_not_any_number_of_them():
    offer = PaceOffer(PaceMapping.DH_GM, Cipher.AES128, 0)
    key = domain(offer.group).public(5).rjust(128, b"\0")
    for zeros, status in ((1, OK), (2, 0x6A80)):
        terminal = Terminal(chip_with(offer))
        terminal.begin_pace(offer)
        terminal.general(b"")
        assert terminal.general(tlv(0x81, bytes(zeros) + key))[1] == status


@pytest.mark.parametrize(
    ("cipher", "group", "blocks"),
    [
        (Cipher.DES3, "brainpoolP224r1", 3),
        (Cipher.AES128, "brainpoolP320r1", 3),
        (Cipher.AES192, "brainpoolP224r1", 2),
        (Cipher.AES256, "brainpoolP192r1", 1),
        (Cipher.AES256, "brainpoolP512r1", 3),
    ],
)
def test_the_integrated_mapping_takes_64_bits_more_than_the_prime_has(
    cipher: Cipher, group: str, blocks: int
):
    """Doc 9303-11, 4.4.3.3.2, where no worked example tells: lengths other than its two."""
    short = cipher in (Cipher.DES3, Cipher.AES128)
    c0, c1 = (bytes.fromhex(each) for each in (SHORT if short else LONG))
    size = {Cipher.DES3: 16, Cipher.AES128: 16, Cipher.AES192: 24, Cipher.AES256: 32}[cipher]
    nonce, terminal_nonce = bytes(range(len(c0))), bytes(range(50, 50 + size))
    key, result = encrypt(cipher, terminal_nonce, nonce), b""
    for _ in range(blocks):
        result += encrypt(cipher, key[:size], c1)
        key = encrypt(cipher, key[:size], c0)
    prime = domain(group).prime
    assert pseudo_random(cipher, nonce, terminal_nonce, prime) == int.from_bytes(result, "big") % prime


def test_nonces_and_keys_are_fresh():
    seen: set[bytes] = set()
    terminal = Terminal(chip_with(ONE))
    for _ in range(3):
        terminal.begin_pace(ONE)
        nonce, _ = terminal.general(b"")
        key, _ = terminal.general(tlv(0x81, domain(ONE.group).public(5)))
        seen |= {nonce[0x80], key[0x82]}
    assert len(seen) == 6


def wrong(terminal: Terminal, password: int = 1) -> int:
    """A whole run with the wrong password; the status it ends with."""
    status = terminal.begin_pace(ONE, password)
    if status != OK:
        return status
    own = domain(ONE.group).public(5)
    terminal.general(b"")
    terminal.general(tlv(0x81, own))
    other = domain(ONE.group).public(9)
    assert terminal.general(tlv(0x83, other))[1] == OK
    return terminal.general(tlv(0x85, bytes(8)), last=True)[1]


def test_a_wrong_password_is_told_by_the_token():
    assert wrong(Terminal(chip_with(ONE))) == 0x6300
    assert wrong(Terminal(chip_with(ONE, behaviour=Behaviour(wrong_key=0x6985)))) == 0x6985


def test_wrong_card_access_numbers_are_counted_and_the_mrz_still_opens():
    terminal = Terminal(chip_with(ONE, behaviour=Behaviour(can_tries=3)))
    assert [wrong(terminal, 2) for _ in range(4)] == [0x63C2, 0x63C1, 0x63C0, 0x63C0]
    terminal.chip.power(False)
    terminal.chip.power(True)
    assert wrong(terminal, 2) == 0x63C0, "the counter survives power off"
    terminal.pace(ONE, EXAMPLE_G)
    assert terminal.keys


def test_the_right_number_gives_all_tries_back():
    terminal = Terminal(chip_with(ONE, behaviour=Behaviour(can_tries=3)))
    wrong(terminal, 2)
    terminal.pace(ONE, EXAMPLE_G, password=2)
    again = Terminal(terminal.chip)
    assert wrong(again, 2) == 0x63C2


def test_a_suspended_number_is_resumed_by_the_mrz():
    terminal = Terminal(chip_with(ONE, behaviour=Behaviour(can_tries=2, suspends_can=True)))
    assert wrong(terminal, 2) == 0x63C1
    assert terminal.begin_pace(ONE, 2) == 0x63C1, "suspended"
    terminal.pace(ONE, EXAMPLE_G)
    terminal.pace(ONE, EXAMPLE_G, password=2)
    assert terminal.enter() == OK


def test_wrong_keys_block_a_chip_that_is_made_so():
    terminal = Terminal(chip_with(ONE, behaviour=Behaviour(wrong_keys_max=2)))
    assert [wrong(terminal) for _ in range(3)] == [0x6300, 0x6300, 0x6983]
    terminal.raw("00A4040C07A0000002471001")
    assert terminal.raw("0084000008")[1] == 0x6983
