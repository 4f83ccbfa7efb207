"""`borderlane drivers`: what can stand in a lane's file."""

import json
import sys
from typing import Any

import click


@click.command("drivers")
@click.option("--json", "as_json", is_flag=True, help="Print all with their options as JSON Schema.")
def command(as_json: bool) -> None:
    """List the drivers: role, model, and how far each has been proved.

    Exits 1 when one of them can't be imported."""
    from lane_controller.daemon.drivers import (
        ROLES_ON_CONTACTS,
        DriverError,
        contacts_driver,
        driver_points,
        load_driver,
    )

    found: list[dict[str, Any]] = []
    failed: list[str] = []
    for name in sorted(driver_points()):
        try:
            found.append(_described(name, load_driver(name)))
        except DriverError as error:
            failed.append(str(error))
    found += [_described("contacts", contacts_driver(role)) for role in ROLES_ON_CONTACTS]
    if as_json:
        click.echo(json.dumps({"drivers": found, "failed": failed}, indent=2))
    else:
        for one in sorted(found, key=lambda one: (one["role"], one["driver"])):
            click.echo(f"{one['role']:16} {one['driver']:18} {one['grade']:20} {one['model']}")
        for text in failed:
            click.echo(text, err=True)
    sys.exit(1 if failed else 0)


def _described(name: str, driver: Any) -> dict[str, Any]:
    return {
        "driver": name,
        "role": driver.role,
        "model": driver.model,
        "grade": str(driver.grade),
        "options": driver.options_type.model_json_schema(),
    }
