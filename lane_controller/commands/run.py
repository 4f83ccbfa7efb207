"""`borderlane run LANE.toml`: the lane's daemon."""

import asyncio
import sys
from pathlib import Path

import click

from lane_controller.commands.output import fail


@click.command("run")
@click.argument("configuration", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--debug", is_flag=True, help="Log every step of every device.")
def command(configuration: Path, debug: bool) -> None:
    """Run the lane of one configuration file until SIGTERM or Ctrl-C.

    Exits 2 when the configuration has mistakes, 3 when the journal can't be used or was lost."""
    from lane_controller.commands.logs import set_up
    from lane_controller.daemon.configuration import ConfigurationError
    from lane_controller.daemon.journal import JournalError
    from lane_controller.daemon.service import Daemon
    from lane_controller.daemon.starting import choose, state_directory

    set_up(debug=debug)
    try:
        chosen = choose(configuration, state_directory())
    except ConfigurationError as error:
        fail(str(error), 2, hint=f"borderlane check {configuration}")
    try:
        daemon = Daemon(chosen.configuration, refused=chosen.refused)
        asyncio.run(daemon.run())
    except* JournalError as errors:
        fail(str(errors.exceptions[0]), 3)
    sys.exit(0)
