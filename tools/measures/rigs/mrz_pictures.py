"""The pictures that readers are measured on: real ones with truth, and the synthetic proof set.

The real ones lie outside the checkout: in the folder that MRZ_IMAGES names, or beside the checkout.  The
proof set is drawn into var/mrz-proof as far as it is asked for, and anew when its generator changed.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from measures.rigs.environments import node_package, python_of
from measures.rigs.scratch import ROOT

GENERATOR = ROOT / "tools" / "proof" / "mrz_set"
PROOF = ROOT / "var" / "mrz-proof"
KINDS = (
    "flat", "small", "perspective", "turned", "curved", "glare", "low light", "security", "blur", "jpeg",
    "noise", "binarised", "coloured", "infrared", "several", "large", "mirrored",
)  # fmt: skip
SORTS = ("TD1", "TD2", "TD3", "MRV-A", "MRV-B", "FR-ID", "PNRUS")
_REAL_FORMATS = {"MRVA": "MRV-A", "MRVB": "MRV-B", "FRID": "FR-ID"}


@dataclass(frozen=True, slots=True)
class Picture:
    """`documents` are the lines of each zone in it, the largest first; `sort` is the first one's format,
    with PNRUS for Russian internal passports; `group` is one for pictures of the same document."""

    name: str
    path: Path
    kind: str
    sort: str
    documents: tuple[tuple[str, ...], ...]
    long_side: int
    group: str

    @property
    def mirrored(self) -> bool:
        return self.kind == "mirrored"


def real_pictures() -> list[Picture]:
    """Specimens with truth; empty where the folder is not there."""
    folder = _real_folder()
    if folder is None:
        return []
    return [_real(folder, entry) for entry in json.loads((folder / "truth.json").read_text("utf-8"))]


def _real_folder() -> Path | None:
    named = os.environ.get("MRZ_IMAGES")
    found = [Path(named)] if named else [truth.parent for truth in ROOT.parent.glob("*/data/mrz/truth.json")]
    return next((folder for folder in found if (folder / "truth.json").exists()), None)


def _real(folder: Path, entry: dict[str, Any]) -> Picture:
    from PIL import Image

    path = folder / entry["file"]
    with Image.open(path) as image:
        long_side = max(image.size)
    kind = "mirrored" if "mirrored" in entry["remarks"] else entry["kind"]
    sort = _REAL_FORMATS.get(entry["format"]) or str(entry["format"])
    documents = (tuple(entry["lines"]),) if entry["lines"] else ()
    return Picture(entry["file"], path, kind, sort, documents, long_side, entry["group"])


def names_of(kind: str) -> list[str]:
    """Names of the proof set's pictures of one kind: `set` (every single picture), `none` or `frames`.

    Singles are ordered so that any first part holds all kinds in the set's own shares.
    """
    entries = [name for name in _catalogue() if _kind(name) == kind]
    if kind != "set":
        return entries
    shuffled = sorted(entries)
    Random("order of the sample").shuffle(shuffled)
    sizes, seen = Counter(name.rsplit("-", 1)[0] for name in entries), Counter[str]()
    places: dict[str, float] = {}
    for name in shuffled:
        of = name.rsplit("-", 1)[0]
        seen[of] += 1
        places[name] = (seen[of] - 0.5) / sizes[of]
    return sorted(shuffled, key=lambda name: places[name])


def _kind(name: str) -> str:
    first = name.split("-", 1)[0]
    return first if first in ("none", "frames") else "set"


@cache
def _catalogue() -> tuple[str, ...]:
    code = "import pictures; print(*(e.name for e in pictures.catalogue()))"
    environment = os.environ | {"PYTHONPATH": f"{GENERATOR}:{ROOT}"}
    done = subprocess.run(
        [str(python_of("skia")), "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return tuple(done.stdout.split())


def proof_pictures(names: Iterable[str]) -> list[Picture]:
    """Those pictures of the proof set, drawn now where they are missing; in the order of `names`."""
    names = list(names)
    stamp, fresh = PROOF / "stamp", generator_stamp()
    if not stamp.exists() or stamp.read_text() != fresh:
        shutil.rmtree(PROOF, ignore_errors=True)
        PROOF.mkdir(parents=True)
        stamp.write_text(fresh)
    wanted = PROOF / "wanted.txt"
    wanted.write_text("\n".join(names))
    font = node_package("bwip-js") / "fonts" / "OCRB7.ttf"
    command = [python_of("skia"), GENERATOR, "--out", PROOF, "--older-font", font, "--only", wanted]
    subprocess.run([str(part) for part in command], check=True)
    truth = {entry["name"]: entry for entry in json.loads((PROOF / "truth.json").read_text("utf-8"))}
    return [_proof(truth[name]) for name in names]


def generator_stamp() -> str:
    """Changes with the generator's source."""
    sources = b"".join(path.read_bytes() for path in sorted(GENERATOR.glob("*.py")))
    return hashlib.sha256(sources).hexdigest()[:16]


def _proof(entry: dict[str, Any]) -> Picture:
    documents = entry["documents"]
    return Picture(
        entry["name"],
        PROOF / entry["file"],
        entry["kind"],
        documents[0]["sort"] if documents else "NONE",
        tuple(tuple(document["lines"]) for document in documents),
        max(entry["width"], entry["height"]),
        entry["group"],
    )
