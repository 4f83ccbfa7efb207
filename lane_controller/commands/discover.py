"""`borderlane discover`: which ONVIF cameras answer on a network interface."""

import json
from collections.abc import Iterator
from ipaddress import IPv4Interface, ip_address
from typing import Any
from urllib.parse import urlsplit

import click

from drivers import multicast
from drivers.plate_camera import onvif_search
from drivers.plate_camera.onvif_discovery import Dropped, Match, host_of
from lane_controller.commands.output import fail
from lane_controller.commands.words import plain

READ_BY_THEMSELVES = {
    "hikvision": ("hikvision",),
    "dahua": ("dahua",),
    "onvif-events": ("onvif://www.onvif.org/profile/m", "/name/axis", "/manufacturer/axis"),
}
"""Drivers of cameras that may read plates by themselves, and what of their scopes, in lower case, says so."""

WHY = {
    Dropped.OTHER_INTERFACE: "over another interface",
    Dropped.TOO_LARGE: "too large",
    Dropped.NOT_XML: "no well-formed XML, or one with a document type",
    Dropped.NO_MATCH: "no answer to a probe",
    Dropped.OTHER_QUESTION: "to another question",
    Dropped.NOT_ONVIF: "of a device that is no ONVIF device",
    Dropped.NO_ENDPOINT: "without endpoint address",
    Dropped.NO_ADDRESS: "without an http address",
    Dropped.TOO_MANY: f"of more than {onvif_search.CAMERAS_MAX} devices",
    Dropped.BAD_XADDR: "addresses that are not http, name a user, or are damaged",
    Dropped.BAD_SCOPE: "scopes with control characters, or too long",
}


@click.command("discover")
@click.option(
    "--interface", "name", required=True, metavar="NAME", help="Ask on this network interface alone."
)
@click.option(
    "--seconds",
    type=click.FloatRange(1, 60),
    default=onvif_search.SECONDS,
    show_default=True,
    help="How long to wait for answers.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def command(name: str, seconds: float, as_json: bool) -> None:
    """Find ONVIF cameras by WS-Discovery on one network interface, and say which driver to set.

    No password is used and no setting is touched.  Answers that came over another interface or can't be used
    are dropped and counted.  Exit 0 also when none answered; 2 when there is no such interface; 3 when it is
    down, has no link or no address, or the system lets no question out."""
    try:
        interface = multicast.find(name)
        with multicast.Asking(interface) as asking:
            answers = onvif_search.search(asking, interface.index, seconds)
    except multicast.NoSuchInterface as error:
        fail(plain(error), 2, hint=plain(error.hint))
    except multicast.InterfaceError as error:
        fail(plain(error), 3, hint=plain(error.hint))
    found = sorted((_entry(one, interface.address) for one in answers.cameras.values()), key=_place)
    report: dict[str, Any] = {
        "interface": name,
        "address": str(interface.address),
        "seconds": seconds,
        "cameras": found,
        "dropped": {str(reason): count for reason, count in sorted(answers.dropped.items())},
    }
    click.echo(json.dumps(report, ensure_ascii=False, indent=2) if as_json else "\n".join(_text(report)))


def _entry(camera: onvif_search.Camera, own: IPv4Interface) -> dict[str, Any]:
    match = camera.match
    url = _url(camera)
    return {
        "endpoint": match.endpoint,
        "from": list(camera.sources),
        "in_network": all(ip_address(source) in own.network for source in camera.sources),
        "name": match.told("name"),
        "hardware": match.told("hardware"),
        "location": match.told("location"),
        "types": list(match.types),
        "xaddrs": list(match.xaddrs),
        "scopes": list(match.scopes),
        "url": url,
        "drivers": _drivers(match),
    }


def _place(entry: dict[str, Any]) -> tuple[int, str]:
    return int(ip_address(entry["from"][0])), entry["endpoint"]


def _url(camera: onvif_search.Camera) -> str:
    """The camera's address alone, as a driver wants it: the one it answered from, where it names that."""
    hosts = {host_of(xaddr): xaddr for xaddr in camera.match.xaddrs}
    own = [host for host in hosts if host.partition(":")[0] in camera.sources]
    host = next(iter(own or hosts))
    return f"{urlsplit(hosts[host]).scheme}://{host}"


def _drivers(match: Match) -> list[str]:
    """Drivers that are installed and may fit: the maker's own first, where its name is told."""
    from lane_controller.daemon.drivers import driver_points

    told, installed = " ".join(match.scopes).lower(), driver_points()
    fit = [driver for driver, words in READ_BY_THEMSELVES.items() if any(word in told for word in words)]
    return [driver for driver in (*fit, "rtsp") if driver in installed]


def _text(report: dict[str, Any]) -> Iterator[str]:
    cameras = report["cameras"]
    yield (
        f"{plain(report['interface'])} ({report['address']}): "
        + (
            f"{len(cameras)} camera(s) in {report['seconds']:g} s"
            if cameras
            else f"no camera answered in {report['seconds']:g} s"
        )
    )
    if cameras:
        yield from _table(cameras, IPv4Interface(report["address"]))
    else:
        yield "Look: is it switched on and discoverable, in this network, with no router or firewall between?"
    if report["dropped"]:
        told = ", ".join(f"{count} {WHY[Dropped(reason)]}" for reason, count in report["dropped"].items())
        yield f"dropped: {told}"


def _table(cameras: list[dict[str, Any]], own: IPv4Interface) -> Iterator[str]:
    rows = [("ADDRESS", "NAME", "HARDWARE", "LOCATION")]
    rows += [(", ".join(one["from"]), one["name"], one["hardware"], one["location"]) for one in cameras]
    widths = [min(max(len(row[column]) for row in rows), 40) for column in range(4)]
    for row, one in zip(rows, [None, *cameras], strict=True):
        yield "  ".join(f"{plain(cell):<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        if one is not None:
            yield from (f"    {plain(line)}" for line in _below(one, own))


def _below(one: dict[str, Any], own: IPv4Interface) -> Iterator[str]:
    yield one["endpoint"]
    yield from one["xaddrs"]
    if not one["in_network"]:
        yield f"its address is not of {own.network}, the interface's network: give one of the two another"
    if urlsplit(one["url"]).hostname not in one["from"]:
        yield "it answered from an address that it does not name: make sure whose it is before any password"
    *own_readers, rtsp = one["drivers"]
    for driver in own_readers:
        yield f'Try: driver = "{driver}", url = "{one["url"]}" where it reads plates by itself'
    yield f'Try: driver = "{rtsp}" with the url of its stream, which stands in the camera\'s own pages'
