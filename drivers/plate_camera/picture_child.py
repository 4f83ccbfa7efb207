"""The parent's side of `picture_worker.py`: pictures in, small ones out, and nothing that hangs a reading."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import structlog

from drivers.child import Child, Gone

WORKER = "drivers.plate_camera.picture_worker"
START_S = 15.0
"""For loading OpenCV on a slow and busy machine."""
SMALL_S = 4.0
"""A picture that takes longer hangs: its reading comes without it."""

Messages = AsyncIterator[tuple[dict[str, Any], bytes]]
_Started = tuple[Child, Messages]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Small:
    """Pictures made small, b"" for none; `box` is the plate's in pixels of the picture as sent."""

    picture: bytes = field(default=b"", repr=False)
    crop: bytes = field(default=b"", repr=False)
    box: tuple[int, int, int, int] = (0, 0, 0, 0)


class PictureChild:
    """One camera's child, started with `prepare`, and again when it is wanted after it was lost."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._starting: asyncio.Task[_Started] | None = None

    def prepare(self) -> None:
        """Have it ready before the first picture comes."""
        self._starting = self._starting or asyncio.create_task(_start(), name=f"pictures of {self._device}")

    async def close(self) -> None:
        starting, self._starting = self._starting, None
        if starting is None:
            return
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError, Gone, OSError, TimeoutError):
            child, _ = await starting
            await child.kill()

    async def small(
        self,
        picture: bytes,
        crop: bytes,
        box: tuple[float, float, float, float] | None,
        still_bytes: int | None = None,
    ) -> Small:
        """`still_bytes` is how large a picture for the eye alone may be.  Never raises for what the pictures
        are: what can't be used comes out empty."""
        if not picture and not crop:
            return Small()
        self.prepare()
        try:
            assert self._starting is not None
            child, messages = await asyncio.shield(self._starting)
            async with asyncio.timeout(SMALL_S):
                return await self._ask(child, messages, picture, crop, box, still_bytes)
        except (Gone, OSError, TimeoutError, KeyError, TypeError, ValueError) as error:
            said = f"{type(error).__name__}: {error}"
            log.warning("plate_camera.picture_lost", device=self._device, error=said)
            await self.close()
            return Small()
        except asyncio.CancelledError:  # an answer may be under way: this child is of no more use
            await self.close()
            raise

    async def _ask(
        self,
        child: Child,
        messages: Messages,
        picture: bytes,
        crop: bytes,
        box: tuple[float, float, float, float] | None,
        still_bytes: int | None,
    ) -> Small:
        order: dict[str, Any] = {"picture": len(picture), "crop": len(crop), "box": box}
        order |= {"bytes": len(picture) + len(crop), "still": still_bytes}
        await child.tell(order, picture + crop, within_s=SMALL_S)
        header, blob = await anext(messages)
        if header["said"]:
            log.warning("plate_camera.bad_picture", device=self._device, error=str(header["said"])[:200])
        x, y, width, height = (int(side) for side in header["box"])
        size = int(header["picture"])
        return Small(blob[:size], blob[size : size + int(header["crop"])], (x, y, width, height))


async def _start() -> _Started:
    child = await Child.start(WORKER, {})
    try:
        messages = child.messages()
        async with asyncio.timeout(START_S):
            header, _ = await anext(messages)
        if header["kind"] != "ready":
            raise Gone(f"it began with {header['kind']!r}")
    except BaseException:
        await child.kill()
        raise
    return child, messages
