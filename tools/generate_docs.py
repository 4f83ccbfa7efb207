"""Write the generated references: JSON Schemas and AsyncAPI of the messages, OpenAPI, the commands, the
simulated travel documents.

`--check` compares and exits 1 when a committed file is stale; a test calls it.
"""

import argparse
import json
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import click
from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema
from specimen_reference import specimen_reference

from dashboard.app import create_app
from dashboard.service import Service
from lane_controller.messages import topics
from lane_controller.messages.command import Ack, Command, LiveRequest, Reply, SignedCommand
from lane_controller.messages.envelope import Envelope
from lane_controller.messages.events import EventData
from lane_controller.messages.state import LaneState, Status

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
MODELS = (Envelope, LaneState, Status, SignedCommand, Command, LiveRequest, Reply, Ack)
CHANNELS: dict[str, tuple[str, str, str]] = {
    "event/{audience}": (
        "Envelope",
        "send",
        "a JSON array of 1 to 100 envelopes, oldest first, under 64 KiB",
    ),
    "state/{audience}": ("LaneState", "send", "retained snapshot, for the eye"),
    "status": ("Status", "send", "retained; the last will says offline"),
    "reply": ("Reply", "send", "the lane's answer to a command, from its journal"),
    "command": ("SignedCommand", "receive", "what an operator asked for, signed; never retained"),
    "live": ("SignedCommand", "receive", "a LiveRequest for stills, signed; never retained"),
    "ack": ("Ack", "receive", "the store's receipt; never retained"),
}


def schemas() -> dict[str, Any]:
    """One JSON Schema with a definition for every message and every event's data."""
    _, whole = models_json_schema(
        [(model, "serialization") for model in MODELS], ref_template="#/$defs/{model}"
    )
    events = TypeAdapter(EventData).json_schema(mode="serialization", ref_template="#/$defs/{model}")
    definitions = whole["$defs"] | events.pop("$defs") | {"EventData": events}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Messages of Borderlane",
        "$defs": dict(sorted(definitions.items())),
    }


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0 as seen from a lane: it sends events, state, status and replies, receives the others."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for path, (message, action, summary) in CHANNELS.items():
        name = path.split("/")[0]
        channels[name] = {
            "address": f"{topics.ROOT}/{{site}}/{{lane}}/{path}",
            "description": summary,
            "messages": {message: {"payload": {"$ref": f"messages.schema.json#/$defs/{message}"}}},
        }
        operations[f"{action}_{name}"] = {"action": action, "channel": {"$ref": f"#/channels/{name}"}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Borderlane lane", "version": "1", "description": topics.__doc__},
        "channels": channels,
        "operations": operations,
    }


def commands() -> str:
    """The command reference, printed from each command's own help."""
    parts = ["# Commands\n\nExit 0 done, 1 a finding, 2 wrong use, 3 device or service not reached.\n"]
    for entry in sorted(entry_points(group="borderlane.commands"), key=lambda e: e.name):
        parts.append(_help(entry.load(), f"borderlane {entry.name}", 2))
    return "\n".join(parts)


def _help(command: click.Command, path: str, level: int) -> str:
    context = click.Context(command, info_name=path, terminal_width=100, max_content_width=100)
    text = f"{'#' * level} {path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            text += "\n" + _help(command.commands[name], f"{path} {name}", level + 1)
    return text


def openapi() -> dict[str, Any]:
    """The dashboard's OpenAPI document.  No service is started: the routes alone say what there is."""
    service = SimpleNamespace(site=SimpleNamespace(listen=SimpleNamespace(certificate=None)))
    return create_app(cast(Service, service)).openapi()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    wanted = {
        "messages.schema.json": json.dumps(schemas(), indent=1) + "\n",
        "asyncapi.json": json.dumps(asyncapi(), indent=1) + "\n",
        "openapi.json": json.dumps(openapi(), indent=1) + "\n",
        "commands.md": commands(),
        "travel-documents.md": specimen_reference(),
    }
    stale = [name for name, text in wanted.items() if _read(REFERENCE / name) != text]
    if check:
        for name in stale:
            print(f"docs/reference/{name} is stale: run make docs", file=sys.stderr)
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (REFERENCE / name).write_text(wanted[name], encoding="utf-8")
    return 0


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
