"""What the stream says of a lane: its tile, or for a lane's own page its whole view."""

import json
from typing import Any

from dashboard.api.board import Made
from dashboard.store.tables import SITE_LANE
from dashboard.users.accounts import User
from dashboard.views import site as site_views
from dashboard.views.lane import lane_view
from dashboard.views.language import Speaker
from dashboard.views.seen import Seal
from dashboard.views.source import Source
from dashboard.views.strip import strip_alarm
from dashboard.views.tile import tile
from dashboard.views.tile_models import Alarm, StripAlarm

_DEVICE_AGES: dict[str, Any] = {"__all__": {"heard"}}
_TILE_AGES: dict[str, Any] = {"heard": True, "devices_bad": _DEVICE_AGES}


async def made_tile(source: Source, lane: str, speaker: Speaker, user: User) -> Made:
    """A lane's tile; of the site itself the alarms alone."""
    if lane == SITE_LANE:
        own = await site_views.own_alarms(source, speaker, user)
        calling = tuple(strip_alarm(one) for one in own if one.announced)
        told = [alarm.model_dump(include={"alarm", "acknowledged_by", "announced"}) for alarm in own]
        text = json.dumps({"lane": SITE_LANE, "unseen": len(calling), "alarms": told})
        return Made(text, text, calling)
    shown = tile(await source.facts(lane, user.audiences), speaker, user)
    compared = shown.model_dump_json(exclude=_TILE_AGES)
    return Made(shown.model_dump_json(), compared, _calling(shown.alarms))


async def made_view(source: Source, seal: Seal, lane: str, speaker: Speaker, user: User) -> Made:
    """A lane in full, as its own page shows it."""
    view = await lane_view(source, seal, lane, speaker, user)
    compared = view.model_dump_json(exclude={"tile": _TILE_AGES, "devices": _DEVICE_AGES})
    return Made(view.model_dump_json(), compared, _calling(view.tile.alarms))


def _calling(alarms: tuple[Alarm, ...]) -> tuple[StripAlarm, ...]:
    return tuple(strip_alarm(alarm) for alarm in alarms if alarm.announced)
