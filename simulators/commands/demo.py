"""`borderlane demo`: a whole site on this machine, with traffic, to look at."""

import asyncio
import os
import shutil
import sqlite3
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click

from simulators.commands.running import quiet_logs, run_until_signal

PATH_BYTES_MAX = 60
"""A Unix socket's path has at most 107 bytes, and the lanes' stand some folders below."""
KEPT_RUNS = 3
SEED = 1


@click.command("demo")
@click.option(
    "--for", "seconds", type=click.FloatRange(1), help="Stop the traffic after so many seconds and sum up."
)
@click.option("--seed", type=int, default=SEED, show_default=True, help="Who comes.")
@click.option("--run-dir", type=click.Path(path_type=Path, file_okay=False), help="Where everything is kept.")
def command(seconds: float | None, seed: int, run_dir: Path | None) -> None:
    """Start a broker, simulated devices, four lanes and the dashboard, and let traffic flow until Ctrl-C.

    With --for, stops the traffic, waits at most 15 s for the last acknowledgement, prints what each lane did,
    and exits 1 when a journal and the store differ."""
    from simulators.children import ChildFailed
    from simulators.summary import JournalUnreadable

    quiet_logs()
    try:
        done = asyncio.run(run_until_signal(_demo(seconds, seed, run_dir or _run_dir())))
    except (ChildFailed, JournalUnreadable, OSError, RuntimeError, sqlite3.Error) as error:
        click.echo(f"demo: {error}", err=True)
        sys.exit(3)
    if done is None:
        click.echo("stopped")
        sys.exit(0)
    sys.exit(0 if done else 1)


def _run_dir() -> Path:
    """A folder of this run under ./var/demo, or a temporary one where that path is too long; old runs go."""
    runs = Path("var/demo").absolute()
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    if len(str(runs / name)) > PATH_BYTES_MAX:
        return Path(tempfile.mkdtemp(prefix="bl-demo-"))
    runs.mkdir(parents=True, exist_ok=True)
    for old in sorted(runs.iterdir())[: -KEPT_RUNS + 1 or None]:
        shutil.rmtree(old, ignore_errors=True)
    return runs / name


async def _demo(seconds: float | None, seed: int, folder: Path) -> bool:
    from simulators.dashboard_process import USERS
    from simulators.demo_site import Demo, open_ports
    from simulators.plate_truth import text as plates_text
    from simulators.summary import seen, text

    def told(line: str) -> None:
        click.echo(f"{datetime.now(UTC):%H:%M:%SZ} {line}")

    demo = Demo(folder, seed=seed, drives=None, told=told)
    try:
        await demo.start()
        dashboard = demo.site.dashboard
        assert dashboard is not None
        click.echo(f"\nDashboard: {dashboard.url}\nPassword of all demo users: {dashboard.password}")
        for user in USERS:
            click.echo(f"    {user.name:11} {user.role}{', ' + user.agency if user.agency else ''}")
        ports = ", ".join(str(port) for port in open_ports(tuple(demo.site.benches.values())))
        click.echo(
            f"Everything listens on loopback only, but for vpcd (a virtual card reader): ports {ports}"
        )
        click.echo(f"Journals, store and logs: {folder}")
        click.echo(
            "Holds are released by a scripted operator through the dashboard.  Ctrl-C stops everything.\n"
        )
        await demo.run(seconds)
        told("traffic stops")
        await demo.stop_traffic()
        summaries = await demo.settle()
        click.echo("\n" + text(summaries))
        click.echo("\n" + seen(summaries, demo.cables))
        click.echo(plates_text(demo.plates_read()))
        parts = ", ".join(f"{part} {share:.2f}" for part, share in demo.processors.items())
        busy = sum(demo.processors.values())
        click.echo(f"Processors: {busy:.2f} of {os.cpu_count()} busy with it while traffic flowed ({parts})")
        return all(summary.agrees for summary in summaries)
    finally:
        click.echo("stopping")
        await demo.stop()
