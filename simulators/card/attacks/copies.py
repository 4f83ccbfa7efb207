"""Attacks by chips that are not the one the state issued: clones, and what they hide."""

from dataclasses import replace

from simulators.card import security_infos
from simulators.card.attacks.specimen import Specimen, Table, attack, changed, genuine, with_files
from simulators.card.document import Document
from simulators.card.faults import Fault, FaultName
from simulators.card.national import national_pki
from simulators.card.personalisation import (
    EF_CARD_ACCESS,
    EF_CARD_SECURITY,
    EF_COM,
    Cipher,
    PaceMapping,
    PaceOffer,
    Personalisation,
    RsaActiveKey,
    data_group,
)
from simulators.card.personaliser import personalise
from simulators.card.pki.keys import scalar

ATTACKS: Table = {}
_CAM_GROUP = "brainpoolP256r1"


@attack(ATTACKS, data=("verified",), chip=("genuine",))
def nothing_wrong(document: Document) -> Specimen:
    """The document as it was issued: what is said of all others is worth nothing unless this passes."""
    return genuine(document)


@attack(ATTACKS, data=("verified",), chip=("failed",))
def clone(document: Document) -> Specimen:
    """All files copied, none of the private keys: the chip answers with keys of its own."""
    specimen = genuine(document)
    return replace(specimen, chip=_without_keys(specimen.chip))


@attack(ATTACKS, data=("verified",), chip=("failed",))
def clone_that_refuses(document: Document) -> Specimen:
    """A clone that says that it knows neither chip nor active authentication."""
    faults = (
        Fault(FaultName.STATUS, "mse:ca", times=0, value=0x6A80),
        Fault(FaultName.STATUS, "ca", times=0, value=0x6D00),
        Fault(FaultName.STATUS, "aa", times=0, value=0x6D00),
    )
    return replace(clone(document), faults=faults)


@attack(ATTACKS, data=("failed",), hash_dg14="failed", hash_dg15="failed")
def clone_with_its_own_key(document: Document) -> Specimen:
    """A clone whose DG14 and DG15 announce its own keys: it proves them, but they are not the signed ones."""
    own = personalise(changed(document, page={"number": "CLONE0001", "lines": ()}))
    specimen = genuine(document)
    announced = {key: own.files[key] for key in (data_group(14), data_group(15)) if key in own.files}
    chip = replace(
        specimen.chip,
        chip_authentication=own.chip_authentication,
        active_authentication=own.active_authentication,
    )
    return with_files(replace(specimen, chip=chip), announced)


@attack(ATTACKS, data=("verified", "failed"), chip=("failed",))
def hidden_dg14(document: Document) -> Specimen:
    """A clone that has no DG14, nor names it in EF.COM; EF.SOD lists it."""
    return _hiding(document, 14)


@attack(ATTACKS, data=("verified", "failed"), chip=("failed",))
def hidden_dg15(document: Document) -> Specimen:
    """The same with DG15, of a document that has no chip authentication."""
    return _hiding(changed(document, chip_authentication=[]), 15)


@attack(ATTACKS, data=("verified", "failed"), chip=("failed",))
def hidden_both(document: Document) -> Specimen:
    """A clone that has neither DG14 nor DG15."""
    return _hiding(document, 14, 15)


@attack(ATTACKS, data=("verified",), chip=("failed",), pace_consistency="failed")
def card_access_stripped(document: Document) -> Specimen:
    """EF.CardAccess is gone, so that the reader takes BAC; the signed DG14 says that the chip has PACE."""
    specimen = with_files(genuine(document), {EF_CARD_ACCESS: None})
    return replace(specimen, chip=replace(specimen.chip, pace=(), bac=True))


@attack(ATTACKS, data=("verified",), chip=("failed",), pace_consistency="failed")
def downgraded_pace(document: Document) -> Specimen:
    """EF.CardAccess, which nobody signs, offers the weakest cipher only."""
    weak = PaceOffer(PaceMapping.ECDH_GM, Cipher.DES3, 12)
    infos = security_infos.security_infos([security_infos.pace_info(weak)])
    specimen = with_files(genuine(document), {EF_CARD_ACCESS: infos})
    return replace(specimen, chip=replace(specimen.chip, pace=(weak,)))


