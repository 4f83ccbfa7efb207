"""The envelope of an event: CloudEvents 1.0 in structured JSON, with our extension attributes.

It is parsed apart from `data`: what can't be read is kept raw and counts as received.
Extension names are lower case without separators, as CloudEvents 1.0, 3.1 demands.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from lane_controller.messages.parts import Message
from lane_controller.messages.words import Audience, ClockQuality

EVENT_BYTES_MAX = 32 * 1024
"""One event's JSON, checked before the commit; a batch stays under 64 KiB."""
BATCH_BYTES_MAX = 64 * 1024
BATCH_EVENTS_MAX = 100


class Envelope(Message):
    """`id` is `journal/sequence`; the store's key is (lane, journal, sequence).  `rowhash` is the hash of the
    journal row that holds the event: the same key with another rowhash is a fork."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str = Field(description="/site/lane")
    type: str = Field(description="borderlane.<type of data>")
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: int = Field(ge=1)
    journal: str
    rowhash: str
    audience: Audience
    boot: str
    monos: float = Field(description="monotonic seconds of `boot`")
    clock: ClockQuality
    passage: int | None = None
    maintenance: bool = Field(False, description="recorded in mode maintenance")
    data: dict[str, Any]
