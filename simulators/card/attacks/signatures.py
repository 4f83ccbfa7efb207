"""Attacks on what is signed: files, EF.SOD, the signer and its chain."""

from dataclasses import replace
from datetime import timedelta

from simulators.card import der, lds_files
from simulators.card.attacks.specimen import (
    Specimen,
    Table,
    attack,
    changed,
    flipped,
    genuine,
    published,
    reading_day,
    with_files,
)
from simulators.card.curves import curve
from simulators.card.document import Document
from simulators.card.national import NationalPki, national_pki
from simulators.card.personalisation import EF_SOD, Personalisation, data_group
from simulators.card.personaliser import personalise
from simulators.card.pki import authority, certificates, keys, signed_data
from simulators.card.pki.names import authority_name
from simulators.card.pki.signing import Scheme, digest

ATTACKS: Table = {}
_FAILED, _UNVERIFIABLE, _EITHER = ("failed",), ("not_verifiable",), ("failed", "not_verifiable")


@attack(ATTACKS, data=_FAILED, hash_dg2="failed")
def wrong_hash(document: Document) -> Specimen:
    """One bit of the portrait is another than the one that was signed."""
    specimen = genuine(document)
    return with_files(specimen, {data_group(2): flipped(specimen.chip.files[data_group(2)], -100)})


@attack(ATTACKS, data=_FAILED, hash_dg1="failed")
def swapped_dg1(document: Document) -> Specimen:
    """DG1 is the file of another document of the same state and signer."""
    return with_files(genuine(document), {data_group(1): _others(document).files[data_group(1)]})


@attack(ATTACKS, data=("verified",), chip=("failed",), mrz="failed")
def other_documents_files(document: Document) -> Specimen:
    """All files are a genuine document's of somebody else, on a chip that opens with the printed page."""
    specimen = genuine(document)
    return replace(specimen, chip=replace(specimen.chip, files=_others(document).files))


@attack(ATTACKS, data=_FAILED, signature="failed")
def broken_signature(document: Document) -> Specimen:
    """One bit of the signature is wrong."""
    specimen = genuine(document)
    return with_files(specimen, {EF_SOD: flipped(specimen.chip.files[EF_SOD], -3)})


@attack(ATTACKS, data=_FAILED, signature="failed")
def rewritten_hashes(document: Document) -> Specimen:
    """The portrait is another, and EF.SOD's hash of it was made to fit, under the old signature."""
    pki = national_pki(document)
    other = personalise(changed(document, portrait={"seed": document.portrait.seed + 1}))
    specimen = genuine(document)
    files = {key[1] - 0x100: content for key, content in other.files.items() if key[1] in range(0x101, 0x111)}
    mine = files | {2: specimen.chip.files[data_group(2)]}
    hash_name = document.signing.digest or pki.signer.scheme.hash_name
    sod = signed_data.sign(
        lds_files.security_object(files, hash_name),
        signed_data.LDS_SECURITY_OBJECT,
        pki.signer,
        claimed=lds_files.security_object(mine, hash_name),
    )
    return with_files(specimen, {EF_SOD: lds_files.ef_sod(sod), data_group(2): files[2]})


@attack(ATTACKS, data=_FAILED, issuer="failed")
def foreign_signer(document: Document) -> Specimen:
    """Signed by a genuine signer of the neighbour, whom the reader knows as well."""
    other = national_pki(changed(document, page={"issuer": "XUT", "lines": ()}))
    specimen = genuine(document, other)
    return replace(specimen, trust={**specimen.trust, **other.trust(published(document))})


@attack(ATTACKS, data=_UNVERIFIABLE, chain="inconclusive")
def unchained_signer(document: Document) -> Specimen:
    """The signer's CSCA bears the right name, but is not the one that the reader knows."""
    return genuine(document, _impostor(document))


@attack(ATTACKS, data=_UNVERIFIABLE, chain="inconclusive")
def csca_in_the_sod(document: Document) -> Specimen:
    """The same, and the impostor's own CSCA certificate lies in EF.SOD beside the signer's."""
    pki = _impostor(document)
    specimen = genuine(document, pki)
    return with_files(specimen, {EF_SOD: _sod(document, pki, others=(pki.current.certificate,))})


