"""Make the proof set, or the pictures of it that are asked for; what is there already stays.

    python tools/proof/mrz_set --out var/mrz-proof --older-font OCRB7.ttf            all of it
    python tools/proof/mrz_set --out … --older-font … --only names.txt               those in the list

`truth.json` beside the pictures has one entry a picture.  Runs in an environment of its own with skia-python
and fontTools; every picture has its own seed, so that it looks the same made alone or with the others.
"""

# pyright: basic, reportMissingImports=false
# (skia-python is in the proof's own environment)

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))  # `mrz.format` writes the zones

import glyphs
from pictures import catalogue, make


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--older-font", type=Path, required=True)
    parser.add_argument("--only", type=Path, help="a file with one picture's name a line")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    glyphs.use_older_font(arguments.older_font)
    entries = catalogue()
    wanted = set(arguments.only.read_text().split()) if arguments.only else {entry.name for entry in entries}
    truth = arguments.out / "truth.json"
    known = {each["name"]: each for each in json.loads(truth.read_text())} if truth.exists() else {}
    missing = [entry for entry in entries if entry.name in wanted and entry.name not in known]
    with ProcessPoolExecutor(
        arguments.jobs, initializer=glyphs.use_older_font, initargs=(arguments.older_font,)
    ) as pool:
        for done, one in enumerate(pool.map(make, missing, [arguments.out] * len(missing), chunksize=4), 1):
            known[one["name"]] = one
            if done % 50 == 0 or done == len(missing):
                print(f"{done} of {len(missing)} pictures", file=sys.stderr, flush=True)
                _write(truth, known)


def _write(truth: Path, known: dict[str, dict[str, object]]) -> None:
    """Whole or not at all."""
    fresh = truth.with_suffix(".new")
    fresh.write_text(json.dumps([known[name] for name in sorted(known)], indent=0))
    fresh.replace(truth)


if __name__ == "__main__":
    main()
