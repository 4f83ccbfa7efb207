"""Synthetic travellers of the five states and their neighbours, and the documents they carry.

Nobody here exists: names are drawn from lists of common ones, numbers from a seeded generator.  Document
forms follow `facts` on each state's documents (ICAO Doc 9303 shapes; national number forms as the states
print them); where a national form is not published, the plain 9303 shape is used.
"""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from simulators.mrz_lines import Fields, russian_internal, td1, td3

STATES = ("KAZ", "KGZ", "UZB", "TJK", "TKM", "RUS", "CHN", "AFG", "IRN", "AZE", "TUR", "GEO")
"""ISO 3166-1 alpha-3 codes of the states that travellers come from."""

_NAMES: dict[str, tuple[str, str, str]] = {
    # surnames (masculine), men's names, women's names, in the spelling that the state's passports print
    "KAZ": (
        "NURLANOV SERIKBAYEV ABENOV ZHUMAGULOV TLEUBERGENOV OSPANOV KASSYMOV DAULETOV",
        "YERLAN NURLAN BAUYRZHAN DAUREN TIMUR ASKHAT SERIK MARAT",
        "AIGERIM DINARA GULNARA MADINA ASSEL SAULE ZHANNA ALIYA",
    ),
    "KGZ": (
        "ASANOV TOKTOGULOV BEKOV ISMAILOV MAMYTOV SYDYKOV ABDYLDAEV",
        "AZAMAT BAKYT NURBEK TALANT ULAN ERMEK KUBANYCHBEK",
        "AIZADA CHOLPON NURGUL MEERIM ELNURA BERMET",
    ),
    "UZB": (
        "KARIMOV RAKHIMOV TURSUNOV YULDASHEV SAIDOV XOLMATOV ERGASHEV",
        "SHERZOD OTABEK JASUR BOBUR DILSHOD ULUGBEK AKMAL",
        "DILNOZA NIGORA SHAHNOZA MALIKA FERUZA GULCHEHRA",
    ),
    "TJK": (
        "RAHIMZODA SHARIPOV NAZAROV SAFAROV DAVLATZODA HAKIMOV MIRZOEV",
        "FARRUKH JAMSHED RUSTAM SUHROB FIRDAVS KHURSHED",
        "MADINA SITORA ZARINA NIGINA MEHRANGEZ",
    ),
    "TKM": (
        "BERDIYEW ATAYEW ORAZOW GURBANOW ANNAYEW HOJAYEW",
        "MERDAN SERDAR DOWLET KERIM BATYR YHLAS",
        "OGULGEREK MAYSA AYNA JEREN GOZEL",
    ),
    "RUS": (
        "IVANOV SMIRNOV KUZNETSOV POPOV SOKOLOV LEBEDEV KOZLOV MOROZOV",
        "ALEKSANDR SERGEI DMITRII ANDREI ALEKSEI IURII",
        "ELENA OLGA NATALIIA IRINA TATIANA IULIIA",
    ),
    "CHN": (
        "WANG LI ZHANG LIU CHEN YANG ZHAO HUANG",
        "WEI JIANGUO QIANG MINGHUI HAITAO YONG",
        "FANG XIULAN MEILING JING YAN",
    ),
    "AFG": ("AHMADI RAHIMI HAIDARI NOORI", "ABDULLAH NAJIB HAMID REZA", "FATIMA ZAHRA MARYAM"),
    "IRN": ("MOHAMMADI HOSSEINI KARIMI RAHIMI", "ALI MEHDI HASSAN REZA", "MARYAM ZAHRA LEILA"),
    "AZE": ("ALIYEV MAMMADOV HASANOV HUSEYNOV", "ELCHIN RASHAD VUGAR TURAL", "LEYLA AYGUN SEVINJ"),
    "TUR": ("YILMAZ KAYA DEMIR CELIK", "MEHMET MUSTAFA HAKAN EMRE", "AYSE FATMA ELIF"),
    "GEO": ("BERIDZE KAPANADZE GELASHVILI MAISURADZE", "GIORGI LEVAN DAVIT NIKOLOZ", "NINO TAMAR KETEVAN"),
}
_FEMININE = {"KAZ", "KGZ", "UZB", "TJK", "TKM", "RUS", "AZE"}

