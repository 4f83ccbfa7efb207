"""Views over all lanes: the wall, alarms, shifts, and the site's own accounts and audit."""

from dashboard.store import read
from dashboard.store.incoming import now_us
from dashboard.store.tables import SITE_LANE
from dashboard.users.accounts import User, list_users
from dashboard.views import parts
from dashboard.views.facts import AlarmFacts, LaneFacts, alarm_of_registers
from dashboard.views.holds import LEADS
from dashboard.views.language import Speaker
from dashboard.views.models import Alarms, Audit, AuditEvent, Shift, ShiftOffer, Shifts, Users, UserShown
from dashboard.views.past_shifts import past_shifts
from dashboard.views.source import Source
from dashboard.views.tile import situation, tile
from dashboard.views.tile_models import Alarm, Tile, Wall
from dashboard.views.timeline import tell
from lane_controller.messages.parts import Reason
from lane_controller.messages.rights import COMMAND_ROLES
from lane_controller.messages.words import CommandKind, UserRole

ALARMS_MAX = 500
AUDIT_PAGE = 100
_PRIORITIES = ("high", "medium", "low")


def in_order(tiles: list[Tile]) -> list[Tile]:
    """Who needs a person first; of equals who has waited longest."""
    return sorted(tiles, key=lambda one: one.order)


async def wall(source: Source, site: str, position: str, speaker: Speaker, user: User) -> Wall:
    tiles = [tile(await source.facts(lane, user.audiences), speaker, user) for lane in await source.lanes()]
    return Wall(
        site=site,
        now=parts.moment(speaker, now_us()),
        connected=source.live.connected,
        position=position,
        lanes=tuple(in_order(tiles)),
    )


async def standing_alarms(source: Source, user: User) -> list[AlarmFacts]:
    """The most urgent first: the lanes' as the lanes see them now, and the site's own."""
    found = [
        alarm for lane in await source.lanes() for alarm in (await source.facts(lane, user.audiences)).alarms
    ]
    async with source.database.reads.connect() as connection:
        own = await read.alarms(connection, user.audiences, lane=SITE_LANE)
    found += source.shelved(alarm_of_registers(view) for view in own)
    found.sort(
        key=lambda one: (
            one.shelf is not None,
            one.acknowledged_by is not None,
            _PRIORITIES.index(one.priority) if one.priority in _PRIORITIES else 9,
            one.since_us,
        )
    )
    return found


async def alarms(source: Source, speaker: Speaker, user: User) -> Alarms:
    found = await standing_alarms(source, user)
    return Alarms(alarms=tuple(parts.alarm(speaker, one, user) for one in found))


async def own_alarms(source: Source, speaker: Speaker, user: User) -> list[Alarm]:
    """Standing alarms of the dashboard itself, the newest first."""
    async with source.database.reads.connect() as connection:
        own = await read.alarms(connection, user.audiences, lane=SITE_LANE)
    found = source.shelved(alarm_of_registers(view) for view in own)
    return [parts.alarm(speaker, one, user) for one in found]


async def past_alarms(source: Source, speaker: Speaker, user: User) -> Alarms:
    """The last ones raised, standing or not, the newest first, from the store."""
    async with source.database.reads.connect() as connection:
        views = await read.alarms(connection, user.audiences, standing=False, limit=ALARMS_MAX)
    return Alarms(alarms=tuple(parts.alarm(speaker, alarm_of_registers(view), user) for view in views))


async def shifts(source: Source, store_id: str, speaker: Speaker, user: User) -> Shifts:
    async with source.database.reads.connect() as connection:
        registers = await read.lane_registers(connection, SITE_LANE, store_id, user.audiences)
        users = await list_users(connection)
    shown: list[Shift] = []
    for lane in await source.lanes():
        facts = await source.facts(lane, user.audiences)
        offer = registers.get(f"offer.{lane}")
        shown.append(_shift(facts, offer[1] if offer else None, speaker, user))
    entitled = COMMAND_ROLES[CommandKind.SHIFT]
    colleagues = [
        one.name for one in users if one.role in entitled and not one.disabled and one.name != user.name
    ]
    mine = tuple(one.lane for one in shown if one.responsible == user.name)
    past = None
    if user.role in LEADS:
        past = await past_shifts(source, {one.lane: one.responsible for one in shown}, speaker, user)
    return Shifts(shifts=tuple(shown), mine=mine, colleagues=tuple(colleagues), past=past)


def _shift(facts: LaneFacts, offered: dict[str, object] | None, speaker: Speaker, user: User) -> Shift:
    entitled = user.role in COMMAND_ROLES[CommandKind.SHIFT]
    withheld = () if facts.live else (Reason(code="lane_offline"),)
    mine = facts.shift == user.name
    offer = None
    if offered is not None and facts.shift is not None and offered["by"] == facts.shift:
        id_ = offered.get("hand_over")
        offer = ShiftOffer(
            lane=facts.lane,
            by=str(offered["by"]),
            to=str(offered["to"]),
            hand_over=str(id_) if id_ else None,
            at=parts.moment(speaker, int(str(offered["time_us"]))),
        )
    held = facts.passage is not None and facts.passage.phase in ("held", "referred")
    return Shift(
        lane=facts.lane,
        responsible=facts.shift,
        open_passage=facts.passage.passage if facts.passage and held else None,
        situation=speaker.coded("situation", situation(facts)),
        open_alarms=len(facts.alarms),
        offer=offer,
        may_begin=entitled and not mine and facts.live,
        may_end=facts.live
        and facts.shift is not None
        and entitled
        and (mine or user.role is UserRole.SHIFT_LEADER),
        withheld=parts.all_said(speaker, withheld),
    )


async def users(source: Source, speaker: Speaker) -> Users:
    async with source.database.reads.connect() as connection:
        found = await list_users(connection)
    return Users(
        users=tuple(
            UserShown(
                name=one.name,
                role=speaker.coded("user_role", one.role),
                agency=speaker.coded("agency", one.agency) if one.agency else None,
                language=one.language,
                demo=one.demo,
                disabled=one.disabled,
            )
            for one in found
        )
    )


async def audit(source: Source, store_id: str, speaker: Speaker, user: User, before: int | None) -> Audit:
    """The site's own events, the newest first, with the hashes of their chain."""
    async with source.database.reads.connect() as connection:
        events = await read.events(
            connection,
            user.audiences,
            lane=SITE_LANE,
            journal=store_id,
            before=before,
            limit=AUDIT_PAGE + 1,
        )
    return Audit(
        events=tuple(
            AuditEvent(
                sequence=event.sequence,
                time=parts.moment(speaker, event.time_us),
                type=speaker.coded("event", event.type),
                text=tell(speaker, event),
                rowhash=event.rowhash,
            )
            for event in events[:AUDIT_PAGE]
        ),
        more=events[AUDIT_PAGE - 1].sequence if len(events) > AUDIT_PAGE else None,
    )
