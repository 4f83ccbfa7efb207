"""A barrier on a board's contacts: FAAC, CAME, BFT, Nice, Magnetic and most others.

Out: raise, lower, stop (dry contacts, a pulse of 0.2 to 1 s; a *held* raise contact means permanent open).
In: end switches, fault lamp, the lane's own key switch.

Source: Magnetic MGC manual p. 44 and makers' interfaces as in `docs/sources.md` 39; bounce and polarity, 43.
"""

from collections.abc import AsyncIterator

from pydantic import Field

from drivers.barrier import Barrier, BarrierReading
from drivers.boards.contacts import DEBOUNCE, Contact, OnContacts
from drivers.boards.shared import SharedBoard
from drivers.device import Grade, Options
from drivers.errors import DeviceRefused


class ContactsOptions(Options):
    """`pulse_s`: how long each contact is closed.  Makers ask for 0.2 to 1 s; up to 2 s is taken because a
    module may not time shorter (Moxa E1214).  Longer would be a held contact: refused."""

    raise_output: int = Field(ge=0)
    """Output that raises the arm."""
    lower_output: int = Field(ge=0)
    """Output that lowers it."""
    stop_output: int | None = Field(default=None, ge=0)
    """Output that stops it, where one is wired."""
    raised_switch: Contact
    """Upper end switch."""
    lowered_switch: Contact
    """Lower end switch."""
    fault: Contact | None = None
    """The barrier's fault contact."""
    local_key: Contact | None = None
    """The key switch at the lane."""
    pulse_s: float = Field(default=0.5, ge=0.2, le=2.0)
    """How long each contact is closed, in seconds."""
    debounce_s: float = DEBOUNCE
    """A level counts when it has stood for so many seconds."""


class Driver(OnContacts, Barrier):
    model = "barrier on contacts"
    grade = Grade.SIMULATED
    options_type = ContactsOptions
    options: ContactsOptions

    def __init__(self, name: str, options: ContactsOptions, board: SharedBoard) -> None:
        """Raises DeviceRefused where the board can't carry this barrier."""
        Barrier.__init__(self, name, options)
        self.board = board
        self.debounce_s = options.debounce_s
        if not board.board.times_pulses:
            raise DeviceRefused(
                name,
                f"board {board.name} ({board.board.model}) does not end a pulse by itself, so an arm ordered "
                "up would stay ordered up when we die",
                hint="put the barrier on a board that times its pulses",
            )
        outputs = {"raise_output": options.raise_output, "lower_output": options.lower_output}
        if options.stop_output is not None:
            outputs["stop_output"] = options.stop_output
        if len(set(outputs.values())) < len(outputs):
            raise DeviceRefused(name, f"two of {outputs} are the same output")
        for meaning, output in outputs.items():
            self._check_timed(output, options.pulse_s, meaning)
        for meaning in ("raised_switch", "lowered_switch", "fault", "local_key"):
            self._check_input(getattr(options, meaning), meaning)

    async def readings(self) -> AsyncIterator[BarrierReading]:
        options = self.options
        async for inputs in self._polls():
            yield BarrierReading(
                raised_switch=options.raised_switch.on(inputs),
                lowered_switch=options.lowered_switch.on(inputs),
                fault=options.fault is not None and options.fault.on(inputs),
                local_key=options.local_key is not None and options.local_key.on(inputs),
            )

    async def _pulse(self, output: int) -> None:
        with self._told():
            await self.board.board.pulse(output, self.options.pulse_s)

    async def raise_arm(self) -> None:
        await self._pulse(self.options.raise_output)

    async def lower_arm(self) -> None:
        await self._pulse(self.options.lower_output)

    async def stop_arm(self) -> None:
        if self.options.stop_output is None:
            raise DeviceRefused(self.name, "no stop contact is wired (stop_output)")
        await self._pulse(self.options.stop_output)
