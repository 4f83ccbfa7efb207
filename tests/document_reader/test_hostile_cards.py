"""Cards that break the standard, through a real pcscd: each is told apart from a passport, and the next good
passport is read."""

import random

import pytest

from drivers.document_reader import CardInserted, CardRemoved, Unreadable
from simulators.card.pcscd import PrivatePcscd
from simulators.card.sealed import sealed_passport
from tests.document_reader.test_pcsc import ATR, SLOT, following, opened, slot

DRAW = random.Random(14)


class Liar:
    """A card with any answer to reset and any response to any command."""

    answer_delay_s = 0.0

    def __init__(self, response: bytes | None, atr: bytes = ATR) -> None:
        self.response, self.atr = response, atr
        self.asked: list[bytes] = []

    def power(self, on: bool) -> None:
        pass

    def answer(self, command: bytes) -> bytes | None:
        self.asked.append(command)
        return self.response


@pytest.mark.parametrize(
    "card",
    [
        Liar(b"\x90"),
        Liar(b"\x6c\x00"),
        Liar(b"\x6f\x00"),
        Liar(DRAW.randbytes(256) + b"\x6a\x82"),
        Liar(DRAW.randbytes(4000)),
        Liar(DRAW.randbytes(60_000)),
        Liar(b"\x6a\x82", atr=ATR[:2]),
        Liar(b"\x6a\x82", atr=DRAW.randbytes(33)),
        Liar(b"\x6a\x82", atr=b"\x3b" + bytes(31)),
    ],
    ids=["one byte", "wrong length", "no diagnosis", "data and no", "noise", "a flood",
         "half an ATR", "noise as ATR", "zeros as ATR"],
)  # fmt: skip
async def test_a_card_that_lies_is_no_passport_and_the_next_passport_is_read(
    pcscd: PrivatePcscd, card: Liar
) -> None:
    async with slot(pcscd) as device, opened() as (_, readings):
        device.insert(card)  # type: ignore[arg-type]
        first = await following(readings)
        assert isinstance(first, CardInserted)
        assert first.emrtd is not True
        device.remove()
        while not isinstance(told := await following(readings), CardRemoved):
            assert isinstance(told, Unreadable)
        device.insert(sealed_passport())
        assert await following(readings) == CardInserted(SLOT, ATR, True)


async def test_a_card_that_says_yes_is_asked_nothing_but_the_selection(pcscd: PrivatePcscd) -> None:
    card = Liar(b"\x90\x00")
    async with slot(pcscd) as device, opened() as (_, readings):
        device.insert(card)  # type: ignore[arg-type]
        assert await following(readings) == CardInserted(SLOT, ATR, True)
    assert {command[1] for command in card.asked} == {0xA4}
