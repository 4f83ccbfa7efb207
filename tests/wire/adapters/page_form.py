"""A page's frames in a form: what both ends make of the same bytes."""

from typing import Any

from drivers.document_reader.page_form import frames_in
from drivers.document_reader.page_frames import BadPage
from simulators.document_reader.page_http_push import form
from simulators.document_reader.page_reader import Frame


def driver_reads(data: bytes, settings: dict[str, Any]) -> dict[str, Any] | None:
    try:
        frames = frames_in(f"multipart/form-data; boundary={settings['boundary']}", data)
    except BadPage:
        return None
    return {"frames": [["infrared" if one.infrared else "white", one.data.hex()] for one in frames]}


def simulator_writes(means: dict[str, Any], settings: dict[str, Any]) -> bytes:
    frames = [Frame(light, bytes.fromhex(data)) for light, data in means["frames"]]
    return form(frames, settings["boundary"])
