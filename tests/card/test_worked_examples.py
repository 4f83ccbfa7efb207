"""The standards' worked examples and recorded sessions, from the chip's side, byte for byte."""

from dataclasses import replace
from datetime import date

import pytest

from simulators.card.access_keys import PASSWORD_CAN, bac_seed, mrz_information, pace_key
from simulators.card.active_authentication import representative, trailer
from simulators.card.apdu import Answer, parse_command
from simulators.card.chip import Chip
from simulators.card.chip_authentication import agree
from simulators.card.ciphers import FOR_ENCRYPTION, derive_key
from simulators.card.curves import curve
from simulators.card.cv_certificates import CvKey, Role, parse
from simulators.card.der import oid_value
from simulators.card.domain import domain
from simulators.card.integrated_mapping import pseudo_random
from simulators.card.pace import STEPS, PaceRun
from simulators.card.personalisation import (
    AccessSecrets,
    ChipAuthenticationKey,
    Cipher,
    PaceMapping,
    PaceOffer,
    RsaActiveKey,
)
from simulators.card.secure_messaging import SecureMessaging
from tests.card.documents import ERIKSSON, EXAMPLE_G, document, script
from tests.card.vectors import bsi, icao_pace, needs_vectors, trace

pytestmark = needs_vectors


def replay(chip: Chip, apdus: list[list[str]]) -> list[str]:
    return [(chip.answer(bytes.fromhex(command)) or b"").hex() for command, _ in apdus]


def test_bac_of_appendix_d_with_its_keys():
    """Doc 9303-11, D.2 and D.3."""
    assert mrz_information(ERIKSSON) == b"L898902C<369080619406236"
    seed = bac_seed(ERIKSSON)
    assert seed.hex() == "239ab9cb282daf66231dc5a4df6bfbae"
    derived = derive_key(Cipher.DES3, seed, FOR_ENCRYPTION)
    assert _without_parity(derived) == _without_parity(bytes.fromhex("AB94FDECF2674FDFB9B391F85D7F76F2"))
    example = trace("bac_icao_d")
    chip = Chip(
        document(secrets=ERIKSSON),
        random=script(bytes.fromhex("4608F91988702212"), bytes.fromhex("0B4F80323EB3191CB04970CB4052790B")),
    )
    chip.answer(bytes.fromhex("00A4040C07A0000002471001"))
    assert replay(chip, example["apdus"]) == [answer for _, answer in example["apdus"]]
    session = chip.state.session.messaging
    assert session is not None
    assert _without_parity(session.encryption_key) == _without_parity(
        bytes.fromhex("979EC13B1CBFE9DCD01AB0FED307EAE5")
    )
    assert _without_parity(session.mac_key) == _without_parity(
        bytes.fromhex("F1CB1F1FB5ADF208806B89DC579DC1F8")
    )
    assert f"{session.counter:016x}" == "887022120c06c226"


def test_secure_messaging_of_appendix_d():
    """Doc 9303-11, D.4: select EF.COM, read its first four bytes, read the rest."""
    session = SecureMessaging(
        Cipher.DES3,
        bytes.fromhex("979EC13B1CBFE9DCD01AB0FED307EAE5"),
        bytes.fromhex("F1CB1F1FB5ADF208806B89DC579DC1F8"),
        0x887022120C06C226,
    )
    steps = [
        ("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "011e", None, "",
         "990290008E08FA855A5D4C50A8ED9000"),
        ("0CB000000D9701048E08ED6705417E96BA5500", "", 4, "60145F01",
         "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000"),
        ("0CB000040D9701128E082EA28A70F3C7B53500", "", 18, "04303130365F36063034303030305C026175",
         "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000"),
    ]  # fmt: skip
    for command, data, le, answer, secured in steps:
        parsed = parse_command(bytes.fromhex(command))
        assert parsed is not None
        plain = session.open(parsed)
        assert (plain.cla, plain.data.hex(), plain.le) == (0x00, data, le)
        assert session.seal(Answer(bytes.fromhex(answer))) == bytes.fromhex(secured)


