"""How a vehicle moves through a drive: at an even speed, braking to the stop line, standing, leaving."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Course:
    """Metres, seconds and their quotients.  `start_m` before the stop line it is first seen, `gone_m` beyond
    it no more."""

    start_m: float
    gone_m: float
    speed_m_s: float
    brake_m_s2: float
    stand_s: float
    leave_m_s2: float

    @property
    def rolling_s(self) -> float:
        """Until it brakes."""
        return max(0.0, (self.start_m - self.speed_m_s**2 / (2 * self._brake)) / self.speed_m_s)

    @property
    def stopped_s(self) -> float:
        """When it has come to stand."""
        return self.rolling_s + self.speed_m_s / self._brake

    @property
    def leaves_s(self) -> float:
        """When it starts again."""
        return self.stopped_s + self.stand_s

    @property
    def length_s(self) -> float:
        """Until it is gone."""
        return self.leaves_s + (2 * self.gone_m / self.leave_m_s2) ** 0.5

    @property
    def _brake(self) -> float:
        """As hard as it must to stop at the line."""
        return max(self.brake_m_s2, self.speed_m_s**2 / (2 * self.start_m))

    def before_m(self, time_s: float) -> float:
        """How far before the stop line it is, negative beyond."""
        if time_s < self.rolling_s:
            return self.start_m - self.speed_m_s * time_s
        if time_s < self.stopped_s:
            return self._brake * (self.stopped_s - time_s) ** 2 / 2
        return -self.leave_m_s2 * max(0.0, time_s - self.leaves_s) ** 2 / 2

    def braking(self, time_s: float) -> bool:
        """Whether its brake lamps are lit; a standing driver keeps the foot on."""
        return self.rolling_s <= time_s < self.leaves_s


def course(chance: random.Random, start_m: float, gone_m: float) -> Course:
    """As vehicles drive up to a barrier."""
    u = chance.uniform
    return Course(start_m, gone_m, u(1.8, 4.5), u(0.9, 2.0), u(1.0, 2.5), u(0.8, 1.6))
