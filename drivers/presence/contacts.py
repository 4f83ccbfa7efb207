"""A loop detector's or photocell's contact on a board's input.

The presence output of a detector is used, held while something is there, never its pulse output.  A fail-safe
one opens (or closes) its contact when the loop breaks or power fails: with `active` chosen so, a dead sensor
reports covered (`docs/sources.md` 42).
"""

from collections.abc import AsyncIterator
from typing import Literal

from drivers.boards.contacts import DEBOUNCE, Contact, OnContacts
from drivers.boards.shared import SharedBoard
from drivers.device import Grade, Options
from drivers.presence import Presence, PresenceReading


class ContactsOptions(Options):
    place: Literal["arrival", "deck_entry", "deck_exit", "clearance", "exit"]
    """Where the sensor looks."""
    input: Contact
    """Its contact."""
    debounce_s: float = DEBOUNCE
    """A level counts when it has stood for so many seconds."""


class Driver(OnContacts, Presence):
    model = "presence on a contact"
    grade = Grade.SIMULATED
    options_type = ContactsOptions
    options: ContactsOptions

    def __init__(self, name: str, options: ContactsOptions, board: SharedBoard) -> None:
        """Raises DeviceRefused where the board lacks the input."""
        Presence.__init__(self, name, options)
        self.board = board
        self.place = options.place
        self.debounce_s = options.debounce_s
        self._check_input(options.input, "input")

    async def readings(self) -> AsyncIterator[PresenceReading]:
        async for inputs in self._polls():
            yield PresenceReading(covered=self.options.input.on(inputs))

    async def read(self) -> bool:
        with self._told():
            return self.options.input.on(await self.board.board.read_inputs())
