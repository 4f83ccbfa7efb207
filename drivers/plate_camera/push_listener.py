"""The listener to which a camera posts its readings, and what lies in its messages."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, cast

import structlog

from drivers.http_exchange import Refused, Request
from drivers.http_form import BadForm, FormPart, boundary_of, parts_in
from drivers.http_guard import Unproved
from drivers.http_listener import HttpListener
from drivers.plate_camera.events import Told
from drivers.plate_camera.gathering import scene_and_plate
from drivers.plate_camera.json_paths import at, load
from drivers.plate_camera.push_fields import told_in
from drivers.plate_camera.push_options import PushOptions

PARTS_MAX = 12
TOLD_S = 60.0
"""The same complaint is a warning at most this often."""

Take = Callable[[Sequence[Told]], bool]

log = structlog.get_logger()


class PushListener(HttpListener):
    """`take` gets the vehicles of each message, none for a sign of life, and says whether there was room."""

    body_bytes_max: ClassVar[int] = 12 * 1024 * 1024
    """A picture of 8 MiB as base64, and one of its plate."""
    what: ClassVar[str] = "a message"

    def __init__(self, device: str, options: PushOptions, take: Take) -> None:
        super().__init__(device)
        self._options, self._take, self._guard = options, take, options.guard()
        self._complained: dict[str, float] = {}
        self._said = False

    def prove(self, request: Request) -> None:
        self._guard.check(request)

    def look(self, request: Request) -> None:
        if request.path != self._options.path.encode():
            raise Refused(404, f"messages are posted to {self._options.path}")
        if request.method != b"POST":
            raise Refused(405, "messages are posted", headers=[("Allow", "POST")])
        if not _is_json(request.content_type) and boundary_of(request.content_type) is None:
            raise Refused(
                415, f"Content-Type {request.content_type[:60]!r}; expected application/json or multipart"
            )

    def take(self, request: Request, body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            text, parts = self._parts(request.content_type, body)
            message = load(text)
        except ValueError as error:
            raise Refused(422, str(error), last=False) from None
        told = told_in(message, text, parts, self._options, self._complain)
        self._say_if_the_path_is_wrong(message, bool(told))
        if not self._take(told):
            raise Refused(503, "the lane takes no message now", last=False, headers=[("Retry-After", "1")])
        return 200, {"vehicles": len(told)}

    def _say_if_the_path_is_wrong(self, message: object, told: bool) -> None:
        """Once, until a plate came: from then on a message without one is a sign of life."""
        path = self._options.fields.text
        if self._said or told:
            self._said = True
        elif at(message, path) is None and isinstance(message, dict):
            self._said = True
            names = ", ".join(sorted(map(str, cast("dict[str, Any]", message)))[:12])[:200]
            said = f"nothing stands at {path}, so it counts as a sign of life; it has {names}"
            log.info("plate_camera.push", device=self.device, about="text", said=said)

    def _parts(self, content_type: str, body: bytes) -> tuple[bytes, Mapping[str, bytes]]:
        """The JSON of a message, and the pictures beside it.  Raises ValueError (BadForm)."""
        boundary = boundary_of(content_type)
        if boundary is None:
            return body, {}
        parts = parts_in(boundary, body, PARTS_MAX)
        text = next((part for part in parts if _is_json(part.kind) or _looks_like_json(part)), None)
        if text is None:
            raise BadForm("a multipart body without a part of JSON")
        named = {part.name: part.data for part in reversed(parts) if part is not text}
        picture, crop = scene_and_plate([(part.name, part.data) for part in parts if part is not text])
        options = self._options
        if options.picture_part or options.crop_part:
            picture = named.get(options.picture_part.lower(), b"")
            crop = named.get(options.crop_part.lower(), b"")
        return text.data, {"picture": picture, "crop": crop}

    def refused(self, refused: Refused, peer: str) -> None:
        if not isinstance(refused, Unproved) or refused.wrong:
            self._complain(f"{refused.status} to {peer}", str(refused))

    def _complain(self, field: str, said: str) -> None:
        """What a sender does wrong, where people look: a warning once a minute."""
        now_s = time.monotonic()
        recent = now_s - self._complained.get(field, -TOLD_S) < TOLD_S
        if not recent:
            self._complained = {key: at_s for key, at_s in self._complained.items() if now_s - at_s < TOLD_S}
            self._complained[field] = now_s
        (log.debug if recent else log.warning)(
            "plate_camera.push", device=self.device, about=field, said=said[:300]
        )


def _is_json(kind: str) -> bool:
    kind = kind.partition(";")[0].strip().lower()
    return kind.endswith(("/json", "+json"))


def _looks_like_json(part: FormPart) -> bool:
    """Some senders write a form's JSON as a plain field."""
    return part.kind in ("", "text/plain") and part.data.lstrip()[:1] in (b"{", b"[")
