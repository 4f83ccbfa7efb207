"""PACE with a chip of our own making: every mapping, group and cipher; and all a chip may do wrong."""

import secrets
from typing import Any

import pytest

from drivers.emrtd import curves, domain_parameters, modp_groups, pace, tlv
from drivers.emrtd.access_key import CanKey, MrzKey
from drivers.emrtd.apdu import CommandApdu
from drivers.emrtd.check import Outcome
from drivers.emrtd.curves import Point
from drivers.emrtd.errors import AccessRefused, EmrtdError, ProtocolError, StatusError, UnsupportedError
from drivers.emrtd.keys import DhDomain, EcDomain
from drivers.emrtd.lds import security_infos
from drivers.emrtd.lds.security_infos import Mapping
from drivers.emrtd.pace import mapping_chip_authentication, mapping_generic, mapping_integrated
from drivers.emrtd.pace.parameters import offer_of
from tests.emrtd.pace_chip import (
    DH_GM,
    DH_IM,
    ECDH_CAM,
    ECDH_GM,
    ECDH_IM,
    PaceChip,
    card_access,
    integrated,
    pace_info,
)

KEY = MrzKey("L898902C3", "740812", "120415")
NAMES = {DH_GM: "DH-GM", ECDH_GM: "ECDH-GM", DH_IM: "DH-IM", ECDH_IM: "ECDH-IM", ECDH_CAM: "ECDH-CAM"}
OTHER_WAYS = [
    (DH_GM, 1, 0), (DH_GM, 2, 1), (DH_GM, 3, 2), (DH_GM, 4, 0), (DH_IM, 1, 1), (DH_IM, 2, 2), (DH_IM, 3, 0),
    (DH_IM, 4, 1), (DH_IM, 4, 2), (ECDH_GM, 1, 8), (ECDH_GM, 2, 10), (ECDH_GM, 3, 12), (ECDH_GM, 4, 17),
    (ECDH_GM, 1, 18), (ECDH_GM, 2, 15), (ECDH_GM, 3, 9), (ECDH_GM, 4, 11), (ECDH_CAM, 2, 8), (ECDH_CAM, 3, 9),
    (ECDH_CAM, 4, 10), (ECDH_CAM, 2, 11), (ECDH_CAM, 3, 13), (ECDH_CAM, 4, 14), (ECDH_CAM, 2, 16),
    (ECDH_CAM, 3, 17), (ECDH_CAM, 4, 18), (ECDH_CAM, 2, 12),
]  # fmt: skip
ECDH_IM_WAYS = [
    (ECDH_IM, 1 + at % 4, number) for at, number in enumerate((8, 9, 11, 12, 13, 14, 15, 16, 17, 18))
]


def chip_of(mapping: int = ECDH_GM, cipher: int = 2, number: int = 13) -> PaceChip:
    return PaceChip(mapping, cipher, number, KEY.pace_password())


def offer(chip: PaceChip) -> pace.Offer:
    chosen = pace.choose(chip.offered)
    assert chosen is not None
    return chosen


def run(chip: PaceChip) -> pace.PaceResult:
    """PACE, and one command in the session that it made."""
    channel = chip.channel()
    result = pace.run(channel, offer(chip), KEY, secrets.token_bytes)
    assert channel.expect(CommandApdu(0x00, 0xA4, 0x00, 0x0C), what="SELECT MF").status == 0x9000
    return result


@pytest.mark.parametrize(("mapping", "cipher", "number"), OTHER_WAYS + ECDH_IM_WAYS)
def test_every_mapping_group_and_cipher_opens_the_chip(mapping: int, cipher: int, number: int) -> None:
    chip = chip_of(mapping, cipher, number)
    result = run(chip)
    assert f"{result.offer.info.key_agreement}-{result.offer.info.mapping}" == NAMES[mapping]
    assert (result.mapping_key is None) is (mapping in (DH_IM, ECDH_IM))
    assert (result.chip_authentication_data is None) is (mapping != ECDH_CAM)
    assert len(chip.commands) == 5


