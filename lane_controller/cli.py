"""`borderlane`: one program, a verb a line in the entry-point group `borderlane.commands`.

Only the verb that was called is imported, so that a lane starts fast and no package imports all others.
Exit 0 done, 1 a finding, 2 wrong use, 3 device or service not reached.
"""

import errno
import sys
from importlib.metadata import entry_points
from typing import cast

import click

from lane_controller import ownership

_FULL = (errno.ENOSPC, errno.EDQUOT)
"""What a write to a full disk ends in; click has seen to a reader of a pipe that went away."""


class Verbs(click.Group):
    """Loads a verb when it is called or asked for help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(entry.name for entry in entry_points(group="borderlane.commands"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        for entry in entry_points(group="borderlane.commands", name=cmd_name):
            return cast(click.Command, entry.load())
        return None


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="borderlane")
def borderlane() -> None:
    """Border-lane control: a lane's daemon, the operators' dashboard, and the simulators to try both."""


def main() -> None:
    """The program's entry."""
    try:
        ownership.check()
    except ownership.NotOurs as error:
        click.echo(f"borderlane: {error}", err=True)
        sys.exit(3)
    try:
        borderlane.main(prog_name="borderlane")
    except OSError as error:
        if error.errno not in _FULL or error.filename is not None:
            raise
        click.echo(f"borderlane: the output cannot be written: {error.strerror}", err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
