"""Chip authentication (Doc 9303-11, 6.2; TR-03110-3, B.2), against recorded chips, BSI's examples and
impostors."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from drivers.emrtd import chip_authentication, ciphers, domain_parameters, proofs, tlv
from drivers.emrtd.channel import Channel
from drivers.emrtd.check import Outcome
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.curves import by_name
from drivers.emrtd.errors import ProtocolError, StatusError
from drivers.emrtd.keys import DhDomain, EcDomain, KeyPair
from drivers.emrtd.lds import security_infos
from drivers.emrtd.secure_messaging import SecureMessaging
from tests.emrtd.material import DATA, hexadecimal, needs_data, vectors
from tests.emrtd.scripted_chip import ScriptedChip
from tests.emrtd.secured_end import SecuredEnd, both_ends

ICAO = vectors("icao_and_chip_traces")
BSI = vectors("bsi_eac_worked_examples")
BP256 = EcDomain.of(by_name("brainpoolP256r1"))


def recorded(name: str) -> tuple[chip_authentication.Offer, Channel, ScriptedChip, list[bytes]]:
    """The offer in a recorded chip's DG14, and the recorded session at the point where the protocol
    begins."""
    trace: dict[str, Any] = ICAO[name]
    octets = hexadecimal(trace)
    chosen = chip_authentication.choose(security_infos.parse(tlv.read(octets[0]).value))
    assert chosen is not None
    chip = ScriptedChip(trace["apdus"], [octets[4]])
    channel = Channel(chip)
    channel.secure = SecureMessaging(Cipher.AES128, octets[1], octets[2], int.from_bytes(octets[3], "big"))
    return chosen, channel, chip, octets


@needs_data
@pytest.mark.parametrize(("name", "key_id"), [("chip_auth_at_real", None), ("chip_auth_de_real", 0xC3)])
def test_a_real_chip_proves_its_key(name: str, key_id: int | None) -> None:
    """Recorded with AT and DE passports: MSE:Set AT, GENERAL AUTHENTICATE, the first SELECT under new
    keys."""
    chosen, channel, chip, octets = recorded(name)
    assert (chosen.cipher, chosen.domain.name, chosen.key_id) == (Cipher.AES128, "brainpoolP256r1", key_id)
    result = chip_authentication.run(channel, chosen, chip.random)
    assert chip.finished
    session = channel.secure
    assert session is not None
    assert (session._ks_enc, session._ks_mac, session.ssc) == (octets[-3], octets[-2], octets[-1])
    assert result.terminal_identity == octets[5]
    own = BP256.key_pair_of(int.from_bytes(octets[7], "big"))
    assert own.encoded == octets[8] == b"\x04" + octets[5] + octets[6]
    assert octets[9].hex() == ICAO[name]["apdus"][-1][1]


@needs_data
def test_the_specimen_of_the_bsi_is_the_owner_of_its_key() -> None:
    """TR-03105-5: DG14 names brainpoolP224r1 by explicit parameters, and the published private key is its
    key."""
    text = (DATA / "bsi_tr03105_5" / "Datagroup14.bin").read_bytes()
    chosen = chip_authentication.choose(security_infos.parse(tlv.read(text).value))
    assert chosen is not None
    assert chosen.domain.name == "brainpoolP224r1"
    private = 0xAD1B6F5BF65B63F53E6EE2E45C1F09243D9AA2AB0C9A78C8C4D25647
    own = chosen.domain.key_pair_of(private)
    assert own.encoded == chosen.public
    chip = Chip(EcDomain.of(by_name("brainpoolP224r1")), chosen.cipher, private)
    assert chip_authentication.run(chip.channel(), chosen, secrets.token_bytes)


class Chip:
    """The chip's side of version 1, within a session.  `statuses` answers a command by its P2 with an
    error."""

    def __init__(self, domain: EcDomain | DhDomain, cipher: Cipher, private: int) -> None:
        self.domain, self.cipher, self.private = domain, cipher, private
        self.statuses: dict[int, int] = {}
        self.commands: list[bytes] = []
        self.end: SecuredEnd | None = None
        self.next: SecuredEnd | None = None

    def channel(self, session: Cipher = Cipher.AES256) -> Channel:
        channel = Channel(self)
        channel.secure, self.end = both_ends(session)
        return channel

    def __call__(self, raw: bytes) -> bytes:
        if self.next is not None:  # the answer to the last command was still under the old keys
            self.end, self.next = self.next, None
        assert self.end is not None
        header, data, _ = self.end.open(raw)
        self.commands.append(header + data)
        status = self.statuses.get(header[3], 0x9000)
        answer = b""
        if status == 0x9000 and header[1] != 0xA4:
            objects = {node.tag: node for node in tlv.iterate(data)}
            if 0x91 in objects:
                self.take(objects[0x91].value)
            if 0x7C in objects:
                self.take(objects[0x7C].get(0x80).value)
                answer = b"\x7c\0"
        return self.end.close(answer, status)

    def take(self, public: bytes) -> None:
        secret = self.domain.agree(self.private, public)
        keys = (ciphers.derive_key(self.cipher, secret, counter) for counter in (1, 2))
        self.next = SecuredEnd(self.cipher, *keys)


def key_info(number: int, public: bytes, key_id: int | None = None) -> bytes:
    """A ChipAuthenticationPublicKeyInfo over the standard parameters of that number."""
    finite = number < 3
    parameters = tlv.build(0x30, bytes.fromhex("060704007f00070102"), bytes([2, 1, number]))
    bits = tlv.build(0x02, b"\0", public) if finite else public
    spki = tlv.build(0x30, parameters, tlv.build(0x03, b"\0", bits))
    oid = bytes.fromhex("04007f000702020101" if finite else "04007f000702020102")
    return tlv.build(0x30, tlv.build(0x06, oid), spki, reference(key_id))


def way_info(finite: bool, cipher: int, key_id: int | None = None, version: int = 1) -> bytes:
    """A ChipAuthenticationInfo."""
    oid = bytes.fromhex("04007f0007020203") + bytes([1 if finite else 2, cipher])
    return tlv.build(0x30, tlv.build(0x06, oid), bytes([2, 1, version]), reference(key_id))


def reference(key_id: int | None) -> bytes:
    return b"" if key_id is None else tlv.build(0x02, key_id.to_bytes(2, "big"))


def infos(*elements: bytes) -> tuple[security_infos.SecurityInfo, ...]:
    return security_infos.parse(tlv.build(0x31, *elements))


def personalised(number: int = 13, cipher: int = 2) -> tuple[Chip, tuple[security_infos.SecurityInfo, ...]]:
    """A chip with a fresh key over these parameters, and its DG14."""
    domain = domain_parameters.standard(number)
    own = domain.key_pair(secrets.token_bytes)
    chip = Chip(domain, CIPHERS[cipher - 1], own.private)
    return chip, infos(key_info(number, own.encoded), way_info(number < 3, cipher))


CIPHERS = (Cipher.DES3, Cipher.AES128, Cipher.AES192, Cipher.AES256)


EACH_GROUP = ((0, 1), (1, 2), (2, 4), (8, 3), (9, 1), (10, 2), (11, 3), (12, 4), (13, 1), (14, 2), (15, 3))
LARGE_GROUPS = ((16, 4), (17, 1), (18, 2))


@pytest.mark.parametrize(("number", "cipher"), [*EACH_GROUP, *LARGE_GROUPS])
def test_every_group_and_cipher_proves_the_chip(number: int, cipher: int) -> None:
    chip, offered = personalised(number, cipher)
    channel = chip.channel()
    check, result = proofs.chip_authentication(channel, offered, secrets.token_bytes)
    assert (check.name, check.outcome) == ("chip_authentication", Outcome.PASSED)
    assert result is not None
    session = channel.secure
    assert session is not None
    assert session.cipher is CIPHERS[cipher - 1], "the session has the cipher of chip authentication now"
    ends = [command[3] for command in chip.commands]
    assert ends == ([0xA6, 0x0C] if cipher == 1 else [0xA4, 0x00, 0x0C])
    assert chip.commands[-1].hex() == "0ca4020c010e"


Clone = Callable[[Chip, bytes], bytes]


def keeps_the_old_keys(chip: Chip, raw: bytes) -> bytes:
    assert chip.end is not None
    return chip.end.close(b"", 0x9000)


def says_9000_in_the_clear(chip: Chip, raw: bytes) -> bytes:
    return b"\x90\0"


def says_6988_in_the_clear(chip: Chip, raw: bytes) -> bytes:
    return b"\x69\x88"


def uses_a_key_of_its_own(chip: Chip, raw: bytes) -> bytes:
    assert chip.next is not None
    chip.next.ssc += 1
    return chip.next.close(b"", 0x9000)


@pytest.mark.parametrize(
    "clone", [keeps_the_old_keys, says_9000_in_the_clear, says_6988_in_the_clear, uses_a_key_of_its_own]
)
@pytest.mark.parametrize("cipher", [1, 2])
def test_a_copied_chip_is_found_out(clone: Clone, cipher: int) -> None:
    """It says 9000 to the protocol's commands, and cannot answer the first one under the new keys."""
    chip, offered = personalised(cipher=cipher)
    chip.private = 12345

    def copied(raw: bytes) -> bytes:
        return clone(chip, raw) if chip.next is not None else chip(raw)

    channel = Channel(copied)
    channel.secure, chip.end = both_ends(Cipher.AES128)
    check, result = proofs.chip_authentication(channel, offered, secrets.token_bytes)
    assert (check.outcome, result) == (Outcome.FAILED, None)
    assert channel.secure is None


