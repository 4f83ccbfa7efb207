"""A plate's two pictures, the frame and the plate cut out of it, go where the passage goes, and with it."""

import hashlib
from pathlib import Path

from dashboard.store.erase import pictures_in, without_personal
from lane_controller.daemon.actions import MEDIA_BYTES_MAX, media_of
from lane_controller.daemon.journal import Journal
from lane_controller.daemon.outbox import pictures
from lane_controller.lane import views
from lane_controller.lane.facts import PersonalErased, PlateRead, PresenceChanged
from lane_controller.messages.parts import Plate
from lane_controller.messages.words import Audience, Place
from tests.daemon.facts import beginning, loop_on, stamp

FRAME, CROP = b"\xff\xd8 the whole frame", b"\xff\xd8 the plate alone"
NAMES = tuple(hashlib.sha256(picture).hexdigest() for picture in (FRAME, CROP))
PLATE = Plate(text="123ABC02", display="123 ABC 02", country="KZ", confidence=0.9, frames=4)


def test_both_pictures_are_sent_shown_and_erased_together(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "journal.sqlite", "test", "lane-1")
    loop = loop_on(journal)
    for fact in (*beginning(journal.id), PresenceChanged(stamp(10), "loop", Place.ARRIVAL, True)):
        loop.take([(fact, ())])
    media = (*media_of(FRAME, "camera"), *media_of(CROP, "camera"))
    read = PlateRead(stamp(11), "camera", "front", PLATE, picture=NAMES[0], crop=NAMES[1])
    loop.take([(read, media)])

    sent = pictures(journal.events_after(0, 1000))
    assert tuple(sent) == NAMES, "the uplink sends both"
    assert [journal.media(name)[1] for name in NAMES] == [FRAME, CROP]  # type: ignore[index]
    state = views.lane_state(loop.lane, Audience.LANE)  # type: ignore[arg-type]
    assert state.passage is not None
    assert state.passage.pictures == NAMES
    (event,) = [one.data for one in journal.events_after(0, 1000) if one.data["type"] == "passage.plate"]
    assert set(pictures_in(event)) == set(NAMES), "the store asks for both"
    emptied = without_personal(event)
    assert (emptied["picture"], emptied["crop"], emptied["plate"]) == (None, None, None)

    loop.take([(PersonalErased(stamp(12), journal.last_sequence), ())])
    assert loop.lane is not None
    assert loop.lane.passage is not None
    assert loop.lane.passage.plates == ()
    journal.close()


def test_a_picture_that_no_store_takes_is_left_out_and_the_plate_is_told() -> None:
    assert media_of(b"", "camera") == ()
    assert media_of(b"x" * (MEDIA_BYTES_MAX + 1), "camera") == ()
