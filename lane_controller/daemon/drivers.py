"""Finding drivers: the entry points of the group `borderlane.drivers`, ours and third parties'."""

from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from drivers.device import Device

GROUP = "borderlane.drivers"
ROLES_ON_CONTACTS = ("barrier", "signal", "presence")


class DriverError(Exception):
    """A driver that can't be had; the message says which and why."""


@cache
def driver_points() -> dict[str, EntryPoint]:
    """All drivers by name, not yet imported."""
    return {point.name: point for point in entry_points(group=GROUP)}


def load_driver(name: str) -> type[Device[Any]]:
    """Import one driver.  Raises DriverError when there is none, or when it is no driver."""
    points = driver_points()
    if name not in points:
        raise DriverError(f"there is no driver {name!r}")
    try:
        found = points[name].load()
    except Exception as error:  # a third party's module may raise anything at its import
        raise DriverError(f"driver {name!r} ({points[name].value}) can't be imported: {error}") from error
    if not (isinstance(found, type) and issubclass(found, Device)):
        raise DriverError(f"driver {name!r} ({points[name].value}) is no Device")
    return found


def contacts_driver(role: str) -> type[Device[Any]]:
    """The driver of a role on a board's contacts: barrier, signal or presence."""
    driver: type[Device[Any]] = import_module(f"drivers.{role}.contacts").Driver
    return driver
