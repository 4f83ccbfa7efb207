"""Where pictures are named in any JSON of ours."""

from collections.abc import Iterator
from typing import Any, cast

from lane_controller.messages.parts import PICTURE_KEYS


def pictures_in(value: Any) -> Iterator[str]:
    """Hashes of pictures that an event refers to."""
    if isinstance(value, dict):
        for key, inner in cast(dict[str, Any], value).items():
            if key in PICTURE_KEYS and isinstance(inner, str):
                yield inner
            else:
                yield from pictures_in(inner)
    elif isinstance(value, list | tuple):
        for inner in cast(list[Any], value):
            yield from pictures_in(inner)
