"""What a command believes a chip's signatures by: a trust store or folder, and what in it is of no use."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lane_controller.commands.output import fail
from lane_controller.commands.trust_told import tell_problems
from lane_controller.commands.words import plain

if TYPE_CHECKING:
    from drivers.emrtd.trust_store import TrustStore


class TrustPath(click.ParamType[Path]):
    """A trust store, or a file or folder of trust material.  An empty name, as an unset variable of a script
    gives, is not the folder one happens to stand in."""

    name = "path"

    def convert(self, value: str | Path, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if not value:
            self.fail("the name is empty; expected a trust store or a folder", param, ctx)
        return Path(value)


TRUST = TrustPath()


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
    tell_problems(found.problems, f"{plain(path)}: ")
    return found
