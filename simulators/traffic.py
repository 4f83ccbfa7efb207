"""The demo's traffic: an endless, seeded stream of arrivals for one lane.

It begins with one of each thing worth seeing, so that a short demo shows them all, and goes on at random
with mostly clean passages.
"""

import random
from collections.abc import Iterator

from simulators.fleet import MODELS
from simulators.geometry import PROFILES
from simulators.kit import Profile
from simulators.people import STATES
from simulators.scenario import Arrival, Traveller

_COUNTRY = {
    "KAZ": "KZ",
    "KGZ": "KG",
    "UZB": "UZ",
    "TJK": "TJ",
    "TKM": "TM",
    "RUS": "RU",
    "AZE": "AZ",
    "TUR": "TR",
    "GEO": "GE",
}
"""Whose plates a traveller's vehicle has."""

FIRST: dict[Profile, tuple[str, ...]] = {
    "cargo": ("clean", "overload", "another-plate", "clean", "tailgater"),
    "car": ("clean", "expired", "clean", "two", "tailgater"),
    "coach": ("clean", "expired"),
    "pedestrian": ("clean", "expired", "clean", "identity-card", "wrong-check-digit"),
}
"""What each profile's lane begins with."""

_LATER: dict[str, float] = {
    "clean": 12,
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


class Traffic:
    """Arrivals for one lane, by `lane`'s profile and a seed.  `behind` shifts where the first ones begin, so
    that two lanes of one profile don't show the same at the same time."""

    def __init__(self, lane: str, profile: Profile, seed: int, *, behind: int = 0) -> None:
        if profile not in PROFILES:
            raise ValueError(f"profile {profile!r} is unknown: one of {', '.join(PROFILES)}")
        self._lane = lane
        self._profile: Profile = profile
        self._draw = random.Random(f"{seed}/{lane}")
        first = FIRST[profile]
        self._plan: Iterator[str] = iter(first[behind:] + first[:behind])

    def next(self, at_s: float) -> tuple[Arrival, ...]:
        """Who comes next at `at_s`: one arrival, or two where the second follows the first through."""
        kind = next(self._plan, None)
        if kind is None:
            kinds = [kind for kind in _LATER if self._possible(kind)]
            kind = self._draw.choices(kinds, [_LATER[kind] for kind in kinds])[0]
        return self._arrivals(kind, at_s)

    def _possible(self, kind: str) -> bool:
        on_wheels = self._profile != "pedestrian"
        return {
            "overload": self._profile == "cargo",
            "another-plate": self._profile == "cargo",
            "tailgater": on_wheels,
            "two": self._profile == "car",
        }.get(kind, True)

    def _arrivals(self, kind: str, at_s: float) -> tuple[Arrival, ...]:
        draw = self._draw
        state = draw.choice(list(_COUNTRY) if self._profile != "pedestrian" else STATES)
        papers = "passport"
        match kind:
            case "expired" | "wrong-check-digit":
                papers = kind
            case "identity-card":
                papers, state = kind, draw.choice(("KAZ", "KGZ", "UZB"))
            case "russian-internal":
                papers, state = kind, "RUS"
            case _:
                pass
        who = Traveller(papers=papers, state=state, listed=kind == "listed", lost=kind == "lost")
        models = [model for model in MODELS.values() if model.profile == self._profile]
        model = draw.choice(models)
        arrival = Arrival(
            lane=self._lane,
            at_s=at_s,
            vehicle=model.name,
            country=_COUNTRY.get(state, "KZ"),
            booked="another plate" if kind == "another-plate" else "here",
            travellers=(who, Traveller(state=state)) if kind == "two" else (who,),
        )
        if kind == "overload":
            # What a Chinese 6 x 4 may have at home is over every neighbour's limit (facts/domain.md 76).
            heavy = {"vehicle": "tractor-3-semi-3", "gross_kg": round(draw.uniform(45_000, 49_000))}
            return (arrival.model_copy(update=heavy),)
        if kind == "tailgater":
            behind = arrival.model_copy(update={"follows": True, "vehicle": models[0].name})
            return (arrival, behind)
        return (arrival,)
