"""Fit how far the reader's probabilities are trusted: mrz/data/confidence.toml, and its log.

    .venv/bin/python tools/proof/fit_confidence.py              draws what is missing, reads it, fits, writes
    .venv/bin/python tools/proof/fit_confidence.py --check      says what the committed figures are worth

To be run again after either network or the cutting of cells changed.  The pictures are of two renderers: the
training one with another seed (`training/zone_pages.py`) and the proof set's with another seed and other
names (`calibration_set.py`); neither real pictures nor the proof set take part.  Pictures are drawn once into
var/mrz-calibration (some 20 minutes on two cores, 3 GB); reading and fitting takes some 10 minutes.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from proof.confidence_cases import Case, fused_cases, judged, read_cells_of, single_cases
from proof.confidence_report import report, trade_table

from mrz.decoding.calibration import Calibration, calibration
from mrz.decoding.fitting import fit_cells, fit_doubt, fit_fields

ROOT = Path(__file__).parents[2]
FILE = ROOT / "mrz" / "data" / "confidence.toml"
LOG = ROOT / "training" / "logs" / "confidence.log"
HEAD = """\
# How far the grid engine's probabilities are trusted: `single` for one picture, `fused` for several of one
# document.  Fitted by tools/proof/fit_confidence.py (training/logs/confidence.log); what each figure means
# stands in mrz/decoding/calibration.py.

dated = {dated}
source = "{source}"
"""


def fit(cases: list[Case]) -> Calibration:
    """Cells first, then fields as these leave them, then the thresholds on top."""
    plain = Calibration(1.0, 1e-5, 1e-3, 1.0, 0.0, 0.0, 0.0)
    cells = fit_cells(plain, [each.cells for each in cases if each.cells is not None])
    stated, right = judged(cells, cases).fields()
    fields = fit_fields(cells, stated, right)
    return fit_doubt(fields, judged(fields, cases).documents())


def halves(cases: list[Case]) -> tuple[list[Case], list[Case]]:
    """By document, so that no document is in both."""
    groups = {group: place for place, group in enumerate(sorted({each.group for each in cases}))}
    return (
        [each for each in cases if groups[each.group] % 2 == 0],
        [each for each in cases if groups[each.group] % 2],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fit and write nothing")
    arguments = parser.parse_args()
    pictures = read_cells_of(say=lambda text: print(text, file=sys.stderr, flush=True))
    lines: list[str] = [f"{len(pictures)} pictures; cells read by {pictures[0].reader}"]
    found: dict[str, Calibration] = {}
    for name, cases, frames in (
        ("single", single_cases(pictures), 1),
        ("fused", fused_cases(pictures), 2),
    ):
        lines += [f"\n{name}: {len(cases)} documents", "as committed before:"]
        lines += report([(calibration(frames), cases)])
        if arguments.check:
            continue
        one, other = halves(cases)
        lines += ["fitted on one half, told on the other, both ways:"]
        lines += report([(fit(one), other), (fit(other), one)])
        found[name] = fit(cases)
        lines += [f"fitted on all: {found[name]}", *report([(found[name], cases)])]
        lines += trade_table(found[name], cases)
        print("\n".join(lines), flush=True)
    if arguments.check:
        print("\n".join(lines))
        return
    LOG.write_text("\n".join(lines) + "\n")
    FILE.write_text(toml_of(found, pictures[0].reader))


def toml_of(found: dict[str, Calibration], reader: str) -> str:
    source = f"tools/proof/fit_confidence.py, seeds in it; cells read by {reader}"
    parts = [HEAD.format(dated=datetime.now(UTC).date().isoformat(), source=source)]
    for name, figures in found.items():
        rows = [
            f"{each} = {float(f'{getattr(figures, each):.4g}')}" for each in Calibration.__dataclass_fields__
        ]
        parts.append("\n".join([f"[{name}]", *rows]) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    main()
