"""Any camera that serves RTSP: motion JPEG, H.264 and what else OpenCV's FFmpeg decodes.

Made after: RFC 2326 (RTSP 1.0), of which FFmpeg is the reader here; interleaved TCP only, because a lost UDP
packet tears pictures.  FFmpeg answers digest and basic challenges by itself.  Cameras lose packets in a TCP
connection too, when they make more than it takes: a relay before FFmpeg leaves out what that tears
(`rtsp_relay.py`; RFC 3550, RFC 6184, RFC 7798).  The source time is the stream's presentation time (RTP), in
seconds since its start.
"""

from typing import ClassVar

from drivers.device import Grade
from drivers.plate_camera.streaming import StreamCamera, StreamOptions


class RtspOptions(StreamOptions):
    """The address as the camera's maker gives it, without credentials."""

    schemes: ClassVar[tuple[str, ...]] = ("rtsp",)


class Driver(StreamCamera):
    """An RTSP camera."""

    model = "any camera, RTSP over TCP"
    grade = Grade.SIMULATED
    options_type = RtspOptions
    scheme = "rtsp"
