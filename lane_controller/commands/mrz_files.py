"""Which files `borderlane read-mrz` reads, and their bytes."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

import mrz

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})
TEXTS = frozenset({".txt", ".mrz"})
TEXT_BYTES_MAX = 4096
FRAMES_BYTES_MAX = 256 * 1024 * 1024
"""Of all frames of one document together."""


def is_text(file: Path) -> bool:
    """Whether a file holds the lines themselves."""
    return file.suffix.lower() in TEXTS


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files that were named, and those in the folders that were, by name.  Raises click.UsageError."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(_inside(path))
            if not inside:
                raise click.UsageError(
                    f"no picture in the folder {path}: looked for {', '.join(sorted(PICTURES | TEXTS))}"
                )
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise click.UsageError(f"{path} is neither a file nor a folder")
    return found


def _inside(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise click.UsageError(
            f"the folder {error.filename} can't be looked into: {error.strerror}; "
            "run this as a user who may read it"
        )

    for place, _, names in os.walk(folder, onerror=refuse):
        for name in names:
            file = Path(place, name)
            if file.suffix.lower() in PICTURES | TEXTS and file.is_file():
                yield file


def bytes_of(file: Path) -> bytes:
    """All of a picture's file.  Raises ImageError that says what to do."""
    try:
        size = file.stat().st_size
        if size > mrz.BYTES_MAX:
            raise mrz.ImageError(f"{size / 1e6:.0f} MB; at most {mrz.BYTES_MAX / 1e6:.0f} MB are read")
        with file.open("rb") as opened:
            return opened.read(mrz.BYTES_MAX + 1)
    except PermissionError as error:
        raise mrz.ImageError(f"{error.strerror}: run this as a user who may read the file") from None
    except OSError as error:
        raise mrz.ImageError(f"it can't be read: {error.strerror}") from None


def lines_in(file: Path) -> str:
    """The text of a file with a zone's lines.  Raises MrzError."""
    try:
        return bytes_of(file)[:TEXT_BYTES_MAX].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise mrz.MrzError(f"not a text file in UTF-8: {error.reason} at byte {error.start}") from None
