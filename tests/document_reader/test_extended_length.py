"""Long answers are asked for only where the reader's driver and the chip both say that they take them; what
says so and does not is read whole all the same."""

from dataclasses import replace

import pytest
from smartcard.scard import SCARD_CTL_CODE

from drivers.document_reader import pcsc_service
from drivers.document_reader.chips import ChipInspected, ChipUnread
from drivers.document_reader.pcsc_properties import GET_FEATURE_REQUEST, apdu_data_max, properties_control
from drivers.document_reader.pcsc_service import Card, Context, PcscError
from drivers.emrtd.verdict import ChipVerdict, DataVerdict
from simulators.card.attacks.specimen import genuine
from simulators.card.document import Document
from simulators.card.pcscd import PrivatePcscd
from tests.document_reader.test_chip_reading import PAGE, document, reading, terms
from tests.document_reader.test_pcsc import slot

# As PC/SC part 10 has it: the features IFD_PIN_PROPERTIES and GET_TLV_PROPERTIES; the properties wLcdLayout,
# wIdVendor and dwMaxAPDUDataSize.
FEATURES = bytes.fromhex("0A0442000DB2120442330012")
PROPERTIES = "010200000B026B080A04{}"
EXTENDED, SHORT = (bytes.fromhex(PROPERTIES.format(size)) for size in ("00000100", "00000000"))


def test_the_size_is_found_among_a_readers_properties_however_they_are_cut() -> None:
    assert properties_control(FEATURES) == 0x42330012
    assert (apdu_data_max(EXTENDED), apdu_data_max(SHORT)) == (65_536, 0)
    for end in range(len(FEATURES)):
        assert properties_control(FEATURES[:end]) is None
    for end in range(len(EXTENDED)):
        assert apdu_data_max(EXTENDED[:end]) is None
    assert apdu_data_max(bytes.fromhex("0A00")) is None


def says(monkeypatch: pytest.MonkeyPatch, properties: bytes) -> None:
    """Let the reader's driver know its properties; vpcd's does not."""
    answers = {SCARD_CTL_CODE(GET_FEATURE_REQUEST): FEATURES, 0x42330012: properties}

    def control(_handle: object, code: int) -> bytes:
        return answers[code]

    monkeypatch.setattr(pcsc_service, "_control", control)


def announcing() -> Document:
    made = document("pace-im")
    return made.model_copy(update={"files": made.files.model_copy(update={"longest": (1000, 1000)})})


async def read(pcscd: PrivatePcscd, **habits: bool) -> ChipInspected | ChipUnread:
    specimen = genuine(announcing())
    async with slot(pcscd) as device, reading() as driver:
        device.insert(replace(specimen, behaviour=replace(specimen.behaviour, **habits)).inserted())
        return await driver.read_chip(PAGE, terms())


def whole(found: ChipInspected | ChipUnread) -> int:
    """APDUs of a chip that was read to its picture."""
    assert isinstance(found, ChipInspected)
    assert (found.verdict.data, found.verdict.chip) == (DataVerdict.VERIFIED, ChipVerdict.GENUINE)
    assert found.portrait.startswith(b"\xff\xd8\xff")
    return found.apdus


async def test_a_reader_that_says_so_is_asked_for_long_answers_and_no_other_is(
    pcscd: PrivatePcscd, monkeypatch: pytest.MonkeyPatch
):
    unknown = whole(await read(pcscd))
    says(monkeypatch, SHORT)
    assert whole(await read(pcscd)) == unknown
    says(monkeypatch, EXTENDED)
    assert whole(await read(pcscd)) < unknown


@pytest.mark.parametrize("habit", [{"extended": False}, {"loses_session_at_extended": True}])
async def test_a_chip_that_announces_long_answers_and_refuses_them_is_read_whole(
    pcscd: PrivatePcscd, monkeypatch: pytest.MonkeyPatch, habit: dict[str, bool]
):
    says(monkeypatch, EXTENDED)
    whole(await read(pcscd, **habit))


async def test_a_reader_that_announces_long_answers_and_fails_on_them_reads_short(
    pcscd: PrivatePcscd, monkeypatch: pytest.MonkeyPatch
):
    transmit, refused = Card.transmit, list[int]()

    def limited(card: Card, command: bytes) -> bytes:
        if len(command) > 5 and command[4] == 0:
            refused.append(len(command))
            raise PcscError("SCardTransmit", 0x80100016, "Transaction failed")
        return transmit(card, command)

    says(monkeypatch, EXTENDED)
    monkeypatch.setattr(Card, "transmit", limited)
    whole(await read(pcscd))
    assert len(refused) == 1


async def test_a_reader_that_is_not_there_or_tells_nothing_is_one_of_short_answers(pcscd: PrivatePcscd):
    context = Context()
    async with slot(pcscd):
        assert context.response_max(context.readers()[0]) is None
    assert context.response_max("no such reader") is None
    context.release()
