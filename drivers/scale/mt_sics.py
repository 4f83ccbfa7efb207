"""Mettler-Toledo terminals that speak MT-SICS, level 0 and 1 (IND, ICS, JS and others).  9600 8N1 or TCP.

The driver asks: `SI` for the weight and `TA` for the tare, ten times a second, one question at a time.  An
`SI` answer is net, so the gross weight is believed only when the tare was the same before and after it.
The protocol has no checksum: a weight counts only when the next answer repeats it (`belief.py`), and an
answer that is damaged, late or to another question breaks the row.  The lines are in `mt_sics_lines.py`.
Source: `docs/sources.md` 28; `@` cancels what the terminal is doing and answers its serial number.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import ClassVar

from drivers.device import Grade, Options
from drivers.errors import DeviceRefused, DeviceTimeout, DeviceUnavailable
from drivers.scale import Scale, WeightReading
from drivers.scale.belief import Belief, FrameRefused, Shown
from drivers.scale.continuous import REFUSED_BYTES_MAX, ScaleOptions
from drivers.scale.mt_sics_lines import Answer, Command, LineStream, Refused, write_command
from drivers.stream import close_stream, open_stream, read_some, write_all

POLL_S = 0.1
ANSWER_S = 0.5
"""Longest wait for an answer; at 9600 baud one takes 20 ms."""
QUIET_S = 0.1
"""After a damaged or foreign line: how long the line must be quiet before the next question."""
ZERO_S = 2.5
"""Longest wait for zero: the terminal waits for rest, and the readings wait meanwhile."""


class Driver(Scale):
    """Entry point `mt-sics`."""

    model: ClassVar[str] = "Mettler-Toledo terminals with MT-SICS"
    grade: ClassVar[Grade] = Grade.SIMULATED
    options_type: ClassVar[type[Options]] = ScaleOptions

    def __init__(self, name: str, options: ScaleOptions) -> None:
        super().__init__(name, options)
        self._settings = options
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._belief = self._new_belief()
        self._serial_number = ""
        # One question at a time: an answer does not say which of two equal questions it answers.
        self._asking = asyncio.Lock()

    def _new_belief(self) -> Belief:
        return Belief(self._settings.plate, has_check=False, trusted_after=2)

    @property
    def silent_s(self) -> float | None:
        return self._settings.silent_s

    @property
    def dropped_frames(self) -> int:
        return self._belief.dropped_frames

    async def open(self) -> None:
        await self.close()
        options = self._settings
        self._belief = self._new_belief()
        self._reader, self._writer = await open_stream(
            self.name,
            options.port,
            baud=options.baud,
            bytesize=options.bytesize,
            parity=options.parity,
            stopbits=options.stopbits,
        )
        try:
            await self._reset()
            async with aclosing(self.readings()) as readings:
                await anext(readings)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        writer, self._reader, self._writer = self._writer, None, None
        if writer:
            await close_stream(writer)

    async def identify(self) -> str:
        return f"MT-SICS terminal, serial number {self._serial_number}"

    async def _reset(self) -> None:
        """Cancel whatever an earlier connection left, and learn who answers.  Asked twice: the first may be
        glued to half a command of before."""
        for _ in range(2):
            answer = await self._ask(Command.CANCEL, "I4", within_s=ANSWER_S)
            if answer:
                self._serial_number = answer.text
                return
        raise self._error()

    async def readings(self) -> AsyncGenerator[WeightReading, None]:
        loop = asyncio.get_running_loop()
        good_at = loop.time()
        while True:
            waiting_at = loop.time()
            async with self._asking:
                # The wait for a zero setting is not the terminal's silence.
                asked_at = loop.time()
                good_at += asked_at - waiting_at
                reading = await self._weigh()
            if reading:
                yield reading
                good_at = loop.time()
            elif loop.time() - good_at > self._settings.silent_s or self._is_foreign():
                raise self._error()
            await asyncio.sleep(max(asked_at + POLL_S - loop.time(), 0.0))

    async def zero(self) -> None:
        """Set zero.  Raises DeviceRefused when the terminal won't (load on the deck, tared, in motion) and
        DeviceTimeout when it does not answer."""
        async with self._asking:
            answer = await self._ask(Command.ZERO, "Z", within_s=ZERO_S)
            if answer is None:
                await self._reset()
                raise DeviceTimeout(self.name, "did not set zero", hint="is the deck at rest?")
        if answer.status != "A":
            raise DeviceRefused(
                self.name,
                f"refused to set zero: {answer.raw!r}",
                hint="clear the deck and the tare, wait for rest",
            )

    async def _weigh(self) -> WeightReading | None:
        """One weight with the tare after it; the tare before it is the one of the last call."""
        weight = await self._ask(Command.WEIGHT_NOW, "S", within_s=ANSWER_S)
        if weight is None:
            return None
        tare = await self._ask(Command.TARE_VALUE, "TA", within_s=ANSWER_S)
        if tare is None:
            return None
        raw = weight.raw + tare.raw
        if tare.weight_kg is None or (weight.status in "SD") != (weight.weight_kg is not None):
            self._belief.damage(raw, "weight or tare without a number")
            return None
        shown = Shown(
            displayed_kg=weight.weight_kg,
            tare_kg=tare.weight_kg,
            is_net=tare.weight_kg != 0,
            no_motion=weight.status == "S",
            in_range=weight.status not in "+-",
        )
        try:
            self._belief.check(shown)
        except FrameRefused as refused:
            self._belief.damage(raw, refused.reason, refused.hint)
            return None
        return self._belief.take(shown, raw)

    async def _ask(self, command: Command, kind: str, *, within_s: float) -> Answer | None:
        """The one answer of that kind; None when it was damaged, another or none, which breaks the row."""
        if self._reader is None or self._writer is None:
            raise DeviceUnavailable(self.name, "is not open")
        loop = asyncio.get_running_loop()
        # Half a line from before is no part of this answer.
        lines = LineStream()
        await write_all(self.name, self._writer, write_command(command))
        until = loop.time() + within_s
        while data := await read_some(self.name, self._reader, within_s=until - loop.time()):
            found = lines.feed(data)
            # Only a cancelled stream may still say something before its answer.
            if found and (len(found) == 1 or command == Command.CANCEL):
                last = found[-1]
                if isinstance(last, Answer) and last.kind == kind:
                    return last
            for one in found:
                self._refuse(one, command)
                until = min(until, loop.time() + QUIET_S)
            if self._is_foreign() and command != Command.CANCEL:
                raise self._error()
        self._belief.gap(b"", f"no answer to {command.value}")
        return None

    def _refuse(self, one: Answer | Refused, command: Command) -> None:
        if not isinstance(one, Answer):
            self._belief.damage(one.raw, one.reason, one.hint)
        elif one.kind in ("ES", "EL") and command != Command.CANCEL:
            hint = f"this terminal does not know {command.value}: it needs MT-SICS level 1"
            self._belief.damage(one.raw, f"answered {one.kind} to {command.value}", hint)
        else:
            self._belief.damage(one.raw, f"no answer to {command.value}")

    def _is_foreign(self) -> bool:
        return self._belief.complaint.refused_bytes > REFUSED_BYTES_MAX

    def _error(self) -> Exception:
        return self._belief.complaint.error(
            self.name,
            silence="no answer",
            silence_hint="is the terminal on, set to MT-SICS, the cable right?",
            foreign_hint="check baud, and that the terminal's port is set to MT-SICS",
        )
