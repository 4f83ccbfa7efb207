"""EF.SOD (Doc 9303-10, 4.6.2), read from genuine files of seven states and two specimens."""

import pytest

from drivers.emrtd import asn1, tlv
from drivers.emrtd.errors import EmrtdError, MalformedError, UnsupportedError
from drivers.emrtd.lds import sod
from drivers.emrtd.signatures import Digest
from tests.emrtd.material import DATA, needs_data

BSI, NL = DATA / "bsi_tr03105_5", DATA / "nl_specimen_2006"


@needs_data
@pytest.mark.parametrize("state", ["AT", "DE", "FR", "ID", "NZ", "SG", "UK"])
def test_genuine_files_list_the_groups_that_must_be_there(state: str) -> None:
    found = sod.parse((DATA / "sod" / f"EF_SOD_{state}.bin").read_bytes())
    assert {1, 2} <= set(found.hashes)
    assert all(len(value) == len(found.digest.of(b"")) for value in found.hashes.values())
    assert found.version in (0, 1)
    assert (found.lds_version is None) == (found.version == 0)


@needs_data
def test_hashes_of_the_bsi_specimen_hold_and_dg15_is_not_vouched_for() -> None:
    found = sod.parse((BSI / "EF_SOD.bin").read_bytes())
    groups = {n: (BSI / f"Datagroup{n}.bin").read_bytes() for n in (1, 2, 3, 4, 14, 15)}
    assert {n: found.matches(n, data) for n, data in groups.items()} == {
        1: True, 2: True, 3: True, 4: True, 14: True, 15: None,
    }  # fmt: skip
    assert found.matches(1, groups[2]) is False


@needs_data
def test_hashes_of_the_dutch_specimen_hold() -> None:
    found = sod.parse((NL / "ef011D.bin").read_bytes())
    assert found.digest is Digest.SHA256
    assert all(found.matches(n, (NL / f"ef01{n:02X}.bin").read_bytes()) for n in (1, 2, 15))


@needs_data
def test_signed_data_of_another_kind_is_no_security_object() -> None:
    card_security = (DATA / "sod" / "EF_CardSecurity_DE.bin").read_bytes()
    with pytest.raises(MalformedError, match=r"0\.4\.0\.127\.0\.7\.3\.2\.1 is no LDS security object"):
        sod.parse(tlv.build(0x77, card_security))


def test_a_file_that_is_none_is_refused() -> None:
    for data in (b"", b"\x77\x00", b"\x61\x00", asn1.encode(0x77, asn1.encode(0x30))):
        with pytest.raises(EmrtdError):
            sod.parse(data)


@needs_data
def test_a_genuine_file_changed_anywhere_raises_our_errors_alone() -> None:
    genuine = (DATA / "sod" / "EF_SOD_FR.bin").read_bytes()
    for at in range(0, len(genuine), 7):
        changed = genuine[:at] + bytes([genuine[at] ^ 0x41]) + genuine[at + 1 :]
        try:
            sod.parse(changed)
        except (MalformedError, UnsupportedError):
            continue
