"""`borderlane read-plate`: reads number plates from pictures, or from a camera's stream."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import click

import anpr
from drivers.errors import DeviceError
from lane_controller.commands.plate_overlays import Overlays, drawn
from lane_controller.commands.plate_vehicles import Vehicle, vehicles

PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"}
STREAMS = {"rtsp", "http", "https"}
BYTES_MAX = 50_000_000


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE|DIR|rtsp://...")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a file (a stream: a reading), one a line."
)
@click.option(
    "--overlay",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Write pictures with their plates drawn in: OUT is a file for one FILE, else a folder.",
)
def command(paths: tuple[str, ...], as_json: bool, overlay: Path | None) -> None:
    """Read the number plates of each picture, or of a camera's stream until Ctrl-C.

    Folders are read with all their pictures.  A stream (rtsp://, or http:// for motion JPEG) gives one
    reading a vehicle, agreed over its frames.  Exit 0 also when there is no plate; 1 when a picture can't be
    read or an overlay not written; 3 where a network of the reader is missing, or when the stream is lost.
    """
    streams = [path for path in paths if urlsplit(path).scheme in STREAMS]
    if streams:
        if len(paths) > 1:
            raise click.UsageError("a stream is read alone")
        overlays = Overlays(overlay, several=True) if overlay else None
        with contextlib.suppress(KeyboardInterrupt):
            sys.exit(asyncio.run(_stream(streams[0], as_json, overlays)))
        return
    places = [Path(path) for path in paths]
    files = list(_files(places))
    if not files:
        raise click.UsageError("no picture there")
    overlays = _overlays(overlay, places) if overlay else None
    sys.exit(max([_file(file, name, as_json, overlays) for file, name in files]))


def _files(places: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Each picture with its name inside what was asked for."""
    for place in places:
        if place.is_dir():
            found = sorted(file for file in place.rglob("*") if file.suffix.lower() in PICTURES)
            yield from ((file, str(file.relative_to(place))) for file in found)
        elif place.is_file():
            yield place, place.name
        else:
            raise click.UsageError(f"{place} is neither a file nor a folder")


def _overlays(out: Path, places: Sequence[Path]) -> Overlays:
    """Raises click.UsageError where a drawn picture would replace one that was asked for, or be taken for one
    the next time."""
    for place in places:
        if out.resolve() == place.resolve() or (
            place.is_dir() and out.resolve().is_relative_to(place.resolve())
        ):
            raise click.UsageError(f"--overlay {out} is, or lies in, what is read: name another place")
    return Overlays(out, several=len(places) > 1 or places[0].is_dir())


def _file(file: Path, name: str, as_json: bool, overlays: Overlays | None) -> int:
    """Read and tell one picture; the exit status."""
    from PIL import Image

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
    refused = [(one.text, str(one.reason)) for one in found.refused]
    _tell(_entry(str(file), [_plate_entry(one) for one in found.plates], refused), as_json)
    if overlays:
        picture = Image.fromarray(frame[:, :, ::-1].copy())
        overlays.write(
            name, picture, [drawn(one) for one in found.plates], [one.box for one in found.refused]
        )
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


def _entry(file: str, plates: Iterable[dict[str, Any]], refused: Iterable[tuple[str, str]]) -> dict[str, Any]:
    told = [{"text": text, "reason": reason} for text, reason in refused]
    return {"file": file, "plates": list(plates), "refused": told}


def _plate_entry(one: anpr.PlateReading | anpr.Agreed) -> dict[str, Any]:
    return {
        "text": one.text,
        "display": one.display,
        "country": one.country,
        "country_confidence": round(one.country_confidence, 3),
        "confidence": round(one.confidence, 3),
        "second": one.second,
        "box": list(one.box),
        "corners": [list(corner) for corner in one.corners or ()],
        "lines": one.lines,
        "frames": one.frames,
    }


def _tell(entry: dict[str, Any], as_json: bool) -> None:
    click.echo(json.dumps(entry, ensure_ascii=False) if as_json else "\n".join(_table(entry)))


def _table(entry: dict[str, Any]) -> Iterator[str]:
    yield f"{entry['file']}: " + (f"{len(entry['plates'])} plate(s)" if entry["plates"] else "no plate")
    for one in entry["plates"]:
        country = f"{one['country']} {one['country_confidence']:.2f}" if one["country"] else "country unknown"
        x, y, width, height = one["box"]
        lines = " on two lines" if one["lines"] == 2 else ""
        frames = f", {one['frames']} frames" if one["frames"] > 1 else ""
        second = f", else {one['second']}" if one["second"] else ""
        yield (
            f"    {one['display']:<14} {one['confidence']:.2f}, {country}"
            f", {width} x {height} pixels at {x}, {y}{lines}{frames}{second}"
        )
    for one in entry["refused"]:
        yield f"    refused {one['text'] or '(nothing)'}: {one['reason']}"


async def _stream(address: str, as_json: bool, overlays: Overlays | None) -> int:
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
        async for vehicle in vehicles(camera.readings()):
            plate = _plate_entry(vehicle.plate)
            _tell(_entry(options["url"], [plate], vehicle.refused), as_json)
            if overlays:
                _draw_vehicle(vehicle, overlays)
    except DeviceError as error:
        click.echo(f"borderlane read-plate: {error}", err=True)
    finally:
        await camera.close()
    return 3


def _draw_vehicle(vehicle: Vehicle, overlays: Overlays) -> None:
    """The frame whose reading was surest, as the camera's process made it small."""
    from io import BytesIO

    from PIL import Image

    picture = Image.open(BytesIO(vehicle.frame.picture)).convert("RGB")
    scale = picture.width / (vehicle.frame.size[0] or picture.width)
    overlays.write(f"{vehicle.number:04}", picture, [drawn(vehicle.plate)], scale=scale)
