"""Synthetic vehicles: axles, masses and plates of the five states and their neighbours.

Plate forms follow the states' series now in use; masses and spacings the usual trains (a 2-axle tractor
with a 3-axle semi-trailer is empty at 14 to 15 t and full at 40 t; a Chinese 6 x 4 tractor with the same
trailer may have 49 t at home, over every neighbour's limit).
"""

import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass

CENTRE_M = 1.5
"""How high the centre of gravity of a laden lorry is."""
GRAVITY_M_S2 = 9.81
TYRE_M = 0.25
"""Over which a lorry's tyre touches the road: an axle does not come onto a deck at once."""

_LATIN = "ABCDEFGHKLMNPRSTVXZ"
_RUSSIAN = "ABEKMHOPCTYX"


@dataclass(frozen=True, slots=True)
class Plate:
    """A number plate.  `text` is canonical (no spaces), `display` as printed, `country` the letters beside
    the flag (KZ, KG, UZ, TJ, TM, RU, CN, AZ, GE, TR)."""

    text: str
    display: str
    country: str


@dataclass(frozen=True, slots=True)
class Axle:
    """One axle: metres behind the vehicle's front, kilograms on it."""

    behind_m: float
    load_kg: float


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What goes through a lane.  A person on foot is one, half a metre long, without axles and plates.

    `colour` is red, green, blue.  `front` and `rear` are the plates seen from before and behind: a train's
    rear plate is its trailer's.
    """

    model: str
    length_m: float
    axles: tuple[Axle, ...]
    front: Plate | None
    rear: Plate | None
    colour: tuple[int, int, int]

    @property
    def gross_kg(self) -> float:
        return sum(axle.load_kg for axle in self.axles)

    def loads_kg(self, pull_m_s2: float) -> tuple[float, ...]:
        """What each axle bears while the vehicle pulls (or brakes, below 0), as one stiff body on equal
        springs: pulling shifts load to the rear, braking to the front, the sum stays."""
        middle_m = sum(axle.behind_m for axle in self.axles) / max(len(self.axles), 1)
        spread_m2 = sum((axle.behind_m - middle_m) ** 2 for axle in self.axles)
        if spread_m2 == 0.0:
            return tuple(axle.load_kg for axle in self.axles)
        tilt = self.gross_kg * pull_m_s2 * CENTRE_M / (GRAVITY_M_S2 * spread_m2)
        return tuple(axle.load_kg + tilt * (axle.behind_m - middle_m) for axle in self.axles)


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of vehicle: axle places, and how an empty and a full one load them (kg).

    `sketch` is its configuration in the International Vehicle Weight Certificate's letters (Harmonization
    Convention, annex 8): A a motor vehicle's axles, C a semi-trailer's; "" where none is declared.
    """

    name: str
    profile: str
    length_m: float
    axles_m: tuple[float, ...]
    empty_kg: tuple[float, ...]
    full_kg: tuple[float, ...]
    sketch: str = ""
    trailer: bool = False


MODELS = {
    model.name: model
    for model in (
        Model("rigid-2", "cargo", 8.5, (1.4, 5.9), (3600, 3200), (6700, 11300), "A2"),
        Model("rigid-3", "cargo", 9.5, (1.4, 5.6, 6.95), (5000, 2900, 2900), (7200, 8900, 8900), "A3"),
        Model(
            "tractor-2-semi-3",
            "cargo",
            16.3,
            (1.4, 5.1, 10.6, 11.91, 13.22),
            (5600, 3700, 1700, 1700, 1800),
            (7000, 11000, 7300, 7300, 7400),
            "A2 C3",
            trailer=True,
        ),
        Model(
            "tractor-3-semi-3",
            "cargo",
            16.9,
            (1.4, 4.7, 6.05, 11.2, 12.51, 13.82),
            (5500, 2600, 2600, 1700, 1700, 1800),
            (7000, 7600, 7600, 5900, 5900, 6000),
            "A3 C3",
            trailer=True,
        ),
        Model("saloon", "car", 4.6, (0.9, 3.6), (780, 640), (900, 1000)),
        Model("estate", "car", 4.9, (0.95, 3.8), (950, 850), (1050, 1350)),
        Model("coach-2", "coach", 12.0, (2.7, 8.9), (4700, 7600), (6800, 11200)),
        Model("walker", "pedestrian", 0.6, (), (), ()),
    )
}

_COLOURS = ((210, 210, 205), (60, 70, 150), (150, 50, 45), (60, 110, 70), (45, 45, 50), (190, 160, 70))


def _d(draw: random.Random, count: int) -> str:
    return f"{draw.randrange(1, 10**count):0{count}d}"


def _l(draw: random.Random, count: int, letters: str = _LATIN) -> str:
    return "".join(draw.choice(letters) for _ in range(count))


def _kz(draw: random.Random, commercial: bool, trailer: bool) -> str:
    region = f"{draw.randrange(1, 21):02d}"
    if trailer:
        return f"{_d(draw, 2)} {_l(draw, 3)} {region}"
    return f"{_d(draw, 3)} {_l(draw, 2 if commercial else 3)} {region}"