def test_the_can_opens_the_chip_too() -> None:
    chip = PaceChip(ECDH_GM, 4, 12, b"123456")
    pace.run(chip.channel(), offer(chip), CanKey("123456"), secrets.token_bytes)
    assert b"\x83\x01\x02" in chip.commands[0]


def test_a_wrong_password_is_refused_by_the_chip() -> None:
    chip = PaceChip(ECDH_GM, 2, 13, b"another password")
    channel = chip.channel()
    with pytest.raises(AccessRefused) as refused:
        pace.run(channel, offer(chip), KEY, secrets.token_bytes)
    assert refused.value.tries_left is None
    assert channel.secure is None


def answering(chip: PaceChip, step: int, answer: bytes, status: int = 0x9000) -> PaceChip:
    chip.whims[step] = lambda *_: answer + status.to_bytes(2, "big")
    return chip


def with_objects(chip: PaceChip, step: int, *objects: tuple[int, bytes]) -> PaceChip:
    return answering(chip, step, tlv.build(0x7C, *(tlv.build(tag, value) for tag, value in objects)))


def refused(chip: PaceChip, match: str) -> None:
    """The run ends in a ProtocolError, and nothing is installed."""
    channel = chip.channel()
    with pytest.raises(ProtocolError, match=match):
        pace.run(channel, offer(chip), KEY, secrets.token_bytes)
    assert channel.secure is None


BP256 = EcDomain.of(curves.by_name("brainpoolP256r1"))
GOOD = BP256.key_pair_of(4711).encoded
BAD_POINTS = {
    "off the curve": (GOOD[:-1] + bytes([GOOD[-1] ^ 1]), "not on brainpoolP256r1"),
    "a point of another curve": (
        EcDomain.of(curves.by_name("secp256r1")).key_pair_of(7).encoded,
        "not on brainpoolP256r1",
    ),
    "infinity": (b"\0", "public key of 1 bytes"),
    "nothing": (b"", "public key of 0 bytes"),
    "compressed": (b"\x02" + GOOD[1:33], "public key of 33 bytes"),
    "hybrid": (bytes([6 | GOOD[-1] & 1]) + GOOD[1:], "public key of 65 bytes"),
    "zeros": (b"\x04" + bytes(64), "not on brainpoolP256r1"),
    "one byte more": (GOOD + b"\0", "public key of 66 bytes"),
    "x not reduced": (
        b"\x04" + BP256.curve.p.to_bytes(32, "big") + GOOD[33:],
        "not on brainpoolP256r1",
    ),
}


@pytest.mark.parametrize(("step", "tag"), [(2, 0x82), (3, 0x84)])
@pytest.mark.parametrize("bad", BAD_POINTS)
def test_a_public_key_that_is_no_point_is_refused(step: int, tag: int, bad: str) -> None:
    key, message = BAD_POINTS[bad]
    refused(with_objects(chip_of(), step, (tag, key)), message)


GROUP = DhDomain.of(modp_groups.GROUPS[0])
P = GROUP.group.p
BAD_NUMBERS = {
    "0": 0,
    "1": 1,
    "p - 1": P - 1,
    "p": P,
    "p + g": P + GROUP.group.g,
    "outside the subgroup": 2,
    "of order 2 times q": P - GROUP.group.g,
}


@pytest.mark.parametrize(("step", "tag"), [(2, 0x82), (3, 0x84)])
@pytest.mark.parametrize("bad", BAD_NUMBERS)
def test_a_public_key_outside_the_subgroup_is_refused(step: int, tag: int, bad: str) -> None:
    octets = GROUP.encode(BAD_NUMBERS[bad])
    refused(with_objects(chip_of(DH_GM, 2, 0), step, (tag, octets)), "public key (of 0, 1|outside)")


