"""What a scale shows while a vehicle climbs onto its deck, from physics of its own: neither the simulators'
scale nor the reader under test has a part in it.

The deck and the springs on it are one damped oscillator, softer the more stands on it, driven by what the
axles on the deck bear; that changes with pull and brake.  Integrated in small steps, read with jitter, noise
and the display's rounding.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

STEP_S = 0.005
STARTS_M_S2 = 0.5
TYRE_M = 0.25
GRAVITY_M_S2 = 9.81
TAIL_S = 6.0


@dataclass(frozen=True)
class Lorry:
    """Metres of each axle behind the first, and kilograms on it at rest."""

    axles_m: tuple[float, ...]
    loads_kg: tuple[float, ...]

    @property
    def gross_kg(self) -> float:
        return sum(self.loads_kg)

    def bears_kg(self, pull_m_s2: float, height_m: float) -> list[float]:
        middle_m = sum(self.axles_m) / len(self.axles_m)
        spread = sum((one - middle_m) ** 2 for one in self.axles_m)
        tilt = self.gross_kg * pull_m_s2 * height_m / (GRAVITY_M_S2 * spread)
        return [kg + tilt * (m - middle_m) for m, kg in zip(self.axles_m, self.loads_kg, strict=True)]

    def stands_kg(self, at_m: float, bears_kg: Sequence[float]) -> float:
        """Of all axles on the deck when the first is `at_m` beyond its edge."""
        return sum(
            kg * min(max((at_m - m) / TYRE_M + 0.5, 0.0), 1.0)
            for m, kg in zip(self.axles_m, bears_kg, strict=True)
        )


@dataclass(frozen=True)
class Drive:
    """At `speed_m_s`, which sways by `pull_m_s2`; stands `waits_s` once `wait_m` of the lorry are on."""

    speed_m_s: float = 1.2
    pull_m_s2: float = 0.0
    wait_m: float = 0.0
    waits_s: float = 0.0


@dataclass(frozen=True)
class Deck:
    """Swings at `swing_hz` when `full_kg` stand on it, by the share `softer` faster when it is empty.  Read
    every `tempo_s`, up to `jitter_s` late; the share `lost` of the readings never comes."""

    swing_hz: float = 1.2
    damping: float = 0.25
    softer: float = 0.0
    full_kg: float = 40_000.0
    division_kg: float = 20.0
    noise_kg: float = 2.0
    tempo_s: float = 0.1
    jitter_s: float = 0.0
    lost: float = 0.0


def shown(lorry: Lorry, drive: Drive, deck: Deck, seed: int = 0) -> list[tuple[float, float]]:
    """Seconds and kilograms from 2 s before the first axle comes to rest after the last."""
    draw = random.Random(seed)
    kg = kg_s = read_s = 0.0
    told: list[tuple[float, float]] = []
    for number, load_kg in enumerate(_loads(lorry, drive)):
        second = number * STEP_S
        hz = deck.swing_hz * (1 + deck.softer * (1 - min(kg / deck.full_kg, 1.0)))
        angular = 2 * math.pi * hz
        kg_s += STEP_S * (angular**2 * (load_kg - kg) - 2 * deck.damping * angular * kg_s)
        kg += STEP_S * kg_s
        if second >= read_s:
            noisy = kg + draw.gauss(0.0, deck.noise_kg)
            shown_kg = round(noisy / deck.division_kg) * deck.division_kg
            if draw.random() >= deck.lost:
                told.append((second + draw.uniform(0, deck.jitter_s), shown_kg))
            read_s += deck.tempo_s
    return told


def _loads(lorry: Lorry, drive: Drive) -> Iterator[float]:
    """What the axles on the deck bear, every STEP_S."""
    at_m, speed, waited_s, second = -2.0 * drive.speed_m_s, drive.speed_m_s, 0.0, 0.0
    bears = {pull: lorry.bears_kg(pull, 1.5) for pull in (drive.pull_m_s2, -drive.pull_m_s2, STARTS_M_S2)}
    while at_m < lorry.axles_m[-1] + 1.0:
        if drive.waits_s > waited_s and at_m >= drive.wait_m:
            yield from repeat(lorry.stands_kg(at_m, lorry.loads_kg), round(drive.waits_s / STEP_S))
            waited_s, speed = drive.waits_s, 0.0
        pull = drive.pull_m_s2 if (second // 0.7) % 2 == 0 else -drive.pull_m_s2
        if speed < 0.5 * drive.speed_m_s:
            pull = STARTS_M_S2
        speed = min(max(speed + pull * STEP_S, 0.3 * drive.speed_m_s), 1.5 * drive.speed_m_s)
        at_m += speed * STEP_S
        second += STEP_S
        yield lorry.stands_kg(at_m, bears[pull])
    yield from repeat(lorry.gross_kg, round(TAIL_S / STEP_S))
