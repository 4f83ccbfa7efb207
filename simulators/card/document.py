"""A travel document to be personalised, as a TOML file says it.

    [holder]   surname = "ERIKSSON" ...       who it is for
    [page]     number = "L898902C3" ...       what is printed
    [signing]  signer = "brainpoolP256r1" ... the state's keys
    [sod] [access] [[chip_authentication]] [active_authentication] [terminal_authentication]
    [portrait] [files]                        what the chip holds and how it is written

Every key but the holder's and the page's has a default, see docs/reference/travel-documents.md.  Names of
protocols, groups and ciphers are those of personalisation.py.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from simulators.card.behaviour import Behaviour
from simulators.card.faults import Fault
from simulators.card.lds_files import Writing
from simulators.card.personalisation import STANDARD_GROUPS, Cipher, PaceMapping, PaceOffer
from simulators.card.pki.authority import SignerForm
from simulators.card.pki.names import ALPHA_2
from simulators.mrz_lines import Fields, td1, td2, td3

TwoBytes = Annotated[int, Field(ge=0, le=0xFFFF)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def pace_offer(text: str) -> PaceOffer:
    """The offer that reads `ECDH-GM AES-128 brainpoolP256r1`.  Raises ValueError, also for what Doc 9303-11,
    4.4 and 9.2.3 do not know."""
    try:
        mapping, cipher, group = text.split()
        number = next(number for number, name in STANDARD_GROUPS.items() if name == group)
        offer = PaceOffer(PaceMapping(mapping), Cipher(cipher), number)
    except (ValueError, StopIteration):
        known = "; ".join(", ".join(names) for names in (PaceMapping, Cipher, STANDARD_GROUPS.values()))
        raise ValueError(f"found {text!r}, expected MAPPING CIPHER GROUP, of {known}") from None
    if mapping.startswith("DH") != group.startswith("modp"):
        raise ValueError(f"found {text!r}, expected modp groups with DH and curves with ECDH")
    if offer.mapping is PaceMapping.ECDH_IM and group == "secp224r1":
        raise ValueError(f"found {text!r}, expected another curve: integrated mapping has none for secp224r1")
    if offer.mapping is PaceMapping.ECDH_CAM and offer.cipher is Cipher.DES3:
        raise ValueError(f"found {text!r}, expected AES with chip authentication mapping")
    return offer


def _offers(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        pace_offer(text)
    return texts


def _issuer(code: str) -> str:
    if code not in ALPHA_2:
        raise ValueError(f"found {code!r}, expected one of {', '.join(ALPHA_2)}")
    return code


class Holder(Part):
    """A person who doesn't exist.  Names in MRZ letters; what else is given goes into DG11 as written."""

    surname: Annotated[str, Field(pattern=r"^[A-Z ]+$")]
    given_names: Annotated[str, Field(pattern=r"^[A-Z ]*$")] = ""
    nationality: Annotated[str, Field(pattern=r"^[A-Z]{1,3}$")] = "UTO"
    sex: Literal["M", "F", "<"] = "<"
    birth: date
    full_name: str = Field(default="", description="DG11; the MRZ's names where left out")
    other_names: tuple[str, ...] = ()
    personal_number: str = ""
    place_of_birth: str = ""
    address: str = ""
    telephone: str = ""
    profession: str = ""


class Page(Part):
    """The printed page.  `lines` instead of the form where the MRZ is given as it stands."""

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z<]?$")] = "P"
    form: Literal["TD1", "TD2", "TD3"] = "TD3"
    issuer: Annotated[str, AfterValidator(_issuer)] = "UTO"
    number: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,22}$")]
    optional: Annotated[str, Field(pattern=r"^[A-Z0-9<]*$")] = ""
    issued: date = date(2025, 6, 16)
    expires: date = date(2035, 6, 15)
    authority: str = "Utopia passport office"
    lines: tuple[str, ...] = ()


class Signing(Part):
    """The state's keys and how they sign (forms of pki/keys.py and pki/signing.py).

    `digest` is the hash over the data groups, the signature's where empty.  `linked`: an older CSCA announces
    this one by a link certificate, and is the one that others know.  `country` in names, where it is not the
    issuer's; `serial` of the CSCA, where it is not drawn; `path_length` below 0 is left out.
    """

    csca: str = "brainpoolP384r1"
    csca_signature: str = "sha384"
    signer: str = "brainpoolP256r1"
    signature: str = "sha256"
    digest: Literal["", "sha1", "sha224", "sha256", "sha384", "sha512"] = ""
    mask_hash: Literal["", "sha1", "sha224", "sha256", "sha384", "sha512"] = ""
    salt_length: Annotated[int, Field(ge=-1)] = -1
    bare: bool = False
    null: bool = True
    linked: bool = False
    country: str = ""
    printable: bool = False
    serial: int | None = None
    path_length: int = 0
    signer_form: SignerForm = SignerForm()


