"""One lane on the wall, and who needs a person first."""

import re
from typing import Literal

from dashboard.users.accounts import User
from dashboard.views.facts import BEHIND_EVENTS, LaneFacts
from dashboard.views.language import Speaker
from dashboard.views.parts import alarm, all_said, device, moment
from dashboard.views.tile_models import Moment, Tile, TilePassage, Usual

Tone = Literal["calm", "notice", "attention", "alarm"]
Stale = Literal["arm", "plate", "weight"]

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


def shape(facts: LaneFacts) -> str:
    """The drawing for what matters most: an alarm, who waits, a loss, or else what the lane is doing."""
    now = situation(facts)
    unseen = {alarm.priority for alarm in facts.alarms if alarm.announced}
    if "high" in unseen or (unseen and now not in ("held", "referred")):
        return next((one for one in ("high", "medium", "low") if one in unseen), "medium")
    if tone(facts) == "notice" and now != "offline":
        return "degraded"
    return now


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


_NEEDED_RANKS = 5
"""Up to this rank somebody is needed: who has waited longest stands first.  The others keep their places,
by the lane's name, whatever passes through them."""
_STALE: dict[str, Stale] = {"barrier": "arm", "plate_camera": "plate", "scale": "weight"}


def order(facts: LaneFacts) -> str:
    """Who needs a person first; of equals who has waited longest; then the lanes by their numbers."""
    place = rank(facts)
    name = re.sub(r"\d+", lambda found: found[0].zfill(8), facts.lane)
    if place > _NEEDED_RANKS:
        return f"9 {name}"
    since_us = facts.passage.since_us if facts.passage else 10**17
    return f"{place} {since_us:018} {name}"


def label(lane: str) -> tuple[str, str]:
    """`cargo-12` as (`cargo`, `12`): what is said of many lanes in one line."""
    found = re.fullmatch(r"(.*?)[-_]?(\d+)", lane)
    return (found[1], found[2]) if found else ("", lane)


def since_us(facts: LaneFacts) -> int | None:
    """Since when the situation is so, where that is known: for a lane without a vehicle since its arm came
    down."""
    if not facts.live and facts.heard:
        return facts.heard.at_us
    if facts.passage is not None and facts.mode not in ("closed", "maintenance"):
        return facts.passage.since_us
    if situation(facts) == "free":
        return facts.arm_us if facts.arm == "lowered" else None
    return facts.mode_us


def stale(facts: LaneFacts) -> tuple[Stale, ...]:
    """What on the tile can be no news, since the device that tells it is lost."""
    lost = {one.role for one in facts.devices if one.health == "degraded"}
    return tuple(shown for role, shown in _STALE.items() if role in lost)


def _moment(speaker: Speaker, at_us: int | None) -> Moment | None:
    return None if at_us is None else moment(speaker, at_us)


def _usual(facts: LaneFacts, speaker: Speaker) -> Usual | None:
    found = facts.usual
    if found is None:
        return None
    text = speaker.say("usually {time}", time=clock(found.median_s))
    return Usual(median_s=found.median_s, p90_s=found.p90_s, text=text)


def clock(seconds: int) -> str:
    """As the page counts ages: `2:05`, `1:02:05`."""
    hours, rest = divmod(max(0, seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def tile(facts: LaneFacts, speaker: Speaker, user: User) -> Tile:
    bad = [one for one in facts.devices if one.health == "degraded"]
    kind, number = label(facts.lane)
    return Tile(
        lane=facts.lane,
        kind=kind,
        number=number,
        rank=rank(facts),
        order=order(facts),
        situation=speaker.coded("situation", situation(facts)),
        shape=shape(facts),
        since=_moment(speaker, since_us(facts)),
        usual=_usual(facts, speaker),
        need=speaker.coded("need", need(facts)),
        tone=tone(facts),
        live=facts.live,
        profile=speaker.coded("profile", facts.profile) if facts.profile else None,
        direction=speaker.coded("direction", facts.direction) if facts.direction else None,
        mode=speaker.coded("mode", facts.mode) if facts.mode else None,
        arm=speaker.coded("arm", facts.arm),
        arm_at=_moment(speaker, facts.arm_us),
        lamp=speaker.coded("lamp", facts.lamp) if facts.lamp else None,
        shift=facts.shift,
        passage=_passage(facts, speaker),
        stale=stale(facts),
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
        plates_at=_moment(speaker, passage.plates_us),
        weight=speaker.kilograms(passage.weight.gross_kg) if passage.weight else None,
        weight_at=_moment(speaker, passage.weight_us),
        decision=speaker.coded("decision", passage.decision) if passage.decision else None,
        reasons=all_said(speaker, passage.reasons or passage.waiting_for),
    )