def test_a_finite_field_key_may_have_leading_zeros_and_the_token_covers_them() -> None:
    """Some chips fill up or write a sign octet; T is made over the octets as sent (TR-03110-3, D.3.2)."""
    chip = chip_of(DH_GM, 2, 0)

    def padded(chip: PaceChip, objects: bytes) -> bytes:
        assert chip.own is not None
        key = b"\0" + chip.own.encoded.rjust(128, b"\0")
        chip.own = type(chip.own)(chip.own.private, chip.own.public, key)
        return tlv.build(0x7C, tlv.build(0x84, key)) + b"\x90\0"

    chip.whims[3] = padded
    run(chip)


def echo(chip: PaceChip, _: bytes) -> bytes:
    """The terminal's own key of this step."""
    return key_answer(chip, chip.theirs or chip.their_mapping)


def echo_of_the_mapping(chip: PaceChip, _: bytes) -> bytes:
    return key_answer(chip, chip.their_mapping)


def the_mapping_key_again(chip: PaceChip, _: bytes) -> bytes:
    assert chip.mapping_own is not None
    return key_answer(chip, chip.mapping_own.encoded)


def key_answer(chip: PaceChip, key: bytes) -> bytes:
    return tlv.build(0x7C, tlv.build(0x82 if chip.step == 3 else 0x84, key)) + b"\x90\0"


@pytest.mark.parametrize(
    ("mapping", "number", "step", "mirror"),
    [
        (ECDH_GM, 13, 2, echo),
        (ECDH_GM, 13, 3, echo),
        (ECDH_GM, 13, 3, echo_of_the_mapping),
        (ECDH_GM, 13, 3, the_mapping_key_again),
        (ECDH_CAM, 12, 3, echo),
        (ECDH_IM, 13, 3, echo),
        (DH_GM, 0, 2, echo),
        (DH_GM, 0, 3, echo_of_the_mapping),
        (DH_IM, 1, 3, echo),
    ],
)
def test_a_mirror_is_no_chip(mapping: int, number: int, step: int, mirror: Any) -> None:
    """9303-11, 4.4.1: the public keys differ.  Who returns ours could return our token as well."""
    chip = chip_of(mapping, 2, number)
    chip.whims[step] = mirror
    refused(chip, "sent before")


@pytest.mark.parametrize("place", range(8))
def test_a_wrong_token_of_the_chip_is_refused(place: int) -> None:
    chip = chip_of()

    def flipped(chip: PaceChip, objects: bytes) -> bytes:
        token = bytearray(objects[2:10])
        token[place] ^= 0x10
        return tlv.build(0x7C, tlv.build(0x86, bytes(token))) + b"\x90\0"

    chip.whims[4] = flipped
    refused(chip, "token is wrong")


def test_the_terminals_own_token_is_none_of_the_chip() -> None:
    chip = chip_of()
    chip.whims[4] = lambda chip, _: tlv.build(0x7C, tlv.build(0x86, chip.commands[-1][9:17])) + b"\x90\0"
    refused(chip, "token is wrong")


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        (1, ""),
        (1, "7c00"),
        (1, "7d128010" + 16 * "00"),
        (1, "7c128110" + 16 * "00"),
        (1, "7c128010" + 15 * "00"),
        (1, "7c128010" + 16 * "00" + "00"),
        (1, "7c24" + 2 * ("8010" + 16 * "00")),
        (1, "7c0a8008" + 8 * "00"),
        (1, "7c138011" + 17 * "00"),
        (1, "7c5280" + "50" + 80 * "00"),
        (2, "7c00"),
        (3, "7c00"),
        (4, ""),
        (4, "7c00"),
        (4, "7c0a8508" + 8 * "00"),
        (4, "7c028600"),
        (4, "7c148608" + 8 * "00" + "8608" + 8 * "00"),
        (4, "80" + 60 * "ff"),
    ],
)
def test_an_answer_that_is_built_otherwise_is_refused(step: int, answer: str) -> None:
    refused(answering(chip_of(), step, bytes.fromhex(answer)), "PACE|nonce")


