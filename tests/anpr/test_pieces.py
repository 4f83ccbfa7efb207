"""Where the finder shows nothing: whole plates joined from pieces of text, and no slogan taken for one."""

import random

import cv2
import numpy as np
import numpy.typing as npt
import pytest

import anpr
from anpr import pieces, reader
from anpr.pieces import Piece, whole_plates
from simulators.render.plates import Plate, draw, synthetic

Frame = npt.NDArray[np.uint8]
AT, WIDTH = (240, 200), 150


def piece(x: float, y: float, width: float, height: float) -> Piece:
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return Piece(np.array(corners, np.float32), 0.9)


def boxes(*seen: Piece) -> list[tuple[float, ...]]:
    """Lines, left, top, width and height of each whole plate."""
    return [(lines, *one.corners[0].tolist(), one.width, one.height) for one, lines in whole_plates(seen)]


def shown(which: Plate) -> Frame:
    """The plate alone before grey."""
    picture = draw(which)
    (x, y), height = AT, round(WIDTH * picture.shape[0] / picture.shape[1])
    frame = np.full((480, 640, 3), 70, np.uint8)
    small = cv2.resize(picture, (WIDTH, height), interpolation=cv2.INTER_AREA)
    frame[y : y + height, x : x + WIDTH] = small
    return frame


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The finder finds nothing."""
    monkeypatch.setattr(reader, "find", lambda frame: ())  # pyright: ignore[reportUnknownLambdaType]


def test_pieces_beside_each_other_are_one_line_with_its_region() -> None:
    main, region = piece(100, 50, 80, 20), piece(190, 52, 30, 17)
    assert boxes(main, region) == [(1, 100, 50, 80, 20), (1, 100, 50, 120, 20)]


def test_lines_above_each_other_are_one_plate() -> None:
    upper, left, right = piece(100, 50, 50, 22), piece(96, 76, 22, 20), piece(124, 76, 30, 20)
    assert (2, 96, 50, 58, 46) in boxes(upper, left, right)


@pytest.mark.parametrize(
    "far",
    [piece(215, 50, 80, 20), piece(100, 75, 400, 20), piece(185, 65, 80, 20), piece(185, 50, 80, 45)],
    ids=["far away", "a long line below", "shifted down", "much higher"],
)
def test_what_does_not_belong_together_is_not_joined(far: Piece) -> None:
    near = piece(100, 50, 80, 20)
    assert {one.width for one, _ in whole_plates([near, far])} <= {80.0}


def test_what_has_no_plates_proportions_is_none() -> None:
    assert boxes(piece(100, 50, 400, 30), piece(100, 300, 30, 30), piece(300, 300, 30, 8)) == []


@pytest.mark.usefixtures("blind")
@pytest.mark.parametrize(("series", "lines"), [("GOST type 1", 1), ("GOST type 1A", 2)])
def test_a_plate_that_the_finder_lost_is_read_once(series: str, lines: int) -> None:
    plate = synthetic("RU", random.Random(5), series)
    frame = anpr.examine(shown(plate))
    (read,) = frame.plates
    assert (read.text, read.lines) == (plate.text, lines)
    x, y, width, height = read.box
    assert x - 15 < AT[0] < AT[0] + WIDTH < x + width + 15
    assert y - 15 < AT[1] < y + height
    assert frame.refused == (), "its lines alone, in the same place"


@pytest.mark.usefixtures("blind")
@pytest.mark.parametrize("words", ["KAZ CARGO LOGISTICS", "KEEP RIGHT", "LONG VEHICLE"])
def test_a_slogan_is_refused(words: str) -> None:
    frame = np.full((480, 640, 3), 70, np.uint8)
    cv2.rectangle(frame, (80, 190), (600, 260), (250, 250, 250), -1)
    cv2.putText(frame, words, (100, 240), cv2.FONT_HERSHEY_SIMPLEX, 1.3, (10, 10, 10), 3)
    assert pieces.pieces(frame), "it is seen"
    assert anpr.examine(frame).plates == ()


def test_pieces_are_sought_only_where_no_plate_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def proposed(frame: Frame, found: object) -> tuple[()]:
        asked.append(1)
        return ()

    monkeypatch.setattr(reader, "proposed", proposed)
    assert anpr.read(shown(synthetic("KZ", random.Random(5))))
    assert asked == []
    assert anpr.read(np.full((480, 640, 3), 70, np.uint8)) == ()
    assert asked == [1]
