"""The web application: which routes there are, and what errors look like."""

import contextlib
import os
from importlib.metadata import files
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from dashboard.api import alarms as api_alarms
from dashboard.api import given as api_given
from dashboard.api import hand_overs as hand_over_api
from dashboard.api import holds as api_holds
from dashboard.api import live as api_live
from dashboard.api import passages as passage_api
from dashboard.api import requests as api_requests
from dashboard.api import routes as api_routes
from dashboard.api import second_line as api_second_line
from dashboard.api import workplaces as api_workplaces
from dashboard.api.exporting import Exports
from dashboard.api.security import SESSION_COOKIE, Door, SessionOf
from dashboard.pages import accounts as account_pages
from dashboard.pages import alarms as alarm_pages
from dashboard.pages import cards as card_pages
from dashboard.pages import given as given_pages
from dashboard.pages import holds as hold_pages
from dashboard.pages import live as live_pages
from dashboard.pages import records as record_pages
from dashboard.pages import requests as request_pages
from dashboard.pages import routes as pages
from dashboard.pages import search as search_pages
from dashboard.pages import second_line as second_line_pages
from dashboard.pages import shifts as shift_pages
from dashboard.pages import workplaces as workplace_pages
from dashboard.pages.render import FOLDER, fragment, language_of
from dashboard.service import Service
from dashboard.store.engine import StoreUnavailable

HTMX = next(file.locate() for file in files("django-htmx") or () if file.name == "htmx-2.min.js")

ROUTERS = (
    passage_api.router,  # before the passages' own addresses
    hand_over_api.router,
    api_routes.router,
    api_routes.media_router,
    api_holds.router,
    api_requests.router,
    api_workplaces.router,
    search_pages.router,
    shift_pages.router,
    pages.router,
    api_second_line.router,
    hold_pages.router,
    second_line_pages.router,
    card_pages.router,
    record_pages.router,
    request_pages.router,
    workplace_pages.router,
    api_alarms.router,
    alarm_pages.router,
    api_live.router,
    api_given.router,
    live_pages.router,
    given_pages.router,
    account_pages.router,
)


def create_app(service: Service) -> FastAPI:
    app = FastAPI(
        title="Borderlane dashboard",
        version="1",
        summary="Lanes, passages, alarms and commands of one site.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # As they are: of an included router each route is worked out once more, with the first request.
        routes=[route for router in ROUTERS for route in router.routes],
    )
    app.state.service = service
    app.state.exports = Exports()
    # The static files alone: compressed pages would tell of the tokens in them by their length (BREACH).
    app.mount("/static", GZipMiddleware(Static(directory=FOLDER / "static")))
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(StoreUnavailable, on_store_unavailable)
    app.add_middleware(Door, https=service.site.listen.certificate is not None)

    @app.get("/api/v1/openapi.json", include_in_schema=False)
    async def openapi(_session: SessionOf) -> JSONResponse:
        return JSONResponse(app.openapi())

    return app


class Static(StaticFiles):
    """Our files, and htmx as the django-htmx wheel carries it; nothing of Django is imported."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        if path == "htmx.js":
            return str(HTMX), os.stat(HTMX)
        return super().lookup_path(path)


def _wants_page(request: Request) -> bool:
    path = request.url.path
    return not path.startswith(("/api/", "/media/", "/static/")) and "text/html" in request.headers.get(
        "accept", ""
    )


async def on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 401 and request.headers.get("hx-request") == "true":
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    if error.status_code == 401 and _wants_page(request):
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(SESSION_COOKIE, path="/")
        return response
    detail: Any = error.detail
    if _wants_page(request):
        text = detail["detail"] if isinstance(detail, dict) else str(detail)
        return await _error_page(request, error.status_code, text)
    body = detail if isinstance(detail, dict) else {"detail": str(detail), "reasons": []}
    return JSONResponse(body, error.status_code, headers)


async def on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if _wants_page(request):
        return await _error_page(request, 422, "the address or the form is not as the page makes it")
    # Without the input: it may be a password, or not be JSON at all.
    mistakes = [
        {"loc": list(one["loc"]), "msg": str(one["msg"]), "type": str(one["type"])} for one in error.errors()
    ]
    return JSONResponse({"detail": mistakes}, 422)


async def on_store_unavailable(request: Request, error: Exception) -> Response:
    headers = {"Retry-After": "2"}
    if _wants_page(request):
        return await _error_page(request, 503, "the store does not take anything now; try again")
    return JSONResponse({"detail": str(error), "reasons": []}, 503, headers)


async def _error_page(request: Request, status: int, detail: str) -> HTMLResponse:
    service: Service = request.app.state.service
    session = None
    with contextlib.suppress(DBAPIError, OSError):
        session = await service.sessions.find(request.cookies.get(SESSION_COOKIE))
    speaker = service.speaker(session.user.language if session else language_of(request, service))
    theme = session.user.theme if session else "system"
    return HTMLResponse(fragment("error.html", speaker, status=status, detail=detail, theme=theme), status)
