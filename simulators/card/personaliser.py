"""A document becomes a chip: files written and signed, keys drawn, access set (Doc 9303-10 and -11).

document = load(path)
chip = personalise(document)            a Personalisation
national_pki(document).trust(today)     what a lane must know to believe it
"""

import random
from datetime import UTC, datetime, time

from simulators.card import lds_files, portraits, security_infos
from simulators.card.contradictions import contradictions
from simulators.card.data_groups import groups_of
from simulators.card.document import Document, Portrait, pace_offer
from simulators.card.lds_files import Writing
from simulators.card.national import NationalPki, national_pki
from simulators.card.personalisation import (
    EF_ATR_INFO,
    EF_CARD_ACCESS,
    EF_CARD_SECURITY,
    EF_COM,
    EF_CVCA,
    EF_DIR,
    EF_SOD,
    EMRTD_APPLICATION,
    AccessSecrets,
    ChipAuthenticationKey,
    ChipAuthenticationMappingKey,
    EcActiveKey,
    FileKey,
    PaceOffer,
    Personalisation,
    RsaActiveKey,
    TerminalTrust,
    data_group,
)
from simulators.card.pki import signed_data
from simulators.card.pki.keys import DhKey, EcKey, RsaKey
from simulators.card.pki.signed_data import CONTENT_TYPES, Form
from simulators.card.terminals import chip_references, chip_trust
from simulators.toml_places import dotted


def personalise(document: Document, pki: NationalPki | None = None) -> Personalisation:
    """The chip of a document, signed by `pki`, the document's own authorities by default.

    The same document gives the same bytes.  Raises ValueError when parts of it do not go together.
    """
    if wrong := [f"{dotted(place)}: {said}" for place, said in contradictions(document)]:
        raise ValueError("; ".join(wrong))
    pki = pki or national_pki(document)
    chip = _Keys(document)
    groups = _data_groups(document, chip)
    files: dict[FileKey, bytes] = {data_group(number): file for number, file in groups.items()}
    listed = {
        number: file + b"\x00" if number in document.files.rewritten else file
        for number, file in groups.items()
        if number not in document.files.unlisted
    }
    files[EF_SOD] = _ef_sod(document, listed, pki)
    sod = document.sod
    files[EF_COM] = lds_files.ef_com(
        set(groups) - set(sod.com_hides),
        "0108" if sod.lds == "1.8" else "0107",
        bytes.fromhex("7F62") if sod.com_unknown_tags else b"",
    )
    if chip.offers:
        files[EF_CARD_ACCESS] = security_infos.security_infos(chip.access_infos())
    if chip.mapping is not None:
        files[EF_CARD_SECURITY] = _card_security(chip, pki)
    if document.terminal_authentication is not None:
        place = (
            EF_CVCA
            if document.terminal_authentication.file_id is None
            else (EMRTD_APPLICATION, document.terminal_authentication.file_id)
        )
        files[place] = lds_files.ef_cvca(chip_references(document))
    if document.files.longest is not None:
        files[EF_ATR_INFO] = lds_files.ef_atr_info(*document.files.longest)
    if document.files.directory:
        files[EF_DIR] = lds_files.ef_dir()
    page, holder = document.page, document.holder
    return Personalisation(
        files,
        AccessSecrets(
            page.number, f"{holder.birth:%y%m%d}", f"{page.expires:%y%m%d}", document.access.can or None
        ),
        document.access.bac,
        chip.offers,
        chip.authentication,
        chip.mapping,
        chip.active,
        TerminalTrust(chip_trust(document), page.issued) if document.terminal_authentication else None,
    )


