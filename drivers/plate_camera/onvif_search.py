"""Looks for ONVIF cameras on one interface: asks, asks again, waits, folds the answers.

No password is used and no camera is called: what is told stands in their answers.
"""

import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Protocol

from drivers.multicast import Datagram
from drivers.plate_camera.onvif_discovery import (
    BYTES_MAX,
    GROUP,
    SCOPES_MAX,
    TYPES,
    XADDRS_MAX,
    Dropped,
    Match,
    probe,
    read,
)

SECONDS = 5.0
"""How long answers are waited for: a device may wait half a second, and the last question goes out after at
most 1.75 s."""
CAMERAS_MAX, SOURCES_MAX = 256, 8
REPEAT, MIN_S, MAX_S, UPPER_S = 4, 0.05, 0.25, 0.5
"""MULTICAST_UDP_REPEAT, UDP_MIN_DELAY, UDP_MAX_DELAY and UDP_UPPER_DELAY of SOAP-over-UDP."""


class Asking(Protocol):
    """What `drivers.multicast.Asking` does."""

    def send(self, data: bytes, group: tuple[str, int]) -> None: ...
    def receive(self, bytes_max: int, wait_s: float) -> Datagram | None: ...


@dataclass(frozen=True, slots=True)
class Camera:
    """A device and the addresses that it answered from."""

    match: Match
    sources: tuple[str, ...]


@dataclass(slots=True)
class Answers:
    """The cameras by their endpoint address; why how many answers, and parts of answers, were dropped."""

    cameras: dict[str, Camera] = field(default_factory=dict[str, Camera])
    dropped: Counter[Dropped] = field(default_factory=Counter[Dropped])

    def take(self, datagram: Datagram, interface: int, asked: frozenset[str]) -> None:
        """One datagram; `interface` is the index of the one that was asked on."""
        if datagram.interface != interface:
            self.dropped[Dropped.OTHER_INTERFACE] += 1
            return
        if not datagram.whole:
            self.dropped[Dropped.TOO_LARGE] += 1
            return
        matches, dropped = read(datagram.data, asked)
        self.dropped.update(dropped)
        for match in matches:
            self._fold(match, datagram.source)

    def _fold(self, match: Match, source: str) -> None:
        """A camera answers each question, each answer may come twice, and from each of its addresses."""
        known = self.cameras.get(match.endpoint)
        if known is None:
            if len(self.cameras) < CAMERAS_MAX:
                self.cameras[match.endpoint] = Camera(match, (source,))
            else:
                self.dropped[Dropped.TOO_MANY] += 1
            return
        merged = replace(
            known.match,
            types=_both(known.match.types, match.types, SCOPES_MAX),
            xaddrs=_both(known.match.xaddrs, match.xaddrs, XADDRS_MAX),
            scopes=_both(known.match.scopes, match.scopes, SCOPES_MAX),
        )
        self.cameras[match.endpoint] = Camera(merged, _both(known.sources, (source,), SOURCES_MAX))


def _both(one: tuple[str, ...], other: tuple[str, ...], at_most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))[:at_most]


def send_times(draw: random.Random) -> list[float]:
    """When one question goes out, in seconds from now: at once, and again after waits that double."""
    times, wait_s = [0.0], draw.uniform(MIN_S, MAX_S)
    for _ in range(REPEAT):
        times.append(times[-1] + wait_s)
        wait_s = min(2 * wait_s, UPPER_S)
    return times


def search(asking: Asking, interface: int, seconds: float) -> Answers:
    """Ask on an interface, by its index, and hear the answers for so long.  Raises InterfaceError."""
    draw = random.SystemRandom()  # a question that nobody can answer who has not heard it
    questions = {str(uuid.UUID(int=draw.getrandbits(128), version=4)): kind for kind in TYPES}
    begun_s = time.monotonic()
    due = sorted(
        (
            (begun_s + at_s, probe(kind, message))
            for message, kind in questions.items()
            for at_s in send_times(draw)
        ),
        reverse=True,
    )
    answers, asked = Answers(), frozenset(questions)
    while (now_s := time.monotonic()) < begun_s + seconds:
        while due and due[-1][0] <= now_s:
            asking.send(due.pop()[1], GROUP)
        until_s = min(due[-1][0], begun_s + seconds) if due else begun_s + seconds
        if (datagram := asking.receive(BYTES_MAX, until_s - now_s)) is not None:
            answers.take(datagram, interface, asked)
    return answers
