"""Attacks and accidents between chip and reader: answers that lie, break, repeat or never end."""

from dataclasses import replace
from typing import Any

from simulators.card.attacks.copies import clone
from simulators.card.attacks.specimen import Specimen, Table, attack, changed, genuine
from simulators.card.behaviour import OverLength
from simulators.card.document import Document
from simulators.card.faults import Fault, FaultName

ATTACKS: Table = {}
_NOT_VERIFIED = ("failed", "not_verifiable")
_ANYTHING = ("verified", "failed", "not_verifiable")


def _faulty(document: Document, *faults: Fault) -> Specimen:
    return replace(genuine(document), faults=faults)


def _minded(document: Document, **habits: Any) -> Specimen:
    return replace(genuine(document), behaviour=replace(document.behaviour, **habits))


@attack(ATTACKS, data=_NOT_VERIFIED, may_stop=True)
def unprotected_answer(document: Document) -> Specimen:
    """DG1 comes in the clear with 9000, in the middle of a protected session."""
    return _faulty(document, Fault(FaultName.UNPROTECTED, "read:DG1", times=0))


@attack(ATTACKS, data=_NOT_VERIFIED, may_stop=True)
def bare_9000(document: Document) -> Specimen:
    """A bare 9000 in answer to a protected read."""
    return _faulty(document, Fault(FaultName.BARE_STATUS, "read:EF.SOD", times=0))


@attack(ATTACKS, data=("verified",), chip=("failed",), may_stop=True)
def empty_chip_authentication(document: Document) -> Specimen:
    """A clone says 9000 to chip authentication and goes on under the old keys: 9000 alone proves nothing."""
    done = Fault(FaultName.STATUS, "ca", times=0, value=0x9000)
    return replace(clone(document), faults=(done,))


@attack(ATTACKS, data=_NOT_VERIFIED, may_stop=True)
def wrong_mac(document: Document) -> Specimen:
    """One bit of every MAC over DG1 is wrong."""
    return _faulty(document, Fault(FaultName.FLIPPED_MAC, "read:DG1", times=0))


@attack(ATTACKS, data=_NOT_VERIFIED, may_stop=True)
def flipped_cryptogram(document: Document) -> Specimen:
    """One byte of the cryptogram is changed on its way."""
    return _faulty(document, Fault(FaultName.FLIPPED_BYTE, "read:DG1", times=0, value=5))


@attack(ATTACKS, data=_NOT_VERIFIED, may_stop=True)
def replayed_answers(document: Document) -> Specimen:
    """Each answer in EF.SOD is the last one again."""
    return _faulty(document, Fault(FaultName.REPLAYED, "read:EF.SOD", nth=2, times=0))


@attack(ATTACKS, data=_NOT_VERIFIED, may_stop=True)
def repeated_counter(document: Document) -> Specimen:
    """The chip's counter stands still."""
    return _faulty(document, Fault(FaultName.COUNTER_REPEATED, "read:EF.SOD", times=0))


@attack(ATTACKS, data=_NOT_VERIFIED, may_stop=True)
def lying_length(document: Document) -> Specimen:
    """DG1 says that it is 40 bytes longer than it is."""
    return _faulty(document, Fault(FaultName.LYING_LENGTH, "read:DG1", times=0, value=40))


@attack(ATTACKS, data=_NOT_VERIFIED, may_stop=True)
def gigabyte_announced(document: Document) -> Specimen:
    """EF.SOD announces 1 GiB."""
    return _faulty(document, Fault(FaultName.ANNOUNCED, "read:EF.SOD", times=0))


@attack(ATTACKS, data=_NOT_VERIFIED, may_stop=True)
def endless_file(document: Document) -> Specimen:
    """EF.SOD never ends."""
    return _faulty(document, Fault(FaultName.ENDLESS, "read:EF.SOD", times=0))


@attack(ATTACKS, data=_NOT_VERIFIED, may_stop=True)
def endless_nesting(document: Document) -> Specimen:
    """EF.SOD is one data object in another, a thousand deep."""
    return _faulty(document, Fault(FaultName.NESTED, "read:EF.SOD", times=0))


@attack(ATTACKS, data=_NOT_VERIFIED, may_stop=True)
def noise(document: Document) -> Specimen:
    """Noise for EF.SOD."""
    return _faulty(document, Fault(FaultName.NOISE, "read:EF.SOD", times=0))


@attack(ATTACKS, data=("verified",), chip=("genuine",))
def torn_once(document: Document) -> Specimen:
    """The document leaves the field in the middle of the portrait, and comes back."""
    return _faulty(document, Fault(FaultName.TORN, "read:DG2", nth=3))


@attack(ATTACKS, data=_ANYTHING, may_stop=True)
def torn_for_ever(document: Document) -> Specimen:
    """The document leaves the field at each attempt to read EF.SOD."""
    return _faulty(document, Fault(FaultName.TORN, "read:EF.SOD", times=0))


@attack(ATTACKS, data=_ANYTHING, may_stop=True)
def silent_chip(document: Document) -> Specimen:
    """No answer any more in the middle of EF.SOD."""
    return _faulty(document, Fault(FaultName.STALL, "read:EF.SOD", nth=2, times=0))


@attack(ATTACKS, data=("verified",), chip=("genuine",))
def slow_chip(document: Document) -> Specimen:
    """Key agreement takes a second, as on old chips."""
    return _faulty(document, Fault(FaultName.SLOW, "pace:agree", value=1000))


@attack(ATTACKS, data=_ANYTHING, may_stop=True)
def second_card(document: Document) -> Specimen:
    """From DG1 on another card answers in the field."""
    return _faulty(document, Fault(FaultName.OTHER_CARD, "read:DG1", times=0))


@attack(ATTACKS, data=("verified",), chip=("genuine",))
def exact_lengths(document: Document) -> Specimen:
    """The chip sends at most 192 bytes, and asks for the exact length with 6Cxx."""
    return _minded(document, read_max=192, over_length=OverLength.EXACT)


@attack(ATTACKS, data=("verified",), chip=("genuine",))
def wrong_lengths(document: Document) -> Specimen:
    """The chip sends at most 128 bytes, and answers 6700 to more."""
    return _minded(document, read_max=128, over_length=OverLength.WRONG_LENGTH, extended=False)


@attack(ATTACKS, data=("verified",), chip=("genuine",), may_stop=True)
def offset_refused(document: Document) -> Specimen:
    """The chip answers 6B00 to reads of more than 200 bytes, and loses the session by it (RU)."""
    return _minded(document, read_max=200, over_length=OverLength.OUTSIDE, loses_session_when_refusing=True)


@attack(ATTACKS, data=_ANYTHING, may_stop=True, access="failed")
def blocks_after_wrong_keys(document: Document) -> Specimen:
    """The page was read wrongly: the chip answers 6983 for good after the second wrong key."""
    specimen = _minded(document, wrong_keys_max=2)
    other = changed(document, page={"number": "X00000001", "lines": ()})
    return replace(specimen, document=other)
