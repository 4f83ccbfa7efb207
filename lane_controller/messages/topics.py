"""MQTT topics `borderlane/v1/<site>/<lane>/…` (MQTT 3.1.1 is enough).

The name of a site or lane has no dots, slashes or wildcards: dots separate in RabbitMQ, the others in MQTT.
"""

import re

from lane_controller.messages.words import Audience

NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,31}$")
ROOT = "borderlane/v1"


def base(site: str, lane: str) -> str:
    for name in (site, lane):
        if not NAME.match(name):
            raise ValueError(
                f"{name!r} cannot stand in a topic: use a-z, 0-9, _ and -, at most 32 characters"
            )
    return f"{ROOT}/{site}/{lane}"


def event(site: str, lane: str, audience: Audience) -> str:
    """A JSON array of 1 to 100 envelopes, oldest first, under 64 KiB."""
    return f"{base(site, lane)}/event/{audience}"


def state(site: str, lane: str, audience: Audience) -> str:
    """Retained snapshot, for the eye."""
    return f"{base(site, lane)}/state/{audience}"


def status(site: str, lane: str) -> str:
    """Retained `Status`; the broker publishes the last will here."""
    return f"{base(site, lane)}/status"


def command(site: str, lane: str) -> str:
    return f"{base(site, lane)}/command"


def reply(site: str, lane: str) -> str:
    return f"{base(site, lane)}/reply"


def ack(site: str, lane: str) -> str:
    return f"{base(site, lane)}/ack"


def live(site: str, lane: str) -> str:
    """Requests for stills (`LiveRequest`), written by the site alone."""
    return f"{base(site, lane)}/live"


LIVE_PREFIX = "live-"
"""What stands in place of a SHA-256 where a picture is a still, before its camera's name."""


def still(site: str, lane: str, audience: Audience, camera: str) -> str:
    """The raw bytes of a JPEG for the eye alone, at most 60 kB of them a second; nobody keeps it."""
    return f"{base(site, lane)}/media/{audience}/{LIVE_PREFIX}{camera}"


def media(site: str, lane: str, audience: Audience, sha256: str) -> str:
    """The raw bytes of a picture, at most 256 KiB, named by their SHA-256."""
    return f"{base(site, lane)}/media/{audience}/{sha256}"
