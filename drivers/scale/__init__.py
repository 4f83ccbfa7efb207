"""The role `scale`: a weighbridge indicator.

A scale yields every good frame of its indicator (5 to 50 a second) as it came; whether a weight has settled
is decided in the daemon, by the indicator's flag *and* a test of our own.  A frame that fails its checksum,
its shape or its plausible range is dropped and counted, never repaired: no wrong weight may ever come out of
a damaged stream.  Sources: OIML R 76-1:2006 for the terms.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from drivers.device import Device


@dataclass(frozen=True, slots=True)
class WeightReading:
    """One good frame.

    `gross_kg`, `tare_kg`, `net_kg` in kilograms; None where the frame does not carry it or can't be believed.
    `stable` is the indicator's own no-motion flag; False as well when the weight moved by more than one
    division since the frame before (so a lone frame is never a weight), None where the protocol has no flag
    and the weight did not move.  `in_range` is False over Max + 9e or below zero range (OIML R 76-1, T.2.4):
    such a reading is never a weight.  `zero_seen` is False when the indicator says that zero was not captured
    since power-up.  `raw` is the frame as received, kept as evidence.
    """

    gross_kg: float | None
    net_kg: float | None
    tare_kg: float | None
    stable: bool | None
    in_range: bool
    zero_seen: bool | None
    raw: bytes


class Scale(Device[WeightReading]):
    """See the module's text.  On loss: `DeviceTimeout` after `silent_s` (3 s) without a good frame, since an
    indicator that is switched off leaves its port open."""

    role: ClassVar[str] = "scale"

    @property
    def silent_s(self) -> float | None:
        return 3.0

    @property
    @abstractmethod
    def dropped_frames(self) -> int:
        """Frames refused since `open`: bad checksum, bad shape, out of range."""

    async def zero(self) -> None:
        """Ask the indicator to set zero.  Raises DeviceRefused where the protocol has no such command."""
        from drivers.errors import DeviceRefused

        raise DeviceRefused(
            self.name, "this indicator's protocol has no zero command", hint="set zero at the indicator"
        )