@pytest.mark.parametrize(("step", "status"), [(0xA4, 0x6A80), (0x00, 0x6300), (0x00, 0x6985)])
def test_a_chip_that_refuses_has_failed_and_keeps_its_session(step: int, status: int) -> None:
    chip, offered = personalised()
    chip.statuses[step] = status
    channel = chip.channel()
    before = channel.secure
    check, result = proofs.chip_authentication(channel, offered, secrets.token_bytes)
    assert (check.outcome, check.reason, result) == (Outcome.FAILED, "chip_refuses", None)
    assert check.details["status"] == f"{status:04X}"
    assert channel.secure is before


def test_3des_is_tried_in_both_forms() -> None:
    """9303-11, 6.2.4.1: MSE:Set KAT.  Malaysian chips want MSE:Set AT and GENERAL AUTHENTICATE."""
    chip, offered = personalised(cipher=1)
    chip.statuses[0xA6] = 0x6A86
    check, _ = proofs.chip_authentication(chip.channel(), offered, secrets.token_bytes)
    assert check.outcome is Outcome.PASSED
    assert [command[3] for command in chip.commands] == [0xA6, 0xA4, 0x00, 0x0C]


def test_a_key_without_info_is_used_with_3des() -> None:
    """Quirk of French passports of 2013: DG14 holds the key alone."""
    chip, offered = personalised(cipher=1)
    offered = tuple(info for info in offered if not isinstance(info, security_infos.ChipAuthenticationInfo))
    check, _ = proofs.chip_authentication(chip.channel(), offered, secrets.token_bytes)
    assert check.outcome is Outcome.PASSED
    chip.statuses[0xA6] = 0x6A80
    with pytest.raises(StatusError, match="6A80"):
        chip_authentication.run(chip.channel(), only(offered), secrets.token_bytes)


