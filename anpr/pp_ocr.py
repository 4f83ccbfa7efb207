"""PP-OCR's recogniser (Apache-2.0), which the rapidocr wheel brings, run directly: its character
probabilities folded to the plate alphabet.

It reads Latin letters, digits and Chinese in any typeface; it knows no Cyrillic and no Persian.  The
package around the model is not imported.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from anpr.alphabet import ALPHABET, INDEX
from anpr.canonical import canonical
from anpr.ctc import Probabilities
from anpr.networks import Network, network_at
from anpr.readings import ReaderUnavailable
from anpr.strips import Strip

HEIGHT = 48
_WIDTHS = (96, 320)
"""Least and most pixels of a strip; the model was taught on strips of true proportions."""
_MODEL = "PP-OCRv6_rec_small.onnx"
UNSPOKEN = 0.1
"""How probable it makes a character that it does not know: it reads some other sign there, or none."""
_COLUMN = 8
"""Pixels of a strip to one step of the output."""


def read(strips: Sequence[Strip], proportions: Sequence[float]) -> list[Probabilities]:
    """The probabilities of each strip (`anpr.strips`); `proportions` are true widths over heights.

    A row sums to less than 1 by what else was seen.
    Raises ReaderUnavailable without the model.
    """
    network, columns, fold = model()
    widths = [int(np.clip(round(HEIGHT * each / _COLUMN) * _COLUMN, *_WIDTHS)) for each in proportions]
    batch = np.zeros((len(strips), 3, HEIGHT, max(widths)), np.float32)
    for place, (strip, width) in enumerate(zip(strips, widths, strict=True)):
        batch[place, :, :, :width] = cv2.resize(np.clip(strip, -1, 1), (width, HEIGHT))
    rows = network(batch)
    unspoken = np.flatnonzero(fold.sum(axis=0) == 0)
    found: list[Probabilities] = []
    for row, width in zip(rows, widths, strict=True):
        one = (row[: width // _COLUMN, columns] @ fold).astype(np.float32)
        one[:, unspoken] = UNSPOKEN
        found.append(one)
    return found


@cache
def model() -> tuple[Network, npt.NDArray[np.intp], Probabilities]:
    """The network, which of its outputs mean something on a plate, and what each of those means."""
    network = shipped(_MODEL)
    # The blank comes first, a space last; the file names what lies between.
    characters = ["", *network.metadata["character"].splitlines(), " "]
    meanings = {place: folded(character) for place, character in enumerate(characters)}
    known = [place for place, meaning in meanings.items() if meaning is not None]
    fold = np.zeros((len(known), 1 + len(ALPHABET)), np.float32)
    for row, place in enumerate(known):
        meaning = meanings[place]
        fold[row, 1 + INDEX[meaning] if meaning else 0] = 1
    return network, np.array(known), fold


def shipped(model: str) -> Network:
    """A model of the wheel, loaded when first asked for.  Raises ReaderUnavailable where it is missing."""
    package = find_spec("rapidocr")
    if package is None or not package.submodule_search_locations:
        raise ReaderUnavailable("rapidocr is not installed: install what requirements.lock names")
    return network_at(Path(package.submodule_search_locations[0]) / "models" / model)


def folded(character: str) -> str | None:
    """The plate's character that one of the model means; "" for none (a dot, a space); None for others."""
    plain = canonical(character)
    if plain in INDEX or not plain:
        return plain
    bare = canonical(unicodedata.normalize("NFKD", character)[0])
    return bare if bare in INDEX else None
