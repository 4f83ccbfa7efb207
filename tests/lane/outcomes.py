"""Says in a few words what came of a fact: the right-hand side of the stories."""

from lane_controller.lane import views
from lane_controller.lane.state import Emitted, Lane
from lane_controller.messages import events
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Audience, CheckOutcome, Health


def outcomes(
    before: Lane | None, said: tuple[Emitted, ...], after: Lane, *, reported: bool = False
) -> list[str]:
    """Events worth reading, then what changed in the views.  `reported`: the fact was an order's result."""
    lines = [text for emitted in said if (text := _event(emitted))]
    old = {one.id for one in views.requests(before)} if before is not None else set[str]()
    asked = [one for one in views.requests(after) if one.id not in old]
    if asked:
        lines.append("asks " + ", ".join(one.kind for one in asked))
    order, was = views.order(after), views.order(before) if before is not None else None
    if order is not None and order != was:
        lines.append(f"order {order.id}" + (f" by {order.permit}" if order.permit else ""))
    elif was is not None and order is None and not reported and not _carried(said, was.id):
        lines.append(f"order {was.id} taken back")
    return lines


def _carried(said: tuple[Emitted, ...], order: str) -> bool:
    return any(isinstance(one.data, events.ArmMoved) and one.data.order == order for one in said)


def _event(emitted: Emitted) -> str:
    text = _text(emitted.data)
    if text and emitted.audience is not Audience.LANE:
        return f"({emitted.audience}) {text}"
    return text


def _text(data: events.EventData) -> str:
    match data:
        case events.LaneStarted():
            held = f", holds {_numbers(data.held_passages)}" if data.held_passages else ""
            return f"started{held}" + (", permit revoked" if data.permit_revoked else "")
        case events.LaneFaulted():
            return f"FAULT {data.error}"
        case events.ModeChanged():
            return f"mode {data.mode}: {_reason(data.reason)}"
        case events.ShiftChanged():
            holds = f", takes over {_numbers(data.open_holds)}" if data.open_holds else ""
            return f"shift {data.responsible or 'nobody'}, before {data.before or 'nobody'}{holds}"
        case events.ClockJumped():
            return f"clock jumped {data.by_s:g} s"
        case events.LampChanged():
            return f"lamp {data.lamp}"
        case events.DeviceChanged():
            bad = data.health is not Health.GOOD or data.discarded
            return f"{data.device} {data.health}: {_reason(data.reason)}" if bad else ""
        case events.PassageArrived():
            return f"passage {data.passage} arrived"
        case events.PersonsStated():
            return f"{data.persons} persons"
        case events.CheckConcluded():
            result = data.result
            if result.outcome is CheckOutcome.PASSED:
                return ""
            why = f" {data.names}" if data.names else ""
            return f"{result.check} {result.outcome}: {result.reason.code}{why}"
        case events.RegisterHit():
            hits = data.hits if data.register_kind != "draw" else ()
            return f"{len(hits)} hit from {data.register_kind}" if hits else ""
        case events.PassageDecided():
            who = f" by {data.by.operator}" if data.by else ""
            settles = f", settles {data.settles}" if data.settles else ""
            return f"decided {data.decision}{_reasons(data.reasons)}{who}{settles}"
        case events.PassageEnded():
            return f"passage {data.passage} {data.end}: {_reason(data.reason)}"
        case events.ArmMoved():
            why = f" by {data.permit}" if data.permit else ""
            return f"arm {data.arm}{why}" + (f" ({data.order})" if data.order else "")
        case events.ArmReversed():
            return "arm reopened itself"
        case events.ArmWithheld():
            return f"{data.movement} withheld{_reasons(data.reasons)}"
        case events.PermitIssued():
            return f"{data.permit} by {data.cause}"
        case events.PermitEnded():
            return f"{data.permit} ended: {_reason(data.reason)}"
        case events.AlarmRaised():
            return f"ALARM {data.alarm} ({data.priority}): {_reason(data.reason)}"
        case events.AlarmAcknowledged():
            return f"{data.alarm} acknowledged by {data.by.operator}"
        case events.AlarmCleared():
            return f"{data.alarm} cleared"
        case events.PictureTaken():
            return f"picture for {data.alarm}"
        case events.CommandAnswered():
            return f"{data.kind} {data.answer}{_reasons(data.reasons)}"
        case events.PersonalErased():
            return "personal data erased"
        case _:
            return ""


def _numbers(numbers: tuple[int, ...]) -> str:
    return ", ".join(str(number) for number in numbers)


def _reason(reason: Reason) -> str:
    return reason.code


def _reasons(reasons: tuple[Reason, ...]) -> str:
    return ": " + ", ".join(_reason(reason) for reason in reasons) if reasons else ""
