"""The commands of the security protocols, each brought to its protocol (Doc 9303-11; TR-03110-3, B).

00 84 00 00 08                  challenge, for BAC or terminal authentication
00 82 00 00 ..                  EXTERNAL AUTHENTICATE, likewise
00 88 00 00 08 ..               active authentication
00 22 C1 A4 80 83 84            PACE begins          10/00 86 00 00 7C{..}   and goes on
00 22 41 A6 91 [84]             chip authentication (KAT)
00 22 41 A4 80 [84]             the same (AT), then  00 86 00 00 7C{80 key}
00 22 81 B6 83, 00 2A 00 BE ..  a card-verifiable certificate
00 22 81 A4 83                  the terminal's key
"""

from simulators.card import active_authentication, bac, chip_authentication, terminal_authentication
from simulators.card.access_keys import document_number
from simulators.card.access_rules import is_open
from simulators.card.apdu import (
    BLOCKED,
    CONDITIONS_NOT_SATISFIED,
    SECURITY_NOT_SATISFIED,
    UNKNOWN_INSTRUCTION,
    WRONG_DATA,
    WRONG_LENGTH,
    WRONG_PARAMETERS,
    Answer,
    Command,
    Refused,
)
from simulators.card.der import tlv
from simulators.card.pace_commands import begin as begin_pace
from simulators.card.pace_commands import go_on as go_on_with_pace
from simulators.card.pace_commands import wrong_key
from simulators.card.personalisation import MASTER_FILE, ChipAuthenticationKey
from simulators.card.session import State
from simulators.card.tlv import unwrap, values

CHALLENGE, EXTERNAL, INTERNAL = 0x84, 0x82, 0x88
MANAGE, GENERAL, PERFORM = 0x22, 0x86, 0x2A

_CHAINED_MAX = 8192
"""Bytes of one command in pieces."""


def challenge(state: State, command: Command) -> Answer:
    """GET CHALLENGE.  Raises Refused."""
    if (command.p1, command.p2) != (0, 0):
        raise Refused(WRONG_PARAMETERS)
    if state.session.directory == MASTER_FILE and state.session.messaging is None:
        raise Refused(UNKNOWN_INSTRUCTION)
    if command.data or command.le is None or command.le < bac.CHALLENGE_SIZE:
        raise Refused(WRONG_LENGTH)
    if _is_blocked(state):
        raise Refused(BLOCKED)
    state.session.challenge = state.random(bac.CHALLENGE_SIZE)
    return Answer(state.session.challenge)


def external_authenticate(state: State, command: Command) -> Answer:
    """Basic access control outside a session, terminal authentication inside one.  Raises Refused."""
    if (command.p1, command.p2) != (0, 0):
        raise Refused(WRONG_PARAMETERS)
    given, state.session.challenge = state.session.challenge, None
    if given is None:
        raise Refused(CONDITIONS_NOT_SATISFIED)
    if state.session.messaging is not None:
        return _authenticate_terminal(state, given, command.data)
    if len(command.data) != bac.TOKEN_SIZE:
        raise Refused(WRONG_LENGTH)
    if not state.personalisation.bac:
        raise Refused(state.behaviour.bac_refused)
    done = bac.authenticate(state.personalisation.secrets, given, command.data, state.random)
    if done is None:
        raise wrong_key(state)
    answer, state.session.next_messaging = done
    state.session.access = "bac"
    state.session.chip_identifier = document_number(state.personalisation.secrets)
    state.memory.wrong_keys = 0
    return Answer(answer)


def internal_authenticate(state: State, command: Command) -> Answer:
    """Active authentication.  Raises Refused."""
    key, behaviour = state.personalisation.active_authentication, state.behaviour
    if key is None:
        raise Refused(UNKNOWN_INSTRUCTION)
    if (command.p1, command.p2) != (0, 0):
        raise Refused(WRONG_PARAMETERS)
    if state.session.access == "none" and not is_open(state):
        raise Refused(SECURITY_NOT_SATISFIED)
    short = behaviour.active_needs_extended and not command.extended
    if len(command.data) != bac.CHALLENGE_SIZE or command.le is None or short:
        raise Refused(WRONG_LENGTH)
    if behaviour.active_empty_at_65536 and command.le == 65536:
        return Answer()
    return Answer(active_authentication.sign(key, command.data, state.random))


