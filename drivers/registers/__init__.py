"""The role `register`: something outside that answers a question, asked with a deadline.

No answer is never a good answer: the daemon turns every error into "not performed".  A register may be a
dated local copy (`as_of`): the check then states its age.
"""

from abc import abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, ClassVar

from drivers.device import Device

KINDS = ("booking", "watchlist_person", "watchlist_plate", "lost_documents", "declaration", "draw")
"""What a register can be asked.  Questions, by kind (all values are text or numbers, all keys present):

- `booking`: plate -> hits of {plate, valid_from, valid_to, class}
- `watchlist_person`: number, issuer, surname, given_names, birth_date -> hits of {reference, number, issuer,
  names, birth_date, handling}: by exact number first, then by names (candidates; the lane explains the match)
- `watchlist_plate`: plate -> hits of {reference, plate, handling}
- `lost_documents`: number, issuer, type -> hits of {reference, number, issuer, type}
- `declaration`: plate -> hits of {reference, plate, gross_kg, axles, vehicle}
- `draw`: lane, passage -> hits of {selected, proof}: the random re-check; always exactly one hit
"""


@dataclass(frozen=True, slots=True)
class RegisterAnswer:
    """`hits` may be empty: that is an answer.  `as_of` is the UTC time (ISO 8601) of the data behind it."""

    hits: tuple[dict[str, Any], ...]
    as_of: str


class Register(Device[None]):
    role: ClassVar[str] = "register"

    async def readings(self) -> AsyncIterator[None]:
        """A register has no tempo: yields nothing, ever, until cancelled."""
        import asyncio

        await asyncio.Event().wait()
        yield None

    @abstractmethod
    async def ask(self, kind: str, question: dict[str, Any]) -> RegisterAnswer:
        """Ask once; the caller holds the deadline.  Raises a DeviceError on anything but an answer."""
