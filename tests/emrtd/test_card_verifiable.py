"""Card-verifiable certificates (TR-03110-3, C): published ones, the way from a chip's key to ours, and
rights."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.emrtd import card_verifiable, curves, tlv
from drivers.emrtd.card_verifiable import Rights, Role, chain, effective_rights, read
from drivers.emrtd.errors import EmrtdError, MalformedError, UnsupportedError
from drivers.emrtd.public_keys import EcKey
from tests.emrtd.material import needs_data, vectors
from tests.emrtd.terminal_certificates import Hierarchy

EXAMPLES = vectors("bsi_eac_worked_examples")


@pytest.fixture(scope="module")
def uto() -> Hierarchy:
    return Hierarchy()


@needs_data
def test_the_authority_of_bsi_s_worked_example_signed_itself() -> None:
    """EAC worked example, DH: CVCA certificate, RSA-1024 with SHA-1."""
    certificate = read(bytes.fromhex(EXAMPLES["tc_dh_cvca"]))
    assert (certificate.holder, certificate.authority) == ("DETESTCVCA00003", "DETESTCVCA00003")
    assert (certificate.role, certificate.rights) == (Role.AUTHORITY, Rights.FINGERS | Rights.IRIS)
    assert (certificate.effective, certificate.expires) == (date(2010, 3, 24), date(2011, 3, 19))
    key = certificate.key
    assert key.key is not None
    assert certificate.self_signed
    assert certificate.verify(key.key, key.scheme)
    assert not read(certificate_with_flipped_body()).verify(key.key, key.scheme)


def certificate_with_flipped_body() -> bytes:
    raw = bytearray.fromhex(EXAMPLES["tc_dh_cvca"])
    raw[raw.index(b"\x53\x01\xc3") + 2] ^= 1
    return bytes(raw)


@needs_data
@pytest.mark.parametrize("name", ["schufa", "allianz", "mein_cockpit"])
def test_published_terminal_certificates_hold_under_their_verifier(name: str) -> None:
    """eID terminals of 2011, ECDSA with SHA-256 on brainpoolP256r1; their type is another than ours."""
    verifier = read(bytes.fromhex(EXAMPLES[f"{name}_dvcert"]))
    terminal = read(bytes.fromhex(EXAMPLES[f"{name}_cert"]))
    curve = curves.by_name("brainpoolP256r1")
    issuer = verifier.key.on(EcKey(curve, curve.generator))
    assert terminal.verify(issuer, verifier.key.scheme)
    assert chain([terminal, verifier], [verifier.authority]) == (verifier, terminal)
    assert effective_rights([verifier, terminal]) is Rights.NONE


def test_the_way_goes_over_the_link_that_the_chip_lacks(uto: Hierarchy) -> None:
    held = [read(data) for data in (uto.certificate, uto.elsewhere, uto.verifier, uto.link, uto.root)]
    way = chain(held, [uto.cvca_1.name])
    assert [step.holder for step in way] == [uto.cvca_2.name, uto.verifier_2.name, uto.terminal.name]
    assert chain(held, [uto.cvca_2.name, uto.cvca_1.name]) == way[1:]
    with pytest.raises(UnsupportedError, match=r"\(XXCVCA00001\).*UTOCVCA00001, UTOCVCA00002, UTODV00000002"):
        chain(held, ["XXCVCA00001"])


def test_rights_are_those_that_all_grant(uto: Hierarchy) -> None:
    way = chain([read(data) for data in (uto.certificate, uto.verifier, uto.link)], [uto.cvca_1.name])
    assert [step.rights for step in way] == [Rights(3), Rights(3), Rights.FINGERS]
    assert effective_rights(way) is Rights.FINGERS
    assert effective_rights(()) is Rights.NONE


def test_a_key_without_parameters_is_on_its_issuer_s_curve(uto: Hierarchy) -> None:
    root, link, verifier = read(uto.root), read(uto.link), read(uto.verifier)
    assert root.key.key is not None
    assert link.key.key is not None
    assert root.verify(root.key.key, root.key.scheme)
    assert link.verify(root.key.key, root.key.scheme)
    issuer = link.key.key
    assert verifier.key.key is None
    assert verifier.verify(issuer, link.key.scheme)
    assert read(uto.certificate).verify(verifier.key.on(issuer), verifier.key.scheme)
    other = curves.by_name("brainpoolP256r1")
    with pytest.raises(MalformedError, match="not on brainpoolP256r1"):
        verifier.key.on(EcKey(other, other.generator))


def test_foreign_parameters_are_refused(uto: Hierarchy) -> None:
    generator = bytes.fromhex("046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296")
    at = uto.root.index(generator) + len(generator)
    swapped = uto.root[: at + 31] + bytes([uto.root[at + 31] ^ 1]) + uto.root[at + 32 :]
    with pytest.raises(UnsupportedError, match="another generator"):
        read(swapped)


@pytest.mark.parametrize(
    ("find", "replace", "why"),
    [
        ("5F2506020600010001", "5F2506020601030001", "month must be in"),
        ("5F2506020600010001", "5F250602060001000A", "not six digits"),
        ("5F290100", "5F290101", "profile other than"),
        ("420C55544F435643413030303031", "", "42 is missing"),
        ("060A04007F00070202020203", "060A04007F00070202020207", "a key for"),
        ("0E060904007F0007030102015301C3", "0D060904007F0007030102015300", "rights without"),
    ],
)
def test_what_is_not_as_the_profile_has_it_is_refused(
    uto: Hierarchy, find: str, replace: str, why: str
) -> None:
    body = tlv.read(read(uto.root).body).value.hex().upper()
    assert find in body
    body = body.replace(find, replace)
    data = tlv.build(0x7F21, tlv.build(0x7F4E, bytes.fromhex(body)), tlv.build(0x5F37, b"\0"))
    with pytest.raises((MalformedError, UnsupportedError), match=why):
        read(data)


@given(st.data())
def test_no_octets_do_more_than_raise_our_errors(uto: Hierarchy, data: st.DataObject) -> None:
    raw = bytearray(uto.root)
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        certificate = card_verifiable.read(bytes(raw))
    except EmrtdError:
        return
    assert certificate.value