def _kg(draw: random.Random, commercial: bool, trailer: bool) -> str:
    return f"0{draw.randrange(1, 10)} {_d(draw, 3)} {_l(draw, 2 if trailer or commercial else 3)}"


def _uz(draw: random.Random, commercial: bool, trailer: bool) -> str:
    region = draw.choice(("01", "10", "20", "25", "30", "40", "50", "60", "70", "75", "80", "85", "90", "95"))
    if trailer:
        return f"{region} {_d(draw, 4)} {_l(draw, 2)}"
    if commercial:
        return f"{region} {_d(draw, 3)} {_l(draw, 3)}"
    return f"{region} {_l(draw, 1)} {_d(draw, 3)} {_l(draw, 2)}"


def _tj(draw: random.Random, commercial: bool, trailer: bool) -> str:
    return f"{_d(draw, 3 if commercial else 4)} {_l(draw, 2, _RUSSIAN)} 0{draw.randrange(1, 9)}"


def _tm(draw: random.Random, commercial: bool, trailer: bool) -> str:
    return f"{_l(draw, 2)} {_d(draw, 4)} {draw.choice(('AG', 'AH', 'BN', 'DZ', 'LB', 'MR'))}"


def _ru(draw: random.Random, commercial: bool, trailer: bool) -> str:
    region = draw.choice(("74", "56", "55", "22", "54", "174", "154", "777"))
    if trailer:
        return f"{_l(draw, 2, _RUSSIAN)} {_d(draw, 4)} {region}"
    return f"{_l(draw, 1, _RUSSIAN)} {_d(draw, 3)} {_l(draw, 2, _RUSSIAN)} {region}"


def _az(draw: random.Random, commercial: bool, trailer: bool) -> str:
    return f"{draw.choice(('10', '77', '90', '50'))}-{_l(draw, 2)}-{_d(draw, 3)}"


def _ge(draw: random.Random, commercial: bool, trailer: bool) -> str:
    return f"{_l(draw, 2)}-{_d(draw, 3)}-{_l(draw, 1 if trailer else 2)}"


def _tr(draw: random.Random, commercial: bool, trailer: bool) -> str:
    return f"{draw.choice(('06', '34', '35', '61'))} {_l(draw, 2, 'ABCDEFGHKLMNPRST')} {_d(draw, 4)}"


PLATES: dict[str, Callable[[random.Random, bool, bool], str]] = {
    "KZ": _kz,
    "KG": _kg,
    "UZ": _uz,
    "TJ": _tj,
    "TM": _tm,
    "RU": _ru,
    "AZ": _az,
    "GE": _ge,
    "TR": _tr,
}
"""How each state's plates are drawn: (draw, commercial, trailer) -> as printed."""


def plate(draw: random.Random, country: str, *, commercial: bool = False, trailer: bool = False) -> Plate:
    """A plate in the country's present series.  Raises ValueError on a country whose form is not known."""
    if country not in PLATES:
        raise ValueError(f"no plate form of {country!r} is known: one of {', '.join(PLATES)}")
    return as_plate(PLATES[country](draw, commercial, trailer), country)


def as_plate(display: str, country: str) -> Plate:
    """A plate from its printed form."""
    return Plate(display.replace(" ", "").replace("-", "").upper(), display.upper(), country)


def vehicle(
    draw: random.Random,
    model: str,
    *,
    country: str = "KZ",
    gross_kg: float | None = None,
    printed: Plate | None = None,
) -> Vehicle:
    """A vehicle of one of MODELS with plates of `country` and a load that gives `gross_kg`.

    The load spreads over the axles between the model's empty and full figures (and beyond them for an
    overload); where no gross mass is asked for, it is drawn between 40 and 85 % of the full one's load.
    Raises ValueError on a mass below the empty one's, and on an unknown model or country.
    """
    if model not in MODELS:
        raise ValueError(f"vehicle {model!r} is unknown: one of {', '.join(MODELS)}")
    kind = MODELS[model]
    empty, full = sum(kind.empty_kg), sum(kind.full_kg)
    share = draw.uniform(0.4, 0.85)
    if gross_kg is not None and kind.axles_m:
        if gross_kg < empty:
            raise ValueError(
                f"a {model} is {empty:.0f} kg when empty, so its gross can't be {gross_kg:.0f} kg"
            )
        share = (gross_kg - empty) / (full - empty)
    axles = tuple(
        Axle(behind, e + share * (f - e))
        for behind, e, f in zip(kind.axles_m, kind.empty_kg, kind.full_kg, strict=True)
    )
    commercial = kind.profile == "cargo"
    front = rear = None
    if kind.axles_m:
        front = printed or plate(draw, country, commercial=commercial)
        rear = _trailers(front) if kind.trailer else front
    colour = _COLOURS[zlib.crc32(front.text.encode()) % len(_COLOURS) if front else 0]
    return Vehicle(model, kind.length_m, axles, front, rear, colour)


def _trailers(front: Plate) -> Plate:
    """A tractor that comes again has the same trailer."""
    return plate(random.Random(f"{front.text}/trailer"), front.country, commercial=True, trailer=True)
