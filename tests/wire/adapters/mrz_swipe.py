"""MRZ swipe readers: what both ends make of the same bytes."""

from typing import Any

from drivers.document_reader import MrzRead
from drivers.document_reader.mrz_framing import FramingOptions, MrzFramer
from simulators.document_reader import swipe


def driver_reads(data: bytes, settings: dict[str, Any]) -> dict[str, Any] | None:
    options = {key: value for key, value in settings.items() if key != "separator_at_end"}
    framer = MrzFramer(FramingOptions(**options))
    readings = framer.feed(data) + framer.idle()
    if len(readings) != 1 or not isinstance(readings[0], MrzRead):
        return None
    return {"lines": list(readings[0].lines)}


def simulator_writes(means: dict[str, Any], settings: dict[str, Any]) -> bytes:
    return swipe.swipe_bytes(
        tuple(means["lines"]),
        swipe.Settings(
            prefix=settings.get("prefix", "").encode(),
            separator={"CR": b"\r", "LF": b"\n", "CRLF": b"\r\n"}[settings["separator"]],
            separator_at_end=settings["separator_at_end"],
            suffix=settings.get("suffix", "").encode(),
        ),
    )
