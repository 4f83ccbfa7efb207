"""Zones on the proof set: synthetic pictures of 17 kinds and all formats, pages without a zone, and frames.

The set's generator (tools/proof/mrz_set) shares nothing with the training renderer.  Without FULL=1 ours
reads a fixed part of 500 pictures and each peer the first 100 of it (rapidocr 40), in which all kinds have
the set's own shares; with FULL=1 all 2,020.  Figures by kind and format are of ours.  What an exact read and
a false accept are stands in `mrz_real`.
"""

from collections.abc import Mapping
from functools import partial
from itertools import groupby

from measures import Figure, Measurement, at_least, at_most, shown
from measures.rigs import mrz_figures as of
from measures.rigs.mrz_pictures import KINDS, SORTS, Picture, names_of, proof_pictures
from measures.rigs.mrz_readers import PEERS, read_all
from measures.rigs.mrz_scoring import Outcome, score

OURS_COUNT = 500
PEER_COUNT = {"rapidocr": 40}
PEER_COUNT_ELSE = 100
PEER_NONE_COUNT = 30
TARGETS = {"perspective": 0.80, "turned": 0.95, "security": 0.60}
EXACT_MIN = 0.85
HARD_MAX = 0.45
UNCOVERED_MAX = 1 / 300
DOUBTFUL_MAX = 0.05
CALIBRATION_MAX = 0.05
SIDES = (1000, 2000, 4000)
"""Width classes: the longer side of the picture in px is at most this, and over the one before."""


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")


SET = tuple(
    f"mrz-set-{name}"
    for name in (
        "exact", "found", "line-exact", "character-errors", "false-accepts-covered",
        "false-accepts-uncovered", "valid-but-wrong", "doubtful-but-exact", "mirrored-wrong",
        "hard-for-fastmrz", "hard-for-rapidocr", "peak-memory", "calibration",
    )
)  # fmt: skip
BY_KIND = tuple(f"mrz-kind-{_slug(kind)}" for kind in KINDS if kind != "mirrored")
BY_FORMAT = tuple(f"mrz-format-{_slug(sort)}" for sort in SORTS)
CPU = (
    "mrz-cpu-page-median",
    "mrz-cpu-page-p95",
    *(f"mrz-cpu-to-{side}-{name}" for side in SIDES for name in ("median", "p95")),
)


def run_set(full: bool) -> list[Figure]:
    names = names_of("set")
    pictures = proof_pictures(names if full else names[:OURS_COUNT])
    wanted: dict[str, list[Picture]] = {of.OURS: pictures}
    for peer in PEERS:
        wanted[peer] = pictures if full else pictures[: PEER_COUNT.get(peer, PEER_COUNT_ELSE)]
    every = of.outcomes_of("set", wanted, full)
    pages = {reader: [one for one in o if not one.picture.mirrored] for reader, o in every.items()}
    mirrored = {reader: [one for one in o if one.picture.mirrored] for reader, o in every.items()}
    ours = pages[of.OURS]
    return [*_whole(pages, mirrored, len(ours)), *_parts(ours), *_cpu(pages)]


def _whole(
    pages: Mapping[str, list[Outcome]], mirrored: Mapping[str, list[Outcome]], count: int
) -> list[Figure]:
    ours = pages[of.OURS]
    covered, uncovered = partial(of.accepted_wrong, covered=True), partial(of.accepted_wrong, covered=False)
    trust = of.calibration(ours)
    needless = (
        f"{of.exact(ours)} exact pages; {of.doubts_due(ours)} more doubtful rightly: "
        "what is printed can't be, such as a 13th month"
    )
    plain = (
        f"of {count} pages; check digits hold and text wrong, whatever the status: {of.valid_but_wrong(ours)}"
    )
    return [
        at_least(
            SET[0], of.exact_share(ours), f"of {count} pages", EXACT_MIN, of.beside(pages, of.exact_share)
        ),
        shown(SET[1], of.found_share(ours), "of pages", of.beside(pages, of.found_share)),
        shown(SET[2], of.line_exact_share(ours), "of lines", of.beside(pages, of.line_exact_share)),
        shown(
            SET[3], of.character_error_rate(ours), "of characters", of.beside(pages, of.character_error_rate)
        ),
        at_most(SET[4], covered(ours), "documents", 0, plain),
        at_most(SET[5], uncovered(ours), "documents", count * UNCOVERED_MAX, plain),
        shown(SET[6], of.valid_but_wrong(ours), "documents", of.beside(pages, of.valid_but_wrong)),
        at_most(SET[7], of.doubtful_share(ours), "of exact documents", DOUBTFUL_MAX, needless),
        at_most(SET[8], of.read_wrong(mirrored[of.OURS]), "documents", 0, of.beside(mirrored, of.read_wrong)),
        at_most(SET[9], of.exact_share(pages["fastmrz"]), "of pages exact", HARD_MAX),
        at_most(SET[10], of.exact_share(pages["rapidocr"]), "of pages exact", HARD_MAX),
        at_most(SET[11], of.peak_mb(ours), "MB", 250, of.beside(pages, of.peak_mb, " MB")),
        at_most(SET[12], trust.error, "expected error", CALIBRATION_MAX, str(trust)),
    ]


