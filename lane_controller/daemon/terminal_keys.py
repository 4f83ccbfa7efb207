"""The key by which this lane reads fingers and iris, and why it may: loaded anew for each reading.

A terminal's certificates last for weeks at most, so that their files are exchanged while the lane runs.  What
can't be read any more leaves the key as it was; a chip refuses one that has ended, and the verdict says so.
Either is a trouble of the lane before a document comes.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from lane_controller.daemon.configuration import secrets
from lane_controller.daemon.configuration.tables import BiometricsTable
from lane_controller.daemon.upkeep import Trouble
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Priority

if TYPE_CHECKING:
    from drivers.emrtd.biometrics import Biometrics
    from drivers.emrtd.card_verifiable import CvCertificate
    from drivers.emrtd.terminal_authentication import TerminalKey

FILE_BYTES_MAX = 16 * 1024

log = structlog.get_logger()


class TerminalKeys:
    """What a lane reads fingers and iris by."""

    def __init__(self, table: BiometricsTable) -> None:
        self._table = table
        self._last: Biometrics | None = None
        self._readable = True

    def look(self) -> "Biometrics | None":
        """Purpose and key as they are now, else as they were last; None where there was none.  Blocking."""
        from drivers.emrtd.biometrics import Biometrics
        from drivers.emrtd.errors import EmrtdError

        try:
            self._last = Biometrics(self._table.purpose, load(self._table, read_certificates(self._table)))
            self._readable = True
        except (ValueError, EmrtdError) as error:
            if self._readable:
                log.error("terminal key can't be read", error=str(error))
            self._readable = False
        return self._last

    def trouble(self, today: date) -> Trouble | None:
        """What a person should know of the key as it was last looked at.  Not high: all but fingers and iris
        goes on."""
        if not self._readable:
            return Trouble(Priority.MEDIUM, Reason(code="terminal_key_not_readable"))
        own = ended(self._last.key, today) if self._last is not None else None
        if own is None:
            return None
        parameters: dict[str, str | int | float | bool | None] = {"ended": own.expires.isoformat()}
        return Trouble(Priority.MEDIUM, Reason(code="terminal_certificate_ended", parameters=parameters))


def ended(key: "TerminalKey", today: date) -> "CvCertificate | None":
    """The terminal's certificate, the last to end where there are several, if no chip takes it any more."""
    from drivers.emrtd.card_verifiable import Role

    terminals = (each for each in key.certificates if each.role is Role.TERMINAL)
    own = max(terminals, key=lambda each: each.expires)
    return own if own.expires < today else None


def read_certificates(table: BiometricsTable) -> list[bytes]:
    """The files of the terminal's chain.  ValueError, with the file, where one is none."""
    from drivers.emrtd import card_verifiable
    from drivers.emrtd.errors import EmrtdError

    found: list[bytes] = []
    for path in table.certificates:
        found.append(_bytes(path))
        try:
            card_verifiable.read(found[-1])
        except EmrtdError as error:
            raise ValueError(f"{path}: no card-verifiable certificate: {error}") from None
    return found


def load(table: BiometricsTable, certificates: Sequence[bytes]) -> "TerminalKey":
    """The key of the file, or of the token, which is not looked for before it signs.

    ValueError or EmrtdError, whose text holds nothing of the key."""
    from drivers.emrtd import terminal_key, terminal_key_token

    if table.key is None:
        return terminal_key_token.load(table.token or "", certificates)
    secrets.refuse_readable_by_others(table.key)
    return terminal_key.load(_bytes(table.key), certificates)


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise ValueError(f"there is no file {path}")
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    if len(data) > FILE_BYTES_MAX:
        raise ValueError(f"{path}: over {FILE_BYTES_MAX} bytes")
    return data