def only(offered: tuple[security_infos.SecurityInfo, ...]) -> chip_authentication.Offer:
    chosen = chip_authentication.choose(offered)
    assert chosen is not None
    return chosen


def test_of_two_keys_the_one_of_the_stronger_cipher_is_named() -> None:
    """Key and info belong together by their identifier, whose octets go into data object 84 as they are."""
    domain = domain_parameters.standard(12)
    own, other = domain.key_pair(secrets.token_bytes), BP256.key_pair(secrets.token_bytes)
    offered = infos(
        key_info(13, other.encoded, 0x41),
        key_info(12, own.encoded, 0xC3),
        way_info(False, 2, 0x41),
        way_info(False, 4, 0xC3),
    )
    chip = Chip(domain, Cipher.AES256, own.private)
    check, _ = proofs.chip_authentication(chip.channel(), offered, secrets.token_bytes)
    assert check.outcome is Outcome.PASSED
    assert chip.commands[0].hex().endswith("8401c3")


def test_an_info_of_another_key_is_not_used() -> None:
    own = BP256.key_pair(secrets.token_bytes)
    offered = infos(key_info(13, own.encoded, 1), key_info(13, own.encoded, 2), way_info(False, 4, 3))
    assert {offer.cipher for offer in chip_authentication.offers(offered)} == {Cipher.DES3}


def test_a_way_of_version_2_alone_is_none_of_version_1() -> None:
    own = BP256.key_pair(secrets.token_bytes)
    offered = infos(key_info(13, own.encoded), way_info(False, 2, version=2))
    assert chip_authentication.choose(offered) is None
    assert len(chip_authentication.offers(offered, version=2)) == 1
    chip, _ = personalised()
    check, _ = proofs.chip_authentication(chip.channel(), offered, secrets.token_bytes)
    assert (check.reason, check.details) == (
        "unsupported_key",
        {"problem": "no way of version 1 for the chip's keys"},
    )


