"""What the plate finder's planes say, turned into plates: exactly what its training teaches."""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anpr import finding
from simulators.render.looks import PROOF
from simulators.render.scene_set import Scene, scene

sys.path.insert(0, str(Path(__file__).parents[2] / "training"))
from plate_labels import REACH, labels  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

HEIGHT, WIDTH = 384, 640
SMALL = (2_000_003, 2_000_010, 2_000_011, 2_000_014, 2_000_027, 2_000_032, 2_000_037, 2_000_042)
"""Scenes with one plate, 80 to 140 px wide, that are of no measured set."""
Planes = npt.NDArray[np.float32]


def taught(*plates: tuple[npt.NDArray[np.float32], int]) -> Planes:
    """The planes of a network that has learned its lesson."""
    planes = labels(plates, HEIGHT, WIDTH)
    core = np.where(planes["core"] > 0, 4.0, -6.0)
    lines = np.where(planes["two"] > 0, 3.0, -3.0)
    return np.concatenate([core[None], lines[None], planes["corners"]]).astype(np.float32)


def found(planes: Planes) -> tuple[finding.Found, ...]:
    return finding.plates_in(planes, REACH, np.ones(2, np.float32))


def quadrilateral(x: float, y: float, width: float, height: float, lean: float) -> npt.NDArray[np.float32]:
    return np.array(
        [(x, y), (x + width, y + lean), (x + width, y + height + lean), (x, y + height)], np.float32
    )


@given(
    x=st.floats(20, 350),
    y=st.floats(30, 200),
    width=st.floats(30, 200),
    tall=st.sampled_from((0.21, 0.4, 0.6)),
    lean=st.floats(-0.2, 0.2),
    lines=st.sampled_from((1, 2)),
)
def test_a_plate_is_found_where_it_lies(
    x: float, y: float, width: float, tall: float, lean: float, lines: int
) -> None:
    corners = quadrilateral(x, y, width, width * tall, width * lean)
    (plate,) = found(taught((corners, lines)))
    assert np.abs(plate.corners - corners).max() < 0.2
    assert plate.lines == lines
    assert plate.score > 0.9


def test_two_plates_are_two_and_the_surer_comes_first() -> None:
    left, right = quadrilateral(40, 100, 120, 26, 4), quadrilateral(400, 200, 90, 50, 0)
    planes = taught((left, 1), (right, 2))
    planes[0, :, : WIDTH // 8] -= 2
    assert [plate.lines for plate in found(planes)] == [2, 1]


def test_one_plate_in_two_pieces_is_one() -> None:
    corners = quadrilateral(100, 100, 200, 44, 0)
    planes = taught((corners, 1))
    planes[0, :, 50] = -6  # a post before the plate
    (plate,) = found(planes)
    assert np.abs(plate.corners - corners).max() < 0.2


def test_where_nothing_is_nothing_is_found() -> None:
    assert found(taught()) == ()


@pytest.mark.parametrize("many", [30])
def test_no_more_plates_are_looked_at_than_time_allows(many: int) -> None:
    plates = [(quadrilateral(20 + 100 * (i % 6), 20 + 60 * (i // 6), 60, 14, 0), 1) for i in range(many)]
    assert len(found(taught(*plates))) == finding.FOUND_MAX


def error(shown: Scene) -> float:
    """How far the corners of the scene's widest plate are from where they are found, of its width."""
    corners = max((each.corners for each in shown.plates), key=lambda each: float(np.ptp(each[:, 0])))
    distances = [float(np.abs(one.corners - corners).mean()) for one in finding.find(shown.picture)]
    return min(distances, default=np.inf) / float(np.ptp(corners[:, 0]))


def test_a_small_plate_is_looked_at_from_nearer_for_truer_corners(monkeypatch: pytest.MonkeyPatch) -> None:
    scenes = [scene(seed, PROOF) for seed in SMALL]
    nearer = [error(shown) for shown in scenes]
    monkeypatch.setattr(finding, "_SMALL", 0)
    assert np.median(nearer) < np.median([error(shown) for shown in scenes]) * 0.9


@pytest.mark.parametrize("at", [(-200.0, 40.0), (-30.0, -8.0), (630.0, 380.0), (9000.0, 9000.0)])
def test_a_plate_at_the_edge_or_beyond_it_is_looked_at_without_harm(at: tuple[float, float]) -> None:
    frame = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    guess = finding.Found(quadrilateral(*at, 40, 9, 0), 1, 0.5)
    assert finding.nearer(frame, guess).score <= 0.5
