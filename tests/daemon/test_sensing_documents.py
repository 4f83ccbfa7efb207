"""Lines of an MRZ become what a lane needs to know of a document."""

from datetime import UTC, datetime

import mrz
from drivers.document_reader import MrzRead, Unreadable
from lane_controller.daemon.sensing.documents import read_lines, sense
from lane_controller.lane.facts import DocumentRead
from lane_controller.messages.parts import Stamp
from lane_controller.messages.words import ClockQuality

AT = Stamp(utc=datetime(2026, 6, 1, tzinfo=UTC), boot="b", mono_s=1.0, clock=ClockQuality.SYNCHRONISED)


def test_the_worked_example_of_doc_9303_is_read_whole() -> None:
    lines = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
    document = read_lines(lines, "reader", AT).document
    assert document is not None
    assert (document.surname, document.given_names) == ("ERIKSSON", "ANNA MARIA")
    assert (document.number, document.birth, document.expiry) == ("L898902C3", "1974-08-12", "2012-04-15")
    assert document.status == "verified"
    assert document.lines == lines


def test_an_internal_passport_is_asked_about_by_letters_not_by_its_digit_code() -> None:
    lines = mrz.format(
        mrz.Fields(
            format=mrz.Format.TD3,
            code="PN",
            issuer="RUS",
            number="4512345678",
            nationality="RUS",
            surname="ЧЕХОВ",
            given_names="АНТОН ПАВЛОВИЧ",
            birth="800129",
            sex="M",
            issued="100301",
            issuing_unit="770001",
        )
    )
    document = read_lines(lines, "reader", AT).document
    assert document is not None
    assert (document.surname, document.given_names) == ("CHEKHOV", "ANTON PAVLOVICH")
    assert document.expiry is None


def test_what_is_no_document_is_unreadable_and_never_an_error() -> None:
    fact = sense(MrzRead(("NONSENSE", "\x00"), b""), "reader", AT)
    assert isinstance(fact, DocumentRead)
    assert fact.document is None
    mute = sense(Unreadable("card_mute", b""), "reader", AT)
    assert isinstance(mute, DocumentRead)
    assert mute.reason is not None
    assert mute.reason.code == "card_mute"
