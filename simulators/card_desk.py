"""A card reader of a lane with the private pcscd it hangs on: one cable, from the card's view.

pcscd's socket needs a short path, so it lies in a temporary folder of its own.
"""

import asyncio
import contextlib
import secrets
import shutil
import tempfile
from pathlib import Path

import structlog

from simulators.card.attacks.copies import clone
from simulators.card.attacks.specimen import genuine
from simulators.card.chip import Chip
from simulators.card.document_file import DocumentError
from simulators.card.pcscd import PrivatePcscd, VirtualReader, free_reader_port
from simulators.card.profiles import travellers_document
from simulators.card.reader import CardReader
from simulators.card.sealed import sealed_passport
from simulators.people import Traveller
from simulators.site_trust import PROFILES
from simulators.world import Happening

log = structlog.get_logger()

READER = "Borderlane Simulated PICC"

PROVABLE = ("pace-cam", "pace-im")
"""Of these, those whose chips prove a key: no other can be told from a copy."""
FAULTS = ("clone",)
"""The next chips have all files of the document and none of its keys."""


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
        self._turn = 0
        self._brought = {False: 0, True: 0}
        """Genuine chips and clones so far."""
        self._faults: set[str] = set()
        self._coming: asyncio.Task[None] | None = None

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

    @property
    def holds_card(self) -> bool:
        """Whether a card is in the reader now."""
        return self._reader.holds_card

    async def start(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        await self._pcscd.start()
        await self._reader.start()

    async def stop(self) -> None:
        coming = self._take_away()
        if coming:
            with contextlib.suppress(asyncio.CancelledError):
                await coming
        await self._reader.stop()
        await self._pcscd.stop()

    def discard(self) -> None:
        """Remove its folder, once it is stopped for good."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def step(self, seconds: float) -> None:
        """Nothing in it moves by itself."""

    def faults(self) -> tuple[str, ...]:
        return (*self._reader.faults(), *FAULTS)

    def set_fault(self, fault: str, on: bool) -> None:
        if fault in FAULTS:
            (self._faults.add if on else self._faults.discard)(fault)
        else:
            self._reader.set_fault(fault, on)

    def tell(self, happening: Happening) -> None:
        """Chips come into the field with their document and leave it with its owner."""
        document = happening.document
        if document is not None and document.chip and happening.what == "presents":
            self._take_away()
            self._turn += 1
            if happening.holder is None:
                self._reader.insert(sealed_passport(seed=self._seed + self._turn))
            else:
                cloned = document.cloned or "clone" in self._faults
                profiles = PROVABLE if cloned else PROFILES
                profile = profiles[self._brought[cloned] % len(profiles)]
                self._brought[cloned] += 1
                self._coming = asyncio.create_task(self._bring(happening.holder, profile, cloned))
        elif happening.what in ("takes_back", "backs_out"):
            self._take_away()
            self._reader.remove()

    def _take_away(self) -> asyncio.Task[None] | None:
        """Forget a chip that is still being made."""
        coming, self._coming = self._coming, None
        if coming:
            coming.cancel()
        return coming

    async def _bring(self, holder: Traveller, profile: str, cloned: bool) -> None:
        # Signing and drawing take some 0.1 s of a processor: not in the loop that plays the other devices.
        try:
            chip = await asyncio.to_thread(travellers_chip, holder, profile, cloned)
        except (DocumentError, ValueError) as error:
            log.error("simulator.chip_not_made", desk=self.name, profile=profile, error=str(error))
            chip = sealed_passport()
        self._reader.insert(chip)


def travellers_chip(holder: Traveller, profile: str, cloned: bool = False) -> Chip:
    """The chip in a traveller's document.  Raises ValueError for a document without an expiry."""
    document = travellers_document(profile, holder)
    return (clone(document) if cloned else genuine(document)).inserted()