@attack(ATTACKS, data=_UNVERIFIABLE, chip=("not_proved",), chain="inconclusive")
def unknown_state(document: Document) -> Specimen:
    """Nothing wrong: a state of which the reader has no certificate."""
    return replace(genuine(document), trust={})


@attack(ATTACKS, data=_FAILED, revocation="failed")
def revoked_signer(document: Document) -> Specimen:
    """The state has revoked the signer."""
    pki = national_pki(document)
    return replace(genuine(document), trust=pki.trust(published(document), [pki.signer.serial]))


@attack(ATTACKS, data=("verified",), chip=("genuine",), revocation="inconclusive")
def stale_crl(document: Document) -> Specimen:
    """Nothing wrong with the document; the newest CRL ended before the day of reading."""
    trust = national_pki(document).trust(reading_day(document) - timedelta(days=authority.CRL_DAYS + 1))
    return replace(genuine(document), trust=trust)


@attack(ATTACKS, data=("verified",), chip=("genuine",), revocation="inconclusive")
def missing_crl(document: Document) -> Specimen:
    """Nothing wrong with the document; the reader has no CRL of the state."""
    specimen = genuine(document)
    trust = {name: content for name, content in specimen.trust.items() if not name.endswith(".crl")}
    return replace(specimen, trust=trust)


@attack(ATTACKS, data=("verified",), chip=("genuine",), revocation="inconclusive")
def forged_crl(document: Document) -> Specimen:
    """A CRL in the state's name, signed by an impostor, revokes a good signer: it must not count."""
    specimen = genuine(document)
    forged = _impostor(document).revocation_list(published(document), [national_pki(document).signer.serial])
    trust = {name: forged if name.endswith(".crl") else content for name, content in specimen.trust.items()}
    return replace(specimen, trust=trust)


@attack(ATTACKS, data=_UNVERIFIABLE, validity="inconclusive")
def expired_signer(document: Document) -> Specimen:
    """The signer's certificate ended before the day of reading."""
    return genuine(changed(document, signing={"signer_form": {"days": 30}}))


@attack(ATTACKS, data=_UNVERIFIABLE, validity="inconclusive")
def early_signer(document: Document) -> Specimen:
    """The signer's certificate began before its CSCA did."""
    pki = national_pki(document)
    first = pki.current.validity.first.date() - timedelta(days=60)
    signer = authority.document_signer(
        pki.current,
        authority_name(pki.current.country, "Specimen document signer"),
        pki.signer.key,
        pki.signer.scheme,
        first,
        codes=(document.page.code,),
    )
    return genuine(document, replace(pki, signer=signer))


@attack(ATTACKS, data=_FAILED, key_usage="failed")
def signer_is_authority(document: Document) -> Specimen:
    """The signer's certificate calls itself a CA."""
    return genuine(changed(document, signing={"signer_form": {"is_authority": True}}))


@attack(ATTACKS, data=_FAILED, key_usage="failed")
def list_signer_signs_documents(document: Document) -> Specimen:
    """The certificate is for signing master lists."""
    form = {"purpose": certificates.MASTER_LIST_SIGNING}
    return genuine(changed(document, signing={"signer_form": form}))


@attack(ATTACKS, data=_FAILED, key_usage="failed")
def signer_without_digital_signature(document: Document) -> Specimen:
    """The key usage allows certificates and no documents."""
    form = {"key_usage": (certificates.KEY_CERT_SIGN,)}
    return genuine(changed(document, signing={"signer_form": form}))


@attack(ATTACKS, data=_EITHER)
def unknown_critical_extension(document: Document) -> Specimen:
    """The signer's certificate has a critical extension that nobody knows."""
    return genuine(changed(document, signing={"signer_form": {"unknown_critical": True}}))


@attack(ATTACKS, data=_FAILED, signature="failed")
def swapped_generator(document: Document) -> Specimen:
    """The signer's explicit parameters are a known curve's with another base point (CVE-2020-0601)."""
    pki = national_pki(document)
    known = curve("secp256r1")
    base = known.multiply(2, known.base)
    assert base is not None
    key = keys.EcKey(replace(known, x=base[0], y=base[1]), 0x5EC, explicit=True)
    return genuine(document, _signed_by(document, pki, key, Scheme("ecdsa", "sha256")))