@pytest.mark.parametrize("answer", ["7c028200", "7c00", ""])
def test_integrated_mapping_takes_every_form_of_an_empty_answer(answer: str) -> None:
    run(answering(chip_of(ECDH_IM), 2, bytes.fromhex(answer)))


@pytest.mark.parametrize("answer", ["7c03820101", "7c028100", "7c0482008200"])
def test_integrated_mapping_takes_nothing_but_an_empty_answer(answer: str) -> None:
    refused(answering(chip_of(ECDH_IM), 2, bytes.fromhex(answer)), "PACE")


@pytest.mark.parametrize("step", range(1, 5))
@pytest.mark.parametrize(("status", "left"), [(0x6300, None), (0x63C2, 2), (0x63C0, 0), (0x6983, None)])
def test_a_refused_password_is_access_refused_with_its_tries(
    step: int, status: int, left: int | None
) -> None:
    """Greek chips say so at step 3 already."""
    chip = answering(chip_of(), step, b"", status)
    with pytest.raises(AccessRefused, match=f"{status:04X}") as found:
        pace.run(chip.channel(), offer(chip), KEY, secrets.token_bytes)
    assert found.value.tries_left == left
    assert len(chip.commands) == step + 1


@pytest.mark.parametrize(
    ("step", "status"),
    [(0, 0x6A80), (0, 0x6A88), (0, 0x6A87), (1, 0x6985), (2, 0x6A80), (3, 0x6A80), (4, 0x6F00)],
)
def test_another_error_is_a_status_error_of_its_step(step: int, status: int) -> None:
    chip = answering(chip_of(), step, b"", status)
    channel = chip.channel()
    with pytest.raises(StatusError, match=f"PACE.*{status:04X}") as found:
        pace.run(channel, offer(chip), KEY, secrets.token_bytes)
    assert found.value.status == status
    assert channel.secure is None
    assert len(chip.commands) == step + 1, "nothing is sent after a refusal"


@pytest.mark.parametrize("status", [0x6982, 0x6985, 0x6988, 0x6A80])
def test_whatever_a_chip_calls_a_wrong_token_the_password_is_wrong(status: int) -> None:
    chip = answering(chip_of(), 4, b"", status)
    with pytest.raises(AccessRefused, match=f"{status:04X}"):
        pace.run(chip.channel(), offer(chip), KEY, secrets.token_bytes)


def test_tries_that_were_lost_before_are_no_refusal() -> None:
    """MSE:Set AT says 63C2 when a try was lost before, and PACE goes on (TR-03110-3, B.11.1)."""
    run(answering(chip_of(), 0, b"", 0x63C2))


@pytest.mark.parametrize(("status", "left"), [(0x63C1, 1), (0x63C0, 0), (0x6983, None)])
def test_the_last_try_is_not_taken(status: int, left: int | None) -> None:
    chip = answering(chip_of(), 0, b"", status)
    with pytest.raises(AccessRefused) as found:
        pace.run(chip.channel(), offer(chip), KEY, secrets.token_bytes)
    assert found.value.tries_left == left
    assert len(chip.commands) == 1


def test_certification_authorities_are_handed_on() -> None:
    chip = chip_of()
    chip.whims[4] = lambda chip, objects: (
        tlv.build(0x7C, objects, tlv.build(0x87, b"UTCVCA00002"), tlv.build(0x88, b"UTCVCA00001")) + b"\x90\0"
    )
    result = pace.run(chip.channel(), offer(chip), KEY, secrets.token_bytes)
    assert result.authorities == (b"UTCVCA00002", b"UTCVCA00001")


