"""What a day of eight lanes announces to one operator: the lanes' real rules in the simulated world, faults
at the rate of the field (tests/campaigns/alarm_day.py), judged as docs/sources.md 68 tells."""

from measures import Figure, Measurement, at_most
from tests.campaigns.alarm_day import load, played

SEEDS = {False: (1,), True: (1, 2, 3)}
NAMES = ("dashboard-alarms-per-ten-minutes", "dashboard-alarms-flood-share", "dashboard-alarms-chattering")


def run(full: bool) -> list[Figure]:
    days = [load(played(seed)) for seed in SEEDS[full]]
    beside = "; ".join(f"day {number}: {day}" for number, day in enumerate(days, 1))
    rate = max(day.per_ten_minutes for day in days)
    share = 100 * max(day.flood_share for day in days)
    chattering = sorted({name for day in days for name in day.chattering})
    return [
        at_most(NAMES[0], round(rate, 2), "alarms", 1.0, f"one operator, eight lanes, 24 h; {beside}"),
        Figure(
            NAMES[1], round(share, 2), "%", "< 1", share < 1.0, "more than 10 in 10 minutes, until below 5"
        ),
        Figure(
            NAMES[2],
            len(chattering),
            "alarms",
            "0",
            not chattering,
            "raised 3 times within a minute" + (f": {', '.join(chattering)}" if chattering else ""),
        ),
    ]


MEASUREMENTS = [Measurement(NAMES, run)]
