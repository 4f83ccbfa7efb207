"""What can go wrong with a chip, by what follows from it.  No message holds a key, a name or a number."""


class EmrtdError(Exception):
    """Base of all that comes out of this library, whatever a chip or a file says."""


class TagLost(EmrtdError):
    """The chip left the field or was reset: its session is gone, and only a new one from the start goes on.

    A transport raises it; the library raises it too for an empty answer."""


class ProtocolError(EmrtdError):
    """The chip broke the protocol: a wrong MAC, an answer in the clear while secured, a length that lies."""


class SessionLost(ProtocolError):
    """The chip gave the secured session up: an error `status` in the clear, or under a MAC that does not
    hold. What it says is not authenticated."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the chip gave up the secured session: {status:04X}, unauthenticated")
        self.status = status


class MalformedError(EmrtdError):
    """Bytes at rest (a file, a certificate, a list) are not what their standard says.  Names the place."""


class AccessRefused(EmrtdError):
    """The chip did not take the access key.  `tries_left` where it says so (63Cx), else None."""

    def __init__(self, message: str, tries_left: int | None = None) -> None:
        super().__init__(message)
        self.tries_left = tries_left


class StatusError(EmrtdError):
    """The chip answered a command with a status word that is an error here (ISO/IEC 7816-4, 5.6)."""

    def __init__(self, command: str, status: int) -> None:
        super().__init__(f"{command}: the chip answers {status:04X}")
        self.command, self.status = command, status


class UnsupportedError(EmrtdError):
    """An algorithm or parameter that is unknown or not permitted; nothing is said of the data's truth."""


class LibraryMissing(EmrtdError):
    """libcrypto is not on this machine.  Says what to install."""


class TerminalKeyError(EmrtdError):
    """The terminal's private key cannot be used: its token is away, locked, or has no such key."""
