"""Any camera that serves motion JPEG over HTTP (multipart/x-mixed-replace).

Made after: RFC 2046, 5.1 (multipart), RFC 7616 and 7617 (digest, basic authentication), and what makers send
in practice (`multipart.py`).  The camera's clock is taken from `X-Timestamp` where a part has it; a camera
without it has no source time, and a picture that stands still can then be judged only by what passes.
"""

from pathlib import Path
from typing import Any, ClassVar, Literal

from drivers.device import Grade
from drivers.plate_camera.streaming import StreamCamera, StreamOptions


class MjpegOptions(StreamOptions):
    """`authentication`: basic sends the password in the clear over http, so it has to be asked for by name.
    `ca` is a PEM file that the certificate of an https camera is checked against."""

    schemes: ClassVar[tuple[str, ...]] = ("http", "https")

    authentication: Literal["digest", "basic"] = "digest"
    """How the password is sent; basic sends it in the clear over http."""
    ca: Path | None = None
    """PEM file that the certificate of an https camera is checked against."""


class Driver(StreamCamera):
    """A motion JPEG camera."""

    model = "any camera, motion JPEG over HTTP"
    grade = Grade.SIMULATED
    options_type = MjpegOptions
    scheme = "mjpeg"

    def __init__(self, name: str, options: MjpegOptions) -> None:
        super().__init__(name, options)
        self._more = {"authentication": options.authentication, "ca": str(options.ca or "")}

    def settings(self) -> dict[str, Any]:
        return super().settings() | self._more
