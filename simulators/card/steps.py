"""What a command is a step of, in words: the names by which faults and delays find their moment.

select:MF, select:EMRTD, select:EF.SOD, read:DG2, get_challenge, bac, mse:pace, pace:nonce, pace:map,
pace:agree, pace:token, mse:ca, ca, aa, mse:dst, certificate, mse:ta, ta, other

Files that the standard does not name go by their identifier: read:8001.  Whoever names steps may write a
pattern (read:*); one that fits none of the names above is a mistake.
"""

import re
from difflib import get_close_matches
from fnmatch import fnmatchcase

from simulators.card import file_system as files
from simulators.card import security_commands as security
from simulators.card.apdu import Command, Refused
from simulators.card.personalisation import (
    EF_ATR_INFO,
    EF_CARD_ACCESS,
    EF_CARD_SECURITY,
    EF_COM,
    EF_CVCA,
    EF_DIR,
    EF_SOD,
    EMRTD_APPLICATION,
    MASTER_FILE,
    FileKey,
    data_group,
)
from simulators.card.session import State

_NAMES: dict[FileKey, str] = {
    EF_ATR_INFO: "EF.ATR/INFO",
    EF_DIR: "EF.DIR",
    EF_CARD_ACCESS: "EF.CardAccess",
    EF_CARD_SECURITY: "EF.CardSecurity",
    EF_COM: "EF.COM",
    EF_SOD: "EF.SOD",
    EF_CVCA: "EF.CVCA",
    **{data_group(number): f"DG{number}" for number in range(1, 17)},
}
_MANAGED = {
    (0xC1, 0xA4): "mse:pace",
    (0x41, 0xA6): "ca",
    (0x41, 0xA4): "mse:ca",
    (0x81, 0xB6): "mse:dst",
    (0x81, 0xA4): "mse:ta",
}
_COMMANDS = (
    *("get_challenge", "bac", "aa", "certificate", "ta", "other"),
    *("pace:nonce", "pace:map", "pace:agree", "pace:token"),
    *_MANAGED.values(),
)
STEPS = frozenset(
    {
        *_COMMANDS,
        *(f"select:{name}" for name in (MASTER_FILE, EMRTD_APPLICATION, *_NAMES.values())),
        *(f"read:{name}" for name in ("nothing", *_NAMES.values())),
    }
)
"""All that have a name."""
_UNNAMED_FILE = re.compile("(select|read):[0-9A-F]{4}")


def known_step(pattern: str) -> str:
    """The pattern, if a command can be such a step.  Raises ValueError."""
    if _UNNAMED_FILE.fullmatch(pattern) or any(fnmatchcase(step, pattern) for step in STEPS):
        return pattern
    close = get_close_matches(pattern, sorted(STEPS), 1)
    meant = f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(sorted(STEPS))}"
    raise ValueError(f"found {pattern!r}, which no command is; {meant}")


def file_name(file: FileKey | None) -> str:
    """As the standard calls it; an identifier in hexadecimal for others."""
    return "nothing" if file is None else _NAMES.get(file, f"{file[1]:04X}")


def step_name(state: State, command: Command) -> str:
    """The step that a plain command is, before the chip does it."""
    match command.ins:
        case files.SELECT:
            return "select:" + _selected(state, command)
        case files.READ | files.READ_ODD:
            return "read:" + _read(state, command)
        case security.CHALLENGE:
            return "get_challenge"
        case security.EXTERNAL:
            return "ta" if state.session.messaging else "bac"
        case security.INTERNAL:
            return "aa"
        case security.MANAGE:
            return _MANAGED.get((command.p1, command.p2), "other")
        case security.GENERAL:
            return f"pace:{state.session.pace.name}" if state.session.pace else "ca"
        case security.PERFORM:
            return "certificate"
        case _:
            return "other"


def _selected(state: State, command: Command) -> str:
    if command.p1 == 0x04:
        return EMRTD_APPLICATION
    identifier = int.from_bytes(command.data, "big")
    if identifier in (0, 0x3F00):
        return MASTER_FILE
    return file_name((state.session.directory, identifier))


def _read(state: State, command: Command) -> str:
    try:
        return file_name(files.file_read(state, command))
    except Refused:
        return "nothing"
