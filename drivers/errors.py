"""What may go wrong with a device, split by what must happen next.

The supervisor acts on the class alone; the message says which device, what was tried, what came back and
what a person can do.  Any other exception that leaves a driver is a bug and is logged with its trace.
"""


class DeviceError(Exception):
    """Base of all errors a driver may raise.

    `device` is the name from the lane's configuration; `hint` says what a person can do about it.
    """

    def __init__(self, device: str, message: str, *, hint: str = "") -> None:
        super().__init__(f"{device}: {message}" + (f" ({hint})" if hint else ""))
        self.device = device
        self.message = message
        self.hint = hint

    def retold(self, device: str, prefix: str = "") -> "DeviceError":
        """The same kind of error about another device: a role whose board was lost."""
        return type(self)(device, prefix + self.message, hint=self.hint)


class DeviceUnavailable(DeviceError):
    """Not there now: cable pulled, port gone, connection refused.  The supervisor comes back later."""


class DeviceTimeout(DeviceError):
    """There, but silent past its tempo.  The supervisor closes it and comes back later."""


class DeviceFault(DeviceError):
    """The device itself says that it is broken, or contradicts itself (both end switches on)."""


class DeviceRefused(DeviceError):
    """Wrong key, model or setting: trying again will not mend it, a person is needed.  Longest back-off."""


class ProtocolError(DeviceError):
    """The far end broke its protocol; the message quotes the bytes and the rule."""