GM_ECDH = PaceOffer(PaceMapping.ECDH_GM, Cipher.AES128, 13)
GM_DH = PaceOffer(PaceMapping.DH_GM, Cipher.AES128, 0)


def test_pace_with_generic_mapping_on_a_curve():
    """Doc 9303-11, G.1; the chip's last private key is the standard's text's."""
    example = icao_pace("testSupplementSampleECDHGM")
    apdus = trace("pace_ecdh_gm_aes128_bp256_icao_g1")["apdus"]
    assert pace_key(EXAMPLE_G, 1, Cipher.AES128) == example["expectedEncodedSecretKey"]
    chip = Chip(
        document(GM_ECDH),
        random=script(
            example["nonceS"],
            example["piccMappingPrivateKeyFieldElement"],
            bytes.fromhex("107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A"),
        ),
    )
    assert replay(chip, apdus) == [answer for _, answer in apdus]
    session = chip.state.session.messaging
    assert session is not None
    assert session.encryption_key == example["expectedEncKeyBytes"]
    assert session.mac_key == example["expectedMacKeyBytes"]
    assert session.counter == 0


def test_pace_of_bsis_example_on_a_curve():
    """BSI's worked example with the PIN 123456; its copy of the chip's mapping key has lost the last byte."""
    known = {name.removeprefix("tc_ecdh_"): value for name, value in bsi().items()}
    chip = Chip(
        document(GM_ECDH),
        random=script(known["nonce"], known["map_picc_priv_key"], known["picc_priv_key"]),
    )
    assert chip.answer(bytes.fromhex("0022C1A4 12 800A04007F00070202040202 830102 84010D")) == b"\x90\x00"

    def step(head: str, inside: bytes) -> bytes:
        command = bytes.fromhex(head) + bytes([len(inside) + 2, 0x7C, len(inside)]) + inside + b"\x00"
        answer = chip.answer(command)
        assert answer is not None
        assert answer[-2:] == b"\x90\x00"
        return answer[4:-2]

    assert step("10860000", b"") == known["nonce_enc"]
    assert step("10860000", b"\x81\x41" + known["map_pcd_pub_key"]).startswith(known["map_picc_pub_key"])
    assert step("10860000", b"\x83\x41" + known["pcd_pub_key"]) == known["picc_pub_key"]
    token = step("00860000", b"\x85\x08" + known["authentication_token_pcd"])
    assert token == known["authentication_token_picc"]
    session = chip.state.session.messaging
    assert session is not None
    assert (session.encryption_key, session.mac_key) == (known["k_enc"], known["k_mac"])


def test_pace_with_generic_mapping_modulo_a_prime():
    """Doc 9303-11, G.2.  The chip's private keys are not told, so it takes the terminal's part from step 3:
    what both compute there is the same."""
    example = icao_pace("testSupplementDHGMSample")
    group = domain("modp1024-160")
    mapped = group.mapped(int.from_bytes(example["nonceSBytes"], "big"), 1, example["sharedSecretHBytes"])
    assert mapped.public(1) == example["expectedEphemeralGeneratorBytes"]
    # A private key counts modulo the order of the group.
    private = int.from_bytes(example["pcdPrivateKeyFieldElement"], "big") % group.order
    key = pace_key(EXAMPLE_G, PASSWORD_CAN, Cipher.AES128)
    assert key is not None
    run = PaceRun(
        GM_DH, PASSWORD_CAN, key, group, script(example["nonceSBytes"], private.to_bytes(20, "big"))
    )
    assert run.advance({})[4:] == bsi()["tc_dh_nonce_enc"]
    run._mapped = mapped
    run.step = STEPS.index("agree")
    sent = run.advance({0x83: example["piccPublicKeyFieldElement"]})
    # The example shows an octet for the sign; the tokens are over the key without.
    assert sent.endswith(b"\x84\x81\x80" + example["pcdPublicKeyFieldElement"][1:])
    answer = run.advance({0x85: example["expectedPICCAuthenticationToken"]})
    assert answer == b"\x7c\x0a\x86\x08" + example["expectedPCDAuthenticationToken"]
    assert run.agreed is not None
    assert run.agreed.session.encryption_key == example["expectedEncKeyBytes"]
    assert run.agreed.session.mac_key == example["expectedMacKeyBytes"]


