"""`borderlane run LANE.toml`: the lane's daemon."""

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lane_controller.commands.output import fail

if TYPE_CHECKING:
    from lane_controller.daemon.service import Daemon

END_S = 0.5
"""What a driver left behind is waited for at the end."""


@click.command("run")
@click.argument("configuration", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--debug", is_flag=True, help="Log every step of every device.")
def command(configuration: Path, debug: bool) -> None:
    """Run the lane of one configuration file until SIGTERM or Ctrl-C.

    Exits 2 when the configuration has mistakes, 3 when the journal or the status socket can't be used, or the
    journal was lost."""
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
    except JournalError as error:
        fail(str(error), 3)
    sys.exit(asyncio.run(_run(daemon)))


async def _run(daemon: "Daemon") -> int:
    """Run it to its end, and say in one line why it had to."""
    from lane_controller.daemon.journal import JournalError

    code = 0
    try:
        await daemon.run()
    except* JournalError as errors:
        click.echo(str(errors.exceptions[0]), err=True)
        code = 3
    except* OSError as errors:
        click.echo(str(errors.exceptions[0]), err=True)
        code = 3
    # The journal is closed and the devices were let go: nothing is lost with a driver that will not end.
    if not await _all_ended():
        os._exit(code)
    return code


async def _all_ended() -> bool:
    """Whether tasks and threads that drivers left behind end within a moment."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others and (await asyncio.wait(others, timeout=END_S))[1]:
        return False
    try:
        async with asyncio.timeout(END_S):
            await asyncio.get_running_loop().shutdown_default_executor()
    except TimeoutError:
        return False
    return True
