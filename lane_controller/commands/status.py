"""`borderlane status LANE.toml`: what a running lane says of itself."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import click

from lane_controller.commands.output import fail


@click.command("status")
@click.argument("place", metavar="LANE.toml|SOCKET", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(place: Path, as_json: bool) -> None:
    """Show a running lane: mode, arm, devices with their age, journal, broker.

    Exits 1 when a device is not well or an alarm stands, 3 when the lane does not answer."""
    from lane_controller.daemon.status import ask

    socket = find_socket(place)
    try:
        status = asyncio.run(ask(socket, {"ask": "status"}))
    except (OSError, TimeoutError, ValueError) as error:
        fail(f"{socket}: no lane answers ({error}); is `borderlane run` running?", 3)
    click.echo(json.dumps(status, indent=2) if as_json else as_text(status))
    degraded = any(one["health"] == "degraded" for one in status["devices"])
    sys.exit(1 if degraded or status["alarms"] else 0)


def find_socket(place: Path) -> Path:
    """The socket itself, or that of a configuration file."""
    from lane_controller.daemon.configuration import ConfigurationError, load

    if place.is_socket() or place.suffix != ".toml":
        return place
    try:
        return load(place).socket
    except ConfigurationError as error:
        fail(str(error), 2)


def as_text(status: dict[str, Any]) -> str:
    """For people."""
    passage, journal, broker = status["passage"], status["journal"], status["broker"]
    name = f"{status['site']}/{status['lane']}"
    lines = [f"{name}  mode {status['mode']}, arm {status['arm']}, lamp {status['lamp']}"]
    if status["simulated"]:
        lines.append(f"simulated: {', '.join(status['simulated'])}")
    if passage:
        lines.append(
            f"passage {passage['passage']}: {passage['phase']}, {passage['decision'] or 'undecided'}"
        )
    for one in status["devices"]:
        age = "never" if one["age_s"] is None else f"{one['age_s']:.1f} s ago"
        error = f"  {one['last_error']}" if one["health"] == "degraded" else ""
        lines.append(f"  {one['device']:20} {one['health']:9} {one['reason']:14} last good {age}{error}")
    lines += [f"alarm {one['priority']}: {one['alarm']}" for one in status["alarms"]]
    lines.append(
        f"journal {journal['id'][:8]}: {journal['rows']} rows, {journal['events']} events, "
        f"{journal['backlog']} not acknowledged, {journal['bytes'] / 1e6:.1f} MB"
    )
    if broker is not None:
        lines.append(
            "broker connected" if broker["connected"] else f"broker not connected: {broker['problem']}"
        )
    return "\n".join(lines)
