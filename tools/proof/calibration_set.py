"""Draw pictures to fit confidence on: the proof set's camera, another seed, and people of other names.

    python tools/proof/calibration_set.py --out FOLDER --older-font OCRB7.ttf --singles 800 --framed 50

No picture and no name of the proof set is among them: the seed is another, and names are invented from
syllables.  Runs where tools/proof/mrz_set runs; `tools/proof/fit_confidence.py` calls it.
"""

# pyright: basic, reportMissingImports=false
# (skia-python is in the proof's own environment)

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent / "mrz_set"))

import glyphs
import kinds
import people
import pictures
from pictures import Entry, make

SEED = "borderlane calibration 1"
_CONSONANTS, _VOWELS = "BCDFGHJKLMNPQRSTVWXYZ", "AEIOUY"
_CYRILLIC = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"


def entries(singles: int, framed: int) -> list[Entry]:
    """Pictures by themselves in the proof set's own shares, and documents photographed several times."""
    shares = {kind: count for kind, count in kinds.KINDS.items() if kind != "mirrored"}
    whole = sum(shares.values())
    wanted = [
        Entry(f"{kind.replace(' ', '_')}-{number:04}", kind, number)
        for kind, count in shares.items()
        for number in range(round(singles * count / whole))
    ]
    return wanted + [
        Entry(f"frames-{number:04}-{frame}", "frames", number, frame)
        for number in range(framed)
        for frame in range(1, kinds.FRAMES + 1)
    ]


def prepare(older_font: Path) -> None:
    """Another seed and other names than the proof set's, in this process."""
    glyphs.use_older_font(older_font)
    pictures.SEED = SEED
    random = Random(SEED)
    for state in people.NAMES:
        people.NAMES[state] = (_names(random), _names(random))
    people.CYRILLIC = tuple(_cyrillic(random) for _ in people.CYRILLIC)  # type: ignore[assignment]


def _names(random: Random) -> str:
    return " ".join(_name(random) for _ in range(12))


def _name(random: Random) -> str:
    """Every letter is about as frequent as any other: look-alikes are what is to be learnt of."""
    letters = ""
    for _ in range(random.randint(1, 4)):
        letters += random.choice(_CONSONANTS) + random.choice(_VOWELS)
        letters += random.choice(_CONSONANTS) if random.random() < 0.4 else ""
    return letters


def _cyrillic(random: Random) -> str:
    return " ".join("".join(random.choice(_CYRILLIC) for _ in range(random.randint(4, 9))) for _ in range(12))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--older-font", type=Path, required=True)
    parser.add_argument("--singles", type=int, required=True)
    parser.add_argument("--framed", type=int, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    truth = arguments.out / "truth.json"
    known = {each["name"]: each for each in json.loads(truth.read_text())} if truth.exists() else {}
    missing = [each for each in entries(arguments.singles, arguments.framed) if each.name not in known]
    with ProcessPoolExecutor(os.cpu_count(), initializer=prepare, initargs=(arguments.older_font,)) as pool:
        for done, one in enumerate(pool.map(make, missing, [arguments.out] * len(missing), chunksize=4), 1):
            known[one["name"]] = one
            if done % 50 == 0 or done == len(missing):
                print(f"{done} of {len(missing)} pictures", file=sys.stderr, flush=True)
                fresh = truth.with_suffix(".new")
                fresh.write_text(json.dumps([known[name] for name in sorted(known)], indent=0))
                fresh.replace(truth)


if __name__ == "__main__":
    main()
