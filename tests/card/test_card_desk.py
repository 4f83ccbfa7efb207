"""A lane's card reader: the traveller's own chip comes with the document and goes with its owner."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest

from simulators.card.pcscd import PCSCD, VPCD
from simulators.card.personalisation import PaceMapping
from simulators.card_desk import CardDesk, travellers_chip
from simulators.people import Traveller, traveller
from simulators.site_trust import PROFILES
from simulators.world import Happening
from tests.card.terminal import OK, Terminal


@pytest.fixture
def holder() -> Traveller:
    return traveller(random.Random(5), date(2026, 6, 1), papers="passport-chip")


@pytest.fixture
async def desk() -> AsyncIterator[CardDesk]:
    if not PCSCD.exists() or not VPCD.exists():
        pytest.skip("pcscd or vpcd is not installed (apt install pcscd vsmartcard-vpcd)")
    desk = CardDesk("card", seed=1)
    await desk.start()
    yield desk
    await desk.stop()
    desk.discard()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_travellers_chip_opens_with_the_printed_page_and_holds_it(holder: Traveller, profile: str):
    chip = travellers_chip(holder, profile)
    terminal, personalised = Terminal(chip), chip.state.personalisation
    if personalised.pace:
        found = terminal.pace(personalised.pace[0], personalised.secrets)
        cam = personalised.pace[0].mapping is PaceMapping.ECDH_CAM
        assert (0x8A in found) == cam
        assert terminal.enter() == OK
    else:
        terminal.enter()
        assert terminal.bac(personalised.secrets) == OK
    printed = "".join(holder.document.lines).encode()
    assert terminal.read(1)[0].endswith(printed)


def test_a_clone_holds_the_same_files_and_can_not_follow_its_own_key(holder: Traveller):
    chip, genuine = travellers_chip(holder, "pace-im", cloned=True), travellers_chip(holder, "pace-im")
    assert chip.state.personalisation.files == genuine.state.personalisation.files
    (key,) = genuine.state.personalisation.chip_authentication
    for each, status in ((genuine, OK), (chip, 0x6988)):
        terminal = Terminal(each)
        terminal.pace(genuine.state.personalisation.pace[0], genuine.state.personalisation.secrets)
        terminal.enter()
        if terminal.authenticate_chip(key) == OK:
            assert terminal.select(0x010E) == status


async def until(desk: CardDesk, there: bool) -> None:
    async with asyncio.timeout(8):
        while desk.holds_card is not there:
            await asyncio.sleep(0.02)


async def test_a_chip_comes_with_its_document_and_goes_with_it(desk: CardDesk, holder: Traveller):
    presents = Happening(0.0, "walk-1", 1, "presents", holder.document, holder)
    desk.tell(presents)
    await until(desk, there=True)
    desk.tell(Happening(0.0, "walk-1", 1, "takes_back", holder.document))
    await until(desk, there=False)


async def test_a_document_taken_back_before_its_chip_is_there_brings_none(desk: CardDesk, holder: Traveller):
    desk.tell(Happening(0.0, "walk-1", 1, "presents", holder.document, holder))
    making = desk._coming
    assert making is not None
    desk.tell(Happening(0.0, "walk-1", 1, "takes_back", holder.document))
    await asyncio.wait([making])
    assert making.cancelled()
    assert not desk.holds_card


async def test_a_document_that_can_not_be_made_still_shows_a_chip(desk: CardDesk, holder: Traveller):
    endless = replace(holder, document=replace(holder.document, expiry=None))
    desk.tell(Happening(0.0, "walk-1", 1, "presents", endless.document, endless))
    await until(desk, there=True)


async def test_a_document_without_a_chip_brings_none(desk: CardDesk, holder: Traveller):
    plain = replace(holder.document, chip=False)
    desk.tell(Happening(0.0, "walk-1", 1, "presents", plain, replace(holder, document=plain)))
    assert desk._coming is None
    assert not desk.holds_card


def test_faults_of_the_reader_and_of_its_chips_are_one_list():
    desk = CardDesk("card", seed=1)
    assert {"clone", "mute", "slow"} <= set(desk.faults())
    for fault in desk.faults():
        desk.set_fault(fault, True)
        desk.set_fault(fault, False)
    with pytest.raises(KeyError, match="known: mute"):
        desk.set_fault("gremlins", True)
