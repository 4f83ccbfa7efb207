"""From bytes off the wire to a command that the lane may be told, or to a refusal.

Only what a journal row may rest on is checked here: the signature over the very bytes, the key, the site,
lane and journal.  Whether the command may be done is the lane's to say.  Bad commands make no rows, or a
flood of them would fill the journal: they are counted, and answered at a low rate.
"""

import base64
import binascii
import json
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from lane_controller.daemon.clock import Clock
from lane_controller.daemon.sensing.flood import Allowance
from lane_controller.lane import views
from lane_controller.lane.facts import CommandArrived, Fact
from lane_controller.lane.state import Lane
from lane_controller.messages.command import Command, LiveRequest, Reply, SignedCommand
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Answer

log = structlog.get_logger()

Asked = TypeVar("Asked", Command, LiveRequest)

COMMAND_BYTES_MAX = 16 * 1024
IDS_KEPT = 10_000
"""Ids of commands seen: a repeat is answered without a row, however often it is replayed."""
REFUSALS_PER_S = 2.0
REFUSALS_BURST = 10.0


@dataclass(frozen=True, slots=True)
class Refused:
    """Why bytes are no command for this lane.  `id` is the command's if its signature was good, else ""."""

    reason: Reason
    id: str = ""


class Verifier:
    """Holds the public keys by their ids; several may overlap while keys are changed."""

    def __init__(self, keys: dict[str, str], site: str, lane: str, journal: str) -> None:
        self._keys = {
            key_id: Ed25519PublicKey.from_public_bytes(base64.b64decode(key)) for key_id, key in keys.items()
        }
        self._addressee = {"site": site, "lane": lane, "journal": journal}

    def verify(self, payload: bytes) -> Command | Refused:
        """The command that was signed, or why there is none.  Raises nothing."""
        found = self._signed(payload, Command)
        if isinstance(found, Refused):
            return found
        try:
            json.dumps(found.reason.parameters, allow_nan=False)
        except ValueError:
            # NaN, which JSON has not and no row can hold.
            return _refused("not_understood")
        return self._addressed(found)

    def verify_live(self, payload: bytes) -> LiveRequest | Refused:
        """The same of a request for stills."""
        found = self._signed(payload, LiveRequest)
        return found if isinstance(found, Refused) else self._addressed(found)

    def _signed(self, payload: bytes, kind: type[Asked]) -> Asked | Refused:
        if len(payload) > COMMAND_BYTES_MAX:
            return _refused("too_large", bytes=len(payload))
        try:
            signed = SignedCommand.model_validate_json(payload)
            text = base64.b64decode(signed.payload, validate=True)
            signature = base64.b64decode(signed.signature, validate=True)
        except (ValidationError, binascii.Error, ValueError):
            return _refused("not_readable")
        key = self._keys.get(signed.key_id)
        if key is None:
            return _refused("unknown_key")
        try:
            key.verify(signature, text)
        except InvalidSignature:
            return _refused("bad_signature")
        try:
            asked = kind.model_validate_json(text)
            asked.model_dump_json().encode()
        except ValueError:
            # Also half a surrogate pair, which no row can hold.
            return _refused("not_understood")
        return asked

    def _addressed(self, asked: Asked) -> Asked | Refused:
        for name, ours in self._addressee.items():
            if getattr(asked, name) != ours:
                return Refused(Reason(code=f"other_{name}"), asked.id)
        return asked


def _refused(code: str, **parameters: int) -> Refused:
    return Refused(Reason(code=code, parameters=dict(parameters)))


class Desk:
    """Takes commands off the wire: each is told to the lane once, and answered."""

    def __init__(
        self,
        verifier: Verifier,
        clock: Clock,
        post: Callable[[Fact], None],
        state: Callable[[], tuple[Lane | None, int]],
    ) -> None:
        """`state` gives the lane and the sequence of its last event."""
        self._verifier, self._clock, self._post, self._state = verifier, clock, post, state
        self._seen = OrderedDict[str, None]()
        self._refusals = Allowance(REFUSALS_PER_S, REFUSALS_BURST)
        self.refused: Counter[str] = Counter()
        """Commands refused before the lane was told, by reason; `borderlane status` shows them."""

    def take(self, payload: bytes) -> Reply | None:
        """Tell the lane, or answer at once.  None: the answer comes with the event that records it, or (in a
        flood of bad commands) not at all."""
        found = self._verifier.verify(payload)
        if isinstance(found, Refused):
            return self._refuse(found)
        lane, _ = self._state()
        if lane is not None and (known := views.reply(lane, found.id)):
            return known
        if found.id in self._seen:
            return self._refuse(Refused(Reason(code="repeated"), found.id))
        self._seen[found.id] = None
        if len(self._seen) > IDS_KEPT:
            self._seen.popitem(last=False)
        self._post(CommandArrived(self._clock.stamp(), found))
        return None

    def _refuse(self, refused: Refused) -> Reply | None:
        self.refused[refused.reason.code] += 1
        if not self._refusals.take(self._clock.mono_s()):
            return None
        log.warning("command refused", reason=refused.reason.code)
        _, sequence = self._state()
        return Reply(id=refused.id, answer=Answer.REFUSED, reasons=(refused.reason,), sequence=sequence)
