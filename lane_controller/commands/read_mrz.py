"""`borderlane read-mrz`: reads machine-readable zones from pictures, or from text files with their lines."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

import mrz
from mrz.reading import reading_of_text

PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"}
TEXTS = {".txt", ".mrz"}
_BAD = (mrz.Status.UNREADABLE, mrz.Status.INCONSISTENT)


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE|DIR..."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file, one a line.")
@click.option(
    "--overlay",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="OUT.png",
    help="Write the picture with the zone drawn into it (one picture only).",
)
def command(paths: tuple[Path, ...], as_json: bool, overlay: Path | None) -> None:
    """Read the machine-readable zone of each picture, or of each text file with two or three lines.

    Folders are read with all their pictures and .txt files.  A zone states no century: a birth is put into
    the latest one that does not lie in the future, an expiry between 50 years ago and 49 years ahead.  Exit 0
    also when a picture has no zone; 1 when something is unreadable or inconsistent; 3 without tesseract.
    """
    files = list(_files(paths))
    if not files:
        raise click.UsageError("no picture or .txt file there")
    if overlay and (len(files) != 1 or files[0].suffix.lower() in TEXTS):
        raise click.UsageError("--overlay takes exactly one picture")
    bad = False
    for number, file in enumerate(files, 1):
        if len(files) > 1 and not as_json and sys.stderr.isatty():
            click.echo(f"\r{number}/{len(files)} {file.name}\033[K", err=True, nl=False)
        error = ""
        try:
            reading = _read(file)
        except mrz.EngineError as failed:
            click.echo(f"borderlane read-mrz: {failed}", err=True)
            sys.exit(3)
        except (mrz.MrzError, OSError) as failed:
            error = str(failed)
            reading = mrz.Reading("none", mrz.Status.UNREADABLE)
        bad = bad or reading.status in _BAD
        if as_json:
            entry: dict[str, Any] = {"file": str(file)} | reading.as_json()
            if error:
                entry |= {"found": False, "error": error}
            click.echo(json.dumps(entry, ensure_ascii=False))
        else:
            click.echo("\n".join(_table(file, reading, error)))
        if overlay and not error:
            _draw(file, reading, overlay)
    sys.exit(1 if bad else 0)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(
                file for file in path.rglob("*") if file.suffix.lower() in PICTURES | TEXTS and file.is_file()
            )
        elif path.is_file():
            yield path
        else:
            raise click.UsageError(f"{path} is neither a file nor a folder")


def _read(file: Path) -> mrz.Reading:
    today = datetime.now(UTC).date()
    size = file.stat().st_size
    if size > mrz.BYTES_MAX:
        raise mrz.ImageError(f"{size / 1e6:.0f} MB; at most {mrz.BYTES_MAX / 1e6:.0f} MB are read")
    data = file.read_bytes()
    if file.suffix.lower() in TEXTS:
        try:
            text = data[:4096].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise mrz.MrzError(f"not a text file in UTF-8: {error.reason} at byte {error.start}") from error
        return reading_of_text(mrz.parse(text, reference=today))
    # Two cores are not shared well by tesseract's threads on such small pictures.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    return mrz.read(data, reference=today)


def _table(file: Path, reading: mrz.Reading, error: str) -> Iterator[str]:
    if error:
        yield f"{file}: {error}"
        return
    if not reading.found:
        yield f"{file}: no machine-readable zone"
        return
    yield f"{file}: {reading.status}" + (f", {reading.format}" if reading.format else "")
    doubts = {(doubt.line, doubt.column) for doubt in reading.doubtful if doubt.column}
    for number, line in enumerate(reading.lines or (), 1):
        yield f"    {line}"
        marks = "".join("?" if (number, column) in doubts else " " for column in range(1, len(line) + 1))
        if marks.strip():
            yield f"    {marks.rstrip()}"
    doubtful = {doubt.field for doubt in reading.doubtful}
    for field, value in reading.fields.items():
        doubted = field in doubtful or (field in ("surname", "given_names") and "names" in doubtful)
        yield f"    {field:<14} {value}" + ("   (doubtful)" if doubted else "")
    for check in reading.inconsistent:
        yield (
            f"    check digit of {check.field} (line {check.line}, column {check.column}): "
            f"found {check.found}, expected {check.expected}"
        )
    for fixed in reading.corrections:
        yield (
            f"    line {fixed.line}, column {fixed.column}: read {fixed.read}, taken as {fixed.taken} "
            f"({fixed.reason})"
        )
    if reading.document:
        for remark in reading.document.remarks:
            yield f"    {remark.field}: {mrz.REMARKS[remark.code]}"
        for number in reading.document.personal_numbers:
            rule = "national rule" if number.verified else "national rule, unverified"
            yield f"    {number.kind} {number.value} ({rule})" + (
                ", contradicts" if number.contradicts else ""
            )


def _draw(file: Path, reading: mrz.Reading, out: Path) -> None:
    """The picture with the zone's outline in it."""
    from PIL import Image, ImageDraw, ImageOps

    with Image.open(file) as picture:
        page = ImageOps.exif_transpose(picture).convert("RGB")
    if reading.zone:
        width = max(2, round(max(page.size) / 400))
        ImageDraw.Draw(page).polygon(list(reading.zone), outline=(220, 0, 0), width=width)
    page.save(out, "PNG")
