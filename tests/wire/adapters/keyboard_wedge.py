"""Keyboard wedge: what both ends make of the same input events."""

from typing import Any

from drivers.document_reader.input_events import LOST, UNKNOWN, WRONG_LAYOUT, KeyDecoder
from simulators.document_reader import wedge


def driver_reads(data: bytes, settings: dict[str, Any]) -> dict[str, Any] | None:
    typed = KeyDecoder().feed(data)
    if not typed or any(mark in typed for mark in (LOST, UNKNOWN, WRONG_LAYOUT)):
        return None
    return {"text": typed.decode("ascii")}


def simulator_writes(means: dict[str, Any], settings: dict[str, Any]) -> bytes:
    return wedge.typed_bytes(means["text"])
