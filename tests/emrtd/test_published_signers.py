"""Who signed the published security objects and lists, how and when; and the published keys of the BSI's
specimen (Doc 9303-12, 7.1 and 8; TR-03105-5)."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

import pytest

from drivers.emrtd import asn1, domain_parameters, security_object, signed_data
from drivers.emrtd.certificates import Certificate
from drivers.emrtd.lds import dg14, dg15
from drivers.emrtd.lds.security_infos import ChipAuthenticationPublicKeyInfo, of_type
from drivers.emrtd.passive_authentication import authenticate
from drivers.emrtd.trust import master_list
from drivers.emrtd.trust_store import Holding, Role, TrustStore
from tests.emrtd.material import DATA, needs_data

pytestmark = needs_data

AT = datetime(2026, 6, 1, tzinfo=UTC)
LISTS = {"DE": "DE_ML_2024-08-07-07-38-24.ml", "NL": "NL_ML_2025-07-29.ml"}
BSI = DATA / "bsi_tr03105_5"


class Signed(NamedTuple):
    """A security object: its signature's algorithm, the groups it lists, the LDS version where that is said,
    the signer's validity by day."""

    algorithm: str
    groups: tuple[int, ...]
    lds_version: str | None
    valid: tuple[str, str]


OBJECTS = {
    "bsi_tr03105_5/EF_SOD.bin": Signed(
        "rsa_pss_sha256", (1, 2, 3, 4, 14), None, ("2013-12-16", "2014-12-11")
    ),
    "nl_specimen_2006/ef011D.bin": Signed("rsa_pkcs1_sha256", (1, 2, 15), None, ("2006-09-25", "2011-10-04")),
    "sod/EF_SOD_AT.bin": Signed("ecdsa_sha256", (1, 2, 3, 11, 12, 14), None, ("2023-01-31", "2033-05-06")),
    "sod/EF_SOD_DE.bin": Signed("ecdsa_sha384", (1, 2, 3, 14), "0108", ("2023-01-04", "2033-07-04")),
    "sod/EF_SOD_FR.bin": Signed(
        "rsa_pkcs1_sha256", (1, 2, 3, 11, 12, 13, 14), None, ("2017-07-18", "2027-10-18")
    ),
    "sod/EF_SOD_ID.bin": Signed("rsa_pss_sha256", (1, 2, 3, 14, 15), None, ("2025-04-15", "2035-07-16")),
    "sod/EF_SOD_NZ.bin": Signed(
        "rsa_pkcs1_sha256", (1, 2, 12, 13, 14, 15), None, ("2017-10-01", "2028-02-12")
    ),
    "sod/EF_SOD_SG.bin": Signed("rsa_pss_sha256", (1, 2, 3, 4, 13, 14), "0108", ("2022-06-27", "2032-11-27")),
    "sod/EF_SOD_UK.bin": Signed("ecdsa_sha256", (1, 2, 14), "0108", ("2021-02-01", "2032-06-01")),
}


@pytest.mark.parametrize("file", OBJECTS)
def test_a_published_security_object_is_what_it_is_published_as(file: str) -> None:
    found = security_object.read((DATA / file).read_bytes())
    (signer,) = found.signed.signers()
    signature = signed_data.verify(found.signed, signer.public_key)
    assert (signature.valid, signature.reason) == (True, "signature_valid")
    valid = signer.not_before.date().isoformat(), signer.not_after.date().isoformat()
    assert Signed(signature.algorithm, found.groups, found.lds_version, valid) == OBJECTS[file]
    assert not signer.is_ca


@cache
def published(publisher: str) -> master_list.MasterList:
    return master_list.read((DATA / "masterlists" / LISTS[publisher]).read_bytes())


@pytest.mark.parametrize(
    ("publisher", "algorithm", "day"),
    [("DE", "ecdsa_sha256", "2024-08-07"), ("NL", "rsa_pkcs1_sha256", "2025-07-30")],
)
def test_a_published_list_is_signed_as_it_is_published(publisher: str, algorithm: str, day: str) -> None:
    signed = published(publisher).signed
    (signer,) = signed.signers()
    signature = signed_data.verify(signed, signer.vouched_key)
    assert (signature.valid, signature.algorithm) == (True, algorithm)
    assert signer.subject.country == publisher
    assert signed.signing_time is not None
    assert signed.signing_time.date().isoformat() == day


@pytest.mark.parametrize("publisher", LISTS)
@pytest.mark.parametrize("state", ["AT", "DE", "FR", "NZ", "SG", "UK", "ID"])
def test_either_list_has_the_roots_of_the_documents_but_for_indonesia_s(publisher: str, state: str) -> None:
    store = TrustStore([_held(each) for each in published(publisher).certificates])
    data = (DATA / "sod" / f"EF_SOD_{state}.bin").read_bytes()
    assert authenticate(data, {}, store, AT).verdict == ("not_verifiable" if state == "ID" else "verified")


def _held(certificate: Certificate) -> Holding:
    return Holding(certificate, Role.ANCHOR if certificate.self_signed else Role.LINK)


def specimen(name: str) -> bytes:
    return bytes.fromhex(json.loads((BSI / "specimen_keys.json").read_text())[name])


def test_the_specimen_s_published_public_keys_are_those_in_its_files() -> None:
    (key,) = of_type(dg14.parse((BSI / "Datagroup14.bin").read_bytes()), ChipAuthenticationPublicKeyInfo)
    assert key.spki == specimen("chip_authentication_public")
    assert dg15.parse((BSI / "Datagroup15.bin").read_bytes()) == specimen("active_authentication_public")


def test_the_specimen_s_private_key_of_chip_authentication_is_that_of_its_public_one() -> None:
    """PKCS #8 with explicit parameters of brainpoolP224r1, which no other library at hand loads."""
    fields = asn1.read(specimen("chip_authentication_pkcs8"), "PKCS #8").fields("PKCS #8")
    fields.take(asn1.INTEGER)
    domain = domain_parameters.read(fields.take(asn1.SEQUENCE).raw)
    key = asn1.read(fields.take(asn1.OCTET_STRING).content, "RFC 5915").fields("RFC 5915")
    key.take(asn1.INTEGER)
    private = int.from_bytes(key.take(asn1.OCTET_STRING).content, "big")
    assert domain.name == "brainpoolP224r1"
    assert (domain, domain.key_pair_of(private).encoded) == domain_parameters.read_public_key(
        specimen("chip_authentication_public")
    )
