"""A whole session with a chip through a real pcscd and its virtual reader, torn in the middle once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from smartcard import scard

from simulators.card.chip import Chip
from simulators.card.der import tlv
from simulators.card.faults import Fault, FaultName
from simulators.card.pcscd import PrivatePcscd
from simulators.card.personalisation import (
    ChipAuthenticationKey,
    ChipAuthenticationMappingKey,
    Cipher,
    PaceMapping,
    PaceOffer,
    Personalisation,
    data_group,
)
from simulators.card.reader import CardReader
from tests.card.documents import EXAMPLE_G, document, files
from tests.card.terminal import OK, Terminal
from tests.document_reader.conftest import pcscd as pcscd

CAM = PaceOffer(PaceMapping.ECDH_CAM, Cipher.AES128, 12)
KEY = ChipAuthenticationKey("secp256r1", 5, Cipher.AES256)
PORTRAIT = tlv(0x75, bytes(each % 251 for each in range(5000)))


def personalised() -> Personalisation:
    content = files(CAM) | {data_group(2): PORTRAIT}
    mapping = ChipAuthenticationMappingKey("secp256r1", 77)
    return document(CAM, files=content, chip_authentication_mapping=mapping, chip_authentication=(KEY,))


class Lost(Exception):
    """PC/SC says that the card is gone, or not there yet."""


class Wire:
    """The chip's place in a Terminal, taken by PC/SC."""

    def __init__(self, chip: Chip) -> None:
        self.state = chip.state
        self._context, self._card = self._connect()

    def _connect(self) -> tuple[Any, Any]:
        _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        _, names = scard.SCardListReaders(context, [])
        result, card, _ = scard.SCardConnect(
            context, names[0], scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T1
        )
        if result:
            scard.SCardReleaseContext(context)
            raise Lost(scard.SCardGetErrorMessage(result))
        return context, card

    def answer(self, command: bytes) -> bytes:
        result, answer = scard.SCardTransmit(self._card, scard.SCARD_PCI_T1, list(command))
        if result or not answer:
            # vpcd says nothing at all of a card that was torn out while it was asked.
            raise Lost(scard.SCardGetErrorMessage(result))
        return bytes(answer)

    def close(self) -> None:
        scard.SCardDisconnect(self._card, scard.SCARD_RESET_CARD)
        scard.SCardReleaseContext(self._context)


@asynccontextmanager
async def inserted(pcscd: PrivatePcscd, chip: Chip) -> AsyncIterator[None]:
    """The chip in the first slot."""
    slot = CardReader("slot", pcscd.readers[0].port)
    await slot.start()
    slot.insert(chip)
    try:
        yield
    finally:
        await slot.stop()


async def session(chip: Chip) -> bytes:
    """What one session reads, as soon as pcscd sees the chip."""
    async with asyncio.timeout(8):
        while True:
            with contextlib.suppress(Lost):
                wire = await asyncio.to_thread(Wire, chip)
                break
            await asyncio.sleep(0.05)
    try:
        return await asyncio.to_thread(read_portrait, Terminal(wire))  # type: ignore[arg-type]
    finally:
        await asyncio.to_thread(wire.close)


def read_portrait(terminal: Terminal) -> bytes:
    """PACE, chip authentication, and DG2 by extended commands."""
    terminal.pace(CAM, EXAMPLE_G)
    terminal.enter()
    assert terminal.authenticate_chip(KEY) == OK
    assert terminal.select(0x0102) == OK
    pieces: list[bytes] = []
    for offset in range(0, len(PORTRAIT), 1000):
        head = f"00B0{offset >> 8:02X}{offset & 255:02X}"
        data, status = terminal.send(head, le=min(1000, len(PORTRAIT) - offset), extended=True)
        assert status == OK
        pieces.append(data)
    return b"".join(pieces)


async def test_a_chip_is_opened_proved_and_read_through_pcscd(pcscd: PrivatePcscd):
    chip = Chip(personalised())
    async with inserted(pcscd, chip):
        assert await session(chip) == PORTRAIT


async def test_a_chip_torn_in_the_middle_of_a_file_comes_back(pcscd: PrivatePcscd):
    chip = Chip(personalised(), faults=[Fault(FaultName.TORN, "read:DG2", nth=3)])
    async with inserted(pcscd, chip):
        with pytest.raises(Lost):
            await session(chip)
        assert await session(chip) == PORTRAIT
