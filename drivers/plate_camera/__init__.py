"""The role `plate_camera`: a camera that looks at plates.

A plain camera (MJPEG, RTSP) is read by a child process of its own that grabs the newest frame, reads plates
with `anpr` while it is told to watch, and can be killed when OpenCV or FFmpeg hangs; a smart camera that
reads by itself yields the same readings.  Pictures never pass through the event loop unencoded.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from anpr.readings import Corners
from drivers.device import Device
from drivers.errors import DeviceRefused


@dataclass(frozen=True, slots=True)
class PlateCandidate:
    """One plate in one frame.  `text` is canonical (upper case, Latin look-alikes, no spaces), `display` as
    printed; `country` is a code of the format table or None; `confidence` 0 to 1; `box` is x, y, width,
    height in pixels of the frame, origin top left (all 0 where a camera that reads by itself does not say
    where the plate is), `corners` those of the plate in the same pixels, None where the camera does not say
    them, `lines` 1 or 2; `alternatives` other texts with their probabilities, best first, `text` itself being
    the first, or () where the reader has none; `country_confidence` how sure the likeliest country is, given
    the text (0 where nobody says)."""

    text: str
    display: str
    country: str | None
    confidence: float
    box: tuple[int, int, int, int]
    alternatives: tuple[tuple[str, float], ...] = ()
    corners: Corners | None = None
    lines: int = 1
    country_confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class FrameRead:
    """A frame was taken and, while watching, read.

    `number` counts frames since `open`, those that nobody looked at included; a frame that took long to read
    may be told after a younger one.  `taken_s` is when the frame was taken as near as can be told, in seconds
    of `time.monotonic()`, never later than its bytes came: what was held up on its way, or took long to read,
    is old.  `fingerprint` is a hash of the decoded picture and `source_time_s` the stream's own time stamp
    (seconds, None where it has none).  A read frame brings itself as evidence: `picture` is a JPEG of at most
    200 kB of this very frame (b"" when it was not read) and `crops` a smaller one of each voter's plate in it
    with some margin, in the order of `voters` (fewer where the camera sent none); `size` is the frame's width
    and height in pixels, which `picture` may have fewer of, and `refused` what looked like a plate and was
    not taken for one: the text (canonical) and why; `doubtful` are those of them that are too weak for one
    frame and vote over several.

    `agreed` marks what a camera that reads by itself has agreed over its own frames: it is one vehicle's
    plate, and no further frame will speak for it.  Its `picture` is b"" where the camera sent none that can
    be used.
    """

    number: int
    taken_s: float
    fingerprint: str
    source_time_s: float | None
    watched: bool
    plates: tuple[PlateCandidate, ...]
    picture: bytes
    crops: tuple[bytes, ...]
    agreed: bool = False
    size: tuple[int, int] = (0, 0)
    refused: tuple[tuple[str, str], ...] = ()
    doubtful: tuple[PlateCandidate, ...] = ()

    @property
    def voters(self) -> tuple[PlateCandidate, ...]:
        """All that says something of a plate over several frames, best first."""
        return (*self.plates, *self.doubtful)

    @property
    def crop(self) -> bytes:
        """The best voter's plate, b"" when there is none."""
        return self.crops[0] if self.crops else b""


class PlateCamera(Device[FrameRead]):
    """Yields at least one `FrameRead` a second while frames come (more while watching).  The newest frame
    wins, however slow the reading: between the wire and the reader there is room for one.  Frozen content is
    judged in the daemon.  A camera that sends nothing, or a hung decoder, raises DeviceTimeout within
    `silent_s`; the child is killed by `close`.

    A camera that reads by itself yields an unwatched frame for each sign of life and an `agreed` one for each
    vehicle; `silent_s` is None where it gives no signs of life."""

    role: ClassVar[str] = "plate_camera"

    @property
    def silent_s(self) -> float | None:
        return 2.0

    @abstractmethod
    async def watch(self, on: bool) -> None:
        """Read plates in frames from now on, or stop reading them."""

    @abstractmethod
    async def picture(self) -> bytes:
        """The next frame that comes as JPEG, at most 200 kB.  DeviceTimeout when none came for `silent_s`."""

    async def still(self, bytes_max: int) -> bytes:
        """The same made smaller, for somebody who looks on: at most `bytes_max`, 8000 or more.  DeviceRefused
        where the camera can't be asked for one, or none can be made so small."""
        data = await self.picture()
        if len(data) > bytes_max:
            raise DeviceRefused(self.name, f"its pictures are larger than {bytes_max} bytes")
        return data
