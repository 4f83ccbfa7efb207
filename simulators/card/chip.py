"""A travel document's chip: power, commands in, answers out.

Written from ICAO Doc 9303-10 and -11, TR-03110 and ISO/IEC 7816-4.  This file is the way of one command: off
secure messaging, to the step it is, and back under the keys it came with.  The steps themselves are in
`file_system` and `security_commands`, the rights in `access_rules`, habits in `behaviour`, and all that goes
wrong on purpose in `faults`.
"""

import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence

from simulators.card import file_system as files
from simulators.card import security_commands as security
from simulators.card import terminal_authentication
from simulators.card.apdu import (
    OK,
    SECURE_OBJECTS_WRONG,
    UNKNOWN_CLASS,
    UNKNOWN_INSTRUCTION,
    WRONG_LE,
    WRONG_LENGTH,
    Answer,
    Command,
    Refused,
    parse_command,
)
from simulators.card.behaviour import Behaviour
from simulators.card.delay import DelayModel, Exchange
from simulators.card.domain import Random
from simulators.card.faults import Due, Fault, FaultName, FaultPlan, spoil_answer, spoil_file, spoil_octets
from simulators.card.file_content import FileContent
from simulators.card.personalisation import EMRTD_APPLICATION, Personalisation
from simulators.card.secure_messaging import SecureMessaging
from simulators.card.session import Memory, Session, State
from simulators.card.steps import step_name

_HANDLERS: dict[int, Callable[[State, Command], Answer]] = {
    files.SELECT: files.select,
    files.READ: files.read,
    files.READ_ODD: files.read_odd,
    security.CHALLENGE: security.challenge,
    security.EXTERNAL: security.external_authenticate,
    security.INTERNAL: security.internal_authenticate,
    security.MANAGE: security.manage_security_environment,
    security.GENERAL: security.general_authenticate,
    security.PERFORM: security.perform_security_operation,
}
_GET_RESPONSE = 0xC0
_EXCHANGES_KEPT = 4096


class CardTorn(ConnectionError):
    """The chip has left the field."""