def manage_security_environment(state: State, command: Command) -> Answer:
    """MSE:Set, of all protocols.  Raises Refused."""
    try:
        objects = values(command.data)
    except ValueError:
        raise Refused(WRONG_DATA) from None
    session = state.session
    session.pace = None
    match command.p1, command.p2:
        case 0xC1, 0xA4:
            if _is_blocked(state):
                raise Refused(BLOCKED)
            return begin_pace(state, objects)
        case 0x41, 0xA6:
            _require_session(state)
            key = _choose(state, None, objects)
            _agree(state, key, objects.get(0x91, b""))
        case 0x41, 0xA4:
            _require_session(state)
            session.chip_key = None
            session.chip_key = _choose(state, objects.get(0x80, b""), objects)
        case 0x81, 0xB6:
            _require_chip_authentication(state)
            terminal_authentication.set_verifier(state.memory, session.terminal, objects.get(0x83, b""))
        case 0x81, 0xA4:
            _require_chip_authentication(state)
            terminal_authentication.set_terminal(session.terminal, objects.get(0x83, b""))
        case _:
            raise Refused(WRONG_PARAMETERS)
    return Answer()


def general_authenticate(state: State, command: Command) -> Answer:
    """The steps of PACE, or the second half of chip authentication.  Raises Refused."""
    if (command.p1, command.p2) != (0, 0):
        raise Refused(WRONG_PARAMETERS)
    session = state.session
    if session.pace is not None:
        return go_on_with_pace(state, command)
    key, session.chip_key = session.chip_key, None
    if key is None:
        raise Refused(CONDITIONS_NOT_SATISFIED)
    try:
        objects = values(unwrap(command.data, 0x7C))
    except ValueError:
        raise Refused(WRONG_DATA) from None
    _agree(state, key, objects.get(0x80, b""))
    return Answer(tlv(0x7C, b""))


def perform_security_operation(state: State, command: Command) -> Answer:
    """VERIFY CERTIFICATE, whole or in chained pieces.  Raises Refused."""
    if (command.p1, command.p2) != (0x00, 0xBE):
        raise Refused(WRONG_PARAMETERS)
    _require_chip_authentication(state)
    session = state.session
    data = session.chained + command.data
    if command.chained:
        if len(data) > _CHAINED_MAX:
            raise Refused(WRONG_LENGTH)
        session.chained = data
        return Answer()
    session.chained = b""
    terminal_authentication.verify_certificate(state.memory, session.terminal, data)
    return Answer()


def _choose(state: State, protocol: bytes | None, objects: dict[int, bytes]) -> ChipAuthenticationKey:
    return chip_authentication.choose(state.personalisation.chip_authentication, protocol, objects.get(0x84))


def _is_blocked(state: State) -> bool:
    most = state.behaviour.wrong_keys_max
    return bool(most) and state.memory.wrong_keys >= most


def _require_session(state: State) -> None:
    if state.session.messaging is None:
        raise Refused(SECURITY_NOT_SATISFIED)


def _require_chip_authentication(state: State) -> None:
    if not state.session.chip_authenticated:
        raise Refused(CONDITIONS_NOT_SATISFIED)
    if not state.memory.trust_points:
        raise Refused(WRONG_PARAMETERS)


def _agree(state: State, key: ChipAuthenticationKey, terminal_key: bytes) -> None:
    messaging, compressed = chip_authentication.agree(key, terminal_key)
    state.session.next_messaging, state.session.terminal_key = messaging, compressed


def _authenticate_terminal(state: State, given: bytes, signature: bytes) -> Answer:
    session = state.session
    message = session.chip_identifier + given + session.terminal_key
    session.rights = 0
    session.rights = terminal_authentication.authenticate(session.terminal, message, signature)
    return Answer()
