"""Fans changes out to the open streams.

A stream holds no queue, only how many of its board's news it has told: a slow browser gets the newest picture
later, and nothing grows.  Tiles are made once for all who see the same (board.py), and what walls that have
told the same are told next is one piece, handed to all of them.  A message is sent only when what this user
may see has changed, so that a hidden event cannot be told from its traces.  Streams are numbered by the
store's positions for the user's audiences; one that resumes gets the lanes that changed since, and a number
the store does not know means "fetch everything anew".
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

import structlog

from dashboard.api.board import Board, Boards, MakeTile
from dashboard.api.stream import Positions, Stream, message
from dashboard.store.incoming import now_us
from dashboard.store.stage import Committed
from dashboard.users.accounts import User
from dashboard.views.language import iso
from lane_controller.messages.words import Audience

BEAT_S = 10.0
COALESCE_S = 0.02
"""What happens in a lane comes as its state and as its event a moment apart: they are shown together."""
AGES_EVERY_S = 5.0
"""One lane's ages are sent at this pace, whatever happens in the lane, so that the pace tells nothing."""
LOOK_AGAIN_S = 1.0
"""After a lane could not be made."""
STREAMS_MAX = 1000

_log = structlog.get_logger()


class TooManyStreams(Exception):
    """No more streams can be held open; try again later."""


