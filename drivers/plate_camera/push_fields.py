"""A camera's JSON made into vehicles, by where the lane's file says that each thing stands."""

import binascii
import hashlib
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast

from drivers.plate_camera.countries import country_of
from drivers.plate_camera.events import Told
from drivers.plate_camera.jpeg import BadJpeg, picture_size
from drivers.plate_camera.json_paths import at, each
from drivers.plate_camera.push_options import FieldOptions

MILLISECONDS_FROM = 1e11
"""A number of seconds since 1970 is not as large before the year 5138: then it is milliseconds."""

Complain = Callable[[str, str], None]
"""Called with a field and what is wrong with it, of a message that is taken nevertheless."""


def told_in(
    message: object, body: bytes, parts: Mapping[str, bytes], options: FieldOptions, complain: Complain
) -> list[Told]:
    """The vehicles of one message; `parts` has `picture` and `crop` where these came beside the JSON."""
    fields = options.fields
    return [
        told
        for index in each(message, fields.text)
        if (told := _Entry(message, index, options, complain).told(body, parts))
    ]


class _Entry:
    """One vehicle of a message."""

    def __init__(self, message: object, index: int, options: FieldOptions, complain: Complain) -> None:
        self._message, self._index = message, index
        self._options, self._fields, self._complain = options, options.fields, complain

    def told(self, body: bytes, parts: Mapping[str, bytes]) -> Told | None:
        text = at(self._message, self._fields.text, self._index)
        if not isinstance(text, str | int) or isinstance(text, bool) or not self._comes_our_way():
            return None
        picture = self._jpeg("picture", self._fields.picture) or parts.get("picture", b"")
        crop = self._jpeg("crop", self._fields.crop) or parts.get("crop", b"")
        return Told(
            text=str(text),
            identity=self._identity(body, str(text)),
            confidence=self._confidence(),
            country=country_of(self._word(self._fields.country)),
            clock_s=self._clock_s(),
            box=self._box(picture),
            picture=picture,
            crop=crop,
        )

    def _value(self, path: str | None) -> object:
        return None if path is None else at(self._message, path, self._index)

    def _word(self, path: str | None) -> str:
        value = self._value(path)
        return str(value) if isinstance(value, str | int | float) else ""

    def _comes_our_way(self) -> bool:
        way = self._word(self._fields.direction).strip().casefold()
        return not way or way in {one.casefold() for one in self._options.directions}

    def _identity(self, body: bytes, text: str) -> str:
        marks = [self._word(self._fields.id), self._word(self._fields.time)]
        if self._fields.id and marks[0]:
            return f"id {marks[0]} {text}"
        if marks[1]:
            return f"time {marks[1]} {text}"
        return f"message {hashlib.blake2b(body, digest_size=12).hexdigest()} {self._index} {text}"

    def _confidence(self) -> float | None:
        scale = self._options.confidence_scale
        value = self._value(self._fields.confidence)
        if value is None or scale is None:
            return None
        number = _number(value)
        if number is None or not 0 <= number <= scale:
            self._complain("confidence", f"{str(value)[:20]!r} is not 0 to confidence_scale, {scale:g}")
            return None
        return number / scale

    def _clock_s(self) -> float | None:
        value = self._value(self._fields.time)
        if value is None:
            return None
        if (number := _number(value)) is not None:
            return number / 1000 if number >= MILLISECONDS_FROM else number
        try:
            when = datetime.fromisoformat(str(value)[:40])
            if when.tzinfo is not None:
                return when.timestamp()
        except (ValueError, OverflowError):
            pass
        self._complain("time", f"{str(value)[:40]!r} is neither ISO 8601 with a zone nor seconds since 1970")
        return None

    def _jpeg(self, name: str, path: str | None) -> bytes:
        value = self._value(path)
        if value is None or value == "":
            return b""
        try:
            if not isinstance(value, str):
                raise ValueError("it is no text")
            bare = value.partition("base64,")[2] if value.startswith("data:") else value
            return binascii.a2b_base64("".join(bare.split()), strict_mode=True)
        except ValueError as error:
            self._complain(name, f"no base64: {error}")
            return b""

    def _box(self, picture: bytes) -> tuple[float, float, float, float] | None:
        """Left, top, width and height as shares of the picture; None where they are not told, or can't be."""
        paths = self._fields.box or self._fields.corners
        values = [_number(self._value(path)) for path in paths or ()]
        if not values or None in values:
            return None
        scale = self._options.box_scale
        try:
            across, down = (scale, scale) if scale else picture_size(picture)
        except BadJpeg:
            return None
        x, y, third, fourth = cast("list[float]", values)
        left, top, width, height = x / across, y / down, third / across, fourth / down
        if self._fields.corners is not None:
            width, height = width - left, height - top
        within = 0 <= left < 1 and 0 <= top < 1 and width > 0 and height > 0
        if not within or left + width > 1.001 or top + height > 1.001:
            self._complain("box", f"{values} does not lie in the picture; is box_scale right?")
            return None
        return left, top, min(width, 1 - left), min(height, 1 - top)


def _number(value: object) -> float | None:
    """A number, also one in a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value if not isinstance(value, str) else value.strip()[:40].replace("_", "?"))
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
