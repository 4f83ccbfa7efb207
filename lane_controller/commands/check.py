"""`borderlane check LANE.toml`: every mistake in one pass; with --connect every device, with --walk the
commissioning walk."""

import asyncio
import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lane_controller.commands.output import fail

if TYPE_CHECKING:
    from lane_controller.daemon.configuration import Configuration
    from lane_controller.daemon.connecting import Finding
    from lane_controller.daemon.equipment import Equipment
    from lane_controller.daemon.walk import Guide


@click.command("check")
@click.argument("configuration", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--connect", is_flag=True, help="Open every device and the broker, and print what came back.")
@click.option(
    "--walk", is_flag=True, help="The commissioning walk: try every input and output, and record it."
)
@click.option("--device", "only", multiple=True, help="With --walk: this device alone (may be repeated).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(configuration: Path, connect: bool, walk: bool, only: tuple[str, ...], as_json: bool) -> None:
    """Check a lane's configuration.

    Exits 1 when it has mistakes, the walk found one, its trust store is empty, older than 90 days or
    newer than this machine's clock, or its terminal key can't sign or has ended; 3 when a device or the
    broker was not reached."""
    from lane_controller.commands.logs import set_up
    from lane_controller.daemon.configuration import ConfigurationError, load

    set_up()
    try:
        loaded = load(configuration)
    except ConfigurationError as error:
        if as_json:
            mistakes = [
                {"line": one.line, "key": ".".join(map(str, one.path)), "text": one.text}
                for one in error.mistakes
            ]
            click.echo(json.dumps({"file": str(configuration), "mistakes": mistakes}, indent=2))
            sys.exit(1)
        fail(str(error), 1)
    if connect or walk:
        code, report = asyncio.run(_connect(loaded, walk, only))
    else:
        code, report = 0, _Report()
    report.note_commissioning(loaded)
    code = max(code, report.note_trust(loaded), report.note_terminal(loaded))
    report.print(loaded, as_json)
    sys.exit(code)


class _Report:
    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.walked: dict[str, str] = {}
        self.not_commissioned: list[str] = []
        self.trust = ""
        self.terminal = ""

    def note_commissioning(self, configuration: "Configuration") -> None:
        from lane_controller.daemon import commissioning

        self.not_commissioned = commissioning.missing(configuration)

    def note_trust(self, configuration: "Configuration") -> int:
        """What is wrong with the trust store; exit code 1 for one that is empty or out of date."""
        if configuration.chip is None or configuration.trust is None or configuration.trust.store is None:
            return 0
        from drivers.emrtd.signer_checks import store_age

        age = store_age(configuration.trust.store, datetime.now(UTC))
        if age.reason == "fresh":
            return 0
        days = age.details.get("days")
        if age.reason == "ahead_of_clock" and configuration.trust.store.refreshed is not None:
            day = configuration.trust.store.refreshed.date().isoformat()
            self.trust = (
                f"the trust store is of {day}, which is still to come by this machine's clock: no date can "
                "be judged by it\nTry: timedatectl, here and where the store was imported into"
            )
            return 1
        wrong = (
            "no root is trusted by the trust store: no chip's data can be verified"
            if days is None
            else f"nothing was imported into the trust store for {days} days"
        )
        self.trust = f"{wrong}\nTry: borderlane trust import {configuration.chip.trust} FILE..."
        return 0 if age.reason == "ageing" else 1

    def note_terminal(self, configuration: "Configuration") -> int:
        """What is wrong with the key that reads fingers and iris; exit code 1 for one of no use."""
        from drivers.emrtd.errors import TerminalKeyError
        from lane_controller.daemon import terminal_keys

        table = configuration.chip.biometrics if configuration.chip else None
        if table is None:
            return 0
        key = terminal_keys.load(table, terminal_keys.read_certificates(table))
        if own := terminal_keys.ended(key, datetime.now(UTC).date()):
            self.terminal = (
                f"the terminal's certificate {own.holder} ended on {own.expires}: no chip takes it"
            )
        try:
            key.sign(b"")
        except TerminalKeyError as error:
            self.terminal = str(error)
        return 1 if self.terminal else 0

    def print(self, configuration: "Configuration", as_json: bool) -> None:
        if as_json:
            text: dict[str, Any] = {
                "file": str(configuration.file),
                "configuration": configuration.digest,
                "mistakes": [],
                "findings": [
                    {"name": one.name, "what": one.what, "well": one.well, "text": one.text}
                    for one in self.findings
                ],
                "walked": self.walked,
                "not_commissioned": self.not_commissioned,
                "trust": self.trust,
                "terminal": self.terminal,
            }
            click.echo(json.dumps(text, indent=2))
            return
        click.echo(
            f"{configuration.site.name}/{configuration.lane.name}: no mistakes in {configuration.file}"
        )
        for place, one in enumerate(self.findings, 1):
            branch = "└─" if place == len(self.findings) else "├─"
            mark = "ok    " if one.well else "FAILED"
            click.echo(f"{branch} {mark} {one.name} ({one.what}){f': {one.text}' if one.text else ''}")
        for name, result in self.walked.items():
            click.echo(f"walk: {name}: {result}")
        if self.trust:
            click.echo(self.trust)
        if self.terminal:
            click.echo(self.terminal)
        if self.not_commissioned:
            click.echo(f"not commissioned, so no mode open: {', '.join(self.not_commissioned)}")
            click.echo(f"Try: borderlane check {configuration.file} --walk")


async def _connect(configuration: "Configuration", walk: bool, only: tuple[str, ...]) -> tuple[int, _Report]:
    from lane_controller.daemon.connecting import certificates, opened, try_broker

    report = _Report()
    if await _is_running(configuration):
        fail(
            f"{configuration.lane.name} is running and holds its devices",
            3,
            hint="borderlane status, or stop it",
        )
    unknown = set(only) - {spec.name for spec in configuration.devices}
    if unknown:
        fail(f"--device: there is no device {', '.join(sorted(unknown))} in {configuration.file}", 2)
    async with opened(configuration) as (equipment, findings):
        broker = await try_broker(configuration)
        report.findings = findings + ([broker] if broker else []) + certificates(configuration)
        reached = all(one.well for one in findings)
        well = True
        if walk and reached:
            well = await _walk(configuration, equipment, only, report)
        elif walk:
            report.walked["all"] = "not walked: first every device must be reached"
    if not all(one.well for one in report.findings) and not (walk and reached):
        return 3, report
    return (0 if well else 1), report


async def _is_running(configuration: "Configuration") -> bool:
    from lane_controller.daemon.status import ask

    try:
        await ask(configuration.socket, {"ask": "status"}, timeout_s=2.0)
    except (OSError, TimeoutError, ValueError):
        return False
    return True


async def _walk(
    configuration: "Configuration", equipment: "Equipment", only: tuple[str, ...], report: _Report
) -> bool:
    """Walk what is missing (or `only` those), record each device as soon as it was seen."""
    from drivers.errors import DeviceError
    from lane_controller.daemon import commissioning
    from lane_controller.daemon.walk import NotSeen, walk

    seen = commissioning.load(configuration.commissioning)
    names = list(only) or commissioning.missing(configuration)
    well = True
    for spec in configuration.devices:
        if spec.name not in names:
            continue
        guide = _guide(simulated=spec.simulated)
        try:
            results = await walk(equipment.watches[spec.name].device, equipment, guide)
        except (NotSeen, DeviceError) as error:
            report.walked[spec.name] = f"FAILED: {error}"
            seen.pop(spec.name, None)
            well = False
        else:
            report.walked[spec.name] = ", ".join(f"{step} {result}" for step, result in results.items())
            now = datetime.now(UTC).isoformat(timespec="seconds")
            wiring = commissioning.wiring(configuration, spec)
            seen[spec.name] = commissioning.Seen(wiring, now, guide.by, results)
        commissioning.save(configuration.commissioning, configuration, seen)
    return well


class _Person:
    """Somebody at the lane with this terminal."""

    def __init__(self) -> None:
        self.by = getpass.getuser()

    async def do(self, what: str) -> bool:
        click.echo(what)
        return True

    async def confirm(self, question: str) -> bool:
        return await asyncio.to_thread(click.confirm, question)

    async def known_weight_kg(self) -> float | None:
        question = "Drive a vehicle of known weight onto the deck; its weight in kg"
        return await asyncio.to_thread(click.prompt, question, type=float)


def _guide(*, simulated: bool) -> "Guide":
    from lane_controller.daemon.walk import Simulated

    if simulated:
        return Simulated()
    if not sys.stdin.isatty():
        fail("the commissioning walk needs a person at the lane and a terminal", 2)
    return _Person()
