"""At the door of every page, call and stream: session, role, CSRF token, size, headers of all answers.

Nothing but the sign-in page and the files of `/static` is given to anybody without a session.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, cast

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.service import Service
from dashboard.users.sessions import Session
from dashboard.views.language import Speaker
from lane_controller.messages.words import UserRole

SESSION_COOKIE = "borderlane_session"
SIGN_IN_COOKIE = "borderlane_sign_in"
WORKPLACE_COOKIE = "borderlane_workplace"
BODY_BYTES_MAX = 64 * 1024
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def service_of_request(request: Request) -> Service:
    return cast(Service, request.app.state.service)


ServiceOf = Annotated[Service, Depends(service_of_request)]


async def session_of(request: Request, service: ServiceOf) -> Session:
    """The session, after the CSRF token of whatever changes something."""
    session = await service.sessions.find(request.cookies.get(SESSION_COOKIE))
    if session is None:
        raise HTTPException(401, "sign in first")
    if request.method not in SAFE_METHODS:
        await check_csrf(request, session.csrf)
    if is_use(request):
        await service.sessions.touch(session)
    place = await service.workplaces.place_of(request.cookies.get(WORKPLACE_COOKIE))
    # A session that was carried to another browser is at no enrolled place there.
    return session if session.workplace == place else replace(session, workplace="")


def is_use(request: Request) -> bool:
    """Whether a person asked, or a program: a page that is open asks by itself again and again.  Browsers say
    what they navigate for (Fetch Metadata); a change is made by nobody but a person."""
    return request.method not in SAFE_METHODS or request.headers.get("sec-fetch-mode") in (None, "navigate")


SessionOf = Annotated[Session, Depends(session_of)]


async def check_csrf(request: Request, expected: str) -> None:
    """The token comes in a header (htmx, programs) or a form's field `csrf`.  Raises 403."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, "from another site")
    given = request.headers.get("x-csrf-token")
    if given is None and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        field = (await request.form()).get("csrf")
        given = field if isinstance(field, str) else None
    if given is None or not secrets.compare_digest(given.encode(), expected.encode()):
        raise HTTPException(403, "the CSRF token is missing or wrong; load the page again")


def speaker_of(session: SessionOf, service: ServiceOf) -> Speaker:
    return service.speaker(session.user.language)


SpeakerOf = Annotated[Speaker, Depends(speaker_of)]


def only(*roles: UserRole) -> Callable[[Session], Awaitable[Session]]:
    """A dependency that lets these roles in and nobody else."""

    async def dependency(session: SessionOf) -> Session:
        if session.user.role not in roles:
            raise HTTPException(403, "not for this role")
        return session

    return dependency


class Door:
    """Puts the headers on every answer and refuses bodies that are too large, before they are read whole."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = 0
        static = str(scope["path"]).startswith("/static/")
        started = False

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > BODY_BYTES_MAX:
                raise HTTPException(413, "the body is too large")
            return message

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if self._https:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
                headers.setdefault("Cache-Control", "no-cache" if static else "no-store")
            await send(message)

        declared = dict(cast(list[tuple[bytes, bytes]], scope["headers"])).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > BODY_BYTES_MAX:
            await _too_large(with_headers)
            return
        try:
            await self._app(scope, limited, with_headers)
        except HTTPException as error:
            if error.status_code != 413 or started:
                raise
            await _too_large(with_headers)


async def _too_large(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"detail":"the body is too large"}'})
