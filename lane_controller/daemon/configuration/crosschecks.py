"""What must hold between parts of a configuration.  Each rule waits for the parts it looks at: one mistake
makes one message."""

import ipaddress
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from drivers.boards.contacts import Contact
from drivers.document_reader.chips import ChipReader
from drivers.registers import KINDS
from lane_controller.daemon import terminal_keys
from lane_controller.daemon.building import build
from lane_controller.daemon.configuration import secrets
from lane_controller.daemon.configuration.loading import DeviceSpec, Draft
from lane_controller.daemon.configuration.mistakes import Mistake, did_you_mean
from lane_controller.daemon.configuration.tables import BiometricsTable, BrokerTable, ChipTable
from lane_controller.daemon.status import PATH_BYTES_MAX
from lane_controller.daemon.trust import Trust
from lane_controller.lane.checks import CHECKS, document_visual_zone

NEEDED_ROLES = {
    "plate_": "plate_camera",
    "weight_": "scale",
    "scale_": "scale",
    "document_": "document_reader",
    "person_": "document_reader",
    "chip_": "document_reader",
}
"""By the beginning of a check's name: what the lane must have for it ever to pass."""


def cross_check(draft: Draft) -> None:
    """Add the mistakes between parts to `draft`."""
    for rule in (
        _broker,
        _clock,
        _status,
        _scale,
        _lines,
        _boards,
        _contacts,
        _movement,
        _registers,
        _chip,
        _checks,
    ):
        draft.mistakes += rule(draft)


def _broker(draft: Draft) -> Iterator[Mistake]:
    broker = draft.tables.get("broker")
    if not isinstance(broker, BrokerTable):
        return
    parts = {"ca": broker.ca, "certificate": broker.certificate, "key": broker.key}
    missing = [name for name, path in parts.items() if path is None]
    if len(missing) == 3 and _is_loopback(broker.host):
        return
    for name in missing:
        yield Mistake(
            ("broker", name), "this key is required: only a loopback broker goes without mutual TLS"
        )
    for name, path in parts.items():
        if path is None:
            continue
        if not path.is_file():
            yield Mistake(("broker", name), f"there is no file {path}")
        elif name == "key":
            try:
                secrets.refuse_readable_by_others(path)
            except ValueError as error:
                yield Mistake(("broker", name), str(error))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _clock(draft: Draft) -> Iterator[Mistake]:
    clock = draft.tables.get("clock")
    if clock is None or clock.speed == 1.0:
        return
    real = [spec.name for spec in (*draft.devices.values(), *draft.registers.values()) if not spec.simulated]
    if real:
        text = f"simulated speed {clock.speed} is refused while devices are real: {', '.join(real)}"
        yield Mistake(("clock", "speed"), text)


def _status(draft: Draft) -> Iterator[Mistake]:
    status, journal = draft.tables.get("status"), draft.tables.get("journal")
    if status is None or status.socket is None:
        if journal is not None and _is_too_long(journal.path.with_name("status.sock")):
            text = f"the status socket beside it would have more than {PATH_BYTES_MAX} bytes in its path"
            yield Mistake(("journal", "path"), f"{text}: give [status] a `socket`")
    elif _is_too_long(status.socket):
        yield Mistake(("status", "socket"), f"a Unix socket's path has at most {PATH_BYTES_MAX} bytes")


def _is_too_long(socket: Path) -> bool:
    return len(os.fsencode(socket)) > PATH_BYTES_MAX


def _scale(draft: Draft) -> Iterator[Mistake]:
    scales = _with_role(draft, "scale")
    if scales and "scale" not in draft.tables and not _mistaken(draft, "scale"):
        yield Mistake(("scale",), f"the table [scale] is required: the lane has the scale {scales[0].name!r}")
    for extra in scales[1:]:
        yield Mistake(("devices", extra.name), f"a second scale beside {scales[0].name!r}; a lane has one")
    table = draft.tables.get("scale")
    if table is not None and table.zero_within_kg >= table.minimum_kg:
        yield Mistake(("scale", "zero_within_kg"), f"expected less than minimum_kg ({table.minimum_kg})")


def _lines(draft: Draft) -> Iterator[Mistake]:
    """A serial line, and the one connection of a serial server, is opened by one device for itself alone."""
    opened: dict[str, str] = {}
    for spec in draft.devices.values():
        for key in ("port", "path"):
            line = getattr(spec.options, key, None)
            if spec.board is None and isinstance(line, str | Path):
                other = opened.setdefault(str(line), spec.name)
                if other != spec.name:
                    text = f"{line} is already opened by {other!r}; a line serves one device"
                    yield Mistake(("devices", spec.name, key), text)


def _boards(draft: Draft) -> Iterator[Mistake]:
    boards = {spec.name for spec in _with_role(draft, "board")}
    for spec in draft.devices.values():
        if spec.board is None or _mistaken(draft, "devices", spec.board):
            continue
        if spec.board not in boards:
            text = f"there is no board {spec.board!r}{did_you_mean(spec.board, boards)}"
            yield Mistake(("devices", spec.name, "board"), text)


