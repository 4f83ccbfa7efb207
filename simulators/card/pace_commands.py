"""PACE's commands: which run a terminal asks for, its steps, and what a wrong password costs."""

from simulators.card import terminal_authentication
from simulators.card.access_keys import PASSWORD_CAN, PASSWORD_MRZ, pace_key
from simulators.card.apdu import (
    AUTHENTICATION_FAILED,
    CONDITIONS_NOT_SATISFIED,
    REFERENCED_DATA_NOT_FOUND,
    WRONG_DATA,
    Answer,
    Command,
    Refused,
)
from simulators.card.der import oid_value
from simulators.card.domain import domain
from simulators.card.pace import Agreed, PaceRun
from simulators.card.personalisation import PaceMapping, PaceOffer
from simulators.card.session import State, TerminalRun
from simulators.card.tlv import unwrap, values

TRIES_LEFT = 0x63C0
"""With their number in the last digit; none: blocked."""


def begin(state: State, objects: dict[int, bytes]) -> Answer:
    """MSE:Set AT for PACE: 80 protocol, 83 password, [84 parameters].  Raises Refused."""
    offer = _chosen(state, objects)
    password = objects.get(0x83, b"")
    key = pace_key(state.personalisation.secrets, password[0], offer.cipher) if len(password) == 1 else None
    if key is None:
        raise Refused(REFERENCED_DATA_NOT_FOUND)
    if password[0] == PASSWORD_CAN:
        _require_tries(state)
    state.session.pace = PaceRun(
        offer,
        password[0],
        key,
        domain(offer.group, padded=state.behaviour.pads_dh_keys),
        state.random,
        state.personalisation.chip_authentication_mapping if offer.mapping is PaceMapping.ECDH_CAM else None,
        terminal_authentication.names(state.memory),
    )
    return Answer()


def go_on(state: State, command: Command) -> Answer:
    """One GENERAL AUTHENTICATE of the run; anything wrong ends it.  Raises Refused."""
    run, state.session.pace = state.session.pace, None
    assert run is not None
    last = run.name == "token"
    try:
        objects = values(unwrap(command.data, 0x7C))
    except ValueError:
        raise Refused(WRONG_DATA) from None
    if command.chained == last:
        raise Refused(CONDITIONS_NOT_SATISFIED)
    try:
        data = run.advance(objects)
    except Refused as refused:
        if refused.status == AUTHENTICATION_FAILED:
            raise wrong_key(state, run.password) from None
        raise
    if run.agreed is None:
        state.session.pace = run
        return Answer(data)
    _succeed(state, run, run.agreed)
    return Answer(data)


def wrong_key(state: State, password: int = PASSWORD_MRZ) -> Refused:
    """Counts a wrong key and says what the chip answers."""
    state.memory.wrong_keys += 1
    if password != PASSWORD_CAN or not state.behaviour.can_tries:
        return Refused(state.behaviour.wrong_key)
    state.memory.can_tries_left = max(state.memory.can_tries_left - 1, 0)
    return Refused(TRIES_LEFT | min(state.memory.can_tries_left, 15))


def _require_tries(state: State) -> None:
    habits, left = state.behaviour, state.memory.can_tries_left
    suspended = habits.suspends_can and left == 1 and not state.session.resumed
    if habits.can_tries and (left == 0 or suspended):
        raise Refused(TRIES_LEFT | left)


def _succeed(state: State, run: PaceRun, agreed: Agreed) -> None:
    """Rights of an earlier session don't go over into the new one."""
    state.memory.wrong_keys = 0
    if run.password == PASSWORD_CAN:
        state.memory.can_tries_left = state.behaviour.can_tries
    session = state.session
    session.resumed = session.resumed or run.password == PASSWORD_MRZ
    session.access = "pace"
    session.next_messaging = agreed.session
    session.chip_identifier = agreed.chip_identifier
    session.terminal_key, session.terminal, session.rights = b"", TerminalRun(), 0


def _chosen(state: State, objects: dict[int, bytes]) -> PaceOffer:
    """The offer that 80 and 84 name.  Raises Refused."""
    fit = [each for each in state.personalisation.pace if oid_value(each.oid) == objects.get(0x80)]
    if not fit:
        raise Refused(WRONG_DATA)
    if 0x84 in objects:
        wanted = int.from_bytes(objects[0x84], "big")
        fit = [each for each in fit if each.parameter_id == wanted]
        if not fit:
            raise Refused(WRONG_DATA)
    elif len(fit) > 1 or state.behaviour.needs_parameter:
        raise Refused(state.behaviour.missing_parameter)
    return fit[0]