def _parts(ours: list[Outcome]) -> list[Figure]:
    figures: list[Figure] = []
    for name, kind in zip(BY_KIND, (kind for kind in KINDS if kind != "mirrored"), strict=True):
        figures.append(_share(name, [one for one in ours if one.picture.kind == kind], TARGETS.get(kind)))
    for name, sort in zip(BY_FORMAT, SORTS, strict=True):
        figures.append(_share(name, [one for one in ours if one.picture.sort == sort], None))
    return figures


def _share(name: str, outcomes: list[Outcome], target: float | None) -> Figure:
    value, errors = of.exact_share(outcomes), of.character_error_rate(outcomes)
    beside = f"found {of.found_share(outcomes):.3g}, character errors {errors:.3g}"
    unit = f"of {len(outcomes)} pages exact"
    return shown(name, value, unit, beside) if target is None else at_least(name, value, unit, target, beside)


def _cpu(pages: Mapping[str, list[Outcome]]) -> list[Figure]:
    """The two with a target are of pages up to 2,000 px."""
    shares = {"median": 0.5, "p95": 0.95}
    lane = {reader: [one for one in o if one.picture.long_side <= 2000] for reader, o in pages.items()}
    figures: list[Figure] = []
    for name, limit in zip(CPU[:2], (150, 500), strict=True):
        number = partial(of.cpu_ms, share=shares[name.rpartition("-")[2]])
        figures.append(at_most(name, number(lane[of.OURS]), "ms CPU", limit, of.beside(lane, number, " ms")))
    for place, name in enumerate(CPU[2:]):
        side = SIDES[place // 2]
        under = SIDES[place // 2 - 1] if place // 2 else 0
        inside = {r: [one for one in o if under < one.picture.long_side <= side] for r, o in pages.items()}
        number = partial(of.cpu_ms, share=shares[name.rpartition("-")[2]])
        figures.append(shown(name, number(inside[of.OURS]), "ms CPU", of.beside(inside, number, " ms")))
    return figures


def run_none(full: bool) -> list[Figure]:
    """Pages without a zone: letters, slips with a coding line in OCR-B, listings, cards, art."""
    pictures = proof_pictures(names_of("none"))
    few = pictures if full else pictures[:PEER_NONE_COUNT]
    every = of.outcomes_of("none", {of.OURS: pictures, **dict.fromkeys(PEERS, few)}, full)
    unit = f"documents on {len(pictures)} pages"
    return [at_most("mrz-none-reported", of.reported(every[of.OURS]), unit, 0, of.beside(every, of.reported))]


FRAMES = (
    "mrz-frames-exact",
    "mrz-frames-calibration",
    "mrz-frames-false-accepts-covered",
    "mrz-frames-false-accepts-uncovered",
    "mrz-frames-copies-gain",
)
COPIES, COPIED = 30, 5


def run_frames(full: bool) -> list[Figure]:
    """Five frames of a document fused, beside each frame alone; and thirty copies of one frame."""
    pictures = proof_pictures(names_of("frames"))
    groups = [list(group) for _, group in groupby(pictures, key=lambda picture: picture.group)]
    lines = ["\t".join(str(picture.path) for picture in group) for group in groups]
    fused = _scored([group[0] for group in groups], lines, full)
    single = _scored(pictures, [str(picture.path) for picture in pictures], full)
    of.write_table("frames", of.OURS, fused)
    trust = of.calibration(fused)
    alone = f"each frame alone: {of.exact_share(single):.3g} of {len(single)}"
    firsts = [group[0] for group in groups[:COPIED]]
    copied = _scored(firsts, ["\t".join([str(one.path)] * COPIES) for one in firsts], full)
    once = _scored(firsts, [str(one.path) for one in firsts], full)
    gain = max(
        (
            more - less.get(name, 0.0)
            for many, one in zip(copied, once, strict=True)
            for after, before in zip(many.answer.documents, one.answer.documents, strict=False)
            for less in (before.confidence,)
            for name, more in after.confidence.items()
        ),
        default=0.0,
    )
    count = f"of {len(fused)} documents"
    return [
        shown(FRAMES[0], of.exact_share(fused), f"{count} exact", alone),
        at_most(FRAMES[1], trust.error, "expected error", CALIBRATION_MAX, str(trust)),
        at_most(FRAMES[2], of.accepted_wrong(fused, covered=True), "documents", 0),
        at_most(FRAMES[3], of.accepted_wrong(fused, covered=False), "documents", len(fused) * UNCOVERED_MAX),
        at_most(
            FRAMES[4], gain, "more confidence", 0.001, f"{COPIES} copies of one frame, {COPIED} documents"
        ),
    ]


def _scored(pictures: list[Picture], lines: list[str], full: bool) -> list[Outcome]:
    answers = read_all(of.OURS, lines, keep=full)
    return [score(picture, answer) for picture, answer in zip(pictures, answers, strict=True)]


MEASUREMENTS = [
    Measurement((*SET, *BY_KIND, *BY_FORMAT, *CPU), run_set),
    Measurement(("mrz-none-reported",), run_none),
    Measurement(FRAMES, run_frames),
]
