"""PACE against the worked examples of Doc 9303-11 (appendices G, H and I), of the BSI, and a real chip's
trace.

Each example plays the chip's answers and hands out its random numbers; every command must come out to the
last octet, and the session's keys must be the printed ones.  Private keys of finite-field examples are
printed longer than the order q of the generator; modulo q they make the same public keys.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from drivers.emrtd import curves, libcrypto, modp_groups, pace, tlv
from drivers.emrtd.access_key import AccessKey, CanKey, MrzKey
from drivers.emrtd.apdu import CommandApdu
from drivers.emrtd.channel import Channel
from drivers.emrtd.check import Outcome
from drivers.emrtd.ciphers import COUNTER_PASSWORD, Cipher, derive_key
from drivers.emrtd.keys import DhDomain, EcDomain
from drivers.emrtd.lds import security_infos
from drivers.emrtd.lds.security_infos import Mapping
from drivers.emrtd.pace import mapping_chip_authentication, mapping_generic, mapping_integrated, nonce, token
from drivers.emrtd.secure_messaging import SecureMessaging
from tests.emrtd.material import hexadecimal, needs_data, vectors
from tests.emrtd.scripted_chip import ScriptedChip

ICAO = vectors("icao_and_chip_traces")
BSI = vectors("bsi_eac_worked_examples")
BP256 = curves.by_name("brainpoolP256r1")
MODP1024 = modp_groups.GROUPS[0]
MRZ = MrzKey("T22000129", "640812", "101031")


def jmrtd(example: str) -> dict[str, bytes]:
    """Octets by name of the worked examples that JMRTD's test quotes; a second coordinate follows its
    first."""
    values: dict[str, bytes] = {}
    last = ""
    for entry in vectors("icao_pace_worked_examples").get(example, []):
        last = entry["var"] or last
        values[last] = values.get(last, b"") + bytes.fromhex(entry["hex"])
    return values


def offer(oid_end: str, parameter_id: int) -> pace.Offer:
    """The offer of a PACEInfo: 0.4.0.127.0.7.2.2.4.M.C."""
    mapping, cipher = (int(arc) for arc in oid_end.split("."))
    octets = bytes.fromhex("04007f00070202040000")[:8] + bytes([mapping, cipher])
    info = b"\x30\x12\x06\x0a" + octets + b"\x02\x01\x02\x02\x01" + bytes([parameter_id])
    chosen = pace.choose(security_infos.parse(b"\x31\x14" + info))
    assert chosen is not None
    return chosen


def replay(
    chosen: pace.Offer, key: AccessKey, exchange: Iterable[tuple[str, str]], random: Iterable[bytes]
) -> tuple[Channel, pace.PaceResult]:
    chip = ScriptedChip(exchange, random)
    channel = Channel(chip)
    result = pace.run(channel, chosen, key, chip.random)
    assert chip.finished
    return channel, result


def session_keys(channel: Channel) -> tuple[str, str, int]:
    session = channel.secure
    assert session is not None
    return session._ks_enc.hex(), session._ks_mac.hex(), int.from_bytes(session.ssc, "big")


def reduced(private: str) -> bytes:
    return (int(private, 16) % MODP1024.q).to_bytes(20, "big")


def commands(*answers: tuple[str, str, str]) -> Iterator[tuple[str, str]]:
    """GENERAL AUTHENTICATE commands, each as (CLA, data object within 7C, answer's data object)."""
    for cla, sent, answer in answers:
        data = wrapped(sent)
        yield f"{cla}860000{len(data) // 2:02x}{data}00", wrapped(answer) + "9000"


def wrapped(objects: str) -> str:
    """7C around hexadecimal data objects."""
    length = len(objects) // 2
    return "7c" + (f"{length:02x}" if length < 0x80 else f"81{length:02x}") + objects


@needs_data
def test_generic_mapping_over_a_curve() -> None:
    """Appendix G.1: ECDH, brainpoolP256r1, AES-128, with the MRZ."""
    trace = ICAO["pace_ecdh_gm_aes128_bp256_icao_g1"]
    chosen = pace.choose(security_infos.parse(hexadecimal(trace)[4]))
    assert chosen is not None
    assert (chosen.info.mapping, chosen.info.cipher) == (Mapping.GM, Cipher.AES128)
    number, birth, expiry, *_ = trace["mrz_info"].split()
    key = MrzKey(number, birth, expiry)
    assert derive_key(Cipher.AES128, key.pace_password(), COUNTER_PASSWORD).hex() == trace["k_pi"]
    first, second = hexadecimal(trace)[0], hexadecimal(trace)[3]
    channel, result = replay(chosen, key, trace["apdus"], [first, second])
    ks_enc, ks_mac = (octets.hex() for octets in hexadecimal(trace)[5:7])
    assert session_keys(channel) == (ks_enc, ks_mac, 0)
    assert result.identity.hex() == "9e880f842905b8b3181f7af7caa9f0efb743847f44a306d2d28c1d9ec65df6db"


@needs_data
def test_generic_mapping_over_a_curve_step_by_step() -> None:
    """Appendix G.1 again, with what happens between the commands."""
    example = jmrtd("testSupplementSampleECDHGM")
    domain = EcDomain.of(BP256)
    assert MRZ.pace_password() == example["expectedKeySeed"]
    encrypted = bytes.fromhex("95a3a016522ee98d01e76cb6b98b42c3")
    assert nonce.decrypt(Cipher.AES128, MRZ.pace_password(), encrypted) == example["nonceS"]
    own = domain.key_pair_of(int.from_bytes(example["pcdMappingPrivateKeyFieldElement"], "big"))
    assert own.encoded[1:] == example["pcdMappingPublicKeyECPoint"]
    chip = domain.key_pair_of(int.from_bytes(example["piccMappingPrivateKeyFieldElement"], "big"))
    assert chip.encoded[1:] == example["piccMappingPublicKeyECPoint"]
    shared = domain.multiply(own.private, chip.public)
    assert domain.encode(shared)[1:] == example["expectedSharedSecretECPointH"]
    assert domain.multiply(chip.private, own.public) == shared
    mapped = mapping_generic.map_ec(domain, example["nonceS"], shared)
    x, y = mapped.generator
    assert x.to_bytes(32, "big") == example["expectedEphemeralGeneratorX"]
    assert y.to_bytes(32, "big") == example["expectedEphemeralGeneratorY"]
    ephemeral = mapped.key_pair_of(int.from_bytes(example["pcdPrivateKeyFieldElement"], "big"))
    assert ephemeral.encoded[1:] == example["pcdPublicKeyPoint"]
    theirs = b"\x04" + example["piccPublicKeyPoint"]
    secret = mapped.shared_secret(ephemeral.private, mapped.decode(theirs))
    assert secret == example["expectedSharedSecret"]
    assert derive_key(Cipher.AES128, secret, 1) == example["expectedEncKeyBytes"]
    ks_mac = derive_key(Cipher.AES128, secret, 2)
    assert ks_mac == example["expectedMacKeyBytes"]
    assert offer("2.2", 13).info.raw == example["paceInfoBytes"]
    oid = offer("2.2", 13).info.oid_octets
    for public, covered, made in (
        (theirs, "expectedInputDataForPCDToken", "expectedPCDAuthenticationToken"),
        (ephemeral.encoded, "expectedInputDataForPICCToken", "expectedPICCAuthenticationToken"),
    ):
        assert token.public_key_object(oid, 0x86, public) == example[covered]
        assert token.make(Cipher.AES128, ks_mac, oid, 0x86, public) == example[made]


def test_generic_mapping_over_a_finite_field() -> None:
    """Appendix G.2: DH, RFC 5114 2.1, AES-128, with the MRZ."""
    own_mapping = (
        "23fb3749ea030d2a25b278d2a562047ade3f01b74f17a15402cb7352ca7d2b3eb71c343db13d1debce9a3666dbcfc920"
        "b49174a602cb47965caa73dc702489a44d41db914de9613dc5e98c94160551c0df86274b9359bc0490d01b03ad54022d"
        "cb4f57fad6322497d7a1e28d46710f461afe710fbbbc5f8ba166f4311975ec6c"
    )
    chip_mapping = (
        "78879f57225aa8080d52ed0fc890a4b25336f699aa89a2d3a189654af70729e623ea5738b26381e4da19e004706face7"
        "b235c2dbf2f38748312f3c98c2dd4882a41947b324aa1259ac22579db93f7085655af30889dbb845d9e6783fe42c9f24"
        "49400306254c8ae8ee9dd812a804c0b66e8cafc14f84d8258950a91b44126ee6"
    )
    own = (
        "907d89e2d425a178aa81af4a7774ec8e388c115cae67031e85eece520bd911551b9ae4d04369f29a02626c86fbc6747c"
        "c7bc352645b6161a2a42d44eda80a08fa8d61b76d3a154ad8a5a51786b0bc07147057871a922212c5f67f43173172236"
        "b7747d1671e6d692a3c7d40a0c3c5ce397545d015c175eb5130551edbc2ee5d4"
    )
    chip = (
        "075693d9ae941877573e634b6e644f8e60af17a0076b8b123d9201074d36152bd8b3a213f53820c42adc79ab5d0aeec3"
        "aefb91394da476bd97b9b14d0a65c1fc71a0e019cb08af55e1f729005fba7e3fa5dc41899238a250767a6d46db974064"
        "386cd456743585f8e5d90cc8b4004b1f6d866c79ce0584e49687ff61bc29aea1"
    )
    exchange = [
        ("0022c1a412800a04007f00070202040102830101840100", "9000"),
        *commands(
            ("10", "", "8010854d8df5827fa6852d1a4fa701cdddca"),
            ("10", "818180" + own_mapping, "828180" + chip_mapping),
            ("10", "838180" + own, "848180" + chip),
            ("00", "8508b46dd9bd4d98381f", "8608917f37b5c0e6d8d1"),
        ),
    ]
    random = [
        bytes.fromhex("5265030f751f4ad18b08ac565fc7ac952e41618d"),
        bytes.fromhex("89ccd99b0e8d3b1f11e1296dca68ec53411cf2ca"),
    ]
    channel, result = replay(offer("1.2", 0), MRZ, exchange, random)
    assert session_keys(channel) == (
        "2f7f46adcc9e7e521b45d192fafa9126",
        "805a1d27d45a5116f73c54469462b7d8",
        0,
    )
    assert result.mapping_key == int(chip_mapping, 16)


@needs_data
def test_generic_mapping_over_a_finite_field_step_by_step() -> None:
    """Appendix G.2 again: generator, secret, keys and the octets that the tokens cover."""
    example = jmrtd("testSupplementDHGMSample")
    shared = int.from_bytes(example["sharedSecretHBytes"], "big")
    mapped = mapping_generic.map_dh(DhDomain.of(MODP1024), example["nonceSBytes"], shared)
    assert mapped.encode(mapped.generator) == example["expectedEphemeralGeneratorBytes"]
    own = mapped.key_pair_of(int.from_bytes(example["pcdPrivateKeyFieldElement"], "big"))
    assert b"\0" + own.encoded == example["pcdPublicKeyFieldElement"]
    theirs = example["piccPublicKeyFieldElement"]
    secret = mapped.shared_secret(own.private, mapped.decode(theirs))
    assert secret == example["expectedSharedSecret"]
    assert derive_key(Cipher.AES128, secret, 1) == example["expectedEncKeyBytes"]
    ks_mac = derive_key(Cipher.AES128, secret, 2)
    assert ks_mac == example["expectedMacKeyBytes"]
    assert offer("1.2", 0).info.raw == example["paceInfoBytes"]
    oid = offer("1.2", 0).info.oid_octets
    for public, covered, made in (
        (theirs, "expectedInputDataForPCDToken", "expectedPCDAuthenticationToken"),
        (own.encoded, "expectedInputDataForPICCToken", "expectedPICCAuthenticationToken"),
    ):
        assert token.public_key_object(oid, 0x84, public) == example[covered]
        assert token.make(Cipher.AES128, ks_mac, oid, 0x84, public) == example[made]


def test_integrated_mapping_over_a_curve() -> None:
    """Appendix H.1: ECDH, brainpoolP256r1, AES-128; the password's key is the printed 591468CD..."""
    key = CanKey("123456")
    password_key = derive_key(Cipher.AES128, key.pace_password(), COUNTER_PASSWORD)
    assert password_key.hex() == "591468cda83d65219cccb8560233600f"
    own = (
        "0489cba23ffe96aa18d824627c3e934e54a9fd0b87a95d1471dc1c0abfdcd640d4"
        "6755de9b7b778280b6bebd57439adfeb0e21fd4ed6df42578c13418a59b34c37"
    )
    chip = (
        "0467f78e5f7f7686082b293e8d087e056916d0f74bc01a5f8957d0de45691e51e8"
        "932b69a962b52a0985ad2c0a271ee6a13a8adddcd1a3a994b9ded257f4d22753"
    )
    exchange = [
        ("0022c1a412800a04007f0007020204040283010284010d", "9000"),
        *commands(
            ("10", "", "8010143dc40c08c8e891fbed7dedb92b64ad"),
            ("10", "81105dd4cbfc96f5453b130d890a1cdbae32", ""),
            ("10", "8341" + own, "8441" + chip),
            ("00", "8508450f02b86f6a0909", "860875d4d96e8d5b0308"),
        ),
    ]
    random = [
        bytes.fromhex("5dd4cbfc96f5453b130d890a1cdbae32"),
        bytes.fromhex("a73fb703ac1436a18e0cfa5abb3f7bec7a070e7a6788486bee230c4a22762595"),
    ]
    channel, result = replay(offer("4.2", 13), key, exchange, random)
    assert session_keys(channel) == (
        "0d3feb33251a6370893d62ae8daaf51b",
        "b01e89e3d9e8719e586b50b4a7506e0b",
        0,
    )
    assert result.mapping_key is None


@needs_data
def test_integrated_mapping_over_a_curve_step_by_step() -> None:
    """Appendix H.1: R_p(s, t) and the point that encodes it."""
    example = jmrtd("testSpecSamplePACEIMWithECDHPointEncodingExampleH1")
    secret, public = example["decryptedNonceS"], example["nonceT"]
    number = mapping_integrated.pseudo_random(Cipher.AES128, BP256.p, secret, public)
    assert number.to_bytes(32, "big") == example["pseudRandomFunctionResult"]
    assert number.to_bytes(32, "big") == jmrtd("testPseudoRandomFunctionWorkedExampleH1")["expectedX"]
    x, y = mapping_integrated.encode_point(BP256, number)
    assert x.to_bytes(32, "big") == example["expectedMappedGeneratorX"]
    assert y.to_bytes(32, "big") == example["expectedMappedGeneratorY"]
    assert mapping_integrated.map_ec(EcDomain.of(BP256), Cipher.AES128, secret, public).generator == (x, y)


def test_integrated_mapping_over_a_finite_field() -> None:
    """Appendix H.2: DH, RFC 5114 2.1, AES-128."""
    own = (
        "0f0cc62945a8029251fb7ef3c094e12ec68e4ef07f27cb9d9cd04c5c4250fae0e4f8a951557e929aeb48e5c6dd47f2f5"
        "cd7c351a9bd2cd722c07ede166770f08ffcb370262cf308dd7b07f2e0da9caaa1492344c852906919538c98a4ba4187e"
        "76ce9d87832386d319ce2e043c3343aeae6edba1a9894dc5094d22f7fe1351d5"
    )
    chip = (
        "928d9a0f9dba450f13fc859c6f290d1d36e42431138a4378500beb4e0401854cff111f71cb6dc1d0335807a11388cc8e"
        "aa87b07907aad9fba6b169af6d8c26af8dddc39adc3ad2e3ff882b84d23e9768e95a80e4746fb07a9767679fe92133b4"
        "d379935c771bd7fbed6c7bb4b1708b275ea75679524cdc9c6a91370cc662a2f3"
    )
    private = (
        "4bd0e54740f9a028e6a515bfdaf967848c4f5f5fff65aa0915947ffd1a0df2fa6981271bc905f3551457b7e03ac3b806"
        "6de4aa406c1171fb43dd939c4ba16175103ba3dee16419aa248118f90cc36a3d6f4c373652e0c3cce7f0f1d0c5425b36"
        "00f0f0d6a67f004c8bba33f2b4733c7252445c1dfc4f1107203f71d2efb28161"
    )
    exchange = [
        ("0022c1a412800a04007f00070202040302830102840100", "9000"),
        *commands(
            ("10", "", "80109abb8864ca0ff1551e620d1ef4e13510"),
            ("10", "8110b3a6db3c870c3e99245e0d1c06b747de", ""),
            ("10", "838180" + own, "848180" + chip),
            ("00", "850855d61977cbf5307e", "8608c2f04230187e1525"),
        ),
    ]
    random = [bytes.fromhex("b3a6db3c870c3e99245e0d1c06b747de"), reduced(private)]
    channel, _ = replay(offer("3.2", 0), CanKey("123456"), exchange, random)
    assert session_keys(channel) == (
        "01afc10cf87be36d8179e87370171f07",
        "23f0fbd05fd6c7b8b88f4c8309669061",
        0,
    )


@needs_data
def test_integrated_mapping_over_a_finite_field_step_by_step() -> None:
    """Appendix H.2: R_p(s, t), raised to (p - 1) / q."""
    example = jmrtd("testPACEIMWithDHWorkedExampleH2")
    printed = [int.from_bytes(example[name], "big") for name in ("p", "g", "q")]
    assert printed == [MODP1024.p, MODP1024.g, MODP1024.q]
    secret, public = example["s"], example["t"]
    number = mapping_integrated.pseudo_random(Cipher.AES128, MODP1024.p, secret, public)
    assert number.to_bytes(128, "big") == example["expectedX"]
    mapped = mapping_integrated.map_dh(DhDomain.of(MODP1024), Cipher.AES128, secret, public)
    assert mapped.generator.to_bytes(128, "big") == example["expectedMappedGenerator"]


def test_chip_authentication_mapping() -> None:
    """Appendix I.1: ECDH, brainpoolP256r1, AES-128, with the MRZ; then the check against EF.CardSecurity's
    key."""
    own_mapping = (
        "047f1d410adb7ddb3b84bf1030800981a9105d7457b4a3ade002384f3086c67ede"
        "1ab889104a27db6d842b019020fbf3ceacb0dc627f7bdcac29969e19d0e553c1"
    )
    chip_mapping = (
        "04a234236aa9b9621e8efb73b5245c0e09d2576e5277183c1208bdd55280cae8b3"
        "04f365713a356e65a451e165ecc9ac0ac46e3771342c8fe5aedd092685338e23"
    )
    own = (
        "04446c934084d9dab863944f219520076c29ee3f7ae6722b11ff319ec1c7728f95"
        "5483400bff60bf0c5929270009277dc2a515e12575010ad9ba916cf1bf86fefc"
    )
    chip = (
        "0402ad566f3c6ec7f9324509ad50a51fa52030782a4968fcfedf737daea9933331"
        "11c3b9b4c2287789bd137e7f8aa882e2a3c633ccd6ecc2c63c57ad401a09c2e1"
    )
    data = "1eea964daae372ac990e3efde6333353bfc89a6704d93da8798cf77f5b7a54bd10cba372b42be0b9b5f28aa8de2f4f92"
    exchange = [
        ("0022c1a412800a04007f0007020204060283010184010d", "9000"),
        *commands(
            ("10", "", "8010cb60e8e0d85b76a9bd304747c2ad42e2"),
            ("10", "8141" + own_mapping, "8241" + chip_mapping),
            ("10", "8341" + own, "8441" + chip),
            ("00", "8508e86bd06018a1cd3b", "86088596cf055c67c1a3" + "8a30" + data),
        ),
    ]
    random = [
        bytes.fromhex("5d8bb87bd74d985a4b7d4325b9f7b976fe835122773400798914aa22738135cc"),
        bytes.fromhex("76ecfdaa9841c323a3f5fc5e88b88db3eff7e35ebf57a7e6946cb630006c2120"),
    ]
    key = MrzKey("C11T002JM", "960812", "231031")
    channel, result = replay(offer("6.2", 13), key, exchange, random)
    assert session_keys(channel) == (
        "0a9da4db03bdde39fc5202bc44b2e89e",
        "4b1c06491ed5140ca2b537d344c6c0b1",
        0,
    )
    proof = result.chip_authentication_data
    assert proof is not None
    assert proof.hex() == "85dc3fa93d0952bfa82f5fd189ee75bd82f11d1f0b8ed4bf5319ac9b53c426b3"
    # The ChipAuthenticationPublicKeyInfo of the example's EF.CardSecurity.
    info = (
        "3062060904007f0007020201023052300c060704007f0007010202010d03420004"
        "1872709494399e7470a6431be25e83eee24fea568c2ed28db48e05db3a610dc8"
        "84d256a40e35efcb59bf6753d3a489d28c7a4d973c2da138a6e7a4a08f68e16f02010d"
    )
    infos = security_infos.parse(bytes.fromhex("3164" + info))
    assert isinstance(result.mapping_key, tuple)
    check = mapping_chip_authentication.verify(EcDomain.of(BP256), result.mapping_key, proof, infos)
    assert (check.name, check.outcome) == ("chip_authentication_mapping", Outcome.PASSED)


@needs_data
def test_a_real_chip_of_new_zealand(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recorded PACE with generic mapping over brainpoolP256r1 and 3DES.

    The password is withheld, so the nonce is given as its holder decrypted it; all else is recorded.
    """
    trace = ICAO["pace_ecdh_gm_3des_nz_real"]
    monkeypatch.setattr(nonce, "decrypt", lambda *_: bytes.fromhex(trace["nonce_s"]))
    octets = hexadecimal(trace)
    chosen = pace.choose(security_infos.parse(octets[4]))
    assert chosen is not None
    assert chosen.info.cipher is Cipher.DES3
    channel, _ = replay(chosen, MRZ, trace["apdus"], [octets[0], octets[3]])
    assert session_keys(channel) == (octets[5].hex(), octets[6].hex(), 0)


def bsi(name: str) -> bytes:
    return bytes.fromhex(BSI[name])


@needs_data
def test_the_bsi_example_over_a_curve() -> None:
    """BSI EAC worked example, ECDH: PACE with the PIN 123456 (here as a number of the same digits)."""
    domain, key = EcDomain.of(BP256), CanKey("123456")
    secret = nonce.decrypt(Cipher.AES128, key.pace_password(), bsi("tc_ecdh_nonce_enc"))
    assert secret == bsi("tc_ecdh_nonce")
    own = domain.key_pair_of(number("tc_ecdh_map_pcd_priv_key"))
    chip = domain.key_pair_of(number("tc_ecdh_map_picc_priv_key"))
    assert own.encoded == bsi("tc_ecdh_map_pcd_pub_key")
    assert chip.encoded.startswith(bsi("tc_ecdh_map_picc_pub_key")), "the copy at hand ends one octet early"
    shared = domain.multiply(own.private, chip.public)
    assert domain.encode(shared) == bsi("tc_ecdh_map_shared_secret_h")
    mapped = mapping_generic.map_ec(domain, secret, shared)
    assert mapped.encode(mapped.generator) == bsi("tc_ecdh_map_generator")
    own = mapped.key_pair_of(number("tc_ecdh_pcd_priv_key"))
    chip = mapped.key_pair_of(number("tc_ecdh_picc_priv_key"))
    assert own.encoded == bsi("tc_ecdh_pcd_pub_key")
    assert chip.encoded == bsi("tc_ecdh_picc_pub_key")
    agreed("ecdh", mapped.shared_secret(own.private, chip.public), 0x86, own.encoded, chip.encoded)


@needs_data
def test_the_bsi_example_over_a_finite_field() -> None:
    """BSI EAC worked example, DH: the nonce under the PIN 123456, then as appendix G.2 of Doc 9303."""
    secret = nonce.decrypt(Cipher.AES128, CanKey("123456").pace_password(), bsi("tc_dh_nonce_enc"))
    assert secret == bsi("tc_dh_nonce")
    example = jmrtd("testSupplementDHGMSample")
    shared = example["sharedSecretHBytes"]
    assert shared.startswith(bsi("tc_dh_map_shared_secret_h"))
    mapped = mapping_generic.map_dh(DhDomain.of(MODP1024), secret, int.from_bytes(shared, "big"))
    own = mapped.key_pair_of(number("tc_dh_pcd_priv_key"))
    assert (b"\0" + own.encoded).startswith(bsi("tc_dh_pcd_pub_key"))
    chip = bsi("tc_dh_picc_pub_key")
    agreed("dh", mapped.shared_secret(own.private, mapped.decode(chip)), 0x84, own.encoded, chip)


@needs_data
@pytest.mark.parametrize("kind", ["ecdh", "dh"])
def test_the_first_command_of_a_session_is_that_of_the_bsi_examples(kind: str) -> None:
    """BSI EAC worked examples: the counter starts at 0; the command goes under 1, the answer under 2."""
    session = SecureMessaging(Cipher.AES128, bsi(f"tc_{kind}_k_enc"), bsi(f"tc_{kind}_k_mac"))
    protected = session.protect(CommandApdu(0x00, 0x22, 0x81, 0xB6, bsi(f"tc_{kind}_d1")))
    cryptogram = tlv.build(0x87, b"\1", bsi(f"tc_{kind}_e1"))
    assert protected.data.startswith(cryptogram)
    answer = bsi(f"tc_{kind}_ad1") + tlv.build(0x8E, bsi(f"tc_{kind}_a1")) + b"\x90\0"
    assert session.unprotect(answer, None).status == 0x9000


def number(name: str) -> int:
    return int.from_bytes(bsi(name), "big")


def agreed(kind: str, secret: bytes, tag: int, own: bytes, chip: bytes) -> None:
    """Secret, keys and tokens of a BSI example."""
    assert secret.startswith(bsi(f"tc_{kind}_shared_secret_k")), "copies at hand are cut in places"
    assert derive_key(Cipher.AES128, secret, 1) == bsi(f"tc_{kind}_k_enc")
    ks_mac = derive_key(Cipher.AES128, secret, 2)
    assert ks_mac == bsi(f"tc_{kind}_k_mac")
    oid = offer("2.2" if kind == "ecdh" else "1.2", 13 if kind == "ecdh" else 0).info.oid_octets
    pcd = token.make(Cipher.AES128, ks_mac, oid, tag, chip)
    picc = token.make(Cipher.AES128, ks_mac, oid, tag, own)
    assert pcd == bsi(f"tc_{kind}_authentication_token_pcd")
    assert picc == bsi(f"tc_{kind}_authentication_token_picc")


@needs_data
def test_generic_mapping_over_a_curve_of_320_bits() -> None:
    """The start of a Dutch passport's PACE of 2014: both keys are points of brainpoolP320r1."""
    example: dict[str, Any] = jmrtd("testDutch2014PassportWithGMAndECDH")
    domain = EcDomain.of(curves.by_name("brainpoolP320r1"))
    chip = domain.decode(example["piccMappingEncodedPublicKey"])
    own = domain.key_pair_of(int.from_bytes(example["pcdMappingPrivateKeyFieldElement"], "big"))
    shared = domain.multiply(own.private, chip)
    mapped = mapping_generic.map_ec(domain, example["nonceS"], shared)
    assert libcrypto.on_curve(domain.curve, mapped.generator)


@needs_data
@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("tc_ecdh_ef_cardaccess", [(Mapping.GM, "brainpoolP256r1")]),
        ("tc_dh_ef_cardaccess", [(Mapping.GM, "RFC 5114 2.1, 1024 bits with q of 160")]),
        ("ef_cardaccess_dan", [(Mapping.GM, "brainpoolP256r1")]),
        ("ef_cardaccess_ca3", [(Mapping.CAM, "brainpoolP256r1"), (Mapping.GM, "brainpoolP256r1")]),
        ("ef_cardaccess_old_testcard", []),
    ],
)
def test_what_published_cards_offer(name: str, ways: list[tuple[Mapping, str]]) -> None:
    """EF.CardAccess of German cards, the oldest of which has version 1 of PACE and nothing for us."""
    found = pace.offers(security_infos.parse(bsi(name)))
    assert [(offer.info.mapping, offer.domain.name) for offer in found] == ways
