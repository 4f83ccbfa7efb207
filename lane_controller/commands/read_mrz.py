"""`borderlane read-mrz`: reads machine-readable zones from pictures, or from text files with their lines."""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

import mrz
from lane_controller.commands.mrz_child import EngineFailed, OverlayFailed, PictureReader, Refused
from lane_controller.commands.mrz_files import FRAMES_BYTES_MAX, bytes_of, files_of, is_text, lines_in
from lane_controller.commands.mrz_table import table
from mrz.reading import ENGINE, ENGINES, reading_of_text

_BAD = (mrz.Status.UNREADABLE, mrz.Status.INCONSISTENT)


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE|DIR..."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file, one a line.")
@click.option(
    "--overlay",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.png",
    help="Write the picture with the zone's cells drawn into it (one picture only).",
)
@click.option("--frames", is_flag=True, help="All pictures are frames of one document: read them together.")
@click.option(
    "--engine", type=click.Choice(tuple(ENGINES)), default=ENGINE, show_default=True, help="What reads."
)
def command(paths: tuple[Path, ...], as_json: bool, overlay: Path | None, frames: bool, engine: str) -> None:
    """Read the machine-readable zone of each picture, or of each text file with two or three lines.

    Folders are read with all their pictures and .txt files.  Under each line ? marks a doubtful character,
    ^ a corrected one and ! a check digit that does not hold.  A zone states no century: a birth is put into
    the latest one that does not lie in the future, an expiry between 50 years ago and 49 years ahead.  Of a
    file with several pages the first is read.  With --frames the object's `file` names the first frame.

    Exit 0 also when a picture has no zone; 1 when something is unreadable or inconsistent; 3 when the engine
    is not installed.
    """
    files = files_of(paths)
    texts = [file for file in files if is_text(file)]
    if frames and texts:
        raise click.UsageError(f"--frames takes pictures only, found {texts[0]}")
    if overlay:
        if frames or len(files) != 1 or texts:
            raise click.UsageError("--overlay takes exactly one picture")
        overlay = overlay.absolute()
        if not os.access(overlay.parent, os.W_OK):
            raise click.UsageError(
                f"--overlay: there is no folder {overlay.parent}, or no right to write there"
            )
    jobs = [files] if frames else [[file] for file in files]
    sys.exit(asyncio.run(_Run(len(jobs), as_json, overlay, frames, engine).all(jobs)))


class _Run:
    """One call of the command: each job is one document's files."""

    def __init__(self, jobs: int, as_json: bool, overlay: Path | None, frames: bool, engine: str) -> None:
        self._jobs, self._as_json, self._overlay, self._frames = jobs, as_json, overlay, frames
        self._reader = PictureReader(engine)
        self._today = datetime.now(UTC).date()
        self._progress = jobs > 1 and sys.stderr.isatty()

    async def all(self, jobs: Sequence[list[Path]]) -> int:
        """Read and tell everything; the exit status."""
        seen: Counter[str] = Counter()
        async with self._reader:
            for number, files in enumerate(jobs, 1):
                if self._progress:
                    click.echo(f"\r{number}/{self._jobs} {files[0].name}\033[K", err=True, nl=False)
                try:
                    entry, error = await self._entry(files)
                except EngineFailed as failed:
                    self._say(str(failed))
                    return 3
                except OverlayFailed as failed:
                    self._say(f"--overlay: {failed}")
                    return 2
                self._tell(entry, error)
                seen[entry["status"] or "without a zone"] += 1
        if self._jobs > 1:
            counts = ", ".join(f"{count} {what}" for what, count in seen.most_common())
            self._say(f"{self._jobs} files: {counts}")
        return 1 if any(seen[status] for status in _BAD) else 0

    async def _entry(self, files: list[Path]) -> tuple[dict[str, Any], str]:
        """The JSON object of one document, and what was wrong with its file."""
        error = ""
        try:
            reading = await self._reading(files)
        except (mrz.MrzError, Refused) as refused:
            error = str(refused)
            reading = mrz.Reading("none", mrz.Status.UNREADABLE).as_json() | {"found": False}
        return {"file": str(files[0])} | reading, error

    async def _reading(self, files: list[Path]) -> dict[str, Any]:
        if is_text(files[0]):
            return reading_of_text(mrz.parse(lines_in(files[0]), reference=self._today)).as_json()
        images: list[bytes] = []
        for file in files:
            images.append(bytes_of(file))
            if sum(map(len, images)) > FRAMES_BYTES_MAX:
                raise mrz.ImageError(
                    f"the frames have over {FRAMES_BYTES_MAX / 1e6:.0f} MB in all: give fewer"
                )
        reading = await self._reader.read(images, self._today, frames=self._frames, overlay=self._overlay)
        for place, why in self._reader.passed_over:
            self._say(f"{files[place]}: passed over: {why}")
        if self._reader.more_pages:
            self._say(f"{files[0]}: it holds several pages; the first one was read")
        return reading

    def _tell(self, entry: dict[str, Any], error: str) -> None:
        if self._progress:
            click.echo("\r\033[K", err=True, nl=False)
        if error:
            self._say(f"{entry['file']}: {error}")
        if self._as_json:
            click.echo(json.dumps(entry, ensure_ascii=False))
        elif not error:
            click.echo("\n".join(table(entry["file"], entry, self._today)))

    def _say(self, text: str) -> None:
        click.echo(("\r\033[K" if self._progress else "") + f"borderlane read-mrz: {text}", err=True)