@attack(ATTACKS, data=_EITHER)
def md5_signature(document: Document) -> Specimen:
    """The signature is over an MD5 hash."""
    pki = national_pki(document)
    scheme = Scheme("rsa", "md5")
    signed = changed(document, signing={"digest": "sha256"})
    return genuine(signed, _signed_by(document, pki, keys.rsa_key(2048, "b"), scheme))


@attack(ATTACKS, data=_FAILED, signature="failed")
def card_security_as_sod(document: Document) -> Specimen:
    """EF.SOD's content calls itself EF.CardSecurity, which the same signer signs."""
    return _with_type(document, signed_data.CARD_SECURITY)


@attack(ATTACKS, data=_FAILED, signature="failed")
def master_list_as_sod(document: Document) -> Specimen:
    """EF.SOD's content calls itself a master list."""
    return _with_type(document, signed_data.MASTER_LIST)


@attack(ATTACKS, data=_FAILED, signature="failed")
def attributes_left_out(document: Document) -> Specimen:
    """A signature straight over the content, which only id-data may have."""
    return genuine(changed(document, sod={"attributes": False}))


@attack(ATTACKS, data=_FAILED, signature="failed")
def attributes_as_content(document: Document) -> Specimen:
    """The signed attributes of a genuine EF.SOD are handed out as its content: the signature holds."""
    pki = national_pki(document)
    content = _security_object(document)
    hashed = digest(pki.signer.scheme.hash_name, content)
    attributes = der.set_of(
        der.sequence(der.oid("1.2.840.113549.1.9.3"), der.set_of(der.oid(signed_data.LDS_SECURITY_OBJECT))),
        der.sequence(der.oid("1.2.840.113549.1.9.4"), der.set_of(der.octets(hashed))),
    )
    sod = signed_data.sign(attributes, signed_data.DATA, pki.signer, signed_data.Form(attributes=False))
    return with_files(genuine(document), {EF_SOD: lds_files.ef_sod(sod)})


@attack(ATTACKS, data=("verified", "failed"), chip=("not_proved", "failed"))
def unlisted_active_key(document: Document) -> Specimen:
    """The chip proves an active authentication key that EF.SOD does not list."""
    only_active = changed(document, chip_authentication=[], files={"unlisted": [15]})
    return genuine(only_active)


def _others(document: Document) -> Personalisation:
    """The chip of somebody else's document, of the same state and signer."""
    page, holder = {"number": "X00000001", "lines": ()}, {"surname": "OTHER"}
    return personalise(changed(document, page=page, holder=holder))


def _impostor(document: Document) -> NationalPki:
    """Authorities with the state's names and keys of their own."""
    plan = {"csca": "secp521r1", "csca_signature": "sha512", "linked": False}
    return national_pki(changed(document, signing=plan))


def _signed_by(document: Document, pki: NationalPki, key: keys.SigningKey, scheme: Scheme) -> NationalPki:
    name = authority_name(pki.current.country, "Specimen document signer")
    first = document.page.issued.replace(day=1)
    signer = authority.document_signer(pki.current, name, key, scheme, first, codes=(document.page.code,))
    return replace(pki, signer=signer)


def _security_object(document: Document) -> bytes:
    groups = {
        key[1] - 0x100: content
        for key, content in personalise(document).files.items()
        if key[1] in range(0x101, 0x111)
    }
    hash_name = document.signing.digest or national_pki(document).signer.scheme.hash_name
    return lds_files.security_object(groups, hash_name)


def _sod(document: Document, pki: NationalPki, *, others: tuple[bytes, ...] = ()) -> bytes:
    content = _security_object(document)
    kind = signed_data.LDS_SECURITY_OBJECT
    return lds_files.ef_sod(signed_data.sign(content, kind, pki.signer, others=others))


def _with_type(document: Document, content_type: str) -> Specimen:
    sod = signed_data.sign(_security_object(document), content_type, national_pki(document).signer)
    return with_files(genuine(document), {EF_SOD: lds_files.ef_sod(sod)})
