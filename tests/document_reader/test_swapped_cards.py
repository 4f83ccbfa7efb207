"""Another card in the place of the first between the phases of a reading, through a real pcscd."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from drivers.document_reader.chips import ChipInspected, ChipReading, ChipUnread
from simulators.card.attacks import attacks
from simulators.card.attacks.specimen import Specimen, changed, genuine
from simulators.card.behaviour import Behaviour
from simulators.card.chip import CardTorn, Chip
from simulators.card.faults import Fault, FaultName
from simulators.card.pcscd import PrivatePcscd
from simulators.card.profiles import travellers_document
from simulators.card.reader import CardReader
from simulators.people import traveller
from tests.document_reader.test_chip_reading import DAY, PAGE, document, reading, terms
from tests.document_reader.test_pcsc import slot


async def read(pcscd: PrivatePcscd, specimen: Specimen) -> ChipReading:
    async with slot(pcscd) as device, reading() as driver:
        device.insert(specimen.inserted())
        return await driver.read_chip(PAGE, terms(read_s=60.0))


async def test_a_second_card_that_answers_from_the_first_data_on_refers(pcscd: PrivatePcscd) -> None:
    attack = attacks()["second_card"]
    assert attack.expected.may_stop
    assert await read(pcscd, attack.make(document("full"))) == ChipUnread("two_cards")


@pytest.mark.parametrize("step", ["pace:token", "ca", "read:DG2"])
async def test_a_second_card_that_answers_from_any_phase_on_refers(pcscd: PrivatePcscd, step: str) -> None:
    second = replace(genuine(document("full")), faults=(Fault(FaultName.OTHER_CARD, step, times=0),))
    assert await read(pcscd, second) == ChipUnread("two_cards")


class Swapped:
    """A chip that, at the first command of a step, is taken out and has another put in its place."""

    mute = False
    answer_delay_s = 0.0

    def __init__(self, chip: Chip, step: str, device: CardReader, other: Chip) -> None:
        self._chip, self._device, self._other = chip, device, other
        self._step = step
        self.atr, self.power = chip.atr, chip.power

    def answer(self, command: bytes) -> bytes | None:
        before = len(self._chip.exchanges)
        answer = self._chip.answer(command)
        exchanges = self._chip.exchanges
        if len(exchanges) > before and exchanges[-1].step == self._step:
            self._device.insert(self._other)
            raise CardTorn("another one is in its place")
        return answer


OTHER_PERSON = traveller(random.Random(6), DAY, papers="passport-chip")
OTHER_ATR = Behaviour(atr=bytes.fromhex("3B8F8001804F0CA000000306030001000000006A"))


def another_persons() -> Specimen:
    assert OTHER_PERSON.document.expiry
    issued = OTHER_PERSON.document.expiry - timedelta(days=3652)
    return genuine(travellers_document("full", OTHER_PERSON, issued))


def another_issue() -> Specimen:
    """The same page, and so the same key; signed another time over another portrait."""
    return genuine(changed(document("full"), portrait={"seed": 99}))


def another_kind() -> Specimen:
    return replace(genuine(document("full")), behaviour=OTHER_ATR)


async def swapped(pcscd: PrivatePcscd, other: Specimen, step: str) -> ChipReading:
    async with slot(pcscd) as device, reading() as driver:
        first = genuine(document("full")).inserted()
        device.insert(Swapped(first, step, device, other.inserted()))
        return await driver.read_chip(PAGE, terms(read_s=60.0))


@pytest.mark.parametrize(
    ("other", "step", "reason"),
    [
        (another_persons, "pace:token", "chip_refused_page"),
        (another_persons, "read:DG2", "chip_refused_page"),
        (another_issue, "ca", "chip_protocol_broken"),
        (another_issue, "read:DG2", "chip_protocol_broken"),
        (another_kind, "read:EF.SOD", "two_cards"),
    ],
)
async def test_a_card_swapped_between_phases_refers(
    pcscd: PrivatePcscd, other: Callable[[], Specimen], step: str, reason: str
) -> None:
    assert await swapped(pcscd, other(), step) == ChipUnread(reason)


async def test_of_a_card_swapped_before_it_was_known_nothing_is_left(pcscd: PrivatePcscd) -> None:
    # Not to be told from one card laid on better; so that all that is said must be the second's alone.
    alone = await read(pcscd, another_issue())
    found = await swapped(pcscd, another_issue(), "read:DG1")
    assert isinstance(alone, ChipInspected)
    assert isinstance(found, ChipInspected)
    assert found.portrait == alone.portrait
    assert found.verdict.checks == alone.verdict.checks
    first = await read(pcscd, genuine(document("full")))
    assert isinstance(first, ChipInspected)
    assert found.portrait != first.portrait
