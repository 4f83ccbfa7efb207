"""What is a page and what is none, told from bytes; and a page that lies still, told from views alone."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.document_reader import FRAMES_MAX, PAGE_BYTES_MAX, PageRead
from drivers.document_reader.page_form import WrongType, frames_in
from drivers.document_reader.page_frames import BadPage, Frame, check, page_of
from drivers.document_reader.page_present import COLLECT_S, STILL_S, PagePresent, Verdict
from tests.document_reader.pages import jpeg, jpeg_bomb, png, png_bomb

WHOLE = (jpeg(), png())


@pytest.mark.parametrize("data", WHOLE)
def test_a_picture_cut_anywhere_is_no_page(data: bytes):
    assert check(data) == (60, 40)
    for end in range(len(data) - 1):
        with pytest.raises(BadPage):
            check(data[:end])


@pytest.mark.parametrize("data", [png_bomb(), png_bomb(2**31 - 1, 1), png_bomb(0, 40), jpeg_bomb()])
def test_a_picture_that_unpacks_to_too_much_is_refused_by_its_header(data: bytes):
    with pytest.raises(BadPage, match=r"\d+ x \d+"):
        check(data)


@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=4))
def test_a_damaged_picture_is_refused_or_still_of_a_sane_size(data: bytes, edits: list[tuple[int, int]]):
    damaged = bytearray(data)
    for at, value in edits:
        damaged[at % len(damaged)] = value
    try:
        width, height = check(bytes(damaged))
    except BadPage:
        return
    assert width * height <= 50_000_000


@given(st.binary(max_size=300), st.text(max_size=80), st.booleans())
def test_any_body_is_frames_or_refused(body: bytes, kind: str, form: bool):
    with contextlib.suppress(BadPage, WrongType):
        frames = frames_in(f"multipart/form-data; boundary={kind}" if form else kind, body)
        assert isinstance(page_of(frames), PageRead)


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=FRAMES_MAX), st.text("abcAB129-_'", min_size=1))
def test_frames_in_a_form_come_out_as_they_went_in(parts: list[bytes], boundary: str):
    edge = boundary[:60] + "=edge"
    fields = 'Content-Type: image/jpeg\r\nContent-Disposition: form-data; name="infrared"'
    body = b"".join(f"--{edge}\r\n{fields}\r\n\r\n".encode() + part + b"\r\n" for part in parts)
    frames = frames_in(f'multipart/form-data; boundary="{edge}"', body + f"--{edge}--".encode())
    assert frames == [Frame(part, True) for part in parts]


def test_a_page_has_its_bounds():
    with pytest.raises(BadPage, match="0 frames"):
        page_of([])
    with pytest.raises(BadPage, match=f"expected 1 to {FRAMES_MAX}"):
        page_of([Frame(jpeg())] * (FRAMES_MAX + 1))
    with pytest.raises(BadPage, match="at most"):
        page_of([Frame(bytes(PAGE_BYTES_MAX)), Frame(jpeg())])


BED = np.full((72, 96), 30, np.float32)
PAGE = BED.copy()
PAGE[10:60, 10:80] = np.random.default_rng(1).integers(150, 240, (50, 70))
OTHER = PAGE[:, ::-1].copy()
HAND = BED.copy()
HAND[20:70, 5:40] = 140
PRINT, NONE = 0.08, 0.001


class Camera:
    """Ten views a second of what is shown, and what was made of them."""

    def __init__(self) -> None:
        self.present, self.at_s = PagePresent(), 0.0

    def show(self, view: np.ndarray, edges: float, seconds: float) -> list[Verdict]:
        told: list[Verdict] = []
        for _ in range(round(seconds * 10)):
            self.at_s += 0.1
            noisy = view + np.random.default_rng(round(self.at_s * 10)).normal(0, 0.5, view.shape)
            told.append(self.present.look(noisy.astype(np.float32), edges, self.at_s))
        return told

    def taken(self, view: np.ndarray, edges: float, seconds: float = 3.0) -> int:
        return self.show(view, edges, seconds).count(Verdict.DONE)


def test_each_page_that_lies_still_is_taken_once_and_never_the_bed_nor_a_hand():
    camera = Camera()
    assert camera.taken(BED, NONE) == 0
    assert camera.taken(HAND, NONE) == 0
    assert camera.taken(PAGE, PRINT, 10) == 1
    assert camera.taken(HAND, NONE, 0.3) == 0
    assert camera.taken(PAGE, PRINT) == 0, "nudged, not another one"
    assert camera.taken(OTHER, PRINT) == 1
    assert camera.taken(BED, NONE) == 0
    assert camera.taken(OTHER, PRINT) == 1, "taken away and laid down again"


def test_a_page_that_is_moved_while_it_is_looked_at_is_looked_at_anew():
    camera = Camera()
    camera.show(BED, NONE, 1)
    assert camera.show(PAGE, PRINT, STILL_S + COLLECT_S / 2 + 0.1)[-1] is Verdict.COLLECT
    assert camera.show(OTHER, PRINT, 0.1) == [Verdict.DROP]
    assert camera.taken(OTHER, PRINT) == 1


def test_light_that_comes_and_goes_is_no_page():
    camera = Camera()
    camera.show(BED, NONE, 1)
    for light in (150, 30, 90, 255):
        assert camera.taken(np.full_like(BED, light), NONE) == 0
    assert camera.taken(PAGE, PRINT) == 1


def test_print_that_lies_there_for_ever_belongs_to_the_bed():
    camera = Camera()
    assert camera.taken(OTHER, PRINT) == 1, "it may have been a page"
    assert camera.taken(OTHER, PRINT, 70) == 0
    camera.show(HAND, NONE, 0.5)
    assert camera.taken(OTHER, PRINT, 3) == 0
    camera.show(HAND, NONE, 0.5)
    assert camera.taken(PAGE, 3 * PRINT, 3) == 1


@given(st.lists(st.tuples(st.sampled_from([0, 1, 2, 3]), st.floats(0, 1), st.floats(-5, 70)), max_size=40))
def test_no_order_of_views_breaks_it_and_what_is_done_was_collected(looks: list[tuple[int, float, float]]):
    present, at_s, collected = PagePresent(), 0.0, 0
    for which, edges, step_s in looks:
        at_s += step_s
        verdict = present.look((BED, PAGE, HAND, BED[:10])[which], edges, at_s)
        assert verdict is not Verdict.DONE or collected
        collected = collected + 1 if verdict is Verdict.COLLECT else 0
