"""What light does over a drive: clouds, an automatic exposure that lags, lamps, the length of an exposure."""

import random
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulators.render.plates.model import Picture

Light = Literal["day", "dusk", "night", "infrared"]
_AMBIENT = {"day": (0.7, 1.05), "dusk": (0.35, 0.6), "night": (0.1, 0.26), "infrared": (0.2, 0.5)}
_EXPOSURE_S = {
    "day": (1 / 800, 1 / 150), "dusk": (1 / 150, 1 / 60), "night": (1 / 60, 1 / 30),
    "infrared": (1 / 250, 1 / 80),
}  # fmt: skip
_AIM = {"day": 108.0, "dusk": 84.0, "night": 46.0, "infrared": 74.0}
_GAIN = (0.55, 2.2)
_LAG = 0.18
"""Of the way to its aim that an automatic exposure goes from one picture to the next."""


@dataclass(frozen=True, slots=True)
class Lighting:
    """`ambient` is the share of full daylight, `retro` how bright a plate throws back lamps that shine from
    the camera (0 by day), `lamps` how strongly the vehicle's own shine into it."""

    light: Light
    ambient: float
    exposure_s: float
    retro: float
    lamps: float
    dips_when_standing: bool
    cloud: float
    cloud_s: float
    phase: float

    def drift(self, time_s: float) -> float:
        """The daylight's change by clouds, about 1."""
        return 1 + self.cloud * float(np.sin(2 * np.pi * time_s / self.cloud_s + self.phase))

    def lamps_at(self, standing: bool) -> float:
        return self.lamps * (0.25 if standing and self.dips_when_standing else 1.0)


def lighting(chance: random.Random) -> Lighting:
    """The light of one drive."""
    u = chance.uniform
    light: Light = chance.choices(("day", "dusk", "night", "infrared"), (0.52, 0.12, 0.18, 0.18))[0]
    by_day = light in ("day", "dusk")
    return Lighting(
        light=light,
        ambient=u(*_AMBIENT[light]),
        exposure_s=u(*_EXPOSURE_S[light]),
        retro=0.0 if by_day else u(0.6, 1.15),
        lamps=(u(0.2, 0.5) if chance.random() < 0.25 else 0.0) if light == "day" else u(0.2, 1.0),
        dips_when_standing=chance.random() < 0.3,
        cloud=u(0.0, 0.3) if light == "day" else 0.0,
        cloud_s=u(3.0, 9.0),
        phase=u(0, 6.3),
    )


class AutoExposure:
    """The camera's gain, which follows the picture's mean with a lag.  `start` is its error at first."""

    def __init__(self, light: Light, start: float) -> None:
        self._aim = _AIM[light]
        self._start = start
        self._gain: float | None = None

    def gain(self, picture: Picture) -> float:
        """For this picture; call it once a picture, in order."""
        wanted = self._aim / max(1.0, float(picture[::8, ::8].mean()))
        if self._gain is None:
            self._gain = wanted * self._start
        self._gain = float(np.clip(self._gain * (wanted / self._gain) ** _LAG, *_GAIN))
        return self._gain
