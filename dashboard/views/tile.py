"""One lane on the wall, and who needs a person first."""

from typing import Literal

from dashboard.users.accounts import User
from dashboard.views.facts import BEHIND_EVENTS, LaneFacts
from dashboard.views.language import Speaker
from dashboard.views.models import Tile, TilePassage
from dashboard.views.parts import alarm, all_said, device, moment
from dashboard.views.weight import kilograms

Tone = Literal["calm", "notice", "attention", "alarm"]

_PHASES = {
    "waiting": "arriving",
    "gathering": "checking",
    "held": "held",
    "referred": "referred",
    "released": "released",
    "handing_over": "handing_over",
    "leaving": "leaving",
}


def situation(facts: LaneFacts) -> str:
    """What the lane is doing, in one code."""
    if not facts.live:
        return "offline"
    if facts.mode in ("closed", "maintenance"):
        return facts.mode
    if facts.passage is not None:
        return _PHASES.get(facts.passage.phase, facts.passage.phase)
    return "manual" if facts.mode == "manual" else "free"


def rank(facts: LaneFacts) -> int:
    """0 needs a person at once; what needs nobody comes last."""
    now = situation(facts)
    unseen = {alarm.priority for alarm in facts.alarms if alarm.announced}
    if "high" in unseen:
        return 0
    if now in ("held", "referred"):
        return 1 if now == "held" else 2
    if unseen:
        return 3
    if now == "offline":
        return 4
    if any(one.health == "degraded" for one in facts.devices) or facts.alarms:
        return 5
    return {"free": 8, "manual": 7, "closed": 9, "maintenance": 9}.get(now, 6)


def need(facts: LaneFacts) -> str:
    """Who is needed."""
    now = situation(facts)
    if now in ("held", "referred"):
        return "operator" if now == "held" else "second_line"
    if any(alarm.announced for alarm in facts.alarms):
        return "operator"
    if now == "offline" or any(one.health == "degraded" for one in facts.devices):
        return "technician"
    return "nobody"


def tone(facts: LaneFacts) -> Tone:
    """How loud the tile is: grey unless something is abnormal."""
    place = rank(facts)
    if place == 0:
        return "alarm"
    if place in (1, 2, 3):
        return "attention"
    return "notice" if place in (4, 5) else "calm"


def tile(facts: LaneFacts, speaker: Speaker, user: User) -> Tile:
    bad = [one for one in facts.devices if one.health == "degraded"]
    return Tile(
        lane=facts.lane,
        rank=rank(facts),
        situation=speaker.coded("situation", situation(facts)),
        need=speaker.coded("need", need(facts)),
        tone=tone(facts),
        live=facts.live,
        profile=speaker.coded("profile", facts.profile) if facts.profile else None,
        direction=speaker.coded("direction", facts.direction) if facts.direction else None,
        mode=speaker.coded("mode", facts.mode) if facts.mode else None,
        arm=speaker.coded("arm", facts.arm),
        lamp=speaker.coded("lamp", facts.lamp) if facts.lamp else None,
        shift=facts.shift,
        passage=_passage(facts, speaker),
        waiting=facts.waiting,
        devices_good=sum(one.health == "good" for one in facts.devices),
        devices_bad=tuple(device(speaker, one) for one in bad),
        alarms=tuple(alarm(speaker, one, user) for one in facts.alarms),
        behind=facts.backlog >= BEHIND_EVENTS,
        heard=moment(speaker, facts.heard.at_us) if facts.heard and not facts.live else None,
    )


def _passage(facts: LaneFacts, speaker: Speaker) -> TilePassage | None:
    passage = facts.passage
    if passage is None:
        return None
    return TilePassage(
        passage=passage.passage,
        journal=facts.journal,
        since=moment(speaker, passage.since_us),
        plates=tuple(dict.fromkeys(plate.display for plate in passage.plates)),
        weight=kilograms(speaker, passage.weight.gross_kg) if passage.weight else None,
        decision=speaker.coded("decision", passage.decision) if passage.decision else None,
        reasons=all_said(speaker, passage.reasons or passage.waiting_for),
    )
