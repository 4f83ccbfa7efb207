"""From a lane's configuration to what its pure rules may depend on."""

from lane_controller.daemon.configuration import Configuration
from lane_controller.daemon.sensing.weighing import ScaleTerms
from lane_controller.lane.rules import CheckRule, LaneRules
from lane_controller.messages.words import Place


def rules_of(configuration: Configuration, journal: str, *, commissioned: bool) -> LaneRules:
    """The rules that the start fact records."""
    lane, scale = configuration.lane, configuration.scale
    places = {spec.place for spec in configuration.devices if spec.place is not None}
    return LaneRules(
        site=configuration.site.name,
        lane=lane.name,
        journal=journal,
        profile=lane.profile,
        direction=lane.direction,
        state=lane.state,
        checks=tuple(CheckRule(one.check, one.agency, one.on_failed) for one in configuration.checks),
        timings=lane.rule_timings,
        places=tuple(place for place in Place if place in places),
        clearance_sensors=tuple(spec.name for spec in configuration.devices if spec.place == Place.CLEARANCE),
        devices=tuple(spec.name for spec in configuration.devices),
        two_person_kinds=lane.two_person_kinds,
        weight_tolerance=lane.weight_tolerance,
        expanded_uncertainty_kg=scale.expanded_uncertainty_kg if scale else 0.0,
        commissioned=commissioned,
        start_mode=lane.start_mode,
        chip=configuration.chip.rules if configuration.chip else None,
        plates_at=lane.plates_at,
        utc_offset_min=lane.minutes_east,
    )


def scale_terms(configuration: Configuration) -> ScaleTerms | None:
    """What a weight of this lane's scale rests on; None without a scale."""
    scale = configuration.scale
    name = next((spec.name for spec in configuration.devices if spec.role == "scale"), None)
    if scale is None or name is None:
        return None
    return ScaleTerms(
        scale=name,
        verification=scale.verification,
        verified_until=scale.verified_until.isoformat(),
        minimum_kg=scale.minimum_kg,
        zero_within_kg=scale.zero_within_kg,
        settle_s=scale.settle_s,
        settle_within_kg=scale.settle_within_kg,
    )
