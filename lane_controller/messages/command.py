"""Commands to a lane, its replies, and the store's acknowledgement.

A command travels as SignedCommand: the lane verifies the very bytes that were signed, then parses them.
"""

from typing import Literal

from pydantic import Field

from lane_controller.messages.parts import Message, Person, Reason
from lane_controller.messages.words import Answer, CommandKind, Mode

NUMBER_MAX = 2**53 - 1
"""Whole numbers that every reader of JSON keeps exact (RFC 8259, 6), and a journal can hold."""


class Expiry(Message):
    """Clocks at a lane may be wrong for days, so a command expires on the lane's own monotonic time: `mono_s`
    of its boot `boot`, as the lane stated it in its last state plus the seconds the command may live."""

    boot: str
    mono_s: float = Field(allow_inf_nan=False)


class Command(Message):
    """What an operator asked for.

    `seen` is the sequence of the last event of this lane that the operator had on the screen: if the evidence
    changed since, the command is refused as superseded.  `passage` is required for release, refer, hold and
    persons; for raise and lower it is the passage number or None for an empty lane.
    """

    id: str = Field(min_length=8, max_length=64)
    site: str
    lane: str
    journal: str
    kind: CommandKind
    passage: int | None = Field(None, ge=0, le=NUMBER_MAX)
    seen: int = Field(ge=0, le=NUMBER_MAX)
    by: Person
    second: Person | None = Field(default=None, description="for kinds that need two: who confirmed")
    second_after_s: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="seconds from the first person's asking to the second one's confirming",
    )
    reason: Reason
    expires: Expiry
    mode: Mode | None = Field(None, description="for kind mode")
    persons: int | None = Field(None, ge=0, le=100, description="for kind persons")
    alarm: str | None = Field(None, description="for kind acknowledge: the occurrence")
    shift: Literal["begin", "end"] | None = Field(None, description="for kind shift")
    seen_clear: bool = Field(
        False, description="for raise and lower from an unknown arm: looked, and is clear"
    )


class SignedCommand(Message):
    """`payload` is the Command's JSON, base64; `signature` Ed25519 over the decoded bytes, base64."""

    key_id: str
    payload: str
    signature: str


LIVE_S = 60.0
"""Stills end so long after they were asked for; who still looks asks again."""
STILLS_BYTES_PER_S = 60_000
"""Of one lane, all its cameras together."""


class LiveRequest(Message):
    """Somebody wants to look through a camera, by its device's name.  Travels as SignedCommand under `live`;
    its type keeps it apart from a command.  The lane answers with a Reply, and makes no row of it."""

    type: Literal["live"]
    id: str = Field(min_length=8, max_length=64)
    site: str
    lane: str
    journal: str
    camera: str = Field(max_length=64)
    by: Person
    expires: Expiry


class Reply(Message):
    """The lane's answer from its journal.  `sequence` is the event that recorded it, for a LiveRequest the
    last one that there was."""

    id: str
    answer: Answer
    reasons: tuple[Reason, ...] = ()
    sequence: int


class Ack(Message):
    """The store's receipt: never retained, repeated with every batch, followed down too (restored store)."""

    store: str = Field(max_length=64)
    journal: str
    contiguous: int = Field(
        ge=0, le=NUMBER_MAX, description="highest sequence up to which the store has every event; 0 for none"
    )
    missing_media: tuple[str, ...] = ()
