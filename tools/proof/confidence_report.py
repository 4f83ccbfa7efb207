"""What figures are worth on documents with known truth, as lines of text."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from proof.confidence_cases import Case, judged

from mrz.decoding.calibration import Calibration, calibration_error, reliability
from mrz.decoding.fitting import Judged, trades


def report(pairs: Iterable[tuple[Calibration, Sequence[Case]]]) -> list[str]:
    """Statuses, false accepts and the reliability diagram; of each figures on their own cases, together."""
    counts: Counter[str] = Counter()
    stated: list[float] = []
    right: list[bool] = []
    for figures, cases in pairs:
        judgements = judged(figures, cases)
        chances, truths = judgements.fields()
        stated += chances.tolist()
        right += truths.tolist()
        for each in judgements.documents():
            counts.update(_counted(each))
    bins = reliability(np.array(stated), np.array(right, dtype=bool))
    diagram = ", ".join(f"{each.stated:.4f}: {each.right:.4f} of {each.count}" for each in bins)
    return [
        f"  {counts['read']} documents read, {counts['exact']} exactly, of which {counts['doubted']} "
        f"({counts['doubted'] / max(1, counts['exact']):.2%}) not verified or corrected; "
        f"false accepts: {counts['open']} in open fields, {counts['covered']} in covered ones",
        f"  calibration error {calibration_error(bins):.4f} over {len(stated)} fields; "
        f"stated: right {diagram}",
    ]


def _counted(document: Judged) -> dict[str, int]:
    wrong = {
        part: not document.told and not all(right for _, right in fields)
        for part, fields in (("open", document.open), ("covered", document.covered))
    }
    return {
        "read": 1,
        "exact": int(document.exact),
        "doubted": int(document.exact and document.told),
        "open": int(wrong["open"]),
        "covered": int(wrong["covered"]),
    }


def trade_table(figures: Calibration, cases: Sequence[Case]) -> list[str]:
    """What thresholds cost, the same one for open and for covered fields."""
    bare = replace(figures, doubt_below=0.0, doubt_below_covered=0.0)
    return [
        "  doubt below: exact documents made doubtful; false accepts seen (expected), open and covered",
        *(
            f"    {each.below:<6} {each.doubted:7.2%}   {each.wrong} ({each.expected:.2f})"
            f"   {each.wrong_covered} ({each.expected_covered:.2f})   of {each.documents}"
            for each in trades(judged(bare, cases).documents())
            if each.below == each.below_covered
        ),
    ]