def _contacts(draft: Draft) -> Iterator[Mistake]:
    """Each board can carry what sits on it, and each input serves one purpose."""
    _, refused = build(draft.devices.values())
    for name, error in refused.items():
        yield Mistake(("devices", name), error.message + (f"; {error.hint}" if error.hint else ""))
    used: dict[tuple[str | None, int], str] = {}
    for spec in draft.devices.values():
        for key, contact in spec.options:
            if isinstance(contact, Contact):
                other = used.setdefault((spec.board, contact.channel), f"{spec.name}.{key}")
                if other != f"{spec.name}.{key}":
                    text = f"input {contact.channel} of {spec.board!r} is already {other}"
                    yield Mistake(("devices", spec.name, key), text)


def _movement(draft: Draft) -> Iterator[Mistake]:
    barriers = _with_role(draft, "barrier")
    for extra in barriers[1:]:
        yield Mistake(
            ("devices", extra.name), f"a second barrier beside {barriers[0].name!r}; a lane has one"
        )
    sensors = [spec for spec in _with_role(draft, "presence") if spec.place == "clearance"]
    if barriers and not sensors and not _mistaken(draft, "devices"):
        text = "no presence sensor looks at the place `clearance`: the arm could never be lowered by itself"
        yield Mistake(("devices", barriers[0].name), text)


def _registers(draft: Draft) -> Iterator[Mistake]:
    asked: dict[str, str] = {}
    for spec in draft.registers.values():
        if spec.name in draft.devices:
            yield Mistake(("registers", spec.name), "a device has the same name")
        for kind in spec.kinds:
            other = asked.setdefault(kind, spec.name)
            if other != spec.name:
                yield Mistake(("registers", spec.name, "kinds"), f"{kind!r} is already asked of {other!r}")
    assert asked.keys() <= set(KINDS)


def _checks(draft: Draft) -> Iterator[Mistake]:
    counts = Counter(check.check for check in draft.checks.values())
    for index, check in draft.checks.items():
        at = ("checks", index, "check")
        if check.check not in CHECKS:
            yield Mistake(at, f"there is no check {check.check!r}{did_you_mean(check.check, CHECKS)}")
            continue
        if counts[check.check] > 1:
            yield Mistake(at, f"the check {check.check!r} stands here {counts[check.check]} times")
        role = next((role for start, role in NEEDED_ROLES.items() if check.check.startswith(start)), None)
        if role and not _with_role(draft, role) and not _mistaken(draft, "devices"):
            yield Mistake(at, f"{check.check!r} can never pass: the lane has no {role}")
        pages = draft.tables.get("pages")
        if check.check == document_visual_zone.NAME and not (pages and pages.visual_zone):
            yield Mistake(at, f"{check.check!r} can never pass without `visual_zone = true` in [pages]")


def _chip(draft: Draft) -> Iterator[Mistake]:
    table = draft.tables.get("chip")
    for index, check in draft.checks.items():
        of_chip = check.check.startswith("chip_") and check.check in CHECKS
        if of_chip and table is None and not _mistaken(draft, "chip"):
            text = f"{check.check!r} can never pass without a table [chip] with `trust`"
            yield Mistake(("checks", index, "check"), text)
    if not isinstance(table, ChipTable):
        return
    readers = [spec for spec in draft.devices.values() if issubclass(spec.type, ChipReader)]
    if not readers and not _mistaken(draft, "devices"):
        yield Mistake(("chip",), "the lane has no device that reads chips (driver `pcsc`)")
    for extra in readers[1:]:
        text = f"a second reader of chips beside {readers[0].name!r}; a lane has one"
        yield Mistake(("devices", extra.name), text)
    draft.trust = Trust(table.trust)
    if problem := _trust_problem(table.trust, draft.trust):
        yield Mistake(("chip", "trust"), problem)
    if table.biometrics is not None:
        yield from _biometrics(table.biometrics)


def _trust_problem(path: Path, trust: Trust) -> str:
    """Why this is no trust store, "" when it is one, which `trust` then has read."""
    from drivers.emrtd.errors import EmrtdError

    try:
        if not path.is_file():
            return f"there is no file {path}; build it with `borderlane trust import`"
        trust.read()
    except OSError as error:  # its folder is not for us to look into
        return f"{path}: cannot be read: {error.strerror}"
    except EmrtdError as error:
        return str(error)
    return ""


def _biometrics(table: BiometricsTable) -> Iterator[Mistake]:
    """A token that is away is no mistake of the file: `check` tries it, and a lane starts without it."""
    from drivers.emrtd.errors import EmrtdError

    at = ("chip", "biometrics")
    if (table.key is None) == (table.token is None):
        yield Mistake(at, "give either `key`, a file, or `token`, a PKCS #11 URI")
        return
    try:
        certificates = terminal_keys.read_certificates(table)
    except ValueError as error:
        yield Mistake((*at, "certificates"), str(error))
        return
    try:
        terminal_keys.load(table, certificates)
    except (ValueError, EmrtdError) as error:
        yield Mistake((*at, "key" if table.token is None else "token"), str(error))


def _with_role(draft: Draft, role: str) -> list[DeviceSpec]:
    return [spec for spec in draft.devices.values() if spec.role == role]


def _mistaken(draft: Draft, *path: str) -> bool:
    """Whether something at or under `path` is already known to be wrong."""
    return any(mistake.path[: len(path)] == path for mistake in draft.mistakes)