@attack(ATTACKS, data=("verified",), chip=("genuine",))
def mapping_nothing_wrong(document: Document) -> Specimen:
    """Chip authentication mapping as it should be: the measure of those that follow."""
    return genuine(_mapping(document))


@attack(ATTACKS, data=("verified",), chip=("failed",), may_stop=True)
def mapping_clone(document: Document) -> Specimen:
    """Chip authentication mapping with another key than EF.CardSecurity's."""
    specimen = genuine(_mapping(document))
    return replace(specimen, chip=_without_keys(specimen.chip))


@attack(ATTACKS, data=("verified",), chip=("failed", "not_proved"), may_stop=True)
def mapping_with_its_own_card_security(document: Document) -> Specimen:
    """EF.CardSecurity announces the clone's key, signed by a signer without a chain."""
    with_mapping = _mapping(document)
    specimen = genuine(with_mapping)
    impostor = national_pki(
        changed(with_mapping, signing={"csca": "secp521r1", "csca_signature": "sha512", "linked": False})
    )
    own = personalise(changed(with_mapping, page={"number": "CLONE0001", "lines": ()}), impostor)
    chip = replace(_without_keys(specimen.chip), chip_authentication_mapping=own.chip_authentication_mapping)
    return with_files(replace(specimen, chip=chip), {EF_CARD_SECURITY: own.files[EF_CARD_SECURITY]})


@attack(ATTACKS, data=("verified",), chip=("failed",), may_stop=True)
def mapping_card_security_missing(document: Document) -> Specimen:
    """Chip authentication mapping is offered, and there is no EF.CardSecurity to hold its key."""
    return with_files(mapping_clone(document), {EF_CARD_SECURITY: None})


@attack(ATTACKS, data=("verified",), chip=("failed",), chip_authentication_mapping="failed")
def mapping_refused(document: Document) -> Specimen:
    """A clone offers chip authentication mapping as the issuer wrote it, refuses it, and opens by BAC."""
    refuses = Fault(FaultName.STATUS, "mse:pace", times=0, value=0x6A80)
    return replace(mapping_clone(document), faults=(refuses,))


@attack(ATTACKS, data=("verified",), chip=("failed",), chip_authentication_mapping="failed")
def mapping_evaded(document: Document) -> Specimen:
    """The same, and it opens by the weaker mapping that stands beside it."""
    refuses = Fault(FaultName.STATUS, "mse:pace", times=1, value=0x6A80)
    return replace(mapping_clone(document), faults=(refuses,))


def _mapping(document: Document) -> Document:
    """The document with chip authentication mapping as its only proof."""
    return changed(
        document,
        access={"pace": [f"ECDH-CAM AES-128 {_CAM_GROUP}", *document.access.pace]},
        chip_authentication_mapping={"key": _CAM_GROUP},
        chip_authentication=[],
        active_authentication=None,
    )


def _without_keys(chip: Personalisation) -> Personalisation:
    """The same chip with wrong private keys throughout."""
    active = chip.active_authentication
    if isinstance(active, RsaActiveKey):
        active = replace(active, private_exponent=3)
    elif active is not None:
        active = replace(active, private=_wrong(active.private))
    mapping = chip.chip_authentication_mapping
    if mapping is not None:
        mapping = replace(mapping, private=_wrong(mapping.private))
    agreed = tuple(replace(key, private=_wrong(key.private)) for key in chip.chip_authentication)
    return replace(
        chip,
        chip_authentication=agreed,
        active_authentication=active,
        chip_authentication_mapping=mapping,
    )


def _wrong(private: int) -> int:
    """Another key, of half the length, so that it is below every order."""
    return scalar("clone", 1 << private.bit_length() // 2)


def _hiding(document: Document, *numbers: int) -> Specimen:
    specimen = genuine(document)
    quiet = personalise(changed(document, sod={"com_hides": list(numbers)}))
    gone = with_files(
        specimen, {EF_COM: quiet.files[EF_COM], **{data_group(number): None for number in numbers}}
    )
    return replace(gone, chip=_without_keys(gone.chip))