def test_the_chips_identity_is_its_compressed_ephemeral_key() -> None:
    """ID_IC of terminal authentication after PACE (TR-03110-1, 4.4): x coordinate, or SHA-1 of a DH key."""
    for mapping, number, size in ((ECDH_GM, 13, 32), (DH_GM, 0, 20)):
        chip = chip_of(mapping, 2, number)
        result = run(chip)
        assert chip.own is not None
        assert len(result.identity) == size
        if mapping == ECDH_GM:
            assert chip.own.encoded[1:33] == result.identity


def proven(chip: PaceChip, result: pace.PaceResult) -> Any:
    domain = domain_parameters.standard(chip.number)
    assert isinstance(domain, EcDomain)
    assert isinstance(result.mapping_key, tuple)
    assert result.chip_authentication_data is not None
    return mapping_chip_authentication.verify(
        domain, result.mapping_key, result.chip_authentication_data, chip.card_security()
    )


def test_chip_authentication_mapping_finds_the_key_among_several() -> None:
    chip = chip_of(ECDH_CAM, 4, 14)
    check = proven(chip, run(chip))
    assert (check.outcome, check.reason) == (Outcome.PASSED, "chip_proved_its_key")


def test_chip_authentication_mapping_fails_on_a_copy() -> None:
    """A copy has EF.CardSecurity but not its private key: whatever number it gives, it does not fit."""
    chip = chip_of(ECDH_CAM)
    chip.whims[4] = lambda chip, objects: (
        tlv.build(0x7C, objects[:10], tlv.build(0x8A, chip.proof(2))) + b"\x90\0"
    )
    result = pace.run(chip.channel(), offer(chip), KEY, secrets.token_bytes)
    check = proven(chip, result)
    assert (check.outcome, check.reason, check.details) == (Outcome.FAILED, "no_key_fits", {"keys": 2})


def test_chip_authentication_mapping_without_a_key_in_card_security_fails() -> None:
    chip = chip_of(ECDH_CAM)
    result = run(chip)
    assert isinstance(result.mapping_key, tuple)
    check = mapping_chip_authentication.verify(BP256, result.mapping_key, b"\1", ())
    assert (check.outcome, check.reason) == (Outcome.FAILED, "no_key_on_this_curve")


@pytest.mark.parametrize("data", [b"", b"\0", bytes(32), b"\xff" * 32, b"\1" * 40])
def test_chip_authentication_data_out_of_range_fail(data: bytes) -> None:
    chip = chip_of(ECDH_CAM)
    check = mapping_chip_authentication.verify(BP256, (1, 1), data, chip.card_security())
    assert (check.outcome, check.reason) == (Outcome.FAILED, "chip_authentication_data_out_of_range")


@pytest.mark.parametrize("data", [None, b"", bytes(15), bytes(32)])
def test_chip_authentication_mapping_without_its_data_is_refused(data: bytes | None) -> None:
    chip = chip_of(ECDH_CAM)

    def without(chip: PaceChip, objects: bytes) -> bytes:
        more = b"" if data is None else tlv.build(0x8A, data)
        return tlv.build(0x7C, objects[:10], more) + b"\x90\0"

    chip.whims[4] = without
    refused(chip, "chip authentication|padding")


@pytest.mark.parametrize("cipher", range(1, 5))
@pytest.mark.parametrize("number", [0, 8, 11, 13, 15, 18])
def test_integrated_mapping_is_what_python_computes(cipher: int, number: int) -> None:
    """Both encodings of a number as a point (appendix B.2 has one, residues the other), some ten times
    each."""
    domain = domain_parameters.standard(number)
    chip = chip_of(ECDH_IM, cipher, 13)
    for _ in range(4):
        secret = secrets.token_bytes(len(chip.nonce))
        public = secrets.token_bytes(chip.cipher.key_length)
        if isinstance(domain, EcDomain):
            found: Point | int = mapping_integrated.map_ec(domain, chip.cipher, secret, public).generator
        else:
            found = mapping_integrated.map_dh(domain, chip.cipher, secret, public).generator
        assert found == integrated(domain, chip.cipher, secret, public)


