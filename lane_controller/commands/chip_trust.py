"""What a command believes a chip's signatures by: a trust store or folder, and what in it is of no use."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lane_controller.commands.chip_report import plain
from lane_controller.commands.output import fail

if TYPE_CHECKING:
    from drivers.emrtd.trust_store import TrustStore

_PROBLEMS_TOLD = 20


def store(path: Path | None, at: datetime) -> "TrustStore":
    """The trust that lies there, its problems told on stderr; empty without a path.  Ends the command where
    it is none.  Raises LibraryMissing."""
    from drivers.emrtd.errors import EmrtdError, LibraryMissing
    from drivers.emrtd.trust import folder
    from drivers.emrtd.trust_store import TrustStore

    if path is None:
        return TrustStore(())
    try:
        found = folder.load(path, at)
    except LibraryMissing:
        raise
    except EmrtdError as error:
        fail(str(error), 2)
    for problem in found.problems[:_PROBLEMS_TOLD]:
        click.echo(f"{path}: {problem.code}: {plain(problem.where)}: {plain(problem.detail)}", err=True)
    return found
