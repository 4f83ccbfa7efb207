"""What is wrong with a stream, in the words of whoever has to mend it."""

from collections.abc import Callable
from typing import Any

from drivers.child import Child
from drivers.errors import (
    DeviceError,
    DeviceFault,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    ProtocolError,
)
from drivers.plate_camera.liveness import Lack
from drivers.plate_camera.whole_pictures import RESTART

TORN_HINT = (
    "packets are lost on the way: check the cable and the switch, or lower the camera's bit rate; "
    "if nothing is lost, restart the camera"
)
_KINDS: dict[str, Callable[..., DeviceError]] = {
    "unavailable": DeviceUnavailable,
    "lost": DeviceUnavailable,
    "timeout": DeviceTimeout,
    "torn": DeviceTimeout,
    "refused": DeviceRefused,
    "protocol": ProtocolError,
}


def silent(name: str, url: str, seconds: float) -> DeviceTimeout:
    """Nothing came for so long."""
    return DeviceTimeout(name, f"no picture from {url} for {seconds:g} s", hint="camera hung, or no network")


def useless(name: str, url: str, lack: Lack, seconds: float) -> DeviceTimeout:
    """Pictures came for so long, and none of them was of use."""
    wrong, hint = "none could be decoded", "the computer is overloaded, or the decoder hangs"
    if lack is Lack.TORN:
        wrong, hint = "torn: none was whole", TORN_HINT
    elif lack is Lack.DAMAGED:
        wrong, hint = "damaged: the decoder could make out none of them", RESTART
    return DeviceTimeout(name, f"pictures come from {url}, but {wrong} for {seconds:g} s", hint=hint)


def told(name: str, url: str, header: dict[str, Any], child: Child) -> DeviceError:
    """What the child told as its end."""
    kind, message, hint = (str(header[key]) for key in ("error", "message", "hint"))
    if kind == "open":
        kind, message, hint = _why_not_opened(list(child.complaints), message)
    if kind == "torn":
        message, hint = f"pictures come, but torn: {message}", TORN_HINT
    return _KINDS.get(kind, DeviceFault)(name, f"{url}: {child.scrub(message)}", hint=hint)


def _why_not_opened(complaints: list[str], message: str) -> tuple[str, str, str]:
    """Kind, message and hint from what FFmpeg complained of: OpenCV itself says only that it failed."""
    said = "; ".join(line.split("] ", 1)[-1] for line in complaints if "OPENCV:FFMPEG" in line)[-300:]
    lower = said.lower()
    message = f"{message}: {said}" if said else message
    if "401" in said or "403" in said:
        return "refused", message, "check `user` and `password`"
    if "404" in said:
        return "refused", message, "check the path in `url`"
    if "invalid data" in lower:
        return "protocol", message, "is this the camera's RTSP port?"
    return "unavailable", message, ""