_RUSSIAN_CYRILLIC = (
    ("Семёнов", "Юрий", "Эдуардович"),
    ("Щукин", "Пётр", "Яковлевич"),
    ("Чехов", "Андрей", "Юрьевич"),
    ("Жданов", "Илья", "Хасанович"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """One document as a reader meets it.

    `lines` is the MRZ.  `number`, `issuer`, `kind` are what registers know it by; `expiry` None where the
    document states none.  `chip` says whether an eMRTD answers in a PC/SC reader's field.
    """

    kind: str
    issuer: str
    number: str
    expiry: date | None
    lines: tuple[str, ...]
    chip: bool = False
    cloned: bool = False
    """Its chip is a copy: all files, and none of the keys."""


@dataclass(frozen=True, slots=True)
class Traveller:
    """A person who travels.  Names in MRZ letters; `sex` M or F."""

    surname: str
    given_names: str
    nationality: str
    sex: str
    birth: date
    document: Document


def yymmdd(day: date) -> str:
    return day.strftime("%y%m%d")


def kazakh_iin(birth: date, sex: str, draw: random.Random) -> str:
    """A Kazakh individual identification number: YYMMDD, century and sex, four digits, control digit."""
    century = {("M", 19): 3, ("F", 19): 4, ("M", 20): 5, ("F", 20): 6}[sex, birth.year // 100]
    while True:
        body = f"{yymmdd(birth)}{century}{draw.randrange(10_000):04d}"
        control = sum(int(d) * w for d, w in zip(body, range(1, 12), strict=True)) % 11
        if control == 10:
            weights = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
            control = sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11
        if control < 10:
            return body + str(control)


def _personal_14(birth: date, sex: str, draw: random.Random, uzbek: bool) -> str:
    """A 14-digit personal number: Uzbek PINFL (sex and century, DDMMYY) or Kyrgyz PIN (sex, DDMMYYYY)."""
    if uzbek:
        lead = {("M", 19): 3, ("F", 19): 4, ("M", 20): 5, ("F", 20): 6}[sex, birth.year // 100]
        return f"{lead}{birth:%d%m%y}{draw.randrange(10**7):07d}"
    return f"{1 if sex == 'F' else 2}{birth:%d%m%Y}{draw.randrange(10**5):05d}"


def _letters(draw: random.Random, count: int) -> str:
    return "".join(draw.choice("ABCDEHKMNPRT") for _ in range(count))


def _digits(draw: random.Random, count: int) -> str:
    return f"{draw.randrange(10**count):0{count}d}"


def _passport_form(state: str, birth: date, sex: str, draw: random.Random) -> tuple[str, str, str]:
    """Document code, number and optional data of a passport of `state`."""
    digits = _digits
    forms: dict[str, tuple[str, str]] = {
        "KAZ": ("P", "N" + digits(draw, 8)),
        "KGZ": ("P", "PE" + digits(draw, 7)),
        "UZB": ("P", "FA" + digits(draw, 7)),
        "TJK": ("P", digits(draw, 9)),
        "TKM": ("P", "A" + digits(draw, 7)),
        "RUS": ("P", "7" + digits(draw, 8)),
        "CHN": ("PO", "E" + digits(draw, 8)),
        "AFG": ("P", "P0" + digits(draw, 7)),
        "IRN": ("P", draw.choice("ABCDEKLM") + digits(draw, 8)),
        "AZE": ("PC", "C" + digits(draw, 8)),
        "TUR": ("P", "U" + digits(draw, 8)),
        "GEO": ("P", digits(draw, 2) + _letters(draw, 2) + digits(draw, 5)),
    }
    optional = {
        "KAZ": lambda: kazakh_iin(birth, sex, draw),
        "UZB": lambda: _personal_14(birth, sex, draw, uzbek=True),
        "KGZ": lambda: _personal_14(birth, sex, draw, uzbek=False),
        "AZE": lambda: digits(draw, 1) + _letters(draw, 2) + digits(draw, 1) + _letters(draw, 3),
    }.get(state, str)
    code, number = forms[state]
    return code, number, optional()


def passport(person: Traveller, expiry: date, draw: random.Random, *, chip: bool = False) -> Document:
    """A passport (TD3) of the traveller's state."""
    state = person.nationality
    code, number, optional = _passport_form(state, person.birth, person.sex, draw)
    fields = Fields(
        code=code,
        issuer=state,
        number=number,
        nationality=state,
        surname=person.surname,
        given_names=person.given_names,
        birth=yymmdd(person.birth),
        sex=person.sex,
        expiry=yymmdd(expiry),
        optional=optional,
    )
    return Document(code, state, number, expiry, td3(fields), chip)


def identity_card(person: Traveller, expiry: date, draw: random.Random, *, chip: bool = False) -> Document:
    """An identity card (TD1) of Kazakhstan, Kyrgyzstan or Uzbekistan; KeyError for other states."""
    state, born, sex = person.nationality, person.birth, person.sex
    code, number, optional = {
        "KAZ": lambda: ("ID", _digits(draw, 9), kazakh_iin(born, sex, draw)),
        "KGZ": lambda: ("ID", "ID" + _digits(draw, 7), _personal_14(born, sex, draw, uzbek=False)),
        "UZB": lambda: ("IU", "AD" + _digits(draw, 7), _personal_14(born, sex, draw, uzbek=True)),
    }[state]()
    fields = Fields(
        code=code,
        issuer=state,
        number=number,
        nationality=state,
        surname=person.surname,
        given_names=person.given_names,
        birth=yymmdd(born),
        sex=sex,
        expiry=yymmdd(expiry),
        optional=optional,
    )
    return Document(code, state, number, expiry, td1(fields), chip)


def russian_internal_passport(today: date, draw: random.Random) -> Traveller:
    """A citizen of Russia with the internal passport, whose MRZ has digits inside names and no expiry."""
    surname, name, patronymic = draw.choice(_RUSSIAN_CYRILLIC)
    birth = _birth(today, draw)
    issued = today - timedelta(days=draw.randrange(100, 3000))
    series, number = "4" + _digits(draw, 3), _digits(draw, 6)
    lines = russian_internal(
        surname, name, patronymic, series, number, yymmdd(birth), "M", yymmdd(issued), _digits(draw, 6)
    )
    document = Document("PN", "RUS", series[:3] + number, None, lines)
    names, given = lines[0][5:].rstrip("<").split("<<")
    return Traveller(names, given.replace("<", " "), "RUS", "M", birth, document)


def _birth(today: date, draw: random.Random) -> date:
    return today - timedelta(days=draw.randrange(21 * 365, 62 * 365))


def _bare(state: str, today: date, draw: random.Random, sex: str | None) -> Traveller:
    """A person without papers yet."""
    surnames, men, women = _NAMES[state]
    sex = sex or draw.choice("MF")
    surname = draw.choice(surnames.split())
    if sex == "F" and state in _FEMININE and surname[-2:] in ("OV", "EV", "OW", "EW"):
        surname += "A"
    given = draw.choice((men if sex == "M" else women).split())
    nothing = Document("", state, "", None, ())
    return Traveller(surname, given, state, sex, _birth(today, draw), nothing)


PAPERS = ("passport", "passport-chip", "identity-card", "russian-internal", "expired", "wrong-check-digit")
"""Kinds of papers a traveller may carry."""


def traveller(
    draw: random.Random,
    today: date,
    *,
    state: str | None = None,
    papers: str = "passport",
    sex: str | None = None,
) -> Traveller:
    """One traveller of `state` (drawn where None) with `papers`, one of PAPERS.

    Valid papers expire one to nine years from `today`; `expired` ones did so 3 to 400 days ago.  Raises
    ValueError on papers that no such state issues.
    """
    if papers not in PAPERS:
        raise ValueError(f"papers {papers!r} are unknown: one of {', '.join(PAPERS)}")
    if papers == "russian-internal":
        if state not in (None, "RUS"):
            raise ValueError(f"{state} issues no Russian internal passport")
        return russian_internal_passport(today, draw)
    cards = ("KAZ", "KGZ", "UZB")
    if papers == "identity-card" and state is not None and state not in cards:
        raise ValueError(f"no form of an identity card of {state} is known here: one of {', '.join(cards)}")
    state = state or draw.choice(cards if papers == "identity-card" else STATES)
    if state not in STATES:
        raise ValueError(f"state {state!r} is unknown: one of {', '.join(STATES)}")
    person = _bare(state, today, draw, sex)
    if papers == "expired":
        expiry = today - timedelta(days=draw.randrange(3, 400))
    else:
        expiry = today + timedelta(days=draw.randrange(365, 9 * 365))
    if papers == "identity-card":
        return replace(person, document=identity_card(person, expiry, draw))
    document = passport(person, expiry, draw, chip=papers == "passport-chip")
    if papers == "wrong-check-digit":
        document = _with_wrong_check_digit(document)
    return replace(person, document=document)


def _with_wrong_check_digit(document: Document) -> Document:
    """The same TD3 with the number's check digit one off, as a forger who changed a digit leaves it."""
    first, second = document.lines
    wrong = str((int(second[9]) + 1) % 10)
    return replace(document, lines=(first, second[:9] + wrong + second[10:]))
