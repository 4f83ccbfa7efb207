"""A light on one relay of a board: energised is green, at rest is red.

Red is wired over the relay's rest contact, green over its working contact.  So no power, no board and no
daemon all show red.  Green is closed for 3 x `refresh_s` and must be shown again before.
"""

from collections.abc import AsyncIterator

from pydantic import Field

from drivers.boards.contacts import OnContacts
from drivers.boards.shared import SharedBoard
from drivers.device import Grade, Options
from drivers.signal import Lamp, Signal


class ContactsOptions(Options):
    green_output: int = Field(ge=0)
    """Output that lights green; its rest state is red."""


class Driver(OnContacts, Signal):
    model = "signal on contacts"
    grade = Grade.SIMULATED
    options_type = ContactsOptions
    options: ContactsOptions

    def __init__(self, name: str, options: ContactsOptions, board: SharedBoard) -> None:
        """Raises DeviceRefused where the board would leave green lit when we die."""
        Signal.__init__(self, name, options)
        self.board = board
        self.green_s = 3 * self.refresh_s
        self._check_timed(options.green_output, self.green_s, "green_output")

    async def readings(self) -> AsyncIterator[None]:
        async for _ in self._polls():
            yield None

    async def show(self, lamp: Lamp) -> None:
        with self._told():
            if lamp is Lamp.GREEN:
                await self.board.board.on_for(self.options.green_output, self.green_s)
            else:
                await self.board.board.set_output(self.options.green_output, on=False)