class Hub:
    """`requests` names, with their states, those for a second person that a user is shown; `make` makes a
    lane's tile, `lanes` names all there are.  Changes are shown while `run` runs."""

    def __init__(
        self,
        connected: Callable[[], bool],
        requests: Callable[[User], list[str]],
        make: MakeTile,
        lanes: Callable[[], Awaitable[list[str]]],
    ) -> None:
        self._connected = connected
        self._requests = requests
        self._lanes = lanes
        self._boards = Boards(make)
        self._to_show: dict[str, None] = {}
        self._something = asyncio.Event()
        self._again: asyncio.TimerHandle | None = None
        """Looks at what could not be made; one, however often that is."""
        self._streams: set[Stream] = set()
        self._positions: Positions = {}
        self._looked: Positions = {}
        """Up to where the boards show everything."""
        self._marks: dict[str, Positions] = {}
        self._records = 0
        self._closing = False

    def start_at(self, positions: Positions) -> None:
        self._positions = dict(positions)

    @property
    def streams(self) -> int:
        return len(self._streams)

    def committed(self, committed: Committed) -> None:
        self._positions |= committed.positions
        if committed.second_line:
            self._records += 1
            self._something.set()
        for lane in committed.lanes:
            self.changed(lane)

    def changed(self, lane: str | None) -> None:
        """A lane may look different; None: the broker came or went, and all of them do."""
        lanes = dict.fromkeys([lane] if lane is not None else self._marks)
        for marked in lanes:
            self._marks[marked] = dict(self._positions)
            self._boards.changed(marked)
        for stream in self._streams:
            stream.view_due |= stream.lane in lanes
            stream.connection_changed |= lane is None
        if self._streams:
            self._to_show |= lanes
            self._something.set()

    async def run(self) -> None:
        """Makes what changed once for all who see the same, then tells those for whom it looks different."""
        while True:
            await self._something.wait()
            await asyncio.sleep(COALESCE_S)
            self._something.clear()
            await self._look()
            pieces: dict[tuple[Board, int, str], bytes] = {}
            for stream in self._streams:
                if self._has_news(stream) and not self._told_with_others(stream, pieces):
                    stream.wake.set()

    async def _look(self) -> None:
        lanes, self._to_show = self._to_show, {}
        positions = dict(self._positions)
        failed: dict[str, None] = {}
        for board in {stream.board: None for stream in self._streams}:
            failed |= dict.fromkeys(await self._make(board, lanes))
        if self._again is not None:
            self._again.cancel()
            self._again = None
        if failed:
            self._to_show |= failed
            self._again = asyncio.get_running_loop().call_later(LOOK_AGAIN_S, self._something.set)
        else:
            self._looked = positions

    async def _make(self, board: Board, lanes: Iterable[str]) -> list[str]:
        """Makes what changed of these lanes; those that can't be made, which the log has."""
        failed: list[str] = []
        for lane in lanes:
            try:
                await board.tile(lane)
            except Exception as error:
                failed.append(lane)
                # Of what it says a traveller may be a part.
                _log.warning("hub.lane_not_made", lane=lane, error=type(error).__name__)
        return failed

    def _has_news(self, stream: Stream) -> bool:
        if stream.connection_changed or stream.alarms != stream.board.strip or self._has_records(stream):
            return True
        return stream.view_due if stream.view is not None else stream.has_tiles_to_tell()

    def _told_with_others(self, stream: Stream, pieces: dict[tuple[Board, int, str], bytes]) -> bool:
        """A wall that has told all but the news, in one piece with all such."""
        behind = stream.news < 0 or stream.connection_changed or self._has_records(stream)
        if behind or stream.lane is not None or not stream.waits or not stream.alive():
            return False
        position = self._position(self._looked, stream.user)
        told = (stream.board, stream.news, stream.alarms)
        if told not in pieces:
            pieces[told] = self._news(stream, position).encode()
        if not stream.offer(pieces[told]):
            return False
        self._has_told(stream, position)
        return True

    def _news(self, stream: Stream, position: str) -> str:
        """What looks different to a stream that has begun."""
        told = [message(position, "lane", stream.board.text(lane)) for lane in stream.tiles_to_tell()]
        if stream.alarms != stream.board.strip:
            told.append(message(position, "alarms", stream.board.strip))
        return "".join(told)

    def _has_told(self, stream: Stream, position: str) -> None:
        stream.news, stream.alarms, stream.position = stream.board.news, stream.board.strip, position

    def _has_records(self, stream: Stream) -> bool:
        return Audience.SECOND_LINE in stream.user.audiences and stream.records != self._records

    def requests_changed(self) -> None:
        """Somebody asks for a second person, or does so no more."""
        self._wake()

    def _wake(self) -> None:
        for stream in self._streams:
            stream.wake.set()

    def position(self, user: User) -> str:
        """Where the user's stream stands: the positions of his audiences."""
        return self._position(self._positions, user)

    def _position(self, positions: Positions, user: User) -> str:
        return ".".join(
            str(positions.get(audience, 0)) for audience in Audience if audience in user.audiences
        )

    def _since(self, position: str, user: User) -> Positions | None:
        """A position that was given out by this store, or None."""
        audiences = [audience for audience in Audience if audience in user.audiences]
        parts = position.split(".")
        if len(parts) != len(audiences) or not all(part.isdecimal() and len(part) < 19 for part in parts):
            return None
        since = dict(zip(audiences, map(int, parts), strict=True))
        if any(number > self._positions.get(audience, 0) for audience, number in since.items()):
            return None
        return since

    def open(self, stream: Stream, last: str) -> None:
        """Takes a stream in.  `last` is where it goes on from, empty for a new one.  Raises
        TooManyStreams."""
        if len(self._streams) >= STREAMS_MAX or self._closing:
            raise TooManyStreams
        if not self._streams:
            self._looked = dict(self._positions)
        stream.board = self._boards.of(stream.user, stream.speaker)
        stream.since = self._since(last, stream.user)
        stream.position = last if stream.since is not None else ""
        self._streams.add(stream)

    def close(self) -> None:
        """Ends all streams: the dashboard stops."""
        self._closing = True
        self._wake()

    async def messages(self, stream: Stream, last: str) -> AsyncGenerator[str]:
        """What to write to the browser, until it goes away.  All that is new is one piece: what a socket is
        handed costs by the piece."""
        loop = asyncio.get_running_loop()
        every_s = AGES_EVERY_S if stream.view else BEAT_S
        clock = loop.call_later(every_s, stream.beat)
        try:
            # `resumed` false after a position that this store never gave out: the page fetches a snapshot.
            hello = {"resumed": not last or stream.position != "", "now": iso(now_us())}
            yield f"retry: 2000\n{stream.message('hello', json.dumps(hello))}"
            while not self._closing:
                stream.wake.clear()
                if not await stream.lives():
                    yield stream.message("signed_out", "{}")
                    return
                beats, stream.beat_due = stream.beat_due, False
                if beats:
                    clock = loop.call_later(every_s, stream.beat)
                    stream.view_due, stream.view_sent = True, b""
                told = await self._turn(stream)
                if beats:
                    told += stream.message("beat", json.dumps({"now": iso(now_us())}))
                if told:
                    yield told
                stream.waits = True
                await stream.wake.wait()
                stream.waits = False
        finally:
            clock.cancel()
            self._streams.discard(stream)

    async def _turn(self, stream: Stream) -> str:
        """All that is new for a stream."""
        told = self._about_site(stream)
        begins, position = stream.news < 0, self._position(self._looked, stream.user)
        if begins or stream.view is not None:
            # Not after all is made: a change that comes meanwhile has a higher one.
            position = self.position(stream.user)
        if begins:
            told += await self._from_the_beginning(stream, position)
        if stream.view is not None and stream.view_due:
            stream.view_due = False
            shown = await stream.view()
            if shown.digest != stream.view_sent:
                stream.view_sent = shown.digest
                told += message(position, "lane", shown.text)
        told += self._news(stream, position)
        self._has_told(stream, position)
        return told

    async def _from_the_beginning(self, stream: Stream, position: str) -> str:
        """The tiles of lanes that changed since the stream's last word, or of all."""
        lanes = await self._lanes()
        for lane in await self._make(stream.board, lanes):
            self.changed(lane)  # `run` makes it as soon as it can be made, and it is told then
        stream.news = stream.board.news
        wanted = lanes if stream.lane is None else [stream.lane]
        changed = [lane for lane in wanted if self._has_changed(stream, lane)]
        if stream.view is not None:
            stream.view_due |= bool(changed)
            return ""
        made = filter(stream.board.has, changed)
        return "".join(message(position, "lane", stream.board.text(lane)) for lane in made)

    def _has_changed(self, stream: Stream, lane: str) -> bool:
        """Since the position that the stream goes on from."""
        mark, since = self._marks.get(lane), stream.since
        # What changed without an event carries the position of that time: equal counts as changed.
        return since is None or mark is None or any(mark.get(one, 0) >= at for one, at in since.items())

    def _about_site(self, stream: Stream) -> str:
        found = ""
        if stream.connection_changed:
            stream.connection_changed = False
            found += stream.message("site", json.dumps({"connected": self._connected()}))
        if (requests := self._requests(stream.user)) != stream.requests:
            stream.requests = requests
            found += stream.message("requests", json.dumps({"requests": requests}))
        if self._has_records(stream):
            stream.records = self._records
            found += stream.message("second_line", "{}")
        return found
