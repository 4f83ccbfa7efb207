"""The parent's side of `borderlane read-mrz`: pictures go to a child process, readings come back.

A picture on which the child crashes, hangs or grows costs that picture: the next one finds a new child.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from drivers.child import Child, Gone

WORKER = "lane_controller.commands.mrz_worker"
READ_S = 60.0
"""For one picture, loading the engine included, on a slow and busy machine."""


class Refused(Exception):
    """Nothing can be read from this picture; the message says why and what to do."""


class EngineFailed(Exception):
    """No picture can be read: the engine is missing or broken."""


class OverlayFailed(Exception):
    """The drawn picture could not be written."""


class PictureReader:
    """Reads pictures one after another, `async with`.  `more_pages` says of the last one whether its file
    holds further pages or animation frames, which were left out; `passed_over` which frames (from 0) were no
    pictures, and why."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._child: Child | None = None
        self.more_pages = False
        self.passed_over: list[tuple[int, str]] = []

    async def __aenter__(self) -> "PictureReader":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def read(
        self, images: Sequence[bytes], reference: date, *, frames: bool, overlay: Path | None
    ) -> dict[str, Any]:
        """The reading of one picture, or of the frames of one document, as `Reading.as_json` gives it.

        Raises Refused, EngineFailed, OverlayFailed.
        """
        order = {
            "bytes": sum(map(len, images)),
            "sizes": [len(image) for image in images],
            "reference": reference.isoformat(),
            "frames": frames,
            "overlay": None if overlay is None else str(overlay),
        }
        limit_s = READ_S * len(images)
        try:
            async with asyncio.timeout(limit_s):
                if self._child is None:
                    self._child = await Child.start(WORKER, {"engine": self._engine})
                await self._child.tell(order, b"".join(images), within_s=limit_s)
                header, blob = await anext(self._child.messages())
        except TimeoutError:
            await self._end()
            raise Refused(f"it was not read within {limit_s:.0f} s and was given up") from None
        except Gone as error:
            await self._end()
            raise Refused(f"the reader broke down on this picture ({error})") from None
        return self._taken(header, blob)

    def _taken(self, header: dict[str, Any], blob: bytes) -> dict[str, Any]:
        message = str(header.get("message", ""))
        match header["kind"]:
            case "reading":
                self.more_pages = bool(header["more_pages"])
                self.passed_over = [(place, why) for place, why in header["passed_over"]]
                reading: dict[str, Any] = json.loads(blob)
                return reading
            case "overlay_failed":
                raise OverlayFailed(message)
            case "failed":
                raise EngineFailed(message)
            case _:
                raise Refused(message)

    async def _end(self) -> None:
        if self._child is not None:
            await self._child.kill()
            self._child = None
