"""What to do with each message of a lane: bounds first, then the store or the live picture."""

import time
from collections import Counter
from dataclasses import dataclass

import structlog
from pydantic import ValidationError

from dashboard.ingest.live import Live
from dashboard.ingest.stills import StillRefused, Stills
from dashboard.store.engine import StoreUnavailable
from dashboard.store.incoming import PAYLOAD_BYTES_MAX, now_us, parse
from dashboard.store.losses import accept_losses, unfillable
from dashboard.store.media import MediaRefused, picture_of, save_picture
from dashboard.store.stage import Stage
from dashboard.store.writer import Writer
from lane_controller.messages.command import Reply
from lane_controller.messages.state import LaneState, Status
from lane_controller.messages.topics import LIVE_PREFIX, NAME, ROOT
from lane_controller.messages.words import Audience

LOG_EVERY_S = 60.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: bytes
    retained: bool


class Receiver:
    """Takes messages in any order and several at a time; raises nothing for what a peer sent."""

    def __init__(self, site: str, writer: Writer, live: Live, stills: Stills) -> None:
        self._site = site
        self._writer = writer
        self._live = live
        self._stills = stills
        self._prefix = f"{ROOT}/{site}/"
        self._logged: dict[tuple[str, str], float] = {}
        self.counts: Counter[str] = Counter()
        """Messages taken by kind, and dropped by reason."""

    async def receive(self, message: Message) -> set[tuple[str, str]]:
        """Returns the (lane, journal) pairs to acknowledge, after their commit."""
        lane, _, rest = message.topic.removeprefix(self._prefix).partition("/")
        kind, *parts = rest.split("/")
        if not NAME.match(lane):
            return self._drop("bad_topic", lane[:32])
        if message.retained and kind not in ("state", "status"):
            # The broker keeps it and would hand it out for ever: a retained message is never news.
            return self._drop("retained", lane)
        if len(message.payload) > PAYLOAD_BYTES_MAX and kind != "event":
            return self._drop("too_large", lane)
        self.counts[kind] += 1
        if not message.retained:
            self._live.heard(lane)
        try:
            match kind, parts:
                case "event", [audience]:
                    # For an audience of a newer lane: under its key, for auditors alone, until the upgrade.
                    known = audience in tuple(Audience)
                    of = Audience(audience) if known else Audience.AUDIT
                    return await self._events(lane, of, message.payload)
                case "state", [audience]:
                    return await self._state(lane, Audience(audience), message)
                case "status", []:
                    self._live.set_status(lane, Status.model_validate_json(message.payload))
                case "reply", []:
                    await self._reply(lane, Reply.model_validate_json(message.payload))
                case "media", [_, name] if name.startswith(LIVE_PREFIX):
                    self._stills.take(lane, name.removeprefix(LIVE_PREFIX), message.payload)
                case "media", [audience, sha256]:
                    return await self._media(lane, Audience(audience), sha256, message.payload)
                case _:
                    return self._drop("bad_topic", lane)
        except StillRefused as error:
            if error.args == ("not_asked_for",):  # one that was on its way when the look ended
                self.counts["dropped_still_not_asked_for"] += 1
                return set()
            return self._drop(f"still_{error}", lane)
        except (ValidationError, ValueError):
            return self._drop(f"unreadable_{kind}", lane)
        except MediaRefused as error:
            return self._drop(f"media_{error}", lane)
        except StoreUnavailable as error:
            # Not acknowledged, so the lane sends it again.
            return self._drop("store_unavailable", lane, str(error))
        return set()

    def _drop(self, reason: str, lane: str, detail: str = "") -> set[tuple[str, str]]:
        self.counts[f"dropped_{reason}"] += 1
        now = time.monotonic()
        if now - self._logged.get((reason, lane), -LOG_EVERY_S) >= LOG_EVERY_S:
            if len(self._logged) > 10_000:
                self._logged.clear()
            self._logged[reason, lane] = now
            _log.warning("ingest.dropped", reason=reason, lane=lane, detail=detail)
        return set()

    async def _events(self, lane: str, audience: Audience, payload: bytes) -> set[tuple[str, str]]:
        incoming = parse(payload, self._site, lane, audience)
        await self._writer.take(incoming)
        return {(lane, event.journal) for event in incoming.events}

    async def _state(self, lane: str, audience: Audience, message: Message) -> set[tuple[str, str]]:
        state = LaneState.model_validate_json(message.payload)
        if (state.site, state.lane) != (self._site, lane):
            return self._drop("wrong_lane", lane)
        self._live.set_state(audience, state, retained=message.retained)
        if message.retained:
            return set()
        kept = {one.journal: one.first_sequence for one in state.kept}
        for journal in kept:
            await self._writer.contiguous(lane, journal)  # reads it into the memory
        if kept and unfillable(self._writer.memory, lane, kept):
            await self._writer.do(lambda stage: accept_losses(stage, lane, kept))
        # A lane whose events this store has never seen must learn that from somewhere.
        return {(lane, state.journal), *((lane, journal) for journal in kept)}

    async def _reply(self, lane: str, reply: Reply) -> None:
        if self._stills.answered(lane, reply):
            return
        data = reply.model_dump(mode="json") | {"command": reply.id}

        async def answer(stage: Stage) -> None:
            await stage.answer(lane, data, now_us())

        await self._writer.do(answer)

    async def _media(
        self, lane: str, audience: Audience, sha256: str, payload: bytes
    ) -> set[tuple[str, str]]:
        picture = picture_of(sha256, payload)

        async def save(stage: Stage) -> None:
            await save_picture(stage, lane, audience, sha256, picture)

        await self._writer.do(save)
        # The acknowledgement of its event may have asked for the picture that was on its way.
        return {(lane, journal) for journal in self._writer.memory.journals_of(lane)}
