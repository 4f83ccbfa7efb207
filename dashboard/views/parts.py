"""Small parts that several views show: moments, devices, alarms, checks, evidence."""

from collections.abc import Iterable

from dashboard.store.tables import SITE_LANE
from dashboard.users.accounts import User
from dashboard.users.roles import SHELVE, SHELVE_HIGH, SITE_ALARMS
from dashboard.views.chip import chip_shown
from dashboard.views.facts import AlarmFacts, DeviceFacts, PassageFacts
from dashboard.views.language import Coded, Speaker, iso
from dashboard.views.models import Check, ChipShown, DocumentShown, PageShown, Picture, PlateShown
from dashboard.views.page import page_shown
from dashboard.views.shelf import shelf
from dashboard.views.tile_models import Alarm, Device, Moment
from lane_controller.messages.parts import CheckResult, Document, Reason
from lane_controller.messages.rights import COMMAND_ROLES
from lane_controller.messages.words import CommandKind


def moment(speaker: Speaker, at_us: int) -> Moment:
    return Moment(at=iso(at_us), clock=speaker.clock(at_us), text=speaker.moment(at_us))


def said(speaker: Speaker, reason: Reason) -> Coded:
    return speaker.reason(reason.code, reason.parameters)


def all_said(speaker: Speaker, reasons: Iterable[Reason]) -> tuple[Coded, ...]:
    return tuple(said(speaker, reason) for reason in reasons)


def device(speaker: Speaker, facts: DeviceFacts) -> Device:
    return Device(
        device=facts.device,
        role=speaker.coded("device_role", facts.role),
        health=speaker.coded("health", facts.health),
        reason=said(speaker, facts.reason) if facts.reason and facts.health != "good" else None,
        heard=moment(speaker, facts.heard_us) if facts.heard_us is not None else None,
    )


def alarm(speaker: Speaker, facts: AlarmFacts, user: User) -> Alarm:
    entitled = SITE_ALARMS if facts.lane == SITE_LANE else COMMAND_ROLES[CommandKind.ACKNOWLEDGE]
    return Alarm(
        lane=facts.lane,
        journal=facts.journal,
        alarm=facts.alarm,
        kind=speaker.coded("alarm", facts.kind),
        priority=speaker.coded("priority", facts.priority),
        since=moment(speaker, facts.since_us),
        reason=said(speaker, facts.reason),
        cause=_help(speaker, "alarm cause", facts.kind),
        consequence=_help(speaker, "alarm consequence", facts.kind),
        action=_help(speaker, "alarm action", facts.kind),
        act_within_s=facts.act_within_s,
        device=facts.device,
        passage=facts.passage,
        acknowledged_by=facts.acknowledged_by,
        may_acknowledge=facts.acknowledged_by is None and user.role in entitled,
        announced=facts.announced,
        shelved=shelf(speaker, facts.shelf, user) if facts.shelf is not None else None,
        may_shelve=facts.shelf is None
        and user.role in (SHELVE if facts.priority in ("low", "medium") else SHELVE_HIGH),
    )


def _help(speaker: Speaker, context: str, kind: str) -> str:
    return speaker.word(context, kind) if speaker.known(context, kind) else ""


def check(speaker: Speaker, result: CheckResult) -> Check:
    return Check(
        check=speaker.coded("check", result.check),
        agency=speaker.coded("agency", result.agency),
        outcome=speaker.coded("outcome", result.outcome),
        reason=said(speaker, result.reason),
        source=result.source,
        subject=subject(speaker, result.subject) if result.subject else None,
    )


def subject(speaker: Speaker, code: str) -> Coded:
    """`person-2`, `plate-front`: the word before the dash, and what follows it."""
    if speaker.known("subject", code):
        return speaker.coded("subject", code)
    kind, _, rest = code.partition("-")
    return Coded(code=code, text=f"{speaker.word('subject', kind)} {rest}".strip())


def documents(speaker: Speaker, lane: str, facts: PassageFacts) -> tuple[DocumentShown, ...]:
    none = (None,) * len(facts.documents)
    return tuple(
        document(
            speaker,
            one,
            page_shown(speaker, lane, one, page) if page else None,
            chip_shown(speaker, lane, one, chip) if chip else None,
        )
        for one, page, chip in zip(facts.documents, facts.pages or none, facts.chips or none, strict=True)
    )


def document(
    speaker: Speaker, facts: Document, page: PageShown | None, chip: ChipShown | None
) -> DocumentShown:
    return DocumentShown(
        kind=facts.kind,
        issuer=facts.issuer,
        number=facts.number,
        nationality=facts.nationality,
        surname=facts.surname,
        given_names=facts.given_names,
        birth=facts.birth,
        sex=facts.sex,
        expiry=facts.expiry,
        status=speaker.coded("document_status", facts.status),
        doubtful=tuple(speaker.word("field", name) for name in facts.doubtful),
        wrong_check_digits=tuple(speaker.word("field", name) for name in facts.wrong_check_digits),
        lines=facts.lines,
        page=page,
        chip=chip,
    )


def plates(speaker: Speaker, facts: PassageFacts) -> tuple[PlateShown, ...]:
    return tuple(
        PlateShown(
            display=plate.display,
            country=plate.country,
            confidence=f"{speaker.number(100 * plate.confidence, 0)} %",
            frames=plate.frames,
        )
        for plate in facts.plates
    )


def pictures(lane: str, facts: PassageFacts) -> tuple[Picture, ...]:
    return tuple(Picture(url=f"/media/{lane}/{sha256}", sha256=sha256) for sha256 in facts.pictures)
