"""`borderlane read-plate`: reads number plates from pictures, or from a camera's stream."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import click

import anpr
from drivers.errors import DeviceError
from drivers.plate_camera import FrameRead

PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"}
STREAMS = {"rtsp", "http", "https"}
BYTES_MAX = 50_000_000
FRAMES_MIN = 3
"""Different frames that must speak for a plate before it is told."""
GONE_S = 2.0
"""A plate not seen for so long has left; the next one is another vehicle's."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE|DIR|rtsp://...")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a file (a stream: a reading), one a line."
)
@click.option(
    "--overlay",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="OUT.png",
    help="Write the picture with its plates drawn into it (one picture only).",
)
def command(paths: tuple[str, ...], as_json: bool, overlay: Path | None) -> None:
    """Read the number plates of each picture, or of a camera's stream until Ctrl-C.

    Folders are read with all their pictures.  A stream (rtsp://, or http:// for motion JPEG) gives one
    reading a vehicle, agreed over its frames.  Exit 0 also when there is no plate; 1 when a picture can't be
    read; 3 where a network of the reader is missing, or when the stream is lost.
    """
    streams = [path for path in paths if urlsplit(path).scheme in STREAMS]
    if streams:
        if len(paths) > 1 or overlay:
            raise click.UsageError("a stream is read alone, and without --overlay")
        with contextlib.suppress(KeyboardInterrupt):
            sys.exit(asyncio.run(_stream(streams[0], as_json)))
        return
    files = list(_files(Path(path) for path in paths))
    if not files:
        raise click.UsageError("no picture there")
    if overlay and len(files) != 1:
        raise click.UsageError("--overlay takes exactly one picture")
    sys.exit(max([_file(file, as_json, overlay) for file in files]))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in PICTURES)
        elif path.is_file():
            yield path
        else:
            raise click.UsageError(f"{path} is neither a file nor a folder")


def _file(file: Path, as_json: bool, overlay: Path | None) -> int:
    """Read and tell one picture; the exit status."""
    try:
        frame = _load(file)
        found = anpr.examine(frame)
    except anpr.ReaderUnavailable as error:
        click.echo(f"borderlane read-plate: {error}", err=True)
        sys.exit(3)
    except (OSError, ValueError) as error:
        entry = _entry(str(file), (), ()) | {"error": str(error)}
        click.echo(json.dumps(entry, ensure_ascii=False) if as_json else f"{file}: {error}")
        return 1
    plates = [_plate_entry(one, one.corners, one.lines, one.frames) for one in found.plates]
    refused = [{"text": one.text, "reason": str(one.reason)} for one in found.refused]
    entry = _entry(str(file), plates, refused)
    click.echo(json.dumps(entry, ensure_ascii=False) if as_json else "\n".join(_table(entry)))
    if overlay:
        _draw(frame, found, overlay)
    return 0


def _load(file: Path) -> "anpr.Frame":
    """A picture as a blue-green-red frame.  Raises OSError and ValueError."""
    import numpy as np
    from PIL import Image, ImageOps

    if file.stat().st_size > BYTES_MAX:
        raise ValueError(f"over {BYTES_MAX / 1e6:.0f} MB")
    try:
        with Image.open(file) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except Image.DecompressionBombError:
        raise ValueError("a small file that unpacks to a huge picture") from None
    except (SyntaxError, EOFError) as error:
        raise ValueError(f"not a whole picture: {error}") from None
    return np.ascontiguousarray(np.asarray(upright, dtype=np.uint8)[:, :, ::-1])


def _entry(file: str, plates: Iterable[dict[str, Any]], refused: Iterable[dict[str, str]]) -> dict[str, Any]:
    return {"file": file, "plates": list(plates), "refused": list(refused)}


def _plate_entry(
    one: anpr.PlateReading | anpr.Agreed, corners: Iterable[tuple[float, float]], lines: int, frames: int
) -> dict[str, Any]:
    return {
        "text": one.text,
        "display": one.display,
        "country": one.country,
        "confidence": round(one.confidence, 3),
        "second": one.second,
        "box": list(one.box),
        "corners": [list(corner) for corner in corners],
        "lines": lines,
        "frames": frames,
    }


def _table(entry: dict[str, Any]) -> Iterator[str]:
    yield f"{entry['file']}: " + (f"{len(entry['plates'])} plate(s)" if entry["plates"] else "no plate")
    for one in entry["plates"]:
        country = one["country"] or "country unknown"
        second = f", else {one['second']}" if one["second"] else ""
        yield f"    {one['display']:<14} {country}, {one['confidence']:.2f}{second}"
    for one in entry["refused"]:
        yield f"    refused {one['text'] or '(nothing)'}: {one['reason']}"


def _draw(frame: "anpr.Frame", found: anpr.FrameReading, out: Path) -> None:
    """The picture with each plate's corners and text; refused candidates thin and grey."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    page = Image.fromarray(np.ascontiguousarray(frame[:, :, ::-1]))
    pen, width = ImageDraw.Draw(page), max(2, round(max(page.size) / 400))
    for one in found.refused:
        x, y, w, h = one.box
        pen.rectangle((x, y, x + w, y + h), outline=(128, 128, 128))
    for plate in found.plates:
        pen.polygon(plate.corners, outline=(220, 0, 0), width=width)
        label = f"{plate.display} {plate.country or '?'} {plate.confidence:.2f}"
        pen.text(plate.corners[3], label, fill=(220, 0, 0), font=ImageFont.load_default(10 * width))
    page.save(out, "PNG")


async def _agreed(readings: AsyncIterator[FrameRead]) -> AsyncIterator[anpr.Agreed]:
    """One agreed plate a vehicle: told when enough frames speak for it, or when it has gone before."""
    track, told, seen_s = anpr.Track(), False, 0.0
    async for reading in readings:
        now_s = time.monotonic()
        if reading.plates:
            track.add(reading.fingerprint, reading.plates)
            seen_s = now_s
        best = next(iter(track.plates()), None)
        gone = best is not None and now_s - seen_s > GONE_S
        if best is not None and not told and (gone or best.frames >= FRAMES_MIN):
            told = True
            yield best
        if gone:
            track, told = anpr.Track(), False


async def _stream(address: str, as_json: bool) -> int:
    """Tell each vehicle's plate once it is agreed; the exit status when the stream ends."""
    from drivers.plate_camera import mjpeg, rtsp
    from lane_controller.commands.logs import set_up

    set_up()

    parts = urlsplit(address)
    options: dict[str, Any] = {"url": urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))}
    if parts.username:
        options |= {"user": unquote(parts.username), "password": unquote(parts.password or "")}
    try:
        if parts.scheme == "rtsp":
            camera = rtsp.Driver("camera", rtsp.RtspOptions.model_validate(options))
        else:
            camera = mjpeg.Driver("camera", mjpeg.MjpegOptions.model_validate(options))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    try:
        await camera.open()
        await camera.watch(True)
        async for agreed in _agreed(camera.readings()):
            x, y, w, h = agreed.box
            corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
            entry = _entry(options["url"], [_plate_entry(agreed, corners, 1, agreed.frames)], [])
            click.echo(json.dumps(entry, ensure_ascii=False) if as_json else "\n".join(_table(entry)))
    except DeviceError as error:
        click.echo(f"borderlane read-plate: {error}", err=True)
    finally:
        await camera.close()
    return 3
