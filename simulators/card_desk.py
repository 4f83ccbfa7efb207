"""A card reader of a lane with the private pcscd it hangs on: one cable, from the card's view.

pcscd's socket needs a short path, so it lies in a temporary folder of its own.
"""

import secrets
import shutil
import tempfile
from pathlib import Path

from simulators.card.pcscd import PrivatePcscd, VirtualReader, free_reader_port
from simulators.card.reader import CardReader
from simulators.card.sealed import sealed_passport
from simulators.world import Happening

READER = "Borderlane Simulated PICC"


class CardDesk:
    """A `SimulatedDevice`: started, pcscd runs with one virtual reader; stopped, the reader's cable is pulled
    and its pcscd is gone.  `environment` is what the lane's process needs to find it."""

    def __init__(self, name: str, *, seed: int) -> None:
        self.name = name
        self.folder = Path(tempfile.gettempdir()) / f"bl-card-{secrets.token_hex(6)}"
        self._port = free_reader_port()
        self._pcscd = PrivatePcscd(self.folder, [VirtualReader(READER, self._port)])
        self._reader = CardReader(name, self._port)
        self._seed = seed

    @property
    def address(self) -> str:
        return f"{READER} 00 00"

    @property
    def environment(self) -> dict[str, str]:
        return self._pcscd.environment

    @property
    def ports(self) -> tuple[int, int]:
        """Ports that vpcd listens on, on all interfaces."""
        return self._port, self._port + 1

    async def start(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        await self._pcscd.start()
        await self._reader.start()

    async def stop(self) -> None:
        await self._reader.stop()
        await self._pcscd.stop()

    def discard(self) -> None:
        """Remove its folder, once it is stopped for good."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def step(self, seconds: float) -> None:
        """Nothing in it moves by itself."""

    def faults(self) -> tuple[str, ...]:
        return self._reader.faults()

    def set_fault(self, fault: str, on: bool) -> None:
        self._reader.set_fault(fault, on)

    def tell(self, happening: Happening) -> None:
        """Chips come into the field with their document and leave it with its owner."""
        document = happening.document
        if document is not None and document.chip and happening.what == "presents":
            self._seed += 1
            self._reader.insert(sealed_passport(seed=self._seed))
        elif happening.what in ("takes_back", "backs_out"):
            self._reader.remove()