def test_pace_of_a_real_passport_with_3des_ends_in_its_keys():
    """Recorded from a New Zealand passport; nonce and the terminal's keys are known, the chip's are not."""
    recorded = trace("pace_ecdh_gm_3des_nz_real")
    terminal_map, _, _, terminal_key, _, key_encryption, key_mac = recorded["other_hex_in_order"]
    nonce = int(recorded["nonce_s"], 16)
    chip_map, chip_key = (bytes.fromhex(answer)[4:-2] for _, answer in recorded["apdus"][2:4])
    mapped = domain("brainpoolP256r1").mapped(nonce, int(terminal_map, 16), chip_map)
    session = SecureMessaging.from_secret(Cipher.DES3, mapped.secret(int(terminal_key, 16), chip_key))
    assert _without_parity(session.encryption_key) == _without_parity(bytes.fromhex(key_encryption))
    assert _without_parity(session.mac_key) == _without_parity(bytes.fromhex(key_mac))


def _without_parity(key: bytes) -> bytes:
    return bytes(each & 0xFE for each in key)


def test_the_integrated_mapping_on_a_curve():
    """Doc 9303-11, H.1."""
    example = icao_pace("testSpecSamplePACEIMWithECDHPointEncodingExampleH1")
    group = domain("brainpoolP256r1")
    number = pseudo_random(Cipher.AES128, example["decryptedNonceS"], example["nonceT"], group.prime)
    assert number == int.from_bytes(example["pseudRandomFunctionResult"], "big")
    mapped = group.mapped_to(number)
    assert mapped.public(1) == (
        b"\x04" + example["expectedMappedGeneratorX"] + example["expectedMappedGeneratorY"]
    )


def test_the_integrated_mapping_modulo_a_prime():
    """Doc 9303-11, H.2."""
    example = icao_pace("testPACEIMWithDHWorkedExampleH2")
    group = domain("modp1024-160")
    assert group.prime == int.from_bytes(example["p"], "big")
    number = pseudo_random(Cipher.AES128, example["s"], example["t"], group.prime)
    assert number == int.from_bytes(example["expectedX"], "big")
    assert group.mapped_to(number).public(1) == example["expectedMappedGenerator"]


@pytest.mark.parametrize("name", ["chip_auth_at_real", "chip_auth_de_real"])
def test_secure_messaging_and_chip_authentication_of_real_passports(name: str):
    """The chip's answers, sealed again under the recorded keys; the first two are before the key change."""
    recorded = trace(name)
    file, encryption, mac, counter, private, *_ = recorded["other_hex_in_order"]
    session = SecureMessaging(Cipher.AES128, bytes.fromhex(encryption), bytes.fromhex(mac), int(counter, 16))
    commands = [parse_command(bytes.fromhex(command)) for command, _ in recorded["apdus"]]
    answers = [bytes.fromhex(answer) for _, answer in recorded["apdus"]]
    assert all(commands)
    manage, authenticate, select = (command for command in commands if command)
    plain = session.open(manage)
    assert (plain.ins, plain.p1, plain.p2, plain.data[:12].hex()) == (
        0x22, 0x41, 0xA4, "800a04007f00070202030202",
    )  # fmt: skip
    assert session.seal(Answer()) == answers[0]
    terminal_key = session.open(authenticate).data[4:]
    assert session.seal(Answer(b"\x7c\x00")) == answers[1]
    # Whose private key is used is the same to the shared secret.
    chips = bytes.fromhex(file)
    at = chips.index(b"\x03\x42\x00\x04") + 3
    secret = domain("brainpoolP256r1").secret(int(private, 16), chips[at : at + 65])
    assert domain("brainpoolP256r1").public(int(private, 16)) == terminal_key
    renewed = SecureMessaging.from_secret(Cipher.AES128, secret)
    plain = renewed.open(select)
    assert (plain.ins, plain.data.hex()) == (0xA4, "010e")
    assert renewed.seal(Answer()) == answers[2]


