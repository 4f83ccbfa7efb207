"""A virtual reader's slot: cards go in and come out, by hand and at the worst moment.

Its wire is a vpcd slot of a (private) pcscd.  pcscd looks at the slot every 400 ms, so insertion and removal
show after up to that long; and a card that is taken out and put back between two looks wedges the slot until
it is out for longer.  A hand takes longer too: the next card waits until pcscd has seen the last one gone.
"""

import asyncio
import contextlib
from typing import Protocol

import structlog

from simulators.card.chip import CardTorn
from simulators.card.sealed import sealed_passport
from simulators.card.vpcd import Card, Link, respond
from simulators.transcript import Transcript

log = structlog.get_logger()

POLL_S = 0.4
"""pcscd's look at a slot (PCSCLITE_STATUS_POLL_RATE)."""
_RETRY_S = 0.05

FAULTS = ("mute", "torn_at_select", "slow", "dead")
"""The chip answers no command; it is torn out when it is selected; it takes 0.3 s a command; the slot sees no
card at all."""


class _Chip(Card, Protocol):
    mute: bool


class CardReader:
    """One slot.  `address` is the TCP port of the vpcd slot, as `host:port`."""

    def __init__(self, name: str, port: int, *, host: str = "127.0.0.1") -> None:
        self.name = name
        self.transcript = Transcript()
        self._host, self._port = host, port
        self._faults: set[str] = set()
        self._wanted: _Chip | None = None
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._link: Link | None = None

    @property
    def address(self) -> str:
        return f"{self._host}:{self._port}"

    @property
    def holds_card(self) -> bool:
        """Whether a card is in the slot now."""
        return self._link is not None

    async def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Take out the card and stop.  Idempotent."""
        task, self._task = self._task, None
        self._wanted = None
        if task:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def step(self, seconds: float) -> None:
        """Nothing in it moves by itself."""

    def faults(self) -> tuple[str, ...]:
        return FAULTS

    def set_fault(self, fault: str, on: bool) -> None:
        if fault not in FAULTS:
            raise KeyError(f"no fault {fault!r}; known: {', '.join(FAULTS)}")
        (self._faults.add if on else self._faults.discard)(fault)
        if fault == "dead":
            self._change(self._wanted)

    def insert(self, chip: _Chip | None = None) -> None:
        """Put a card in, a passport that nobody can open by default; it takes the place of one that is in.
        At once, or as soon as pcscd has seen the last one gone."""
        self._change(chip or sealed_passport())

    def remove(self) -> None:
        """Take the card out, whatever is going on."""
        self._change(None)

    def _change(self, chip: _Chip | None) -> None:
        self._wanted = chip
        self._changed.set()
        if self._link:
            self._link.tear()

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            chip = None if "dead" in self._faults else self._wanted
            if chip is None:
                await self._changed.wait()
                continue
            try:
                self._link = await Link.connect(self._host, self._port)
            except OSError:
                # No reader there (yet): pcscd starts, was killed, or holds another card in this slot.
                await self._pause(_RETRY_S)
                continue
            try:
                slow_s = 0.3 if "slow" in self._faults else 0.0
                await self._link.serve(
                    lambda payload, chip=chip: self._respond(chip, payload),
                    lambda chip=chip, slow_s=slow_s: slow_s + chip.answer_delay_s,
                )
            except OSError as error:
                log.debug("simulator.card_torn", reader=self.name, error=str(error))
            finally:
                self._link.close()
                self._link = None
            # Out for longer than pcscd's poll, whatever comes next.
            await asyncio.sleep(POLL_S * 1.25)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    def _respond(self, chip: _Chip, payload: bytes) -> bytes | None:
        self.transcript.add("controller", payload)
        if len(payload) > 1:
            if "torn_at_select" in self._faults and payload[1] == 0xA4:
                self._faults.discard("torn_at_select")
                self.remove()
                return None
            if "mute" in self._faults:
                return None
        try:
            answer = respond(chip, payload)
        except CardTorn:
            # The chip says that it leaves the field; it is wanted still and comes back.
            if self._link:
                self._link.tear()
            return None
        if answer is not None:
            self.transcript.add("device", answer)
        return answer
