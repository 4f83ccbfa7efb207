"""`borderlane simulate SCENARIO.toml`: plays one scenario, and prints what was expected beside what came."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

import click

from simulators.commands.running import quiet_logs, run_until_signal


@click.command("simulate")
@click.argument("scenario", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--seed", type=int, help="Draw people and vehicles anew; the scenario's own seed otherwise.")
@click.option(
    "--speed",
    type=click.FloatRange(0.1, 20.0),
    default=1.0,
    show_default=True,
    help="Simulated seconds a second.",
)
@click.option(
    "--run-dir", type=click.Path(path_type=Path, file_okay=False), help="Where journals and logs stay."
)
@click.option(
    "--control", type=click.Path(path_type=Path, dir_okay=False), help="Unix socket to look in and change."
)
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
def command(
    scenario: Path, seed: int | None, speed: float, run_dir: Path | None, control: Path | None, as_json: bool
) -> None:
    """Play one SCENARIO file with simulated devices on real wires and the lanes' real daemons.

    Exits 0 when everything came as expected, 1 when not, 2 for a wrong scenario, 3 when a service or device
    could not be started."""
    from simulators.children import ChildFailed
    from simulators.runner import Player
    from simulators.scenario import ScenarioError, load

    quiet_logs()

    def told(line: str) -> None:
        click.echo(line, err=as_json)

    with tempfile.TemporaryDirectory(prefix="borderlane-") as scratch:
        try:
            folder = run_dir or Path(scratch)
            player = Player(load(scenario), folder, seed=seed, speed=speed, control=control, told=told)
            report = asyncio.run(run_until_signal(player.play()))
        except ScenarioError as error:
            click.echo(str(error), err=True)
            sys.exit(2)
        except (ChildFailed, OSError, RuntimeError) as error:
            click.echo(f"simulate: {error}", err=True)
            sys.exit(3)
    if report is None:
        click.echo("interrupted", err=True)
        sys.exit(130)
    click.echo(json.dumps(report.json(), indent=2) if as_json else report.text())
    sys.exit(0 if report.agrees else 1)
