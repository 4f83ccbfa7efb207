"""Chips that the lane asks for: given to the reader, and what came of them told as a fact.

A reading that the lane does not want any more is broken off.  Nothing of what was read is logged.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date

import structlog

import mrz
from drivers.document_reader.chips import ChipInspected, ChipReader, ChipTerms, ChipUnread, PrintedZone
from lane_controller.daemon.actions import MEDIA_BYTES_MAX, media_of
from lane_controller.daemon.clock import Clock
from lane_controller.daemon.equipment import Equipment
from lane_controller.daemon.loop import Media
from lane_controller.daemon.sensing.documents import message_of
from lane_controller.daemon.terminal_keys import TerminalKeys
from lane_controller.daemon.trust import Trust
from lane_controller.lane import views
from lane_controller.lane.facts import ChipRead, Fact
from lane_controller.lane.rules import ChipRules
from lane_controller.lane.state import Lane, Request
from lane_controller.messages.parts import ChipCheck, ChipReading, Document, Reason
from lane_controller.messages.words import CheckOutcome

log = structlog.get_logger()

PARAMETERS_MAX, TEXT_MAX = 8, 120
"""Of one check's reason: what a chip says of its algorithms may be long, and an event is not."""

Post = Callable[[Fact, Media], None]


class ChipDesk:
    """`trust` and `rules` are those of a lane that reads chips; `keys` of one that reads fingers and iris."""

    def __init__(
        self,
        equipment: Equipment,
        clock: Clock,
        post: Post,
        hold: Callable[[asyncio.Task[None]], None],
        trust: Trust,
        keys: TerminalKeys | None,
        rules: ChipRules,
    ) -> None:
        self._equipment, self._clock, self._post, self._hold = equipment, clock, post, hold
        self._trust, self._keys, self._rules = trust, keys, rules
        self._reading: dict[str, asyncio.Task[None]] = {}

    def follow(self, lane: Lane) -> None:
        """Begin what is wanted, break off what is not any more."""
        wanted = {one.id: one for one in views.requests(lane) if one.kind == "chip"}
        for id in [id for id in self._reading if id not in wanted]:
            self._reading.pop(id).cancel()
        for id, request in wanted.items():
            if id not in self._reading:
                self._reading[id] = task = asyncio.create_task(self._read(request), name=f"chip {id}")
                self._hold(task)

    async def _read(self, request: Request) -> None:
        reader = next((one for one in self._equipment.chips if self._equipment.running(one.name)), None)
        if reader is None:
            self._tell(request, "", ChipUnread("no_chip_reader"))
            return
        if self._trust.store is None:
            self._tell(request, reader.name, ChipUnread("no_trust_store"))
            return
        values, speed, now = dict(request.values), self._clock.speed, self._clock.utc()
        doubtful = tuple(name for name in str(values["doubtful"]).split(",") if name)
        printed = PrintedZone(tuple(str(values["lines"]).split("\n")), now.date(), doubtful)
        terms = ChipTerms(
            self._trust.store,
            now,
            self._rules.wait_s / speed,
            self._rules.read_s / speed,
            await asyncio.to_thread(self._keys.look) if self._keys else None,
        )
        found = await self._asked(reader, printed, terms)
        picture = b""
        if isinstance(found, ChipInspected):
            picture = found.portrait
            if len(picture) > MEDIA_BYTES_MAX:
                picture = await asyncio.to_thread(_smaller, picture)
        self._tell(request, reader.name, found, picture)

    async def _asked(
        self, reader: ChipReader, printed: PrintedZone, terms: ChipTerms
    ) -> ChipInspected | ChipUnread:
        try:
            return await reader.read_chip(printed, terms)
        except Exception as error:  # its text may quote what was read
            log.error("chip reader's driver has a bug", device=reader.name, error=type(error).__name__)
            return ChipUnread("bug")

    def _tell(
        self, request: Request, device: str, found: ChipInspected | ChipUnread, picture: bytes = b""
    ) -> None:
        at = self._clock.stamp()
        if isinstance(found, ChipUnread):
            log.info("chip not read", request=request.id, device=device, reason=found.reason)
            self._post(ChipRead(at, request.id, device, None, Reason(code=found.reason)), ())
            return
        reading = reading_of(found)
        log.info("chip read", request=request.id, device=device, data=reading.data, chip=reading.chip,
                 ms=reading.duration_ms, apdus=reading.apdus)  # fmt: skip
        portrait = media_of(picture, device)
        name = portrait[0][0] if portrait else None
        document = document_of(found.lines, self._clock.utc().date())
        self._post(ChipRead(at, request.id, device, reading, None, document, name), portrait)


def reading_of(found: ChipInspected) -> ChipReading:
    """An inspection as the lane is told it: nothing personal is in it."""
    verdict = found.verdict
    return ChipReading(
        data=str(verdict.data),
        chip=str(verdict.chip),
        checks=tuple(
            ChipCheck(
                name=one.name,
                outcome=CheckOutcome(one.outcome),
                reason=Reason(code=one.reason, parameters=_plain(one.details)),
            )
            for one in verdict.checks
        ),
        differs=found.differs,
        trust=found.trust,
        duration_ms=found.duration_ms,
        apdus=found.apdus,
    )


def document_of(lines: tuple[str, ...], today: date) -> Document | None:
    """DG1 as a document; None where it is no zone."""
    try:
        return message_of(mrz.parse(lines, reference=today), today)
    except mrz.MrzError:
        return None


def _plain(details: Mapping[str, object]) -> dict[str, str | int | float | bool | None]:
    plain: dict[str, str | int | float | bool | None] = {}
    for name, value in list(details.items())[:PARAMETERS_MAX]:
        if value is None or isinstance(value, bool | int | float):
            plain[name] = value
        elif isinstance(value, list | tuple):
            plain[name] = ", ".join(str(one) for one in value)[:TEXT_MAX]
        else:
            plain[name] = str(value)[:TEXT_MAX]
    return plain


def _smaller(jpeg: bytes) -> bytes:
    """A portrait that a store takes; the bytes are our own decoder's, encoded anew."""
    from lane_controller.daemon.vision.evidence import smaller

    return smaller(jpeg)
