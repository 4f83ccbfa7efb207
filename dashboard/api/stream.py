"""One open stream of server-sent events, and what it has told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from dashboard.api.board import Board, Made
from dashboard.users.accounts import User
from dashboard.views.language import Speaker
from lane_controller.messages.words import Audience

Positions = dict[Audience, int]


@dataclass(eq=False, slots=True)
class Stream:
    """One open stream.  `lane` None: the wall, all lanes.  `view` makes a lane in full; without it the stream
    tells the tile.  Each tells of the alarms that nobody has seen.  `lives` looks whether the session does,
    `alive` only at what is known; `offer` writes to the browser unless it is behind."""

    user: User
    speaker: Speaker
    lane: str | None
    view: Callable[[], Awaitable[Made]] | None
    lives: Callable[[], Awaitable[bool]]
    alive: Callable[[], bool]
    offer: Callable[[bytes], bool]
    board: Board = field(init=False)
    since: Positions | None = None
    """Where it goes on from; None where everything is to be told."""
    position: str = ""
    """Up to where all was told; empty while that is not known."""
    news: int = -1
    """How many of its board's it has told; -1 while it has not begun."""
    connection_changed: bool = True
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    waits: bool = False
    """It is between two turns of its own."""
    beat_due: bool = False
    view_due: bool = False
    view_sent: bytes = b""
    requests: list[str] = field(default_factory=list[str])
    records: int = -1
    """Which of second line's records it was told of last; a new stream is told at once: it may have missed
    one."""
    alarms: str = ""
    """The strip that was sent last."""

    def beat(self) -> None:
        self.beat_due = True
        self.wake.set()

    def has_tiles_to_tell(self) -> bool:
        if self.lane is None:  # quick: every wall is asked after every change
            return self.news != self.board.news
        return bool(self.tiles_to_tell())

    def tiles_to_tell(self) -> list[str]:
        """The lanes whose tiles look different since what was told."""
        if self.view is not None:
            return []
        return [lane for lane in self.board.since(self.news) if self.lane in (None, lane)]

    def message(self, event: str, data: str) -> str:
        return message(self.position, event, data)


def message(position: str, event: str, data: str) -> str:
    """Its id says where to go on from: never past a change that was not told yet."""
    id = f"id: {position}\n" if position else ""
    return f"{id}event: {event}\ndata: {data}\n\n"
