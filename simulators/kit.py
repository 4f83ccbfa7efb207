"""What a simulated lane is equipped with: the choice of devices, and what each is called.

The names of devices are those of the lane's configuration that `simulators/lane_toml.py` writes.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Camera = Literal["mjpeg", "rtsp", "rtsp-h264", ""]
"""`rtsp` sends motion JPEG over RTP, `rtsp-h264` H.264; one driver reads both."""
Profile = Literal["cargo", "car", "coach", "pedestrian"]
Reader = Literal[
    "mrz-swipe",
    "keyboard-wedge",
    "page-http-push",
    "page-http-pull",
    "page-folder",
    "page-v4l2",
    "pcsc",
]


class LaneKit(BaseModel):
    """One lane's equipment.

    `inputs` and `outputs` go by the boards: the first one carries the barrier, the clearance sensors and the
    light, the second, where there is one, the other sensors.  A pedestrian lane has no camera; only a cargo
    lane has a scale.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: Profile
    direction: Literal["entry", "exit"] = "entry"
    state: Literal["KZ", "KG", "TJ", "TM", "UZ", "RU", "CN", "EU"] = "KZ"
    boards: Annotated[
        tuple[Literal["moxa-e1214", "waveshare-relay", "adam-6060"], ...], Field(min_length=1, max_length=2)
    ] = ("moxa-e1214", "adam-6060")
    scale: Literal["xk3190", "toledo-continuous", "mt-sics", ""] | None = None
    scale_wire: Literal["pty", "tcp"] = "pty"
    camera: Camera | None = None
    rear_camera: Camera = ""
    """A second plate camera that sees vehicles from behind: a lorry's trailer."""
    readers: tuple[Reader, ...] = ("mrz-swipe",)
    """A document goes to the first of those that read zones or pages, its chip to `pcsc`."""
    registers: Literal["http", "file"] = "http"
    recheck_rate: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of passages drawn for a random re-check."""
    verified: bool = True
    """Whether the scale's verification is still valid."""
    two_person_kinds: tuple[str, ...] = ()
    """Commands that need a second person."""

    @model_validator(mode="after")
    def _fits(self) -> "LaneKit":
        if self.boards[0] == "adam-6060":
            raise ValueError(
                "the first board carries the barrier, and an adam-6060 does not time pulses itself"
            )
        if self.scale and self.profile != "cargo":
            raise ValueError(f"a {self.profile} lane has no scale, found {self.scale!r}")
        if self.camera and self.profile == "pedestrian":
            raise ValueError(f"a pedestrian lane has no plate camera, found {self.camera!r}")
        if self.rear_camera and not self.camera_model:
            raise ValueError(f"a rear plate camera needs one before it, found {self.rear_camera!r} alone")
        pages = [reader for reader in self.readers if reader.startswith("page-")]
        if len(pages) > 1:
            raise ValueError(f"a lane has one page reader at most, found {', '.join(pages)}")
        return self

    @property
    def reads_chips(self) -> bool:
        return "pcsc" in self.readers

    @property
    def scale_model(self) -> str:
        """The scale's driver, "" without a scale."""
        if self.scale is None:
            return "xk3190" if self.profile == "cargo" else ""
        return self.scale

    @property
    def camera_model(self) -> str:
        """The plate camera's kind, "" without one."""
        if self.camera is None:
            return "" if self.profile == "pedestrian" else "mjpeg"
        return self.camera
