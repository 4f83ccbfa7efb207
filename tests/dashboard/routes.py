"""The routes of the dashboard's app, those of its routers too."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import compile_path

from dashboard.app import create_app
from tests.dashboard.running import Running


def every_route(routes: Iterable[Any]) -> Iterator[APIRoute]:
    """Those of the routers that were taken into the app too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif included := getattr(route, "original_router", None):
            yield from every_route(included.routes)


def page_routes(dashboard: Running) -> dict[str, re.Pattern[str]]:
    """The pages' routes: what answers GET and is no interface for programs."""
    return {
        route.path: compile_path(route.path)[0]
        for route in every_route(create_app(dashboard.service).routes)
        if "GET" in (route.methods or ()) and not route.path.startswith(("/api/", "/media/", "/static/"))
    }
