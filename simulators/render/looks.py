"""What is drawn in training and what in proof: two wardrobes with nothing in common but the plates' layouts.

A wardrobe holds typefaces, holders, words, colours, vehicle shapes and the ranges of all that varies.  A
network that was trained on one and read only that one's faces would be found out on the other.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from simulators.render.plates import Look, Plate, layouts, strokes, synthetic
from simulators.render.plates.layouts import Series

Colour = tuple[int, int, int]
"""Blue, green, red."""
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """Names of faces (`cyrillic`: those that have the Mongolian letters), words by where they stand, colours
    of bodies, names of vehicle shapes and backgrounds (`bodies.py`, `grounds.py`), ranges of a look."""

    name: str
    faces: tuple[str, ...]
    cyrillic: tuple[str, ...]
    persian: tuple[str, ...]
    chinese: tuple[str, ...]
    words: tuple[str, ...]
    holder_words: tuple[str, ...]
    holder_colours: tuple[Colour, ...]
    signs: tuple[str, ...]
    bodies: tuple[Colour, ...]
    shapes: tuple[str, ...]
    backgrounds: tuple[str, ...]
    width: Range
    weight: tuple[int, int]
    gap: Range
    workshop: "Workshop | None" = None
    """What else differs from plate to plate."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Ranges of what differs between makers and with age; shares say how many plates have it at all."""

    spacing: Range = (0.3, 2.0)
    tall: Range = (0.86, 1.1)
    bend: Range = (-0.12, 0.12)
    chinese_weight: tuple[int, int] = (-1, 4)
    persian_weight: tuple[int, int] = (-1, 5)
    embossed: float = 0.45
    flaking: float = 0.1
    covered: float = 0.14
    lip: Range = (2.0, 20.0)
    """How far a holder's lip lies over the plate, in mm; the characters of most begin at 17."""


TRAINING = Wardrobe(
    name="training",
    faces=(
        *(
            "stroke-gost", "stroke-gost", "stroke-gost-wide", "stroke-din", "stroke-fe", "stroke-square",
            "condensed", "sans", "narrow", "din", "bebas", "roboto", "play",
        ) * 5, *strokes.VARIED,
    ),
    cyrillic=("condensed", "sans", "roboto", "play"),
    persian=(
        *("sans", "freefarsi", "sans-plain", "freefarsi-plain", "freefarsi-mono", "homa") * 9,
        *strokes.VARIED,
    ),
    chinese=("zenhei",),
    words=(
        "TRANSIT CARGO", "LONG VEHICLE", "ALTYN TRANS", "EXPRESS", "SCHMALZ", "KARGO LINE", "BOX 4021",
        "0800 555 012", "+7 701 555 0134", "WWW.ASTRA-LOG.TEST", "SILK ROAD", "TIR", "ADR 33/1203",
        "NORDWIND", "MAX 30T", "HEAVY", "DIESEL", "ECO 6", "4X4", "TURBO", "D13", "XK 440",
    ),
    holder_words=(
        "AUTOHAUS MEIER", "ASTANA MOTORS", "WWW.AVTO-1.TEST", "TEL 555-01-34", "KIA CENTER", "LADA",
        "BEST CARS", "DEALER 24", "NOMAD AUTO", "PREMIUM CAR",
    ),
    holder_colours=((30, 30, 32), (20, 20, 22), (170, 170, 172), (70, 40, 30), (34, 30, 110)),
    signs=(
        "STOP", "CUSTOMS", "KEEP LEFT", "LANE 3", "P", "40", "EXIT", "BORDER 2 KM", "CHECKPOINT",
        "KONTROL", "A-2", "M39", "GATE 7", "NO ENTRY",
    ),
    bodies=(
        (235, 236, 234), (40, 40, 44), (160, 162, 164), (60, 30, 140), (120, 60, 20), (40, 120, 200),
        (90, 140, 60), (200, 205, 210), (20, 20, 90), (180, 120, 40), (60, 170, 230), (90, 95, 100),
    ),
    shapes=(
        "saloon", "hatch", "jeep", "van", "cab-high", "cab-nose", "box-rear", "tilt-rear", "bus",
        "motorcycle",
    ),
    backgrounds=("lane", "halls", "sky", "hedge", "brick"),
    width=(0.82, 1.25),
    weight=(-3, 3),
    gap=(0.08, 0.26),
    workshop=Workshop(),
)  # fmt: skip