@pytest.mark.parametrize("x", [0, 1, BP256.curve.p - 1])
def test_numbers_that_encode_no_point_are_refused(x: int) -> None:
    with pytest.raises(ProtocolError):
        mapping_integrated.encode_point(BP256.curve, x)


def test_a_mapped_generator_that_is_neutral_is_refused() -> None:
    """s·G + H at infinity, g^s·h = 1: a chip that knows the nonce can choose its key so."""
    negative = BP256.multiply(BP256.curve.n - 5, BP256.generator)
    with pytest.raises(ProtocolError, match="infinity"):
        mapping_generic.map_ec(BP256, b"\5", negative)
    with pytest.raises(ProtocolError, match="is 1"):
        mapping_generic.map_dh(GROUP, b"\5", pow(GROUP.generator, -5, P))


@pytest.mark.parametrize("length", [16, 32, 48])
def test_a_generic_nonce_may_have_any_whole_blocks(length: int) -> None:
    """9303-11, 4.4.1: the chip chooses; under AES-256 nonces of one block occur."""
    chip = chip_of(ECDH_GM, 4, 12)
    chip.nonce = secrets.token_bytes(length)
    run(chip)


def test_an_integrated_nonce_of_another_length_is_refused() -> None:
    """32 octets under AES-128 would be valid in generic mapping; R(s, t) is not defined for them."""
    chip = chip_of(ECDH_IM)
    chip.nonce = bytes(32)
    refused(chip, "nonce of 32 bytes, expected 16")


@pytest.mark.parametrize(
    ("infos", "chosen"),
    [
        ([(ECDH_GM, 4, 17), (ECDH_CAM, 2, 8)], (ECDH_CAM, 2, 8)),
        ([(ECDH_CAM, 2, 12), (ECDH_CAM, 4, 16)], (ECDH_CAM, 4, 16)),
        ([(DH_GM, 2, 0), (ECDH_GM, 2, 12)], (ECDH_GM, 2, 12)),
        ([(DH_GM, 2, 0), (DH_IM, 2, 2)], (DH_IM, 2, 2)),
        ([(ECDH_GM, 1, 13), (ECDH_GM, 2, 13)], (ECDH_GM, 2, 13)),
        ([(ECDH_IM, 2, 13), (ECDH_GM, 2, 13)], (ECDH_IM, 2, 13)),
        ([(ECDH_GM, 2, 13), (ECDH_IM, 2, 13)], (ECDH_GM, 2, 13)),
        ([(ECDH_GM, 2, 13), (ECDH_GM, 4, 13)], (ECDH_GM, 4, 13)),
        ([(ECDH_IM, 2, 10), (ECDH_GM, 2, 8)], (ECDH_GM, 2, 8)),
        ([(ECDH_GM, 2, 30), (ECDH_GM, 2, 3), (ECDH_GM, 1, 9)], (ECDH_GM, 1, 9)),
        ([(ECDH_GM, 2, 0), (DH_GM, 2, 13)], None),
        ([(ECDH_CAM, 1, 13)], None),
        ([(5, 2, 13), (7, 2, 13), (2, 5, 13)], None),
        ([], None),
    ],
)
def test_the_way_is_chosen_by_what_it_proves_and_then_by_strength(
    infos: list[tuple[int, int, int]], chosen: tuple[int, int, int] | None
) -> None:
    offered = pace.choose(card_access(*(pace_info(*info) for info in infos)))
    assert (offered.info.raw if offered else None) == (pace_info(*chosen) if chosen else None)


def test_version_1_of_pace_is_not_used() -> None:
    assert pace.choose(card_access(pace_info(ECDH_GM, 2, 13, version=1))) is None


