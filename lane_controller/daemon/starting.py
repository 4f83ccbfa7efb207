"""Which configuration a daemon starts with: the file, or the last good copy of it.

The file itself is never written.  Each configuration that a daemon started with is kept as a copy in the
state directory (`$STATE_DIRECTORY`, which systemd sets), so that a mistake in the file does not keep a lane
from coming up after a power cut."""

import os
from dataclasses import dataclass
from pathlib import Path

import structlog

from lane_controller.daemon.configuration import Configuration, ConfigurationError, load

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Chosen:
    configuration: Configuration
    refused: str = ""
    """Why the file could not be used; "" when it is in use."""


def choose(file: Path, state_directory: Path | None) -> Chosen:
    """The file's configuration, or the last good one.  Raises ConfigurationError when there is neither."""
    copy = None if state_directory is None else state_directory / f"{file.stem}.last-good.toml"
    try:
        configuration = load(file)
    except ConfigurationError as error:
        if copy is None or not copy.exists():
            raise
        log.error("configuration refused: the last good one is used", file=str(file), copy=str(copy))
        return Chosen(load(copy, folder=file.absolute().parent), str(error))
    if copy is not None:
        keep(copy, configuration.text)
    return Chosen(configuration)


def keep(copy: Path, text: str) -> None:
    """Write the copy, whole or not at all.  A copy that can't be written is only logged."""
    try:
        if copy.exists() and copy.read_text() == text:
            return
        new = copy.with_name(f"{copy.name}.new")
        new.write_text(text)
        new.chmod(0o600)
        new.rename(copy)
    except OSError as error:
        log.warning("last good configuration not kept", copy=str(copy), error=str(error))


def state_directory() -> Path | None:
    """The first of `$STATE_DIRECTORY`; None outside systemd."""
    value = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    return Path(value) if value else None
