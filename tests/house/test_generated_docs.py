"""The generated references say what the code says."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def test_the_committed_references_are_what_the_code_generates() -> None:
    tool = [sys.executable, str(ROOT / "tools" / "generate_docs.py"), "--check"]
    run = subprocess.run(tool, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_every_message_and_every_event_has_a_schema() -> None:
    definitions = json.loads((REFERENCE / "messages.schema.json").read_text())["$defs"]
    assert {"Envelope", "LaneState", "Command", "Reply", "Ack", "PassageDecided"} <= set(definitions)


def test_every_channel_of_the_asyncapi_document_points_at_a_schema() -> None:
    document = json.loads((REFERENCE / "asyncapi.json").read_text())
    definitions = json.loads((REFERENCE / "messages.schema.json").read_text())["$defs"]
    for channel in document["channels"].values():
        for message in channel["messages"].values():
            assert message["payload"]["$ref"].rpartition("/")[2] in definitions