class Chip:
    """One chip.  `faults` come in the order given; `random` may be a seeded generator's, for tests.

    `mute` leaves every command unanswered.  `exchanges` are those since power on, the latest few thousand;
    `answer_delay_s` is what the last answer should have taken, by `delay` and faults.
    """

    def __init__(
        self,
        personalisation: Personalisation,
        behaviour: Behaviour | None = None,
        *,
        faults: Sequence[Fault] = (),
        delay: DelayModel | None = None,
        random: Random = secrets.token_bytes,
    ) -> None:
        habits = behaviour or Behaviour()
        trust = personalisation.terminal_trust
        memory = Memory(
            dict(personalisation.files),
            terminal_authentication.trust_points(trust),
            can_tries_left=habits.can_tries,
        )
        if trust:
            memory.today = trust.current_date
        self.state = State(personalisation, habits, random, memory)
        self.mute = False
        self.exchanges: deque[Exchange] = deque(maxlen=_EXCHANGES_KEPT)
        self.answer_delay_s = 0.0
        self._plan = FaultPlan(tuple(faults))
        self._delay = delay
        self._identity = b""
        self._other = False
        self._stalled = self._torn = False
        self._waiting = b""
        self._last = b""

    @property
    def atr(self) -> bytes:
        return self.state.behaviour.atr

    @property
    def selected(self) -> bool:
        """Whether the eMRTD application is the current one."""
        return self.state.session.directory == EMRTD_APPLICATION

    def power(self, on: bool) -> None:
        """All state is gone with the power; a contactless chip then shows another random identifier."""
        self.state.session = Session()
        self._waiting = self._last = b""
        self._stalled = self._other = False
        if on:
            self._torn = False
            self.exchanges.clear()
        else:
            self._identity = b""

    def answer(self, command: bytes) -> bytes | None:
        """Response APDU to a command APDU; None from a chip that is silent.  Raises CardTorn."""
        if self._torn:
            raise CardTorn("the chip is not in the field")
        self.answer_delay_s = 0.0
        if self.mute or self._stalled:
            return None
        return self._answer(command)

    def transport(
        self, *, lost: type[Exception] = CardTorn, sleep: Callable[[float], None] = time.sleep
    ) -> Callable[[bytes], bytes]:
        """The chip as a callable, from command to response.  Raises `lost` when it is torn or silent."""

        def exchange(command: bytes) -> bytes:
            try:
                answer = self.answer(command)
            except CardTorn as torn:
                raise lost(str(torn)) from None
            if self.answer_delay_s:
                sleep(self.answer_delay_s)
            if answer is None:
                raise lost("the chip does not answer")
            return answer

        return exchange

    def _answer(self, octets: bytes) -> bytes | None:
        command = parse_command(octets)
        if command is None:
            # Like every bare status under secure messaging, it ends the session.
            self.state.session = self.state.session.end()
            return Answer(status=WRONG_LENGTH).octets()
        if command.cla == 0xFF:
            return self._for_reader(command)
        if command.ins == _GET_RESPONSE and self._waiting:
            return self._hand_over(command)
        self._waiting = b""
        try:
            plain = self._open(command)
        except Refused as refused:
            self.state.session = self.state.session.end()
            self._note(Exchange("other", len(octets), 2, refused.status))
            return Answer(status=refused.status).octets()
        step, wrong_keys = step_name(self.state, plain), self.state.memory.wrong_keys
        due = self._plan.due(step)
        if FaultName.TORN in due:
            self.power(False)
            self._torn = True
            raise CardTorn("the chip has left the field")
        if FaultName.STALL in due:
            self._stalled = True
            return None
        self._other = self._other or FaultName.OTHER_CARD in due
        answer = self._perform(plain, due)
        sent = self._close(plain, answer, due)
        status = int.from_bytes(sent[-2:], "big")
        self._note(Exchange(step, len(octets), len(sent), status, wrong_keys))
        if fault := due.get(FaultName.SLOW):
            self.answer_delay_s += (fault.value or 0) / 1000
        return self._hold_back(sent)

    def _open(self, command: Command) -> Command:
        """The plain command.  Raises Refused where the session must end with a bare status."""
        session, habits = self.state.session, self.state.behaviour
        frame = 65536 if command.extended else 256
        self.state.room = frame
        if command.cla & ~0x1C or command.cla & 0x0C not in (0x00, 0x0C):
            raise Refused(UNKNOWN_CLASS)
        if command.extended and not habits.extended:
            raise Refused(WRONG_LENGTH)
        if not command.secured:
            if session.messaging is not None:
                # A plain command ends a session; it is then done as if there had been none.
                self.state.session = session.end()
            return command
        if session.messaging is None:
            raise Refused(SECURE_OBJECTS_WRONG)
        if command.extended and habits.loses_session_at_extended:
            session.messaging.step_counter()
        plain = session.messaging.open(command)
        self.state.room = session.messaging.room(frame)
        return plain

    def _perform(self, command: Command, due: Due) -> Answer:
        state = self.state
        if fault := due.get(FaultName.STATUS):
            return Answer(status=fault.value or 0x6F00)
        if command.ins != security.EXTERNAL:
            state.session.challenge = None
        if command.ins != security.GENERAL:
            state.session.pace = None
        if command.ins != security.PERFORM:
            state.session.chained = b""
        state.view = (lambda octets: spoil_file(octets, due)) if due else FileContent
        handler = _HANDLERS.get(command.ins)
        try:
            if handler is None:
                raise Refused(UNKNOWN_INSTRUCTION)
            answer = handler(state, command)
            self._check_length(command, answer)
        except Refused as refused:
            if state.session.next_messaging is not None:
                # An access whose answer can't be given is none.
                state.session = state.session.end()
            return Answer(status=refused.status)
        return spoil_answer(answer, due)

    def _check_length(self, command: Command, answer: Answer) -> None:
        """Raises Refused when the data fit neither what was asked for nor the frame."""
        size = len(answer.data)
        if size > (command.le or 0):
            raise Refused(WRONG_LE | size if command.le and size < 256 else WRONG_LENGTH)
        if size > self.state.room:
            raise Refused(WRONG_LENGTH)

    def _close(self, command: Command, answer: Answer, due: Due) -> bytes:
        """What is sent, under the keys that the command came with; then the next keys count."""
        session = self.state.session
        sent = answer.octets()
        if session.messaging is not None:
            sent = _sealed(session.messaging, command, answer, due)
            if session.slips:
                session.messaging.step_counter()
        session.slips = False
        if session.next_messaging is not None:
            session.messaging, session.next_messaging = session.next_messaging, None
        before, self._last = self._last, sent
        return spoil_octets(sent, answer, before, due) if due else sent

    def _hold_back(self, sent: bytes) -> bytes:
        """With GET RESPONSE in between, where the chip has that habit."""
        if not self.state.behaviour.get_response or len(sent) <= 2:
            return sent
        self._waiting = sent
        return bytes([0x61, min(len(sent) - 2, 255)])

    def _hand_over(self, command: Command) -> bytes:
        data, status = self._waiting[:-2], self._waiting[-2:]
        count = min(command.le or 256, 256)
        self._waiting = b""
        if len(data) > count:
            self._waiting = data[count:] + status
            return data[:count] + bytes([0x61, min(len(data) - count, 255)])
        return data + status

    def _for_reader(self, command: Command) -> bytes:
        """Commands that the reader answers itself (PC/SC part 3); vpcd hands them on."""
        match command.ins, command.p1, command.p2:
            case 0xCA, 0, 0:
                if not self._identity:
                    self._identity = b"\x08" + secrets.token_bytes(3)
                shown = bytes(each ^ 0x55 for each in self._identity) if self._other else self._identity
            case 0xCA, 1, 0:
                shown = self.state.behaviour.ats + (b"\x55" if self._other else b"")
            case _:
                return Answer(status=UNKNOWN_INSTRUCTION).octets()
        return Answer(shown, OK).octets()

    def _note(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        if self._delay:
            self.answer_delay_s += self._delay.seconds(exchange)


def _sealed(messaging: SecureMessaging, command: Command, answer: Answer, due: Due) -> bytes:
    odd, before = bool(command.ins & 1), messaging.counter
    if FaultName.COUNTER_SKIPPED in due:
        messaging.step_counter()
    elif FaultName.COUNTER_REPEATED in due:
        messaging.counter -= 1
    sent = messaging.seal(answer, odd=odd)
    if messaging.counter != before + 1:
        # The chip itself counts on as it should.
        messaging.counter = before
        messaging.step_counter()
    return sent
