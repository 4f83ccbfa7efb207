"""Fingers and iris through a real pcscd: read for a purpose, with a terminal's key, compared, and gone."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from drivers.document_reader.chips import ChipInspected, ChipReading, ChipTerms
from drivers.emrtd import terminal_key, terminal_key_token
from drivers.emrtd.biometrics import Biometrics
from drivers.emrtd.check import Outcome
from simulators.card.attacks.specimen import Specimen, genuine
from simulators.card.faults import Fault, FaultName
from simulators.card.pcscd import PrivatePcscd
from simulators.card.personalisation import data_group
from simulators.card.terminals import terminal_chain
from simulators.card.trust import trust_files
from tests.chip.judging import trust_of
from tests.chip.test_biometrics import private_key
from tests.document_reader.test_chip_reading import DAY, NOON, PAGE, document, outcome, reading
from tests.document_reader.test_pcsc import slot
from tests.emrtd.test_terminal_key_token import MODULE, PIN, needs_token, soft_token

PURPOSE = "second line: identity in doubt"


def specimen(*faults: Fault) -> Specimen:
    return replace(genuine(document("fingerprints")), faults=faults)


def biometrics(rights: int = 3) -> Biometrics:
    chain = terminal_chain(document("fingerprints"), DAY, rights=rights)
    return Biometrics(PURPOSE, terminal_key.load(private_key(chain), chain.presented))


async def read(pcscd: PrivatePcscd, chip: Specimen, terminal: Biometrics | None) -> ChipReading:
    trust = trust_of(trust_files(document("fingerprints"), DAY), DAY)
    async with slot(pcscd) as device, reading() as driver:
        device.insert(chip.inserted())
        return await driver.read_chip(PAGE, ChipTerms(trust, NOON, 6.0, 30.0, terminal))


def genuinely(found: ChipReading) -> tuple[str, str]:
    assert isinstance(found, ChipInspected)
    return str(found.verdict.data), str(found.verdict.chip)


async def test_for_a_purpose_fingers_are_compared_with_what_the_state_signed(pcscd: PrivatePcscd) -> None:
    found = await read(pcscd, specimen(), biometrics())
    assert genuinely(found) == ("verified", "genuine")
    assert outcome(found, "terminal_authentication") == (Outcome.PASSED, "terminal_accepted")
    assert outcome(found, "hash_dg3") == outcome(found, "hash_dg4") == (Outcome.PASSED, "hash_matches")
    assert isinstance(found, ChipInspected)
    (check,) = (each for each in found.verdict.checks if each.name == "terminal_authentication")
    assert check.details["purpose"] == PURPOSE


async def test_without_a_purpose_fingers_are_not_asked_for(pcscd: PrivatePcscd) -> None:
    found = await read(pcscd, specimen(), None)
    assert genuinely(found) == ("verified", "genuine")
    assert outcome(found, "hash_dg3")[0] is Outcome.NOT_PERFORMED


@pytest.mark.parametrize(
    ("fault", "rights", "told", "fingers", "iris"),
    [
        (Fault(FaultName.STATUS, "certificate", value=0x6300), 3, "chip_refuses", False, False),
        (None, 1, "terminal_accepted", True, False),
        (None, 0, "terminal_accepted", False, False),
    ],
    ids=["terminal refused", "fingers only", "no right"],
)
async def test_what_a_chip_refuses_is_not_performed_and_the_rest_is_read(
    pcscd: PrivatePcscd, fault: Fault | None, rights: int, told: str, fingers: bool, iris: bool
) -> None:
    found = await read(pcscd, specimen(*([fault] if fault else [])), biometrics(rights))
    assert genuinely(found) == ("verified", "genuine")
    assert outcome(found, "terminal_authentication")[1] == told
    for name, read_it in (("hash_dg3", fingers), ("hash_dg4", iris)):
        assert outcome(found, name)[0] is (Outcome.PASSED if read_it else Outcome.NOT_PERFORMED), name
    assert isinstance(found, ChipInspected)
    assert found.portrait


async def test_fingers_that_the_state_did_not_sign_fail_the_data(pcscd: PrivatePcscd) -> None:
    chip = specimen()
    held = chip.chip.files[data_group(3)]
    changed = replace(chip.chip, files={**chip.chip.files, data_group(3): held[:-1] + bytes([held[-1] ^ 1])})
    found = await read(pcscd, replace(chip, chip=changed), biometrics())
    assert outcome(found, "hash_dg3") == (Outcome.FAILED, "hash_wrong")
    assert genuinely(found)[0] == "failed"


async def test_a_terminal_of_an_authority_that_the_chip_does_not_know_reads_the_rest(
    pcscd: PrivatePcscd,
) -> None:
    own = document("fingerprints")
    assert own.page.issuer != "UTO"
    other = own.model_copy(update={"page": own.page.model_copy(update={"issuer": "UTO"})})
    chain = terminal_chain(other, DAY)
    terminal = Biometrics(PURPOSE, terminal_key.load(private_key(chain), chain.presented))
    found = await read(pcscd, specimen(), terminal)
    assert outcome(found, "terminal_authentication")[1] == "no_certificate_for_chip"
    assert genuinely(found) == ("verified", "genuine")


@needs_token
async def test_a_key_that_never_leaves_its_token_reads_fingers(pcscd: PrivatePcscd, tmp_path: Path) -> None:
    chain = terminal_chain(document("fingerprints"), DAY)
    pem = load_der_private_key(private_key(chain), None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    with soft_token(tmp_path, {"lane": pem}) as pin:
        uri = f"pkcs11:token=lane;object=lane?module-path={MODULE}&pin-source={pin}"
        terminal = Biometrics(PURPOSE, terminal_key_token.load(uri, chain.presented))
        found = await read(pcscd, specimen(), terminal)
        assert outcome(found, "hash_dg3") == (Outcome.PASSED, "hash_matches")
        pin.write_text("0000")
        found = await read(pcscd, specimen(), terminal)
        assert outcome(found, "terminal_authentication")[1] == "terminal_key_unusable"
        assert genuinely(found) == ("verified", "genuine")
        assert PIN not in repr(found)
