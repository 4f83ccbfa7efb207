"""ONVIF's discovery: what both ends make of the same datagrams."""

from typing import Any

from drivers.plate_camera.onvif_discovery import TYPES, probe, read
from simulators.plate_camera.onvif_discovery import DEVICE, NETWORK, Card, matches, probe_in

SPACES = {"dn": NETWORK, "tds": DEVICE}


def driver_writes(means: dict[str, Any], settings: dict[str, Any]) -> bytes:
    (kind,) = (
        one for one, space in TYPES.items() if f"{space} {one.partition(':')[2]}" == means["looks_for"]
    )
    return probe(kind, means["question"])


def simulator_reads(data: bytes, settings: dict[str, Any]) -> dict[str, Any] | None:
    found = probe_in(data)
    if found is None:
        return None
    ((space, name),) = found.types
    return {"question": found.message.removeprefix("uuid:"), "looks_for": f"{space} {name}"}


def simulator_writes(means: dict[str, Any], settings: dict[str, Any]) -> bytes:
    types = tuple(
        (SPACES[prefix], name) for prefix, _, name in (one.partition(":") for one in settings["types"])
    )
    card = Card(means["endpoint"], tuple(means["xaddrs"]), tuple(means["scopes"]), types)
    question = f"uuid:{means['question']}"
    return matches(card, question, settings["message"], settings["number"], settings["instance"])


def driver_reads(data: bytes, settings: dict[str, Any]) -> dict[str, Any] | None:
    found, _ = read(data, {settings["question"]})
    if not found:
        return None
    (one,) = found
    return {
        "question": settings["question"],
        "endpoint": one.endpoint,
        "xaddrs": list(one.xaddrs),
        "scopes": list(one.scopes),
        "name": one.told("name"),
        "hardware": one.told("hardware"),
        "location": one.told("location"),
    }
