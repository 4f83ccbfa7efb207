"""What a reader of pictures says: the document, and what is sure, corrected, doubtful or inconsistent in it.

The engine behind `read` can be exchanged; this type stays.  An engine that has no confidence of its own says
so by an empty `confidence` and by naming as doubtful whatever no check digit proves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from mrz.document import CheckDigit, Document, Status
from mrz.errors import EngineError, ImageError, MrzError
from mrz.layouts import Format

if TYPE_CHECKING:
    from mrz.picture import Grey, Image


@dataclass(frozen=True, slots=True)
class Correction:
    """`taken` stands in place of `read` at line and column (from 1); `reason` is a code of `REASONS`."""

    line: int
    column: int
    read: str
    taken: str
    reason: str


REASONS = {
    "digit_place": "only a digit can stand here",
    "letter_place": "only a letter or a filler can stand here",
    "filler_count": "fillers lost or doubled: the format says how many characters a line has",
    "filler_read_as_letter": "after the fillers that end the names nothing stands",
    "check_digit": "of the characters that it may be, the only one with which the check digits hold",
    "listed_code": "of the codes that it may be, this one is in the list of states or documents",
    "likelier_here": "of the characters that it may be nearly alike, the one that stands here far more often",
}
"""Why a character was corrected."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A field that is not sure; line and column (from 1) of the character, 0 for the whole field, and the
    characters it may be (best first, empty where the engine can't say)."""

    field: str
    line: int = 0
    column: int = 0
    candidates: tuple[str, ...] = ()


BYTES_MAX = 64 * 1024 * 1024
"""An encoded picture of more bytes is not read."""

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
"""Corners in pixels of the picture (x to the right, y down), round it from top left as read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One document in a picture.

    `status` is None where no zone was found; `document` and `lines` are None then, and where the zone is
    unreadable.  `confidence` is a probability (0 to 1) by field that the field is right, as far as the engine
    gives one.  `inconsistent` are check digits that a surely read print does not hold.  `zone` are the
    corners of the zone in the picture, in pixels (x to the right, y down), in order round it; empty if not
    located.  `cells` are the corners of each character's cell, by line and column (from 0); empty where the
    engine reads no grid.  `frame` is the picture (from 0) that these corners are in, where several were read
    together.  `others` are further documents in the same picture, smaller ones last.
    """

    engine: str
    status: Status | None = None
    document: Document | None = None
    confidence: dict[str, float] = field(default_factory=dict[str, float])
    corrections: tuple[Correction, ...] = ()
    doubtful: tuple[Doubt, ...] = ()
    inconsistent: tuple[CheckDigit, ...] = ()
    zone: tuple[Point, ...] = ()
    cells: tuple[tuple[Quad, ...], ...] = ()
    frame: int = 0
    others: tuple[Reading, ...] = ()

    @property
    def found(self) -> bool:
        """Whether there is a zone in the picture, readable or not."""
        return self.status is not None

    @property
    def lines(self) -> tuple[str, ...] | None:
        return self.document.lines if self.document else None

    @property
    def format(self) -> Format | None:
        return self.document.format if self.document else None

    @property
    def fields(self) -> dict[str, str]:
        """Understood values by field name (`Document.fields`); empty where nothing was read."""
        return self.document.fields if self.document else {}

    def as_json(self) -> dict[str, Any]:
        """Plain types for a program that reads them; keys as `borderlane read-mrz --json` prints them."""
        return {
            "found": self.found,
            "format": self.format,
            "lines": list(self.lines) if self.lines else None,
            "status": self.status,
            "confidence": self.confidence,
            "corrections": [
                {
                    "line": each.line,
                    "column": each.column,
                    "read": each.read,
                    "taken": each.taken,
                    "reason": each.reason,
                }
                for each in self.corrections
            ],
            "doubtful": [
                {
                    "field": each.field,
                    "line": each.line,
                    "column": each.column,
                    "candidates": list(each.candidates),
                }
                for each in self.doubtful
            ],
            "inconsistent": [
                {
                    "field": each.field,
                    "line": each.line,
                    "column": each.column,
                    "expected": each.expected,
                    "found": each.found,
                }
                for each in self.inconsistent
            ],
            "fields": self.fields,
            "others": [each.as_json() for each in self.others],
        }


def reading_of_text(document: Document) -> Reading:
    """A document that came as text (a swipe reader, a file): nothing was recognised, nothing corrected."""
    return Reading(
        engine="text",
        status=document.status,
        document=document,
        doubtful=tuple(Doubt(field) for field in document.doubtful),
        inconsistent=document.wrong_check_digits,
    )


class Engine(Protocol):
    """Finds and reads zones in a grey picture."""

    name: str

    def read(self, picture: Grey, reference: date | None) -> Reading:
        """The largest document in `picture` (height x width, 8 bit, 0 black), others inside it.

        `reference` as in `mrz.parse`.  Raises EngineError when the engine can't work at all, ImageError when
        it can't work on this picture.
        """
        ...

    def read_frames(self, pictures: Iterable[Grey], reference: date | None) -> Reading:
        """The document that several pictures of it show, others beside it inside; stops taking pictures when
        all are sure.

        Raises as `read`.
        """
        ...


ENGINES = {
    "grid": ("mrz.engines.grid", "Grid"),
    "passporteye": ("mrz.engines.passporteye", "PassportEye"),
}
"""Module and class of each engine by its name."""
ENGINE = "grid"
"""The engine that reads where no other is asked for."""


def engine_named(name: str) -> Engine:
    """The engine of that name, imported now.

    Raises MrzError with the known names, EngineError when it or a library of its own is not installed.
    """
    if name not in ENGINES:
        raise MrzError(f"no engine is called {name!r}; known: {', '.join(ENGINES)}")
    module, kind = ENGINES[name]
    try:
        engine: Engine = getattr(import_module(module), kind)()
    except ImportError as error:
        raise EngineError(f"the engine {name} can't be loaded: {error}") from error
    return engine


def read(image: Image, *, reference: date | None = None, engine: str = ENGINE) -> Reading:
    """The machine-readable zone in a page's picture.

    `image` is an encoded picture (bytes: PNG, JPEG, TIFF, BMP, WebP) or an array of height x width (grey),
    or height x width x 3 or 4 (BGR, BGRA), 8 or 16 bit; at most 50 megapixels, which is checked before
    anything is decoded.  Where there is an infrared picture of the page, give that: only the zone's ink shows
    in it.  `reference` is the date against which centuries are chosen (`mrz.parse`); `engine` is a name of
    `ENGINES`.

    Takes seconds of CPU with `passporteye`: call it in a worker process that may be killed.  Raises
    ImageError for a broken or oversized picture, EngineError when the engine is not installed.
    """
    from mrz.picture import load

    picture = load(image)  # before the engine, which may take seconds to load
    return engine_named(engine).read(picture, reference)


def read_frames(images: Iterable[Image], *, reference: date | None = None, engine: str = ENGINE) -> Reading:
    """The machine-readable zone in several pictures of one page, read together.

    `images`, `reference` and `engine` as in `read`.  Pictures are taken from `images` one by one until the
    reading is sure, so a generator that waits for a camera needs no more of them than that.  Frames of
    another document are not mixed in (`mrz.fusion`): the document that most frames show is told, and in
    `others` what lay beside it, each read from all its frames.  A picture that can't be read (a dark or
    damaged frame) is passed over.  `zone` and `cells` are corners in the picture that `frame` names, counting
    those that could be read.  Raises as `read`, ImageError only where no
    picture could be read.
    """
    return engine_named(engine).read_frames(_readable(images), reference)


def _readable(images: Iterable[Image]) -> Iterator[Grey]:
    from mrz.picture import load

    failed: ImageError | None = None
    some = False
    for image in images:
        try:
            picture = load(image)
        except ImageError as error:
            failed = error
            continue
        some = True
        yield picture
    if failed and not some:
        raise failed