def test_bsis_chip_authentication_agrees_on_the_same_secret():
    """BSI's examples of chip authentication; their version 2 derives other keys from the same secret."""
    known = bsi()
    for prefix, group in (("tc_ecdh_", "brainpoolP256r1"), ("tc_dh_", "modp1024-160")):
        private = int.from_bytes(known[prefix + "ca_picc_priv_key"], "big")
        terminal_key = known[prefix + "ca_pcd_pub_key"]
        assert domain(group).secret(private, terminal_key) == known[prefix + "ca_shared_secret_k"]
        session, _ = agree(ChipAuthenticationKey(group, private, Cipher.AES128), terminal_key)
        assert session == SecureMessaging.from_secret(Cipher.AES128, known[prefix + "ca_shared_secret_k"])


def test_an_identity_cards_long_number_is_taken_whole():
    """Doc 9303-11, 4.3.2 note and appendix D.2: D23145890734 of TD1."""
    long = AccessSecrets("D23145890734", "340712", "950712")
    assert mrz_information(long) == b"D23145890734934071279507122"
    assert bac_seed(long).hex() == "b366ad857ddca2b08c0e299811714730"


def test_a_terminals_signature_of_bsis_example_holds():
    """Terminal authentication by RSA and SHA-1 (DH example): the chip's name, its challenge, the terminal's
    key; the certificate is cut in this copy, behind the key."""
    known = {name.removeprefix("tc_dh_"): value for name, value in bsi().items()}
    group = domain("modp1024-160")
    start = known["ta_cert"].index(b"\x81\x81\x80") + 3
    modulus = int.from_bytes(known["ta_cert"][start : start + 128], "big")
    key = CvKey(oid_value("0.4.0.127.0.7.2.2.2.1.1"), modulus=modulus, exponent=65537)
    message = (
        group.compress(known["picc_pub_key"]) + known["ta_nonce"] + group.compress(known["ca_pcd_pub_key"])
    )
    assert key.verifies(message, known["ta_pcd_signature"])
    assert not key.verifies(message + b"\0", known["ta_pcd_signature"])


def test_card_verifiable_certificates_in_use_hold():
    """German terminals' of 2011 under their verifier's, on the authority's curve; BSI's authority."""
    for holder, issuer in (("schufa_cert", "schufa_dvcert"), ("allianz_cert", "allianz_dvcert")):
        certificate, verifier = parse(bsi()[holder]), parse(bsi()[issuer])
        key = replace(verifier.key, curve=curve("brainpoolP256r1"))
        assert certificate.issuer == verifier.holder
        assert certificate.role is Role.TERMINAL
        assert key.verifies(certificate.body, certificate.signature)
        assert not key.verifies(certificate.body[:-1] + b"\x09", certificate.signature)
    authority = parse(bsi()["tc_dh_cvca"])
    assert authority.role is Role.AUTHORITY
    assert (authority.valid_from, authority.valid_to) == (date(2010, 3, 24), date(2011, 3, 19))
    assert authority.key.verifies(authority.body, authority.signature)


def test_active_authentications_message_of_all_hashes():
    """ISO/IEC 9796-2 representatives as a reader recovers them: header, M1, hash over M1 and challenge,
    trailer."""
    example = [bytes.fromhex(each) for each in trace("active_auth_rsa_decodeF")["other_hex_in_order"]]
    endings = [bytes.fromhex(each) for each in ("bc", "38cc", "34cc", "36cc", "35cc")]
    names = ("sha1", "sha224", "sha256", "sha384", "sha512")
    for place, (name, ending) in enumerate(zip(names, endings, strict=True)):
        challenge, recovered, first_part, _ = example[4 * place : 4 * place + 4]
        assert representative(first_part, challenge, name, ending) == recovered
        key = RsaActiveKey(1 << 2047, 3, 3, name)
        assert trailer(key) == ending
