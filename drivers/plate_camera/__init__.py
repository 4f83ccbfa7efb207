"""The role `plate_camera`: a camera that looks at plates.

A plain camera (MJPEG, RTSP) is read by a child process of its own that grabs the newest frame, reads plates
with `anpr` while it is told to watch, and can be killed when OpenCV or FFmpeg hangs; a smart camera that
reads by itself yields the same readings.  Pictures never pass through the event loop unencoded.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from drivers.device import Device


@dataclass(frozen=True, slots=True)
class PlateCandidate:
    """One plate in one frame.  `text` is canonical (upper case, Latin look-alikes, no spaces), `display` as
    printed; `country` is a code of the format table or None; `confidence` 0 to 1; `box` is x, y, width,
    height in pixels of the frame, origin top left; `alternatives` other texts with their probabilities, best
    first, `text` itself being the first, or () where the reader has none."""

    text: str
    display: str
    country: str | None
    confidence: float
    box: tuple[int, int, int, int]
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class FrameRead:
    """A frame was taken and, while watching, read.

    `number` counts frames since `open`, those that nobody looked at included; a frame that took long to read
    may be told after a younger one.  `fingerprint` is a hash of the decoded picture and `source_time_s` the
    stream's own time stamp (seconds, None where it has none): a stream is frozen when both stand still.
    `crop` is a JPEG of the best candidate's plate with some margin, b"" when there is none.
    """

    number: int
    fingerprint: str
    source_time_s: float | None
    watched: bool
    plates: tuple[PlateCandidate, ...]
    crop: bytes


class PlateCamera(Device[FrameRead]):
    """Yields at least one `FrameRead` a second while frames come (more while watching).  Frozen content is
    judged in the daemon.  A camera that sends nothing, or a hung decoder, raises DeviceTimeout within
    `silent_s`; the child is killed by `close`."""

    role: ClassVar[str] = "plate_camera"

    @property
    def silent_s(self) -> float | None:
        return 2.0

    @abstractmethod
    async def watch(self, on: bool) -> None:
        """Read plates in frames from now on, or stop reading them."""

    @abstractmethod
    async def picture(self) -> bytes:
        """The newest frame as JPEG, at most 200 kB.  DeviceTimeout when none came for `silent_s`."""
