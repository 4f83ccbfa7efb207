"""Real journals out of the lane's stories: a row a fact, as the daemon would have written it."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import click
from click.testing import CliRunner, Result

from lane_controller.cli import borderlane
from lane_controller.daemon.journal import Draft, Journal
from lane_controller.daemon.loop import advance
from lane_controller.lane.facts import Fact
from lane_controller.lane.state import Lane
from tests.lane.stories import Story

STORIES = Path(__file__).parents[1] / "lane"


def told(text: str) -> list[Fact]:
    """The facts of a story."""
    story = Story()
    story.play(text)
    return story.teller.facts


def told_by(name: str) -> list[Fact]:
    """The facts of one of the lane's story files."""
    return told((STORIES / f"{name}.txt").read_text())


def append(journal: Journal, facts: Iterable[Fact], lane: Lane | None = None) -> Lane | None:
    """Commit a row a fact, as the daemon's loop does."""
    drafts: list[Draft] = []
    for fact in facts:
        lane, draft = advance(lane, fact)
        drafts.append(draft)
    journal.append(drafts)
    return lane


def journal_of(path: Path, facts: Iterable[Fact]) -> Path:
    """A closed journal that holds these facts."""
    journal = Journal.create(path, "khorgos", "lane1")
    try:
        append(journal, facts)
    finally:
        journal.close()
    return path


@cache
def _verb(name: str) -> click.Command:
    """As the program finds it; once, since looking through all installed packages takes long."""
    command = borderlane.get_command(click.Context(borderlane), name)
    assert command is not None
    return command


def borderlane_says(verb: str, *arguments: object) -> Result:
    """A verb of the program, run in this process; a crash is a failure of the test, not an exit code."""
    result = CliRunner().invoke(_verb(verb), [str(one) for one in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
