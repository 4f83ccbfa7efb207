"""The demo's traffic: an endless, seeded stream of arrivals for one lane.

It begins with one of each thing worth seeing, so that a short demo shows them all, and goes on at random
with mostly clean passages.  The vehicles are a small pool that comes round again and again, because each has
to be rendered for the camera; people, papers and loads are new each time.
"""

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from simulators.fleet import MODELS, Plate, Vehicle, plate, vehicle
from simulators.geometry import PROFILES
from simulators.kit import Profile
from simulators.people import STATES
from simulators.scenario import Arrival, Traveller

FIRST: dict[Profile, tuple[str, ...]] = {
    "cargo": ("clean", "overload", "another-plate", "clean", "tailgater"),
    "car": ("clean", "expired", "clean", "two", "tailgater"),
    "coach": ("clean", "expired"),
    "pedestrian": ("chip", "clone", "chip", "chip", "expired", "clean", "identity-card", "wrong-check-digit"),
}
"""What each profile's lane begins with."""

_LATER: dict[str, float] = {
    "clean": 12,
    "chip": 4,
    "clone": 1,
    "overload": 1,
    "expired": 1,
    "another-plate": 1,
    "wrong-check-digit": 0.5,
    "lost": 0.3,
    "listed": 0.3,
    "tailgater": 0.5,
    "two": 2,
    "identity-card": 1,
    "russian-internal": 1,
}
"""What comes later, with weights."""

_PAPERS = {
    "expired": "expired",
    "wrong-check-digit": "wrong-check-digit",
    "identity-card": "identity-card",
    "russian-internal": "russian-internal",
    "chip": "passport-chip",
    "clone": "passport-chip",
}
_CARDS = ("KAZ", "KGZ", "UZB")
_COUNTRIES = ("KZ", "RU", "KG", "TM", "TR")
_LORRIES = ("KZ", "KG", "UZ", "TJ", "TM", "RU")
"""One of a country in a lane's pool."""
POOL = 6
OVERLOADED = "tractor-3-semi-3"
"""What a Chinese 6 x 4 may have at home is over every neighbour's limit (docs/sources.md 76)."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """A vehicle of the pool."""

    model: str
    plate: Plate


class Traffic:
    """Arrivals for one lane, by its profile and a seed.  `behind` shifts where the first ones begin, so that
    two lanes of one profile don't show the same at the same time."""

    def __init__(self, lane: str, profile: Profile, seed: int, *, behind: int = 0) -> None:
        if profile not in PROFILES:
            raise ValueError(f"profile {profile!r} is unknown: one of {', '.join(PROFILES)}")
        self._lane = lane
        self._profile: Profile = profile
        self._draw = random.Random(f"{seed}/{lane}")
        first = FIRST[profile]
        self._plan: Iterator[str] = iter(first[behind:] + first[:behind])
        self._pool = self._make_pool(random.Random(f"{seed}/{lane}/pool"))
        self._turn = 0

    def _make_pool(self, draw: random.Random) -> list[Pooled]:
        models = [model.name for model in MODELS.values() if model.profile == self._profile and model.axles_m]
        if not models:
            return []
        if self._profile == "cargo":
            models = [name for name in models if MODELS[name].trailer]
        # The heaviest first: every pool has one that can be overloaded.
        models.reverse()
        commercial = self._profile == "cargo"
        countries = _LORRIES if commercial else _COUNTRIES
        return [
            Pooled(
                models[number % len(models)],
                plate(draw, countries[number % len(countries)], commercial=commercial),
            )
            for number in range(POOL)
        ]

    def pool(self) -> list[Vehicle]:
        """The vehicles as the camera will see them."""
        return [vehicle(random.Random(0), one.model, printed=one.plate) for one in self._pool]

    def next(self, at_s: float, present: Collection[Plate | None] = ()) -> tuple[Arrival, ...]:
        """Who comes next at `at_s`: one arrival, or two where the second follows the first through.

        `present` are the plates in the lane now: their vehicles can't come a second time.
        """
        kind = next(self._plan, None)
        if kind is None:
            kinds = [kind for kind in _LATER if self._possible(kind)]
            kind = self._draw.choices(kinds, [_LATER[kind] for kind in kinds])[0]
        here = list(present)
        first = self._arrival(kind, at_s, here)
        if kind != "tailgater":
            return (first,)
        return (first, self._arrival("clean", at_s, here).model_copy(update={"follows": True}))

    def _possible(self, kind: str) -> bool:
        return {
            "overload": self._profile == "cargo",
            "another-plate": self._profile == "cargo",
            "tailgater": self._profile != "pedestrian",
            "two": self._profile == "car",
            "chip": self._profile == "pedestrian",
            "clone": self._profile == "pedestrian",
        }.get(kind, True)

    def _arrival(self, kind: str, at_s: float, present: list[Plate | None]) -> Arrival:
        draw = self._draw
        state = draw.choice(_CARDS if kind == "identity-card" else STATES)
        if kind == "russian-internal":
            state = "RUS"
        who = Traveller(
            papers=_PAPERS.get(kind, "passport"),
            state=state,
            listed=kind == "listed",
            lost=kind == "lost",
            cloned=kind == "clone",
        )
        comes = self._take(kind, present)
        return Arrival(
            lane=self._lane,
            at_s=at_s,
            vehicle=comes.model if comes else "walker",
            country=comes.plate.country if comes else "KZ",
            plate=comes.plate.display if comes else None,
            gross_kg=round(draw.uniform(45_000, 49_000)) if kind == "overload" else None,
            booked="another plate" if kind == "another-plate" else "here",
            travellers=(who, Traveller(state=state)) if kind == "two" else (who,),
        )

    def _take(self, kind: str, present: list[Plate | None]) -> Pooled | None:
        """The next vehicle of the pool that is not in the lane; now it is.  None for people on foot."""
        fitting = [one for one in self._pool if kind != "overload" or one.model == OVERLOADED]
        free = [one for one in fitting if one.plate not in present]
        if not free:
            return None
        self._turn += 1
        taken = free[self._turn % len(free)]
        present.append(taken.plate)
        return taken
