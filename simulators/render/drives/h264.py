"""Pictures as H.264 (ITU-T H.264, annex B), as a network camera's encoder makes it."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from simulators.render.plates import Picture

KEY_EVERY_S = 1.0
"""From one picture that stands for itself to the next."""
QUALITY = 26
"""x264's rate factor; a noisy picture would take much more than a camera may send."""
KBIT_S = 3000
"""What the stream may take, as cameras are set for such pictures."""


class EncoderMissing(RuntimeError):
    """PyAV is not installed; the message says how to install it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`slices` a picture; more than one as encoders with several cores make them."""

    frames_per_s: float
    slices: int = 1
    quality: int = QUALITY
    kbit_s: int = KBIT_S
    key_every_s: float = KEY_EVERY_S
    """0: each picture stands for itself."""


def encoded(jpegs: Iterable[bytes], settings: Settings) -> tuple[bytes, ...]:
    """JPEG files as H.264: see `encoded_pictures`."""
    return encoded_pictures(map(_picture, jpegs), settings)


def encoded_pictures(pictures: Iterable[Picture], settings: Settings) -> tuple[bytes, ...]:
    """One piece of the byte stream a picture, with start codes; those that stand for themselves carry their
    parameter sets.  The same pictures give the same bytes.  Raises EncoderMissing."""
    try:
        import av  # with FFmpeg and x264 in its wheel, which nothing else needs
    except ImportError:
        raise EncoderMissing("H.264 needs PyAV: pip install 'borderlane[h264]'") from None
    from fractions import Fraction

    made: list[bytes] = []
    encoder, every = None, max(1, round(settings.key_every_s * settings.frames_per_s))
    for number, picture in enumerate(pictures):
        if encoder is None:
            rate = Fraction(settings.frames_per_s).limit_denominator(1000)
            encoder = av.CodecContext.create("libx264", "w")
            assert isinstance(encoder, av.VideoCodecContext)
            encoder.height, encoder.width = picture.shape[:2]
            encoder.pix_fmt, encoder.framerate, encoder.time_base = "yuv420p", rate, 1 / rate
            encoder.thread_count = 1  # several would not repeat themselves byte for byte
            encoder.options = {
                "preset": "veryfast",
                "crf": f"{settings.quality}",
                "x264-params": f"keyint={every}:slices={settings.slices}:scenecut=0:bframes=0:rc-lookahead=0"
                f":sync-lookahead=0:repeat-headers=1:vbv-maxrate={settings.kbit_s}:vbv-bufsize={settings.kbit_s}",
            }
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts = number
        made += [bytes(packet) for packet in encoder.encode(frame)]
    if encoder is not None:
        made += [bytes(packet) for packet in encoder.encode(None)]
    return tuple(made)


def _picture(jpeg: bytes) -> Picture:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None, "OpenCV reads what it has written"
    return np.asarray(picture, np.uint8)
