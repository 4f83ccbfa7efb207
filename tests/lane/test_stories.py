"""Each story of tests/lane/*.txt still ends as it is written there."""

import os
from pathlib import Path

import pytest

from tests.lane.stories import Story, stories


@pytest.mark.parametrize("path", stories(), ids=lambda path: path.stem)
def test_a_story_ends_as_it_is_told(path: Path) -> None:
    told = path.read_text("utf-8")
    played = Story().play(told)
    if os.environ.get("STORIES") == "rewrite":
        path.write_text(played, "utf-8")
    else:
        assert played == told, f"review with: STORIES=rewrite pytest {path.name}, then git diff"