class Sod(Part):
    """How EF.SOD and EF.COM are written.

    `content_type`: id-data (CN) or an old one.  `ber`: indefinite lengths, the content in pieces (NZ, US).
    `by_key_id`: the signer named by its key.  `rewritten_issuer`: its issuer's RDNs in reverse and of the
    other string type (MY).  `attributes` false signs the content itself.  `certificate` false leaves the
    signer's out.  `digest_null` false: hash identifiers without NULL.  `com_hides`: groups that EF.COM does
    not list; `com_unknown_tags`: it lists others (CN).
    """

    lds: Literal["1.7", "1.8"] = "1.7"
    content_type: Literal["icao", "data", "old-icao", "old-nl"] = "icao"
    ber: bool = False
    by_key_id: bool = False
    rewritten_issuer: bool = False
    attributes: bool = True
    signing_time: bool = False
    certificate: bool = True
    digest_null: bool = True
    com_hides: tuple[int, ...] = ()
    com_unknown_tags: bool = False


class Access(Part):
    """How the chip opens; with neither BAC nor PACE everything reads freely (BE).

    `pace` as in `ECDH-GM AES-128 brainpoolP256r1`, best first.  `can`: six digits, or none.  `unknown_info`
    adds a protocol to EF.CardAccess that nobody knows.
    """

    bac: bool = True
    pace: Annotated[tuple[str, ...], AfterValidator(_offers)] = ()
    can: Annotated[str, Field(pattern=r"^([0-9]{6})?$")] = ""
    unknown_info: bool = False


class ChipAuthentication(Part):
    """One static key: a curve with any of `explicit`, `compressed`, `no-cofactor`, `standard` (its parameter
    id), or a group of RFC 5114 with `pkcs3`.  `announced` false leaves its ChipAuthenticationInfo out (FR).
    """

    key: str = "brainpoolP256r1"
    cipher: Cipher = Cipher.AES128
    key_id: int | None = None
    announced: bool = True


class MappingKey(Part):
    """The key of chip authentication mapping; on the group of the CAM offer."""

    key: str = "brainpoolP256r1"
    key_id: int | None = None


class ActiveAuthentication(Part):
    """The key of DG15.  `announced` false leaves ActiveAuthenticationInfo out (PT)."""

    key: str = "rsa-2048"
    hash: Literal["sha1", "sha224", "sha256", "sha384", "sha512"] = "sha256"
    two_byte_trailer: bool = False
    der_answer: bool = False
    announced: bool = True


class TerminalAuthentication(Part):
    """The authority that lets terminals read DG3 and DG4.  `file_id` moves EF.CVCA."""

    key: str = "brainpoolP256r1"
    signature: str = "sha256"
    file_id: TwoBytes | None = None


class Portrait(Part):
    """DG2's drawn face, another for each `seed`.  `declared` where the record says another image format than
    it holds; about `bytes` long, and `padding` zeros after it."""

    record: Literal["19794-5", "39794-5"] = "19794-5"
    image: Literal["jpeg", "jpeg2000", "codestream"] = "jpeg2000"
    declared: Literal["", "jpeg", "jpeg2000"] = ""
    width: Annotated[int, Field(ge=8, le=4000)] = 413
    height: Annotated[int, Field(ge=8, le=4000)] = 531
    bytes: Annotated[int, Field(ge=500, le=400_000)] = 18_000
    grey: bool = False
    padding: Annotated[int, Field(ge=0, le=10_000)] = 0
    seed: int = 1


class Files(Part):
    """Which data groups there are beside those that keys bring (14, 15), and how they are written.

    `longest`: command and response bytes that EF.ATR/INFO tells; none where left out.
    """

    groups: tuple[int, ...] = (1, 2)
    unlisted: tuple[int, ...] = Field(default=(), description="on the chip, but not in EF.SOD")
    rewritten: tuple[int, ...] = Field(default=(), description="changed after EF.SOD took its hash")
    dg13_structured: bool = True
    longest: tuple[TwoBytes, TwoBytes] | None = None
    directory: bool = True
    writing: Writing = Writing()


class Document(Part):
    """One document."""

    title: str = ""
    about: str = ""
    holder: Holder
    page: Page
    signing: Signing = Signing()
    sod: Sod = Sod()
    access: Access = Access()
    chip_authentication: tuple[ChipAuthentication, ...] = ()
    chip_authentication_mapping: MappingKey | None = None
    active_authentication: ActiveAuthentication | None = None
    terminal_authentication: TerminalAuthentication | None = None
    portrait: Portrait = Portrait()
    files: Files = Files()
    behaviour: Behaviour = Behaviour()
    faults: tuple[Fault, ...] = ()

    @property
    def mrz(self) -> tuple[str, ...]:
        """The lines of the printed page.  Raises ValueError when something does not fit."""
        page, holder = self.page, self.holder
        if page.lines:
            return page.lines
        fields = Fields(
            code=page.code,
            issuer=page.issuer,
            number=page.number,
            nationality=holder.nationality,
            surname=holder.surname,
            given_names=holder.given_names,
            birth=f"{holder.birth:%y%m%d}",
            sex=holder.sex,
            expiry=f"{page.expires:%y%m%d}",
            optional=page.optional,
        )
        return {"TD1": td1, "TD2": td2, "TD3": td3}[page.form](fields)
