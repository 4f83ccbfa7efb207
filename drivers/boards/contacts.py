"""What barrier, signal and presence on a board's contacts share."""

import contextlib
from collections.abc import AsyncIterator, Generator
from typing import Literal

from pydantic import Field

from drivers.boards.shared import SharedBoard
from drivers.device import Options
from drivers.errors import DeviceError, DeviceRefused

DEBOUNCE = Field(default=0.05, ge=0.03, le=0.1)


class Contact(Options):
    """One input.  `active` says which contact means yes: a photocell wired N/C instead of N/O inverts
    "obstacle" (`docs/sources.md` 43), so there is no default and the commissioning walk tries it."""

    channel: int = Field(ge=0)
    active: Literal["closed", "open"]

    def on(self, inputs: tuple[bool, ...]) -> bool:
        return inputs[self.channel] == (self.active == "closed")


class OnContacts:
    """The life of a role on a board.  Errors of the board are told as this role's own."""

    name: str
    board: SharedBoard

    @property
    def silent_s(self) -> float | None:
        return self.board.silent_s

    async def open(self) -> None:
        """Open the board, unless another role did.  Raises what its `open` raises."""
        with self._told():
            await self.board.hold(self)

    async def close(self) -> None:
        await self.board.release(self)

    async def identify(self) -> str:
        return await self.board.identify()

    async def _polls(self) -> AsyncIterator[tuple[bool, ...]]:
        with self._told():
            async for reading in self.board.subscribe():
                yield reading.inputs

    @contextlib.contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except DeviceError as error:
            raise error.retold(self.name, f"board {error.device}: ") from error

    def _check_input(self, contact: Contact | None, meaning: str) -> None:
        count = self.board.board.input_count
        if contact is not None and contact.channel >= count:
            raise DeviceRefused(
                self.name,
                f"{meaning}.channel {contact.channel}: board {self.board.name} has inputs 0 to {count - 1}",
            )

    def _check_timed(self, output: int, seconds: float, meaning: str) -> None:
        self.board.claim(output, self.name)
        if why := self.board.board.why_not_timed(output, seconds):
            raise DeviceRefused(
                self.name,
                f"{meaning} {output} on board {self.board.name}: {why}",
                hint="only a contact that opens by itself when we die may move an arm or light green",
            )
