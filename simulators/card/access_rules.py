"""Who may read which file (Doc 9303-10, 3.6 to 4.7; 9303-11, 4)."""

from simulators.card.personalisation import (
    EF_ATR_INFO,
    EF_CARD_ACCESS,
    EF_CARD_SECURITY,
    EF_DIR,
    EMRTD_APPLICATION,
    FileKey,
)
from simulators.card.session import State
from simulators.card.terminal_authentication import RIGHT_FINGERS, RIGHT_IRIS

_FREE = {EF_ATR_INFO, EF_DIR, EF_CARD_ACCESS}
_RIGHTS = {(EMRTD_APPLICATION, 0x0103): RIGHT_FINGERS, (EMRTD_APPLICATION, 0x0104): RIGHT_IRIS}


def is_open(state: State) -> bool:
    """Whether the document has no access control at all."""
    return not state.personalisation.bac and not state.personalisation.pace


def may_read(state: State, file: FileKey) -> bool:
    """Whether the session's rights open `file`."""
    session = state.session
    authenticated = session.access != "none" or is_open(state)
    if file == EF_DIR and state.behaviour.locked_directory:
        return authenticated
    if file in _FREE:
        return True
    if file == EF_CARD_SECURITY:
        return session.access == "pace"
    if file[0] == EMRTD_APPLICATION and file[1] - 0x0100 in state.personalisation.protected_groups:
        return bool(session.rights & _RIGHTS.get(file, RIGHT_FINGERS | RIGHT_IRIS))
    return authenticated
