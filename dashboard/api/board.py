"""The wall as one kind of user sees it, made once for all browsers of that kind.

Users of the same role and language see the same tiles, so fifty open walls cost what one costs: each lane is
made once after it changed, and every stream sends the same text.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dashboard.users.accounts import User
from dashboard.views.language import Speaker
from dashboard.views.strip import alarm_strip
from dashboard.views.tile_models import StripAlarm

BOARDS_MAX = 100
"""More kinds of users than any site has; their boards are made anew when they are asked for again."""


@dataclass(frozen=True, slots=True)
class Made:
    """A lane's JSON.  `compared` is the same without ages: only when that differs is there news."""

    text: str
    compared: str
    alarms: tuple[StripAlarm, ...] = ()
    """Those of the lane that nobody has seen."""

    @property
    def digest(self) -> bytes:
        return hashlib.blake2b(self.compared.encode(), digest_size=16).digest()


MakeTile = Callable[[str, Speaker, User], Awaitable[Made]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A lane on a board, the lane's change that it shows, and which of the board's `news` it was."""

    change: int
    text: str
    digest: bytes
    news: int


class Board:
    """The tiles of all lanes for one kind of user.  `change_of` numbers a lane's changes."""

    def __init__(self, make: MakeTile, user: User, speaker: Speaker, change_of: Callable[[str], int]) -> None:
        self._make, self._user, self._speaker, self._change_of = make, user, speaker, change_of
        self.news = 0
        """How often a lane has come to look different; a stream that has told so many has told all."""
        self._tiles: dict[str, Kept] = {}
        self._making: dict[str, asyncio.Lock] = {}
        self._alarms: dict[str, tuple[StripAlarm, ...]] = {}
        self._strip = ""

    async def tile(self, lane: str) -> Kept:
        """The lane as it is after its last change."""
        change = self._change_of(lane)
        tile = self._tiles.get(lane)
        if tile is not None and tile.change == change:
            return tile
        async with self._making.setdefault(lane, asyncio.Lock()):
            change = self._change_of(lane)
            tile = self._tiles.get(lane)
            if tile is None or tile.change != change:
                made = await self._make(lane, self._speaker, self._user)
                digest = made.digest
                if tile is None or tile.digest != digest:
                    self.news += 1
                    news = self.news
                else:
                    news = tile.news
                tile = self._tiles[lane] = Kept(change, made.text, digest, news)
                if self._alarms.get(lane, ()) != made.alarms:
                    self._alarms[lane] = made.alarms
                    self._strip = ""
            return tile

    def has(self, lane: str) -> bool:
        """Whether the lane could ever be made."""
        return lane in self._tiles

    def text(self, lane: str) -> str:
        """A lane that the board has, as it was made last."""
        return self._tiles[lane].text

    def since(self, news: int) -> list[str]:
        """The lanes that have come to look different since then."""
        return [lane for lane, tile in self._tiles.items() if tile.news > news]

    @property
    def strip(self) -> str:
        """The alarms of the lanes looked at that nobody has seen, as JSON."""
        if not self._strip:
            found = (alarm for alarms in self._alarms.values() for alarm in alarms)
            self._strip = alarm_strip(found).model_dump_json()
        return self._strip


class Boards:
    def __init__(self, make: MakeTile) -> None:
        self._make = make
        self._boards: dict[tuple[object, ...], Board] = {}
        self._changes: dict[str, int] = {}
        self._change = 0

    def changed(self, lane: str) -> None:
        self._change += 1
        self._changes[lane] = self._change

    def of(self, user: User, speaker: Speaker) -> Board:
        """The board of all users who see what this one sees."""
        kind = (user.role, user.agency, speaker.language)
        board = self._boards.get(kind)
        if board is None:
            if len(self._boards) >= BOARDS_MAX:
                self._boards.clear()
            board = self._boards[kind] = Board(
                self._make, user, speaker, lambda lane: self._changes.get(lane, 0)
            )
        return board
