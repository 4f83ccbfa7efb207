"""From an operator's wish to look through a lane's camera to stills that come, and the audit of it."""

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dashboard.commands.sender import LIVES_S, WishRefused
from dashboard.commands.signing import Signer
from dashboard.ingest.stills import Look, Stills
from dashboard.ingest.subscriber import BrokerUnavailable
from dashboard.store.stage import Stage
from dashboard.store.writer import Writer
from dashboard.users.accounts import User
from dashboard.users.sessions import Session
from dashboard.views.facts import LaneFacts
from dashboard.views.source import Source
from lane_controller.messages import topics
from lane_controller.messages.command import Expiry, LiveRequest
from lane_controller.messages.parts import Person, Reason
from lane_controller.messages.rights import LIVE_ROLES
from lane_controller.messages.words import Audience


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that a user might look through; `reasons` empty: he may now."""

    name: str
    reasons: tuple[Reason, ...] = ()


def cameras(facts: LaneFacts, user: User) -> tuple[Camera, ...]:
    """A lane's cameras for a user, each offered or withheld; none for a role that never may."""
    if user.role not in LIVE_ROLES or Audience.LANE not in user.audiences:
        return ()
    return tuple(
        Camera(one.device, _withheld(facts, one.health))
        for one in facts.devices
        if one.role == "plate_camera"
    )


def _withheld(facts: LaneFacts, health: str) -> tuple[Reason, ...]:
    if not facts.live or facts.heard is None:
        return (Reason(code="lane_offline"),)
    return () if health == "good" else (Reason(code="camera_lost"),)


class LiveAsker:
    """`publish` hands bytes to the broker, or raises BrokerUnavailable."""

    def __init__(
        self,
        site: str,
        signer: Signer,
        source: Source,
        writer: Writer,
        stills: Stills,
        publish: Callable[[str, bytes], Awaitable[None]],
    ) -> None:
        self._site, self._signer, self._source = site, signer, source
        self._writer, self._publish = writer, publish
        self.stills = stills

    async def ask(self, session: Session, lane: str, camera: str) -> Look:
        """Asks the lane for stills, and records who did.  Raises WishRefused."""
        user = session.user
        if user.role not in LIVE_ROLES:
            raise WishRefused(Reason(code="role_may_not"))
        facts = await self._source.facts(lane, user.audiences)
        found = next((one for one in cameras(facts, user) if one.name == camera), None)
        if found is None:
            raise WishRefused(Reason(code="no_such_camera"))
        if found.reasons:
            raise WishRefused(*found.reasons)
        if facts.heard is None or facts.heard.retained:
            raise WishRefused(Reason(code="no_fresh_state"))
        look = self.stills.begin(secrets.token_hex(16), lane, camera, user.name)
        if look is None:
            raise WishRefused(Reason(code="too_many_look"))
        by = Person(operator=user.name, role=user.role, agency=user.agency, workplace=session.workplace)
        state = facts.heard.state
        elapsed_s = time.monotonic() - facts.heard.at_mono_s
        request = LiveRequest(
            type="live",
            id=look.id,
            site=self._site,
            lane=lane,
            journal=state.journal,
            camera=camera,
            by=by,
            expires=Expiry(boot=state.at.boot, mono_s=round(state.at.mono_s + elapsed_s + LIVES_S, 3)),
        )

        async def job(stage: Stage) -> None:
            said = {"lane": lane, "camera": camera, "by": by.model_dump(mode="json")}
            stage.site.add("site.live_asked", Audience.AUDIT, said)

        await self._writer.do(job)
        signed = self._signer.sign(request).model_dump_json().encode()
        try:
            await self._publish(topics.live(self._site, lane), signed)
        except BrokerUnavailable:
            look.stopped = True
            raise WishRefused(Reason(code="lane_offline")) from None
        return look
