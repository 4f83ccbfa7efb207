"""`borderlane`: one program, a verb a line in the entry-point group `borderlane.commands`.

Only the verb that was called is imported, so that a lane starts fast and no package imports all others.
Exit 0 done, 1 a finding, 2 wrong use, 3 device or service not reached.
"""

import sys
from importlib.metadata import entry_points
from typing import cast

import click

from lane_controller import ownership


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
    borderlane.main(prog_name="borderlane")


if __name__ == "__main__":
    main()
