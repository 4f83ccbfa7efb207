"""A cargo lane of a simulated site whose weighbridge, exit loop and card reader speak on demand, and which an
operator commands by a page; with the moments between a beginning and its end."""

import asyncio
import random
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from measures.rigs.stimuli import Chip, Coils, ExitLoop, Load
from measures.rigs.watchers import Stored, Watcher, card_changes
from measures.rigs.workplaces import Shown, Workplace
from simulators.recorder import Event
from simulators.scenario import Arrival, Traveller
from simulators.site import Site
from simulators.world import Happening

HELD_S, TOLD_S, MOVED_S = 90.0, 10.0, 15.0
FIRST_KG, STEP_KG = 14_000.0, 500.0
"""Each weight differs from all others, so that a screen's is known by its digits."""
ARM_S = 0.4
"""The simulated arm's travel here: what is measured ends where it begins to move."""
TYPES = {"weight": "passage.weight", "loop": "presence.changed", "card": "passage.card"}


@dataclass(frozen=True, slots=True)
class Way:
    """One event's way, in seconds from its beginning: `wait_s` is what passed before that."""

    kind: str
    wait_s: float
    fact_s: float
    """Until the lane stamped the fact."""
    broker_s: float
    """Until a subscriber had the event from the broker: the row is in the lane's journal by then."""
    taken_s: float
    """Until the dashboard's transaction began."""
    store_s: float
    page: Shown | None
    """On the lane's page; None where nobody has it open."""
    wall: Shown | None
    """On the wall; None for what no tile shows, and where a newer one overtook it."""