LESSON = replace(
    TRAINING,
    name="lesson",
    persian=(
        *TRAINING.persian,
        *("amiri", "lateef", "harmattan", "scheherazade", "sans-arabic", "sans-arabic") * 12,
    ),
    chinese=("zenhei", "cjk", "cjk", "cjk-plain"),
)
"""Training's, with the faces that `tools/train_setup.sh` alone installs."""

PROOF = Wardrobe(
    name="proof",
    faces=(
        "stroke-narrow", "stroke-serif", "open", "open-wide", "clear", "b612", "cabin", "liberation", "mono",
    ),
    cyrillic=("open-wide", "liberation"),
    persian=("nazli", "titr"),
    chinese=("microhei",),
    words=(
        "BAKU FREIGHT", "TRAILER 13.6", "KERUEN", "GLOBAL LOGISTIC", "UMAX", "COLD CHAIN",
        "CSQU 305438 3", "8 495 555 0177", "INFO@BORAN.TEST", "GREAT STEPPE", "CARNET", "UN 1268",
        "SOUTHERN", "18 PALLETS", "INTERCOOLER", "EURO 5", "AWD", "HYBRID", "V8", "F 2000", "FH",
    ),
    holder_words=(
        "CENTRAL CARS", "BISHKEK AUTO", "AUTOSALON 7", "555 0199", "TOYOTA TSENTR", "DRIVE SAFE",
        "OTO PLAZA", "MOTOR HOUSE",
    ),
    holder_colours=((44, 42, 40), (12, 14, 14), (140, 142, 146), (90, 60, 50)),
    signs=(
        "HALT", "DOUANE", "KEEP RIGHT", "LANE 5", "H", "60", "ENTRY", "TERMINAL 4", "POST 1",
        "TAMOZHNYA", "E-40", "R 25", "QUEUE", "WEIGHT",
    ),
    bodies=(
        (226, 230, 232), (52, 50, 48), (138, 140, 144), (40, 44, 160), (140, 80, 36), (30, 150, 210),
        (70, 110, 40), (186, 190, 198), (36, 30, 70), (150, 140, 60),
    ),
    shapes=(
        "estate", "pick-up", "minibus", "cab-low", "cab-wide", "container-rear", "tank-rear", "coach",
        "scooter",
    ),
    backgrounds=("apron", "canopy", "dusk", "fence"),
    width=(0.8, 1.3),
    weight=(-2, 4),
    gap=(0.1, 0.24),
)  # fmt: skip

COUNTRY_WEIGHTS = {
    "KZ": 14, "RU": 12, "KG": 8, "UZ": 9, "TJ": 6, "TM": 6, "CN": 9, "IR": 6, "AF": 4,
    "TR": 4, "AZ": 3, "GE": 3, "AM": 2, "BY": 3, "UA": 3, "MN": 3, "EU": 5,
}  # fmt: skip
"""How often a country's plates are drawn: most what a lane of Central Asia sees most, and what is hardest."""

LESSON_WEIGHTS = COUNTRY_WEIGHTS | {"KZ": 18, "RU": 14, "EU": 18, "CN": 15, "IR": 18, "AF": 8, "TR": 6}
"""The same for lessons of a recogniser: more of what has the most faces, or a script of its own."""


