"""From bytes off the wire to a command that the lane may be told, or to a refusal.

Only what a journal row may rest on is checked here: the signature over the very bytes, the key, the site,
lane and journal.  Whether the command may be done is the lane's to say.  Bad commands make no rows, or a
flood of them would fill the journal: they are counted, and answered at a low rate.
"""

import base64
import binascii
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from lane_controller.messages.command import Command, SignedCommand
from lane_controller.messages.parts import Reason

COMMAND_BYTES_MAX = 16 * 1024


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
            command = Command.model_validate_json(text)
        except ValidationError:
            return _refused("not_understood")
        for name, ours in self._addressee.items():
            if getattr(command, name) != ours:
                return Refused(Reason(code=f"other_{name}"), command.id)
        return command


def _refused(code: str, **parameters: int) -> Refused:
    return Refused(Reason(code=code, parameters=dict(parameters)))
