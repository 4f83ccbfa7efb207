"""Documents of people who do not exist: fields drawn by chance, zones written by `mrz.format`.

Names are common ones of the region and of the world, combined at random; numbers follow no issuer's series.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import mrz
from mrz import Fields, Format

TODAY = date(2026, 11, 1)

NAMES: dict[str, tuple[str, str]] = {
    "KAZ": ("SMAGULOV AKHMETOV NURPEISSOVA ZHAKSYBEKOV OSPANOVA TLEUBERDIYEV KULZHANOVA SEIITBEK ABISHEV",
            "AIGERIM YERLAN NURSULTAN DINARA GULZHAN BAUYRZHAN ZHANIBEK MADINA TEMIRLAN"),
    "UZB": ("YULDASHEV KARIMOVA RAKHIMOV TURSUNOVA ABDULLAEV XOLMATOV QODIROVA JURAYEV ESHONQULOV",
            "SHAXNOZA OTABEK GULNORA JASUR DILFUZA XURSHID QUVONCHBEK ZULFIYA"),
    "KGZ": ("ASANOV TOKTOBAEVA DZHUMABEKOV MAMYTOVA SYDYKOV ABDYKADYROVA BEISHENALIEV",
            "AIBEK CHYNARA NURBEK GULZAT UULU TALANTBEK KYZY MEERIM"),
    "TJK": ("RAHMONZODA SHARIPOV NAZAROVA KHUDOYBERDIEV SAFAROV MIRZOEVA GULOV",
            "FARRUKH ZARINA JAMSHED MAVZUNA DILSHOD PARVINA BAKHTIYOR"),
    "TKM": ("ATAYEW BERDIMUHAMMEDOWA NURYYEW OVEZOVA HOJAMYRADOW GELDIYEWA",
            "MAKSAT OGULJAHAN BATYR AYNA DOWLETGELDI JEREN"),
    "RUS": ("IVANOV SHCHERBAKOVA KUZNETSOV ZHUKOVSKAIA TSVETKOV IUDIN MOROZOVA KHARITONOV",
            "ALEKSEI EKATERINA DMITRII NADEZHDA IURII FEDOR ZHANNA VIACHESLAV"),
    "UKR": ("SHEVCHENKO HRYHORENKO KOVALCHUK YUSHCHENKO ZELENA", "OLEKSANDR YEVHENIIA IHOR SVITLANA TARAS"),
    "BLR": ("KAVALIOU HRYHOROVICH ZHUK LUKASHEVICH", "ALIAKSANDR VOLHA DZMITRY HANNA"),
    "AZE": ("ALIYEV HUSEYNOVA QULIYEV MAMMADOVA", "ELCHIN GUNEL RAUF LALA VUSAL"),
    "TUR": ("YILMAZ OEZTUERK DEMIR KILIC CELIK", "MEHMET AYSE ZEYNEP HUESEYIN EMRE"),
    "CHN": ("ZHANG WANG LIU XU ZHAO QIAN", "XIAOMING WEI JIANGUO LIHUA QIUYUE"),
    "MNG": ("BATBAYAR GANBOLD ENKHTUYA", "TSETSEG BOLD OYUNCHIMEG"),
    "IRN": ("HOSSEINI MOHAMMADI REZAEI", "ALI FATEMEH MASOUMEH"),
    "AFG": ("AHMADZAI NOORI STANEKZAI", "ABDUL QADIR SHUKRIA ZABIHULLAH"),
    "IND": ("SHARMA PATEL VENKATARAMANAN SINGH", "RAJESH LAKSHMI PRIYA GURPREET"),
    "PAK": ("KHAN CHAUDHRY MALIK", "MUHAMMAD USMAN AYESHA BILAL"),
    "D": ("MUELLER SCHMIDT VON DER HEYDEN WEISS", "HANS JUERGEN ANNA KATHARINA LUKAS"),
    "FRA": ("DUBOIS LEFEBVRE BEAUMONT", "JEAN PIERRE FRANCOISE LOIC"),
    "POL": ("KOWALSKI WISNIEWSKA SZCZEPANSKI", "GRZEGORZ MALGORZATA ZOFIA"),
    "ESP": ("GARCIA LOPEZ FERNANDEZ MUNOZ", "JOSE MARIA CARMEN IGNACIO"),
    "GBR": ("SMITH OCONNOR HUGHES WALKER", "OLIVER CHARLOTTE GEORGE EMILY"),
    "USA": ("JOHNSON MARTINEZ BROOKS", "TYLER ASHLEY BRANDON KIMBERLY"),
    "BEL": ("PEETERS JANSSENS VANDENBROUCKE", "LUC MARIE ANNELIES"),
    "NGA": ("OKONKWO ADEYEMI IBRAHIM", "CHUKWUEMEKA FOLASADE NGOZI"),
    "BRA": ("SILVA DOS SANTOS OLIVEIRA", "JOAO GABRIELA RAIMUNDO"),
    "VNM": ("NGUYEN TRAN PHAM", "VAN DUC THI HUONG QUANG"),
    "KOR": ("KIM PARK CHOI", "MINJUN SEOYEON JIHOON"),
    "GEO": ("BERIDZE KAPANADZE", "GIORGI NINO TAMAR"),
    "ARM": ("HARUTYUNYAN PETROSYAN", "ARMEN ANAHIT HAYK"),
    "XXB": ("WARSAME HAKIMI", "FARAH YUSUF"),
}  # fmt: skip
REGION = ("KAZ", "UZB", "KGZ", "TJK", "TKM", "RUS", "CHN")
OTHER_ISSUERS = "UNO UNA EUE XOM XPO XCC RKS GBD HKG ZAF ARG IDN EGY ETH AUS CAN JPN ITA NLD GRC ISR SAU PER"
CYRILLIC = (
    "ИВАНОВ ЩЕРБАКОВА ЖУКОВ ЮДИН ЁЛКИН ЧЕРНЫШЁВА ЦВЕТКОВ ХАРИТОНОВ ФЁДОРОВА ЭРДМАН ПОДЪЯПОЛЬСКИЙ",
    "АЛЕКСЕЙ ЕКАТЕРИНА ЮРИЙ ИГОРЬ ЖАННА ФЁДОР ЯНА ВЯЧЕСЛАВ НАТАЛЬЯ",
    "ИВАНОВИЧ СЕРГЕЕВНА ЮРЬЕВИЧ АНАТОЛЬЕВНА ИЛЬИЧ ГРИГОРЬЕВИЧ ЭДУАРДОВНА",
)
FORMATS = ("TD3", "TD1", "TD2", "MRV-A", "MRV-B", "FR-ID", "PNRUS")
WEIGHTS = (40, 25, 10, 8, 7, 5, 5)
PASSPORT_CODES = {"AZE": "PC", "CHN": "PE", "RUS": "P", "KAZ": "P", "UZB": "P", "LVA": "PA"}


@dataclass(frozen=True, slots=True)
class Person:
    """A document before it is drawn: `kind` is one of FORMATS, `format` that of the product."""

    kind: str
    fields: Fields
    lines: tuple[str, ...]

    @property
    def format(self) -> str:
        return str(self.fields.format)


def person(random: Random, kind: str | None = None) -> Person:
    """Anybody, with a correct zone."""
    kind = kind or random.choices(FORMATS, WEIGHTS)[0]
    fields = {"FR-ID": _french, "PNRUS": _russian}.get(kind, _icao)(random, kind)
    lines = mrz.format(fields)
    if kind == "TD3" and lines[1][28:43] == "<" * 14 + "0" and random.random() < 0.35:
        # Doc 9303-4 allows both over empty optional data.
        lines = (lines[0], lines[1][:42] + "<" + lines[1][43:])
    return Person(kind, fields, lines)


def _icao(random: Random, kind: str) -> Fields:
    state = random.choice(REGION) if random.random() < 0.55 else random.choice(list(NAMES))
    issuer = random.choice(("FRA", "D", "SWE", "KAZ")) if state == "XXB" else state
    if random.random() < 0.08:
        issuer = random.choice(OTHER_ISSUERS.split())
    visa = kind.startswith("MRV")
    if visa:
        issuer = random.choice(("KAZ", "UZB", "RUS", "USA", "GBR", "D", "CHN"))
    surname, given = names(random, state)
    born = TODAY - timedelta(days=random.randint(365, 90 * 365))
    number = _number(random, kind, issuer)
    return Fields(
        format=Format(kind),
        code=_code(random, kind, state),
        issuer=issuer,
        number=number,
        nationality=state,
        surname=surname,
        given_names=given,
        birth=f"{born:%y}<<<<" if random.random() < 0.02 else born,
        sex=random.choice("MMMFFF ").strip(),
        expiry=TODAY + timedelta(days=random.randint(-900, 3600)),
        optional_1="" if len(number) > 9 else _optional(random, kind, issuer),
        optional_2=random.choice(("", "", "", issuer)) if kind == "TD1" else "",
    )


def names(random: Random, state: str) -> tuple[str, str]:
    """Surname and given names; sometimes one name alone, two surnames, or more than the field holds."""
    surnames, given = (pool.split() for pool in NAMES[state])
    draw = random.random()
    if draw < 0.03:
        return random.choice(surnames + given), ""
    surname = random.choice(surnames)
    if draw < 0.15:
        surname += random.choice(" -") + random.choice(surnames)
    first = random.choice(given)
    for _ in range(random.choice((0, 0, 0, 1, 1, 2))):
        first += random.choice((" ", " ", "-")) + random.choice(given)
    if draw > 0.97:
        surname += "-" + "-".join(random.choice(surnames) for _ in range(2))
        first += " " + " ".join(random.choice(given) for _ in range(3))
    return surname, first


def _code(random: Random, kind: str, state: str) -> str:
    if kind == "TD3":
        return random.choice((PASSPORT_CODES.get(state, "P"), "P", "PP", "PD", "PO"))
    if kind.startswith("MRV"):
        return random.choice(("V", "V", "VB", "VD"))
    # AC is the crew member certificate of Doc 9303-5, which part 6 does not have.
    other = "AC" if kind == "TD1" else "A"
    usual = random.choice(("I", "ID", "I", "IR", "AR", "C", other, "IP"))
    return {"KAZ": "ID", "UZB": "IU"}.get(state, usual)


def _number(random: Random, kind: str, issuer: str) -> str:
    digits = "0123456789"
    mixed = digits + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    if kind in ("TD1", "TD2") and random.random() < 0.08:
        return _draw(random, digits, random.randint(10, 12))
    if kind == "TD2":
        return _draw(random, mixed, random.choice((8, 9, 9)))
    pattern = {
        "KAZ": "N8",
        "UZB": "AA7",
        "KGZ": "AA7",
        "TJK": "9",
        "RUS": "9",
        "CHN": "E8",
        "AZE": "C8",
        "D": "x9",
    }
    match pattern.get(issuer, random.choice(("A8", "AA7", "9", "x9", "x8", "AA6", "9"))):
        case "9":
            return _draw(random, digits, 9)
        case "AA7":
            return _draw(random, mixed[10:], 2) + _draw(random, digits, 7)
        case "AA6":
            return _draw(random, mixed[10:], 2) + _draw(random, digits, 6)
        case "A8":
            return _draw(random, mixed[10:], 1) + _draw(random, digits, 8)
        case other if other[0] in "NEC":
            return other[0] + _draw(random, digits, 8)
        case other:
            return _draw(random, mixed, int(other[1:]))


def _optional(random: Random, kind: str, issuer: str) -> str:
    """What the field holds: often nothing."""
    room = {"TD1": 15, "TD2": 7, "TD3": 14, "MRV-A": 16, "MRV-B": 8}[kind]
    draw = random.random()
    if kind in ("TD1", "TD2") and draw > 0.9:
        return ""
    if issuer == "KAZ" and kind in ("TD1", "TD3"):
        return _draw(random, "0123456789", 12)
    if issuer in ("UZB", "KGZ") and kind in ("TD1", "TD3"):
        return _draw(random, "0123456789", 14)
    if issuer == "CHN" and kind == "TD3":
        return (
            _draw(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ<0123456789"[: random.choice((26, 37))], 14).strip("<")
            or "A"
        )
    if draw < 0.5:
        return ""
    length = random.randint(3, room)
    return _draw(random, random.choice(("0123456789", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")), length)


def _french(random: Random, kind: str) -> Fields:
    surname, given = names(random, "FRA")
    return Fields(
        format=Format.FR_ID,
        code="ID",
        issuer="FRA",
        number=f"{random.randint(88, 99)}{random.randint(1, 12):02}{_draw(random, '0123456789', 8)}",
        nationality="",
        surname=surname,
        given_names=given or "LOIC",
        birth=TODAY - timedelta(days=random.randint(18 * 365, 90 * 365)),
        sex=random.choice("MF"),
        optional_1=_draw(random, "0123456789", 6),
    )


def _russian(random: Random, kind: str) -> Fields:
    surname, name, patronymic = (random.choice(pool.split()) for pool in CYRILLIC)
    issued = TODAY - timedelta(days=random.randint(30, 5000))
    return Fields(
        format=Format.TD3,
        code="PN",
        issuer="RUS",
        number=_draw(random, "0123456789", 10),
        nationality="RUS",
        surname=surname,
        given_names=f"{name} {patronymic}",
        birth=TODAY - timedelta(days=random.randint(15 * 365, 90 * 365)),
        sex=random.choice("MF"),
        issued=issued,
        issuing_unit=_draw(random, "0123456789", 6),
    )


def _draw(random: Random, alphabet: str, length: int) -> str:
    return "".join(random.choice(alphabet) for _ in range(length))