def any_plate(
    chance: random.Random,
    *,
    two_lines: float = 0.3,
    country: str | None = None,
    weights: Mapping[str, int] = COUNTRY_WEIGHTS,
) -> Plate:
    """A synthetic plate of any series, and of any country by `weights` where none is given; `two_lines` is
    how often a two-line form is taken where a series has both."""
    if country is None:
        country = chance.choices(list(weights), list(weights.values()))[0]
    return _numbered(country, layouts.table()[country].series, chance, two_lines)


def plate_of(country: str, chance: random.Random, *, trailer: bool, two_lines: float = 0.3) -> Plate:
    """The same of one country, from its trailers' series or from all others.  A country without series of its
    own for trailers numbers them as vehicles."""
    table = layouts.table()[country].series
    among = [each for each in table if ("trailer" in each.name) == trailer and each.weight]
    return _numbered(country, among or table, chance, two_lines)


def _numbered(country: str, among: Sequence[Series], chance: random.Random, two_lines: float) -> Plate:
    series = chance.choices(among, [each.weight for each in among])[0]
    return synthetic(country, chance, series.name, form=_form(series, chance, two_lines))


def _form(series: Series, chance: random.Random, two_lines: float) -> str:
    doubled = [shape for shape in series.shapes if shape.lines == 2]
    single = [shape for shape in series.shapes if shape.lines == 1]
    among = doubled if doubled and (not single or chance.random() < two_lines) else single
    return f"{chance.choice(among).name}/{chance.choice(series.grounds)}"


def look(which: Plate, chance: random.Random, wardrobe: Wardrobe, *, infrared: bool = False) -> Look:
    """A look for this plate out of a wardrobe: mostly clean, now and then hardly readable."""
    faces = wardrobe.cyrillic if which.country == "MN" else wardrobe.faces
    framed = chance.random() < 0.55

    def sometimes(share: float, low: float, high: float) -> float:
        return chance.uniform(low, high) if chance.random() < share else 0.0

    plain = Look(
        face=chance.choice(faces),
        persian=chance.choice(wardrobe.persian),
        chinese=chance.choice(wardrobe.chinese),
        width=chance.uniform(*wardrobe.width),
        weight=chance.randint(*wardrobe.weight),
        gap=chance.uniform(*wardrobe.gap),
        proportional=chance.choice((0.0, 0.0, chance.random())),
        bolts=chance.random() < 0.8,
        screws=chance.choice((0, 0, 0, 2, 2, 4)),
        holder=chance.uniform(3, 14) if framed else 0.0,
        holder_text=chance.choice(wardrobe.holder_words) if framed and chance.random() < 0.6 else "",
        holder_colour=chance.choice(wardrobe.holder_colours),
        dirt=sometimes(0.3, 0.1, 0.75),
        snow=sometimes(0.06, 0.1, 0.5),
        scratches=sometimes(0.2, 0.1, 1.0),
        fading=sometimes(0.2, 0.1, 0.9),
        infrared=infrared,
        seed=chance.getrandbits(32),
    )
    return _made_in(wardrobe.workshop, plain, chance) if wardrobe.workshop else plain


def _made_in(workshop: Workshop, plain: Look, chance: random.Random) -> Look:
    covered = chance.random() < workshop.covered
    return replace(
        plain,
        spacing=chance.uniform(*workshop.spacing),
        tall=chance.uniform(*workshop.tall),
        bend=(round(chance.uniform(*workshop.bend), 2), round(chance.uniform(*workshop.bend), 2)),
        chinese_weight=chance.randint(*workshop.chinese_weight),
        persian_weight=chance.randint(*workshop.persian_weight),
        relief=chance.random() if chance.random() < workshop.embossed else 0.0,
        flaking=chance.uniform(0.2, 1.0) if chance.random() < workshop.flaking else 0.0,
        lip=tuple(chance.uniform(*workshop.lip) if chance.random() < share else 0.0 for share in _LIPS)
        if covered
        else plain.lip,
    )


_LIPS = (0.5, 0.35, 0.8, 0.35)
"""How often a holder that covers something covers the top, right, bottom and left."""
