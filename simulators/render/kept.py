"""A folder of rendered files, each under the hash of all that shaped it, and never too many of them."""

import hashlib
import io
import os
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import cv2


@cache
def recipe(without: tuple[str, ...], *more: str) -> bytes:
    """A hash of the renderer itself: pictures of another version are not taken for ours.

    `without` names modules that have no part in it, `more` folders of `simulators/render` beside the plates'.
    """
    digest = hashlib.sha256(cv2.__version__.encode())
    here = resources.files("simulators.render")
    for folder in (here, here / "plates", here / "plates" / "countries", *(here / name for name in more)):
        for entry in _sources(folder):
            if entry.name not in without:
                digest.update(entry.read_bytes())
    return digest.digest()


def _sources(folder: Traversable) -> Iterable[Traversable]:
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return (entry for entry in entries if entry.name.endswith((".py", ".toml")))


def read(file: Path, names: Sequence[str]) -> list[bytes] | None:
    """The named entries of a kept file; None when it is missing or damaged, to be rendered again."""
    try:
        os.utime(file)
        with zipfile.ZipFile(file) as archive:
            return [archive.read(name) for name in names]
    except (OSError, KeyError, zipfile.BadZipFile):
        return None


def write(file: Path, entries: Mapping[str, bytes]) -> None:
    """Written whole or not at all, so that two renderers at once do no harm.  Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, entry in entries.items():
            archive.writestr(name, entry)
    handle, written = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(handle, "wb") as out:
        out.write(packed.getbuffer())
    os.replace(written, file)


def drop_oldest(folder: Path, pattern: str, most: int) -> None:
    """Keep `most` files, those used last.  Another process may be doing the same."""
    with suppress(FileNotFoundError):
        kept = sorted(folder.glob(pattern), key=lambda file: file.stat().st_mtime)
        for file in kept[:-most]:
            file.unlink()