class _Keys:
    """The chip's own keys, and how its files announce them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        page = document.page
        self._owner = f"{page.issuer} {page.number}"
        self.offers: tuple[PaceOffer, ...] = tuple(pace_offer(text) for text in document.access.pace)
        self._agreed = [
            security_infos.agreement_key(plan.key, f"{self._owner} chip authentication {place}")
            for place, plan in enumerate(document.chip_authentication)
        ]
        self.authentication = tuple(
            ChipAuthenticationKey(_group(key), key.private, plan.cipher, plan.key_id, plan.announced)
            for plan, key in zip(document.chip_authentication, self._agreed, strict=True)
        )
        self.mapping: ChipAuthenticationMappingKey | None = None
        if (plan := document.chip_authentication_mapping) is not None:
            self._mapped = security_infos.agreement_key(plan.key, f"{self._owner} mapping")
            self.mapping = ChipAuthenticationMappingKey(
                _group(self._mapped), self._mapped.private, plan.key_id
            )
        self._signing = self._active_key()
        self.active = self._active()

    def _active_key(self) -> RsaKey | EcKey | None:
        plan = self._document.active_authentication
        if plan is None:
            return None
        return security_infos.active_key(plan.key, f"{self._owner} active authentication")

    def _active(self) -> RsaActiveKey | EcActiveKey | None:
        plan, key = self._document.active_authentication, self._signing
        if plan is None or key is None:
            return None
        if isinstance(key, RsaKey):
            return RsaActiveKey(key.n, key.e, key.d, plan.hash, plan.two_byte_trailer)
        return EcActiveKey(key.curve.name, key.private, plan.hash, plan.der_answer)

    @property
    def active_public(self) -> bytes:
        """What DG15 says, where active authentication is in the plan."""
        assert self._signing is not None
        return self._signing.public()

    def access_infos(self) -> list[bytes]:
        """What EF.CardAccess says, and EF.CardSecurity and DG14 repeat under a signature."""
        infos = [security_infos.pace_info(offer) for offer in self.offers]
        if self._document.access.unknown_info:
            infos.append(security_infos.unknown_info())
        return infos

    def mapping_infos(self) -> list[bytes]:
        plan, mapping = self._document.chip_authentication_mapping, self.mapping
        if plan is None or mapping is None:
            return []
        public = security_infos.public(plan.key, self._mapped)
        return [security_infos.chip_authentication_public_key_info(public, mapping.key_id, elliptic=True)]

    def signed_infos(self) -> list[bytes]:
        """What DG14 says."""
        infos: list[bytes] = []
        plans = self._document.chip_authentication
        for plan, private, key in zip(plans, self._agreed, self.authentication, strict=True):
            public = security_infos.public(plan.key, private)
            infos.append(
                security_infos.chip_authentication_public_key_info(
                    public, key.key_id, elliptic=key.is_elliptic
                )
            )
            if key.announced:
                infos.append(security_infos.chip_authentication_info(key))
        if (terminal := self._document.terminal_authentication) is not None:
            infos.append(security_infos.terminal_authentication_info(terminal.file_id))
        active = self._document.active_authentication
        if active is not None and isinstance(self._signing, EcKey) and active.announced:
            infos.append(security_infos.active_authentication_info(active.hash))
        return [*self.access_infos(), *infos]


def _group(key: DhKey | EcKey) -> str:
    return key.group.name if isinstance(key, DhKey) else key.curve.name


def _data_groups(document: Document, chip: _Keys) -> dict[int, bytes]:
    page, holder, plan = document.page, document.holder, document.files
    draw = random.Random(document.portrait.seed)
    made: dict[int, bytes] = {}
    for number in sorted(groups_of(document)):
        match number:
            case 1:
                made[1] = lds_files.dg1(document.mrz)
            case 2:
                made[2] = _dg2(document.portrait)
            case 3:
                print_ = portraits.encoded(portraits.ridges(draw.randrange(1000)), "jpeg2000", 4000)
                made[3] = lds_files.biometric(3, [portraits.finger_record(print_, 240)])
            case 4:
                eye = portraits.encoded(portraits.ridges(draw.randrange(1000)), "jpeg2000", 3000)
                made[4] = lds_files.biometric(4, [portraits.iris_record(eye)])
            case 5:
                shown = portraits.portrait(document.portrait.seed, 240, 309, "jpeg", 6000)
                made[5] = lds_files.displayed(5, [shown])
            case 7:
                written = portraits.signature(document.portrait.seed)
                made[7] = lds_files.displayed(7, [portraits.encoded(written, "jpeg", 3000)])
            case 11:
                made[11] = _dg11(document, plan.writing)
            case 12:
                moment = datetime.combine(page.issued, time(9, 30, 0), UTC)
                made[12] = lds_files.dg12(
                    page.authority, page.issued, plan.writing, personalised=moment, system="SIM-0001"
                )
            case 13:
                made[13] = lds_files.dg13(b"SPECIMEN", structured=plan.dg13_structured)
            case 14:
                made[14] = lds_files.dg14(security_infos.security_infos(chip.signed_infos()))
            case 15:
                made[15] = lds_files.dg15(chip.active_public)
            case 16:
                told = (page.issued, f"{holder.surname}<<KIN", "+000 1", "1 EXAMPLE STREET")
                made[16] = lds_files.dg16([told], plan.writing)
            case _:
                raise AssertionError(f"contradictions lets DG{number} pass")
    return made


def _dg2(plan: Portrait) -> bytes:
    image = portraits.portrait(plan.seed, plan.width, plan.height, plan.image, plan.bytes, grey=plan.grey)
    image += bytes(plan.padding)
    declared = plan.declared or ("jpeg" if plan.image == "jpeg" else "jpeg2000")
    if plan.record == "39794-5":
        return lds_files.biometric(2, [portraits.iso_39794(image, declared=declared)], extensible=True)
    return lds_files.biometric(2, [portraits.iso_19794(image, plan.width, plan.height, declared=declared)])


def _dg11(document: Document, writing: Writing) -> bytes:
    holder = document.holder
    in_mrz = f"{holder.surname.replace(' ', '<')}<<{holder.given_names.replace(' ', '<')}"
    return lds_files.dg11(
        holder.full_name or in_mrz,
        holder.birth,
        writing,
        other_names=holder.other_names,
        personal_number=holder.personal_number,
        place_of_birth=holder.place_of_birth,
        address=holder.address,
        telephone=holder.telephone,
        profession=holder.profession,
    )


def _ef_sod(document: Document, groups: dict[int, bytes], pki: NationalPki) -> bytes:
    plan, signing = document.sod, document.signing
    hash_name = signing.digest or pki.signer.scheme.hash_name
    content = lds_files.security_object(
        groups, hash_name, version=1 if plan.lds == "1.8" else 0, null=plan.digest_null
    )
    form = Form(
        ber=plan.ber,
        by_key_id=plan.by_key_id,
        rewritten_issuer=plan.rewritten_issuer,
        attributes=plan.attributes,
        signing_time=datetime.combine(document.page.issued, time(9, 0, 0), UTC)
        if plan.signing_time
        else None,
        certificate=plan.certificate,
        digest_null=plan.digest_null,
    )
    return lds_files.ef_sod(signed_data.sign(content, CONTENT_TYPES[plan.content_type], pki.signer, form))


def _card_security(chip: _Keys, pki: NationalPki) -> bytes:
    infos = security_infos.security_infos([*chip.access_infos(), *chip.mapping_infos()])
    return signed_data.sign(infos, signed_data.CARD_SECURITY, pki.signer)
