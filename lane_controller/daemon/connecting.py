"""Opening every device once, without running the lane: what `borderlane check --connect` shows."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiomqtt
from cryptography import x509

from drivers.device import Device
from drivers.errors import DeviceError
from lane_controller.daemon.broker_tls import Overheard, in_words, tls_context
from lane_controller.daemon.configuration import Configuration
from lane_controller.daemon.equipment import Equipment, equip
from lane_controller.daemon.walk import NotSeen, first_reading

IDENTIFY_S = 2.0
CLOSE_S = 1.5


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the tree: what was tried, whether it is well, what came back."""

    name: str
    what: str
    well: bool
    text: str


@contextlib.asynccontextmanager
async def opened(configuration: Configuration) -> AsyncGenerator[tuple[Equipment, list[Finding]]]:
    """All devices and registers, opened once and without retrying; what came of each."""
    equipment = equip(configuration, lambda _: _nothing, _nothing, lambda: 0.0)
    devices = {name: watch.device for name, watch in equipment.watches.items()}
    try:
        findings = await asyncio.gather(*(try_device(device) for device in devices.values()))
        yield equipment, list(findings)
    finally:
        await asyncio.gather(*(_close(device) for device in devices.values()))


def _nothing(*_: Any) -> None:
    """The check watches nothing."""


async def try_device(device: Device[Any]) -> Finding:
    """Open a device, ask what it is, and wait for a first good reading where it has a tempo."""
    what = f"{device.role}, {device.model}"
    within_s = device.open_s + IDENTIFY_S
    try:
        async with asyncio.timeout(within_s):
            await device.open()
            identity = await device.identify()
        if device.silent_s is not None:
            await first_reading(device, lambda _: True, device.silent_s + 1.0, "a good reading")
    except DeviceError as error:
        hint = f" ({error.hint})" if error.hint else ""
        return Finding(device.name, what, False, f"{error.message}{hint}")
    except TimeoutError:
        return Finding(device.name, what, False, f"did not open within {within_s:.0f} s")
    except NotSeen as error:
        return Finding(device.name, what, False, f"open, but {error}")
    except Exception as error:  # a driver's bug is a finding like any other
        return Finding(device.name, what, False, f"its driver has a bug: {type(error).__name__}: {error}")
    return Finding(device.name, what, True, identity)


async def _close(device: Device[Any]) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CLOSE_S):
            await device.close()


async def try_broker(configuration: Configuration) -> Finding | None:
    """Connect to the broker once; None for a lane without one."""
    broker = configuration.broker
    if broker is None:
        return None
    where, overheard = f"{broker.host}:{broker.port}", Overheard()
    try:
        context = tls_context(broker, f"{configuration.site.name}/{configuration.lane.name}")
        async with aiomqtt.Client(
            broker.host, broker.port, tls_context=context, timeout=5.0, logger=overheard.logger()
        ):
            return Finding("broker", where, True, "mutual TLS" if broker.tls else "without TLS (loopback)")
    except (aiomqtt.MqttError, OSError) as error:
        return Finding("broker", where, False, in_words(error, overheard.error, broker))


def certificates(configuration: Configuration) -> list[Finding]:
    """How long the lane's certificate and its authority's still hold."""
    broker = configuration.broker
    if broker is None or broker.tls is None:
        return []
    authority, own, _ = broker.tls
    return [_certificate("broker.certificate", own), _certificate("broker.ca", authority)]


def _certificate(name: str, path: Path) -> Finding:
    try:
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        return Finding(name, str(path), False, f"can't be read: {error}")
    days = (ends - datetime.now(UTC)).days
    return Finding(name, str(path), days >= 0, f"ends {ends:%Y-%m-%d}, in {days} days")