def test_all_ways_are_offered_best_first() -> None:
    infos = card_access(pace_info(DH_GM, 1, 0), pace_info(ECDH_CAM, 2, 12), pace_info(ECDH_GM, 3, 16))
    assert [offer.info.mapping for offer in pace.offers(infos)] == [Mapping.CAM, Mapping.GM, Mapping.GM]


def explicit(mapping: int, algorithm: bytes, number: int) -> bytes:
    """A PACEDomainParameterInfo."""
    oid = bytes.fromhex("04007f0007020204") + bytes([mapping])
    return tlv.build(0x30, tlv.build(0x06, oid), algorithm, bytes([2, 1, number]))


def algorithm_of(curve_oid: str) -> bytes:
    return tlv.build(0x30, bytes.fromhex("06072a8648ce3d0201" + curve_oid))


def test_explicit_parameters_count_if_they_are_a_standard_set() -> None:
    named = algorithm_of("06082a8648ce3d030107")
    infos = card_access(pace_info(ECDH_GM, 2, 41), explicit(ECDH_GM, named, 41))
    offered = pace.choose(infos)
    assert offered is not None
    assert offered.domain.name == "secp256r1"
    chip = chip_of(ECDH_GM, 2, 12)
    chip.number, chip.offered = 41, infos
    assert run(chip)


@pytest.mark.parametrize(
    "infos",
    [
        card_access(pace_info(ECDH_GM, 2, 41)),
        card_access(pace_info(ECDH_GM, 2, 41), explicit(ECDH_GM, algorithm_of("06082a8648ce3d030107"), 42)),
        card_access(pace_info(ECDH_GM, 2, 41), explicit(ECDH_IM, algorithm_of("06082a8648ce3d030107"), 41)),
        card_access(pace_info(ECDH_GM, 2, 41), explicit(ECDH_GM, algorithm_of("06052b8104000a"), 41)),
        card_access(pace_info(ECDH_GM, 2, 41), explicit(ECDH_GM, b"\x30\x02\x05\x00", 41)),
        card_access(pace_info(DH_GM, 2, 41), explicit(DH_GM, algorithm_of("06082a8648ce3d030107"), 41)),
    ],
)
def test_explicit_parameters_that_are_none_are_not_used(
    infos: tuple[security_infos.SecurityInfo, ...],
) -> None:
    assert pace.choose(infos) is None
    (info,) = security_infos.of_type(infos, security_infos.PaceInfo)
    with pytest.raises(EmrtdError):
        offer_of(info, infos)


def test_what_is_not_offered_says_why() -> None:
    (info,) = security_infos.of_type(card_access(pace_info(ECDH_IM, 2, 10)), security_infos.PaceInfo)
    with pytest.raises(UnsupportedError, match="integrated mapping over secp224r1"):
        offer_of(info)


def test_no_secret_shows_in_what_is_printed() -> None:
    chip = chip_of(ECDH_CAM)
    result = run(chip)
    assert result.chip_authentication_data is not None
    text = repr(result) + repr(BP256.key_pair_of(0x123456789ABCDEF))
    for secret in (
        result.chip_authentication_data.hex(),
        str(0x123456789ABCDEF),
        repr(result.chip_authentication_data),
    ):
        assert secret not in text


def test_a_source_of_zeros_makes_no_key() -> None:
    with pytest.raises(ValueError, match="randomness"):
        BP256.key_pair(bytes)


def test_private_keys_are_drawn_evenly_below_the_order() -> None:
    """521 bits: the spare bits of the first octet are cut off, and what is not below the order is drawn
    again."""
    domain = domain_parameters.standard(18)
    assert isinstance(domain, EcDomain)
    draws = iter([b"\xff" * 66, bytes(66), domain.curve.n.to_bytes(66, "big"), b"\xfe" + bytes(64) + b"\7"])
    assert domain.key_pair(lambda _: next(draws)).private == 7