def test_a_key_that_is_no_point_is_refused_before_anything_is_sent() -> None:
    own = bytearray(BP256.key_pair(secrets.token_bytes).encoded)
    own[-1] ^= 1
    chip, _ = personalised()
    offered = infos(key_info(13, bytes(own)), way_info(False, 2))
    with pytest.raises(ProtocolError, match="not on brainpoolP256r1"):
        chip_authentication.run(chip.channel(), only(offered), secrets.token_bytes)
    assert not chip.commands


def test_a_chip_that_offers_nothing_is_not_asked() -> None:
    chip, _ = personalised()
    check, _ = proofs.chip_authentication(chip.channel(), (), secrets.token_bytes)
    assert (check.outcome, check.reason) == (Outcome.NOT_PERFORMED, "not_offered")
    assert not chip.commands


@needs_data
def test_an_unknown_finite_field_group_proves_nothing() -> None:
    """Doc 9303's sample of DG14 names a group of its own by PKCS #3 parameters."""
    sample = (DATA / "cardaccess" / "doc9303_spec_sample_dg14.bin").read_bytes()
    offered = security_infos.parse(tlv.read(sample).value)
    chip, _ = personalised()
    check, _ = proofs.chip_authentication(chip.channel(), offered, secrets.token_bytes)
    assert (check.outcome, check.reason) == (Outcome.INCONCLUSIVE, "unsupported_key")
    assert "that no group of RFC 5114 has" in str(check.details["problem"])


def version_2(kind: str) -> tuple[chip_authentication.Offer, KeyPair[Any], list[tuple[str, str]]]:
    """Offer, the terminal's key and the exchange of a BSI example.  The copy of the DH chip's public key is
    cut, so the key is made of its private one."""
    number = 13 if kind == "ecdh" else 0
    domain = domain_parameters.standard(number)
    own, chip = (
        domain.key_pair_of(int(BSI[f"tc_{kind}_ca_{side}_priv_key"], 16) % domain.order)
        for side in ("pcd", "picc")
    )
    assert own.encoded.hex() == BSI[f"tc_{kind}_ca_pcd_pub_key"]
    card_access = security_infos.parse(bytes.fromhex(BSI[f"tc_{kind}_ef_cardaccess"]))
    way = security_infos.of_type(card_access, security_infos.ChipAuthenticationInfo)[0]
    key = infos(key_info(number, chip.encoded, 1))
    (offer,) = chip_authentication.offers((*key, way), version=2)
    sent = tlv.build(0x7C, tlv.build(0x80, own.encoded)).hex()
    answer = f"7c148108{BSI[f'tc_{kind}_ca_nonce']}8208{BSI[f'tc_{kind}_ca_picc_token']}9000"
    template = tlv.build(0x80, way.oid_octets).hex() + "840101"
    exchange = [
        (f"002241a4{len(template) // 2:02x}{template}", "9000"),
        (f"00860000{len(sent) // 2:02x}{sent}00", answer),
    ]
    return offer, own, exchange


@needs_data
@pytest.mark.parametrize("kind", ["ecdh", "dh"])
def test_version_2_as_the_bsi_works_it_out(kind: str) -> None:
    """BSI EAC worked examples: nonce and token of the chip, and the keys, which the nonce enters."""
    offer, own, exchange = version_2(kind)
    chip = ScriptedChip(exchange)
    channel = Channel(chip)
    chip_authentication.run_version_2(channel, offer, own)
    assert chip.finished
    session = channel.secure
    assert session is not None
    assert session._ks_enc.hex() == BSI[f"tc_{kind}_ca_k_enc"]
    assert session._ks_mac.hex() == BSI[f"tc_{kind}_ca_k_mac"]
    secret = offer.domain.agree(own.private, offer.public).hex()
    assert secret.startswith(BSI[f"tc_{kind}_ca_shared_secret_k"])


@needs_data
@pytest.mark.parametrize(
    "answer",
    ["7c1481084287b3072a3edc608208ff0117d68dee8e73", "7c0a81084287b3072a3edc60", "7c00", "", "7c02"],
)
def test_version_2_refuses_a_wrong_or_missing_token(answer: str) -> None:
    offer, own, exchange = version_2("ecdh")
    exchange[1] = (exchange[1][0], answer + "9000")
    channel = Channel(ScriptedChip(exchange))
    with pytest.raises(ProtocolError):
        chip_authentication.run_version_2(channel, offer, own)
    assert channel.secure is None
