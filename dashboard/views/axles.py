"""Indicative loads by axle group in words, each beside what the law allows such a group."""

from dashboard.store.fold import Registers
from dashboard.views.facts import read_as
from dashboard.views.language import Coded, Speaker
from dashboard.views.weight_models import AxleGroupShown, AxlesShown
from lane_controller.messages.parts import AxleGroup, AxleLimit, AxleLoads

VERDICTS = ("over", "within", "close", "open")


def axles_shown(speaker: Speaker, registers: Registers) -> AxlesShown | None:
    """None for a lane that reads no axles from its scale's trace."""
    told = registers["weight"][1].get("axles") if "weight" in registers else None
    loads = read_as(AxleLoads, told)
    if loads is None:
        return None
    groups: list[AxleGroupShown] = []
    first = 1
    for group in loads.groups:
        groups.append(_group(speaker, group, first))
        first += len(group.steps)
    reason = loads.reason and speaker.reason(loads.reason.code, loads.reason.parameters)
    sources = tuple(dict.fromkeys(one.source for one in groups if one.source))
    return AxlesShown(groups=tuple(groups), grouped=loads.grouped, reason=reason, sources=sources)


def _group(speaker: Speaker, group: AxleGroup, first: int) -> AxleGroupShown:
    last = first + len(group.steps) - 1
    limit = group.limit
    return AxleGroupShown(
        axles=str(first) if last == first else f"{first}–{last}",
        at_s=tuple(step.at_ms / 1000 for step in group.steps),
        load_kg=group.load_kg,
        load=f"{speaker.number(group.load_kg, 0)} ± {speaker.kilograms(group.uncertainty_kg)}",
        limit_kg=limit.highest_kg if limit else None,
        limit=_limit(speaker, limit) if limit else None,
        source=limit.source if limit else None,
        verdict=_verdict(speaker, group, limit) if limit else None,
    )


def _limit(speaker: Speaker, limit: AxleLimit) -> str:
    ends = dict.fromkeys(speaker.number(kg, 0) for kg in (limit.lowest_kg, limit.highest_kg))
    text = f"{'–'.join(ends)} {speaker.say('kg')}"
    return text if limit.verified else f"{text}, {speaker.say('not confirmed')}"


def _verdict(speaker: Speaker, group: AxleGroup, limit: AxleLimit) -> Coded:
    """Only what holds for every load within the uncertainty, and for every limit that may hold, is said."""
    if group.load_kg - group.uncertainty_kg > limit.highest_kg:
        code = "over"
    elif group.load_kg + group.uncertainty_kg <= limit.lowest_kg:
        code = "within"
    else:
        code = "open" if limit.lowest_kg < limit.highest_kg else "close"
    return speaker.coded("axle_verdict", code)
