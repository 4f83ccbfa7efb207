"""The way to the chip: one command at a time through the transport, secured once a session stands."""

from drivers.emrtd.apdu import (
    CHAINING,
    EXTENDED_LE_MAX,
    SHORT_DATA_MAX,
    SHORT_LE_MAX,
    CommandApdu,
    ResponseApdu,
    Transport,
)
from drivers.emrtd.errors import EmrtdError, ProtocolError, StatusError, TagLost
from drivers.emrtd.secure_messaging import SecureMessaging

_GET_RESPONSE = 0xC0
_CONTINUATIONS_MAX = 256
"""GET RESPONSEs after one command: 256 of 256 bytes are all that the longest answer can need."""


class Channel:
    """Sends commands, plainly or through `secure`, and counts them.

    Once a secured session has broken, by the chip's fault or a lost tag, every further command is refused
    until `restart`: a command in the clear would tell a thief what the session was to protect."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._secure: SecureMessaging | None = None
        self._broken: EmrtdError | None = None
        self.apdus = 0
        self.bytes_sent = 0
        self.bytes_received = 0

    @property
    def secure(self) -> SecureMessaging | None:
        """The session in force, None in the clear.  Setting one overwrites the keys of the one before."""
        return self._secure

    @secure.setter
    def secure(self, session: SecureMessaging | None) -> None:
        if self._secure is not None and self._secure is not session:
            self._secure.forget()
        self._secure = session

    @property
    def data_max(self) -> int:
        """Data octets that one short command takes, and one short answer gives, as things stand."""
        return SHORT_DATA_MAX if self._secure is None else self._secure.data_max

    @property
    def over(self) -> bool:
        """Whether a secured session broke: only `restart` goes on, after the chip was reset."""
        return self._broken is not None

    def restart(self) -> None:
        """The chip was reset or put back into the field: forget the session and begin in the clear."""
        self.secure = None
        self._broken = None

    def send(self, command: CommandApdu) -> ResponseApdu:
        """The plain answer.  6Cxx is followed once: the same command with that Le (ISO/IEC 7816-4, 5.6).

        TagLost, SessionLost or ProtocolError when the session is over."""
        response = self._send_once(command)
        if response.status >> 8 == 0x6C and command.le is not None:
            exact = (response.status & 0xFF) or SHORT_LE_MAX
            if exact != command.le:
                response = self._send_once(command.with_le(exact))
        return response

    def expect(self, command: CommandApdu, *ok_statuses: int, what: str) -> ResponseApdu:
        """The answer, whose status is 9000 or one of `ok_statuses`.  StatusError, which names `what`, if
        not."""
        response = self.send(command)
        if response.status != 0x9000 and response.status not in ok_statuses:
            raise StatusError(what, response.status)
        return response

    def send_chained(self, command: CommandApdu, *, what: str) -> ResponseApdu:
        """The answer to a command that may be too long for one APDU: its data go in parts, all but the last
        with the chaining bit (ISO/IEC 7816-4, 5.3.3).  StatusError when a part before the last is not
        taken."""
        data, room = command.data, self.data_max
        while len(data) > room:
            part = CommandApdu(command.cla | CHAINING, command.ins, command.p1, command.p2, data[:room])
            self.expect(part, what=what)
            data = data[room:]
        return self.send(CommandApdu(command.cla, command.ins, command.p1, command.p2, data, command.le))

    def _send_once(self, command: CommandApdu) -> ResponseApdu:
        if self._broken is not None:
            raise ProtocolError(
                "the session is over, and nothing may follow it in the clear"
            ) from self._broken
        try:
            if self._secure is None:
                response = ResponseApdu.parse(self._exchange(command.encode()))
                if command.le is not None and len(response.data) > command.le:
                    raise ProtocolError(f"the chip answers {len(response.data)} bytes to Le {command.le}")
                return response
            return self._secure.unprotect(self._exchange(self._secure.protect(command).encode()), command.le)
        except (TagLost, ProtocolError) as error:
            if self._secure is not None:
                self._broken = error
            self.secure = None
            raise

    def _exchange(self, raw: bytes) -> bytes:
        """One command and its whole answer: 61xx, which only a T=0 line knows, is fetched by GET RESPONSE
        below secure messaging, where that line's protocol has it."""
        answer = self._transmit(raw)
        data = b""
        for _ in range(_CONTINUATIONS_MAX):
            if len(answer) < 2 or answer[-2] != 0x61:
                return data + answer
            data += answer[:-2]
            if len(data) > EXTENDED_LE_MAX:
                raise ProtocolError(f"the chip answers more than {EXTENDED_LE_MAX} bytes to one command")
            answer = self._transmit(bytes([raw[0] & 0x03, _GET_RESPONSE, 0, 0, answer[-1]]))
        raise ProtocolError("the chip answers 61xx without end")

    def _transmit(self, raw: bytes) -> bytes:
        self.apdus += 1
        self.bytes_sent += len(raw)
        answer = bytes(self._transport(raw))
        self.bytes_received += len(answer)
        if not answer:
            raise TagLost("the chip gave an empty answer")
        return answer
