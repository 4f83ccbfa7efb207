"""All routes of the application, found from its router, so that a new one is in the tests by itself."""

import re
from collections.abc import Mapping
from typing import Any, cast

from fastapi.routing import iter_route_contexts

from dashboard.app import create_app
from dashboard.service import Service

WITHOUT_SESSION = {"GET /sign-in", "POST /sign-in", "MOUNT /static"}

NEEDS = {
    "GET /alarms/{lane}/shelve": "?alarm=none",
    "GET /api/v1/open-matters": "?to=bolat",
    "GET /hand-over": "?to=bolat",
}
"""What a route must be asked."""


def every_route(service: Service) -> list[str]:
    """`GET /lanes/{lane}`, in the router's order."""
    found: list[str] = []
    for route in iter_route_contexts(create_app(service).routes):
        methods = cast(set[str] | None, getattr(route, "methods", None))
        found += [f"{method} {route.path}" for method in sorted(methods or {"MOUNT"}) if method != "HEAD"]
    assert len(found) > 50, "the router does not show its routes any more"
    return found


def filled(path: str, values: Mapping[str, Any]) -> str:
    """The path with a value for each parameter."""
    names = re.findall(r"\{(\w+)(?::\w+)?\}", path)
    missing = [name for name in names if name not in values]
    assert not missing, f"{path}: give the tests of every route a value for {missing}"
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(values[found[1]]), path)
