"""Ours: `mrz.read` and `mrz.read_frames` as the lane calls them, from the file's bytes on."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

import mrz

REFERENCE = date(2026, 11, 1)


def reader() -> Any:
    """One path, or the frames of one document with tabs between."""

    def read(line: str) -> dict[str, Any]:
        images = [Path(path).read_bytes() for path in line.split("\t")]
        if len(images) == 1:
            reading = mrz.read(images[0], reference=REFERENCE)
        else:
            reading = mrz.read_frames(images, reference=REFERENCE)  # pyright: ignore
        said = reading.as_json()
        documents = [said, *said.pop("others")]
        return {"documents": [one for one in documents if one["found"]], "engine": reading.engine}

    return read
