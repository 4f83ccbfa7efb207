"""The alarms that call for somebody, as every page shows them: how many, and the first few."""

from collections.abc import Iterable
from urllib.parse import quote

from dashboard.store.tables import SITE_LANE
from dashboard.views.tile_models import Alarm, AlarmStrip, StripAlarm

STRIP_MAX = 3
_PRIORITIES = ("high", "medium", "low")


def strip_alarm(alarm: Alarm) -> StripAlarm:
    return StripAlarm(
        lane=alarm.lane,
        alarm=alarm.alarm,
        kind=alarm.kind,
        priority=alarm.priority,
        since=alarm.since,
        lane_url=None if alarm.lane == SITE_LANE else f"/lanes/{alarm.lane}",
        alarm_url=f"/alarms#alarm-{alarm.lane}-{quote(alarm.alarm)}",
    )


def alarm_strip(alarms: Iterable[StripAlarm]) -> AlarmStrip:
    """The most urgent first, of equals the newest."""
    found = sorted(alarms, key=lambda one: (one.since.at, one.lane, one.alarm), reverse=True)
    found.sort(key=_urgency)
    return AlarmStrip(unseen=len(found), alarms=tuple(found[:STRIP_MAX]))


def _urgency(alarm: StripAlarm) -> int:
    code = alarm.priority.code
    return _PRIORITIES.index(code) if code in _PRIORITIES else len(_PRIORITIES)