class BusyLane:
    def __init__(self, site: Site, lane: str) -> None:
        self.lane = lane
        self._site = site
        self._bench, self._record = site.benches[lane], site.recorder.lanes[lane]
        self._draw = random.Random(lane)
        self._heard_s: dict[int, float] = {}
        self._slot: Watcher | None = None
        self.untold: Counter[str] = Counter()
        """By kind: what was done to a device and neither told nor shown within TOLD_S (it was lost)."""

    def hear(self, event: Event) -> None:
        self._heard_s[int(event["sequence"])] = asyncio.get_running_loop().time()

    async def _until(self, what: str, condition: Callable[[], bool], seconds: float) -> None:
        if not await self._site.recorder.until(condition, seconds):
            raise TimeoutError(f"{self.lane}: {what} was not told within {seconds:g} s")

    def _told(self, kind: str) -> int:
        return len(self._record.of_type(TYPES[kind]))

    # --- an operator's click ------------------------------------------------------------------------------

    async def click(self, workplace: Workplace, rounds: int) -> dict[str, list[float]]:
        """Raise and lower the arm of the empty lane by the page's buttons; the seconds from each click to the
        coil."""
        self._bench.wiring.arm.travel_s = ARM_S
        coils = Coils(self._bench)
        commands = (("raise", "exercise", "raised"), ("lower", "lane_left_open", "lowered"))
        for _ in range(rounds):
            for kind, reason, end in commands:
                await workplace.command(kind, reason)
                await self._until(f"arm {end}", lambda end=end: self._record.state.get("arm") == end, MOVED_S)
                await asyncio.sleep(self._draw.uniform(0.4, 0.9))
        clicks_s = await workplace.clicks_s()
        found: dict[str, list[float]] = {}
        for number, (kind, _, _) in enumerate(commands):
            closed_s = coils.closed_s[kind]
            found[kind] = [
                closed_s[bisect_left(closed_s, clicked)] - clicked for clicked in clicks_s[number::2]
            ]
        return found

    # --- what happens in the lane -------------------------------------------------------------------------

    async def hold_a_lorry(self) -> None:
        """A lorry comes onto the deck and is held for its driver's papers: from now on all is told."""
        papers = (Traveller(papers="expired"),)
        lorry = Arrival(lane=self.lane, at_s=0, vehicle="rigid-3", gross_kg=12_000, travellers=papers)
        back = asyncio.Event()

        def happened(happening: Happening) -> None:
            if happening.lane == self.lane and happening.what == "takes_back":
                back.set()

        self._site.happenings.append(happened)
        visit = await self._site.send(lorry)
        await self._until(
            "a lorry on the deck, held",
            lambda: bool(self._told("weight")) and bool(self._record.of_type("passage.decided")),
            HELD_S,
        )
        # Whoever takes a passport back takes along what lies on the reader: ours would be gone untold.
        async with asyncio.timeout(HELD_S):
            await back.wait()
        self._site.happenings.remove(happened)
        self._load, self._loop = Load(self._bench), ExitLoop(self._bench)
        self._chip = Chip(self._bench, visit.travellers[0].document)
        desk = self._chip.desk
        self._slot = Watcher(card_changes, desk.environment["PCSCLITE_CSOCK_NAME"], desk.address)
        await self._slot.start()

    async def stimulate(self, rounds: int) -> None:
        """All devices at once, each in a time of its own, so that no tempo of ours meets one of theirs."""
        await asyncio.gather(self._weigh(rounds), self._cover(rounds), self._insert(rounds))

    async def _weigh(self, rounds: int) -> None:
        for number in range(rounds):
            await self._do("weight", lambda number=number: self._load.put(FIRST_KG + STEP_KG * number))
            await asyncio.sleep(self._draw.uniform(0.1, 0.4))

    async def _cover(self, rounds: int) -> None:
        for _ in range(rounds):
            await self._do("loop", self._loop.change)
            await asyncio.sleep(self._draw.uniform(0.7, 1.5))

    async def _insert(self, rounds: int) -> None:
        for _ in range(rounds):
            for change in (self._chip.insert, self._chip.remove):
                await self._do("card", change)
                # The slot stays empty for longer than pcscd's poll before it takes the next card.
                await asyncio.sleep(self._draw.uniform(0.6, 0.9))

    async def _do(self, kind: str, change: Callable[[], None]) -> None:
        """Change something, and wait until the lane has told it."""
        told = self._told(kind)
        change()
        if not await self._site.recorder.until(lambda: self._told(kind) > told, TOLD_S):
            self.untold[kind] += 1

    def stop(self) -> None:
        if self._slot is not None:
            self._slot.stop()

    # --- what came of it ----------------------------------------------------------------------------------

    async def ways(
        self,
        stored: Iterable[Stored],
        workplace: Workplace | None = None,
        weights: Mapping[tuple[str, str], Shown] | None = None,
    ) -> list[Way]:
        """The ways of this lane's events that have a beginning here: to the store, and to the screen where
        `workplace` has the lane's page open; `weights` are those on the wall."""
        assert self._slot is not None
        cards_s = [at_s for at_s, present in await self._slot.seen() if present]
        mine = [(event, self._begun(event, cards_s)) for event in stored if event.lane == self.lane]
        begun = [(event, *beginning) for event, beginning in mine if beginning is not None]
        wanted = {_line(event) for event, *_ in begun}
        lines = await workplace.lines(wanted, TOLD_S) if workplace is not None else {}
        found: list[Way] = []
        for event, kind, wait_s, began_s in begun:
            line = lines.get(_line(event))
            if workplace is not None and line is None:
                self.untold[kind] += 1
                continue
            wall = (weights or {}).get((self.lane, _digits(event))) if kind == "weight" else None
            way = Way(
                kind,
                wait_s,
                event.mono_s - began_s,
                self._heard_s[event.sequence] - began_s,
                event.taken_s - began_s,
                event.seen_s - began_s,
                line.after(began_s) if line is not None else None,
                wall.after(began_s) if wall is not None else None,
            )
            found.append(way)
        return found

    def _begun(self, event: Stored, cards_s: Sequence[float]) -> tuple[str, float, float] | None:
        """(kind, seconds waited before it, when it began); None for what nobody here asked for."""
        data = event.data
        if event.type == TYPES["weight"] and data["weight"]:
            put_s = self._load.put_s.get(data["weight"]["gross_kg"])
            began_s = self._load.frames.last_before(event.mono_s) if put_s is not None else 0.0
            return None if put_s is None else ("weight", began_s - put_s, began_s)
        if event.type == TYPES["loop"] and data["device"] == ExitLoop.NAME:
            return "loop", event.mono_s - _last(self._loop.changed_s, event.mono_s), event.mono_s
        if event.type == TYPES["card"] and data["inserted"]:
            inserted_s = _last(self._chip.inserted_s, event.mono_s)
            # Our own eye may be woken later than the lane's.
            began_s = min(cards_s[bisect_left(cards_s, inserted_s)], event.mono_s)
            return "card", began_s - inserted_s, began_s
        return None


def _last(times_s: Sequence[float], before_s: float) -> float:
    """The last of ascending times that is not after `before_s`."""
    return times_s[bisect_right(times_s, before_s) - 1]


def _digits(event: Stored) -> str:
    return f"{event.data['weight']['gross_kg']:.0f}"


def _line(event: Stored) -> tuple[str, int]:
    """How a lane's page shows it: the type as a class, and the time to the millisecond."""
    return event.type.replace(".", "-"), event.time_ms
