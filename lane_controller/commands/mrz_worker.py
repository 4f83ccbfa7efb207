"""The child process of `borderlane read-mrz`: decodes and reads pictures, alone and confined.

Each order has `sizes` (bytes of each picture, right behind the order), `reference` (ISO date), `frames`
(whether they are frames of one document) and `overlay` (a path for the drawn picture, or null).  Each answer
is `reading` with the reading as JSON behind it, `refused` for what is wrong with the picture, or `failed`
when the engine itself can't work.
"""

import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import mrz
from drivers import framing
from lane_controller.daemon.vision.confined import confine
from mrz.picture import has_more_pages, load


def main() -> None:
    settings, orders, channel = confine()
    while True:
        order, blob = orders.get()
        channel.write(framing.pack(*answer(order, blob, str(settings["engine"]))))
        channel.flush()


def answer(order: dict[str, Any], blob: bytes, engine: str) -> tuple[dict[str, Any], bytes]:
    """Header and bytes of what came of one order."""
    images = split(blob, order["sizes"])
    reference = date.fromisoformat(order["reference"])
    try:
        if order["frames"]:
            reading = mrz.read_frames(images, reference=reference, engine=engine)
        else:
            reading = mrz.read(images[0], reference=reference, engine=engine)
        if order["overlay"]:
            save(Path(order["overlay"]), images[0], reading)
    except mrz.EngineError as error:
        return {"kind": "failed", "message": str(error)}, b""
    except mrz.ImageError as error:
        return {"kind": "refused", "message": str(error)}, b""
    except MemoryError:
        return {"kind": "refused", "message": "reading it needs more memory than the reader may use"}, b""
    except OSError as error:
        return {"kind": "overlay_failed", "message": f"{order['overlay']}: {error.strerror}"}, b""
    more = any(has_more_pages(image) for image in images)
    passed_over = broken(images) if order["frames"] else []
    header = {"kind": "reading", "more_pages": more, "passed_over": passed_over}
    return header, json.dumps(reading.as_json()).encode()


def broken(images: Sequence[bytes]) -> list[tuple[int, str]]:
    """The place (from 0) of each frame that is no picture, and why: reading passes them over."""
    found: list[tuple[int, str]] = []
    for place, image in enumerate(images):
        try:
            load(image)
        except mrz.ImageError as error:
            found.append((place, str(error)))
    return found


def split(blob: bytes, sizes: Sequence[int]) -> list[bytes]:
    """The pictures of one order."""
    images: list[bytes] = []
    start = 0
    for size in sizes:
        images.append(blob[start : start + size])
        start += size
    return images


def save(path: Path, image: bytes, reading: mrz.Reading) -> None:
    """Write the drawn picture, whole or not at all.  Raises OSError."""
    from mrz.overlay import draw

    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        half.write_bytes(draw(image, reading))
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
