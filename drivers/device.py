"""The life of any device: opened, read, closed; the supervisor in the daemon does the rest."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

OPEN_S = 10.0
"""What opening takes at most with devices that have no time of their own for it."""

Reading = TypeVar("Reading", covariant=True)


class Grade(StrEnum):
    """How far a driver has been proved; printed by `borderlane drivers`."""

    SIMULATED = "simulated"
    RECORDED = "recorded"
    PROVEN = "proven on hardware"


class Options(BaseModel):
    """A driver's options: the keys of its device table in the lane's TOML.  Unknown keys are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Device(ABC, Generic[Reading]):
    """One device, from `open` to `close`.

    For whoever implements a role:

    1. The constructor does no I/O.  `open` connects and verifies what can be verified, and raises a
       `DeviceError` that says what was tried; it may be called again after `close`.
    2. `readings` yields in the device's own tempo while the device is well, and raises a `DeviceError` when
       it is not: `DeviceTimeout` when nothing good came for `silent_s`.  It never ends by itself, never
       yields a value from a damaged frame and never repeats an old value to look alive.
    3. A driver repeats only what its protocol says must be repeated, with a bound.  Reconnecting is the
       supervisor's work, once, for all devices.
    4. Nothing blocks the event loop: blocking libraries run in a thread or a child process.
    5. `close` is idempotent, never raises and ends within a second.
    6. Every method that takes an order moves to a state; none toggles.
    """

    role: ClassVar[str]
    """The role in the lane: `scale`, `board`, `barrier`, `signal`, `presence`, `plate_camera`,
    `document_reader`, `register`."""
    model: ClassVar[str]
    """Maker and model, as printed by `borderlane drivers`."""
    grade: ClassVar[Grade]
    options_type: ClassVar[type[Options]]

    def __init__(self, name: str, options: Any) -> None:
        self.name = name
        self.options = options

    @property
    def silent_s(self) -> float | None:
        """Seconds without a good reading after which the device counts as lost; None for a device that
        speaks only when used (its health is then "last used" and a port test)."""
        return None

    @property
    def open_s(self) -> float:
        """Seconds within which `open` has succeeded or raised, also with a slow device on a busy computer.
        Who takes longer hangs, and is begun again."""
        return OPEN_S

    @abstractmethod
    async def open(self) -> None:
        """Connect and verify.  Raises DeviceUnavailable, DeviceRefused, DeviceTimeout, ProtocolError."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of the port.  Idempotent."""

    @abstractmethod
    def readings(self) -> AsyncIterator[Reading]:
        """Good readings in the device's tempo; raises a DeviceError when the device is lost."""

    async def identify(self) -> str:
        """What an open device says it is, for `borderlane check --connect`; "" if it can't say."""
        return ""
