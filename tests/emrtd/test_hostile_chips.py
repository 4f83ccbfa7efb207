"""Whatever a chip answers, nothing but this library's own errors comes out, and nothing passes."""

import itertools
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.emrtd import active_authentication, chip_authentication, domain_parameters, pace, tlv
from drivers.emrtd.access_key import MrzKey
from drivers.emrtd.channel import Channel
from drivers.emrtd.check import Outcome
from drivers.emrtd.curves import by_name
from drivers.emrtd.errors import EmrtdError, MalformedError, UnsupportedError
from drivers.emrtd.keys import DhDomain, EcDomain
from drivers.emrtd.lds import security_infos
from drivers.emrtd.modp_groups import GROUPS
from drivers.emrtd.pace import mapping_chip_authentication
from drivers.emrtd.public_keys import EcKey, RsaKey
from tests.emrtd.pace_chip import DH_GM, ECDH_CAM, ECDH_GM, ECDH_IM, PaceChip

KEY = MrzKey("L898902C3", "740812", "120415")
P256 = EcDomain.of(by_name("secp256r1"))


def run(chip: PaceChip) -> pace.PaceResult:
    chosen = pace.choose(chip.offered)
    assert chosen is not None
    return pace.run(chip.channel(), chosen, KEY, secrets.token_bytes)


class Flip:
    """A whim: one bit of the octet at `place` of a good answer is wrong.  `size` is that answer's."""

    def __init__(self, place: int) -> None:
        self.place, self.size = place, 0

    def __call__(self, _: PaceChip, objects: bytes) -> bytes:
        answer = bytearray(tlv.build(0x7C, objects))
        self.size = len(answer)
        answer[self.place] ^= 1 << secrets.randbelow(8)
        return bytes(answer) + b"\x90\0"


@pytest.mark.parametrize("mapping", [ECDH_GM, ECDH_IM, ECDH_CAM])
@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_no_answer_of_pace_with_a_flipped_bit_opens_a_session(mapping: int, step: int) -> None:
    """Each octet of each answer in turn.  What flips in 8A only fails the proof of the chip."""
    for place in itertools.count():
        chip = PaceChip(mapping, 2, 12, KEY.pace_password())
        flip = chip.whims[step] = Flip(place)
        try:
            result = run(chip)
        except EmrtdError:
            pass
        else:
            assert mapping == ECDH_CAM, f"octet {place} of step {step} may be anything"
            assert isinstance(result.mapping_key, tuple)
            data = result.chip_authentication_data or b""
            check = mapping_chip_authentication.verify(P256, result.mapping_key, data, chip.card_security())
            assert check.outcome is Outcome.FAILED
        assert flip.size > 0
        if place + 1 == flip.size:
            return


@settings(max_examples=60, deadline=None)
@given(step=st.integers(0, 4), answer=st.binary(max_size=300), good=st.booleans())
@pytest.mark.parametrize("mapping", [ECDH_GM, DH_GM, ECDH_CAM])
def test_any_answer_of_pace_ends_in_our_own_errors(
    mapping: int, step: int, answer: bytes, good: bool
) -> None:
    chip = PaceChip(mapping, 2, 0 if mapping == DH_GM else 12, KEY.pace_password())
    chip.whims[step] = lambda *_: (tlv.build(0x7C, answer) if good else answer) + b"\x90\0"
    if step:
        with pytest.raises(EmrtdError):
            run(chip)
    else:
        run(chip)


@settings(max_examples=100, deadline=None)
@given(octets=st.binary(max_size=140))
def test_any_octets_are_a_key_or_our_own_error(octets: bytes) -> None:
    for domain in (P256, DhDomain.of(GROUPS[0])):
        try:
            domain.decode(octets)
        except EmrtdError:
            continue


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_octets_are_a_public_key_info_or_our_own_error(data: st.DataObject) -> None:
    parameters = tlv.build(0x30, bytes.fromhex("06072a8648ce3d020106082a8648ce3d030107"))
    spki = bytearray(tlv.build(0x30, parameters, tlv.build(0x03, b"\0", P256.key_pair_of(7).encoded)))
    for _ in range(data.draw(st.integers(1, 4))):
        spki[data.draw(st.integers(0, len(spki) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(spki)))
    for octets in (bytes(spki), bytes(spki[:cut])):
        try:
            domain_parameters.read_public_key(octets)
        except (MalformedError, UnsupportedError):
            continue


@settings(max_examples=100, deadline=None)
@given(signature=st.binary(max_size=140))
def test_any_octets_are_no_signature(signature: bytes) -> None:
    n = (1 << 1023) + 0x10E5
    for key in (RsaKey(n, 65537), EcKey(P256.curve, P256.generator)):
        assert active_authentication.verify(key, (), b"12345678", signature).outcome is Outcome.FAILED


@settings(max_examples=60, deadline=None)
@given(answers=st.lists(st.binary(max_size=40), min_size=3, max_size=3))
def test_any_answer_to_chip_authentication_ends_in_our_own_errors(answers: list[bytes]) -> None:
    parameters = tlv.build(0x30, bytes.fromhex("06072a8648ce3d020106082a8648ce3d030107"))
    spki = tlv.build(0x30, parameters, tlv.build(0x03, b"\0", P256.key_pair_of(7).encoded))
    info = tlv.build(0x30, bytes.fromhex("060904007f000702020102"), spki)
    chosen = chip_authentication.choose(security_infos.parse(tlv.build(0x31, info)))
    assert chosen is not None
    rest = iter(answers)
    with pytest.raises(EmrtdError):
        chip_authentication.run(Channel(lambda _: next(rest) + b"\x90\0"), chosen, secrets.token_bytes)
