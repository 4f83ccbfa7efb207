"""Zones on real pictures: specimen documents with truth, ours and the open readers beside it.

The four mirrored pages count for `mrz-real-mirrored-wrong` alone: read wrong is what they must never be.
`exact` is every character of every line.  A false accept is a document called `verified` or `corrected` of
which a field that is not named in `doubtful` is wrong: covered by check digits, or not.
"""

from functools import partial

from measures import Figure, Measurement, at_least, at_most, shown
from measures.rigs import mrz_figures as of
from measures.rigs.mrz_pictures import real_pictures
from measures.rigs.mrz_readers import PEERS

EXACT_MIN = 29
DOUBTFUL_MAX = 0.05
CALIBRATION_MAX = 0.05
NAMES = tuple(
    f"mrz-real-{name}"
    for name in (
        "exact", "found", "line-exact", "character-errors", "false-accepts-covered",
        "false-accepts-uncovered", "valid-but-wrong", "doubtful-but-exact", "mirrored-wrong",
        "none-reported", "cpu-median", "cpu-p95", "peak-memory", "calibration",
    )
)  # fmt: skip


def run(full: bool) -> list[Figure]:
    pictures = real_pictures()
    if not pictures:
        missing = "not measured: no folder with the pictures; MRZ_IMAGES names one"
        return [shown(name, 0, "", missing) for name in NAMES]
    every = of.outcomes_of("real", dict.fromkeys((of.OURS, *PEERS), pictures), full)
    pages = {
        reader: [one for one in outcomes if one.picture.documents and not one.picture.mirrored]
        for reader, outcomes in every.items()
    }
    mirrored = {reader: [one for one in o if one.picture.mirrored] for reader, o in every.items()}
    none = {reader: [one for one in o if not one.picture.documents] for reader, o in every.items()}
    ours, count = pages[of.OURS], len(pages[of.OURS])
    covered, uncovered = partial(of.accepted_wrong, covered=True), partial(of.accepted_wrong, covered=False)
    median, slow = partial(of.cpu_ms, share=0.5), partial(of.cpu_ms, share=0.95)
    plain = f"check digits hold and text wrong, whatever the status: {of.valid_but_wrong(ours)}"
    trust = of.calibration(ours)
    needless = (
        f"{of.exact(ours)} exact pages; {of.doubts_due(ours)} more doubtful rightly: "
        "what is printed can't be, such as a 13th month"
    )
    return [
        at_least(NAMES[0], of.exact(ours), f"of {count} pages", EXACT_MIN, of.beside(pages, of.exact)),
        shown(NAMES[1], of.found_share(ours), "of pages", of.beside(pages, of.found_share)),
        shown(NAMES[2], of.line_exact_share(ours), "of lines", of.beside(pages, of.line_exact_share)),
        shown(
            NAMES[3],
            of.character_error_rate(ours),
            "of characters",
            of.beside(pages, of.character_error_rate),
        ),
        at_most(NAMES[4], covered(ours), "pages", 0, plain),
        at_most(NAMES[5], uncovered(ours), "pages", 0, plain),
        shown(NAMES[6], of.valid_but_wrong(ours), "pages", of.beside(pages, of.valid_but_wrong)),
        at_most(NAMES[7], of.doubtful_share(ours), "of exact pages", DOUBTFUL_MAX, needless),
        at_most(
            NAMES[8], of.read_wrong(mirrored[of.OURS]), "of 4 pages", 0, of.beside(mirrored, of.read_wrong)
        ),
        at_most(NAMES[9], of.reported(none[of.OURS]), "documents", 0, of.beside(none, of.reported)),
        shown(NAMES[10], median(ours), "ms CPU", of.beside(pages, median, " ms")),
        shown(NAMES[11], slow(ours), "ms CPU", of.beside(pages, slow, " ms")),
        at_most(NAMES[12], of.peak_mb(every[of.OURS]), "MB", 250, of.beside(every, of.peak_mb, " MB")),
        at_most(NAMES[13], trust.error, "expected error", CALIBRATION_MAX, str(trust)),
    ]


MEASUREMENTS = [Measurement(NAMES, run)]
