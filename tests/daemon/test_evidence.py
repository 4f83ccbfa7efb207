"""A plate's pictures (the frame, the plate cut out of it, and of each other frame that voted) go where the
passage goes, and with it."""

import hashlib
from itertools import chain
from pathlib import Path

from dashboard.store.erase import without_personal
from lane_controller.daemon.actions import MEDIA_BYTES_MAX, media_of
from lane_controller.daemon.journal import Journal
from lane_controller.daemon.outbox import pictures
from lane_controller.lane import views
from lane_controller.lane.facts import PersonalErased, PlateRead, PresenceChanged
from lane_controller.messages.parts import FrameVote, Plate, PlateVote
from lane_controller.messages.pictures import pictures_in
from lane_controller.messages.words import Audience, Place
from tests.daemon.facts import beginning, loop_on, stamp

PICTURES = (b"\xff\xd8 the whole frame", b"\xff\xd8 the plate alone", b"\xff\xd8 the plate in another frame")
NAMES = tuple(hashlib.sha256(picture).hexdigest() for picture in PICTURES)
PLATE = Plate(text="123ABC02", display="123 ABC 02", country="KZ", confidence=0.9, frames=4)
VOTE = PlateVote(
    side="front",
    frames=2,
    texts=(),
    others=(),
    parked=(),
    each=(
        FrameVote(after_s=0, text="123ABC02", probability=0.8, crop=NAMES[1]),
        FrameVote(after_s=0.4, text="123ABC02", probability=0.7, crop=NAMES[2]),
    ),
    when="sure",
    why="frames_agree",
)


def test_all_pictures_are_sent_shown_and_erased_together(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "journal.sqlite", "test", "lane-1")
    loop = loop_on(journal)
    for fact in (*beginning(journal.id), PresenceChanged(stamp(10), "loop", Place.ARRIVAL, True)):
        loop.take([(fact, ())])
    media = tuple(chain.from_iterable(media_of(picture, "camera") for picture in PICTURES))
    read = PlateRead(stamp(11), "camera", "front", PLATE, picture=NAMES[0], crop=NAMES[1], vote=VOTE)
    loop.take([(read, media)])

    sent = pictures(journal.events_after(0, 1000))
    assert tuple(sent) == NAMES, "the uplink sends them"
    assert tuple(journal.media(name)[1] for name in NAMES) == PICTURES  # type: ignore[index]
    state = views.lane_state(loop.lane, Audience.LANE)  # type: ignore[arg-type]
    assert state.passage is not None
    assert state.passage.pictures == NAMES[:2]
    assert state.passage.votes == (VOTE,)
    (event,) = [one.data for one in journal.events_after(0, 1000) if one.data["type"] == "passage.plate"]
    assert set(pictures_in(event)) == set(NAMES), "the store asks for them"
    emptied = without_personal(event)
    assert not set(pictures_in(emptied))
    assert emptied["plate"] is None

    loop.take([(PersonalErased(stamp(12), journal.last_sequence), ())])
    assert loop.lane is not None
    assert loop.lane.passage is not None
    assert loop.lane.passage.plates == ()
    journal.close()


def test_a_picture_that_no_store_takes_is_left_out_and_the_plate_is_told() -> None:
    assert media_of(b"", "camera") == ()
    assert media_of(b"x" * (MEDIA_BYTES_MAX + 1), "camera") == ()
