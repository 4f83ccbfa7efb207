"""Templates in the user's language."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dashboard.service import Service
from dashboard.store.incoming import now_us
from dashboard.users.sessions import Session
from dashboard.views.language import Speaker, offset
from dashboard.views.requests import requests_view
from dashboard.views.site import alarms as alarms_view
from dashboard.views.strip import alarm_strip, strip_alarm
from dashboard.views.weight import weight_chart
from lane_controller.messages.rights import COMMAND_ROLES
from lane_controller.messages.words import CommandKind, UserRole

FOLDER = Path(__file__).parent
HTMX_CONFIG = json.dumps(
    {
        "allowEval": False,
        "includeIndicatorStyles": False,
        "selfRequestsOnly": True,
        "historyCacheSize": 0,
        "defaultSettleDelay": 0,
    }
)
"""What the strict content security policy leaves of htmx.  What it has put in works at once: else a key
that is pressed a moment after a lane changed opens the dialog as a page."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["dense"] = _dense
    return environment


def _dense(text: str) -> Markup:
    """Markup without its indentation, for what stands on a page hundreds of times."""
    return Markup(re.sub(r"\s*\n\s*", "\n", text))  # noqa: S704 - the template has escaped it


def fragment(name: str, speaker: Speaker, /, **values: Any) -> str:
    """A template's text."""
    template = _environment().get_template(name)
    return template.render(
        _=speaker.say,
        _n=speaker.count,
        word=speaker.word,
        speaker=speaker,
        weight_chart=weight_chart,
        htmx_config=HTMX_CONFIG,
        **values,
    )


async def page(
    name: str,
    service: Service,
    session: Session,
    /,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A whole page for somebody signed in: the frame shows what must never scroll away."""
    speaker = service.speaker(session.user.language)
    alarms = (await alarms_view(service.source, speaker, session.user)).alarms
    text = fragment(
        name,
        speaker,
        site=service.site,
        session=session,
        user=session.user,
        hearing=COMMAND_ROLES[CommandKind.ACKNOWLEDGE],
        csrf=session.csrf,
        strip=alarm_strip(strip_alarm(alarm) for alarm in alarms if alarm.announced),
        requests=requests_view(service.proposals, speaker, session).requests,
        connected=service.live.connected,
        offset=offset(speaker.local(now_us())),
        offset_minutes=offset_minutes(speaker),
        is_administrator=session.user.role is UserRole.ADMINISTRATOR,
        is_second_line=session.user.role is UserRole.SECOND_LINE,
        is_auditor=session.user.role is UserRole.AUDITOR,
        **values,
    )
    return HTMLResponse(text, status, headers)


def offset_minutes(speaker: Speaker) -> int:
    """Site time minus UTC, for the page's clock."""
    delta = speaker.local(now_us()).utcoffset()
    return round(delta.total_seconds() / 60) if delta else 0


LANGUAGE_COOKIE = "borderlane_language"
"""What was last chosen at sign-in from this browser."""


def language_of(request: Request, service: Service) -> str:
    """Before anybody is known: what was chosen here, else the browser's first language that we have."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in service.site.languages:
        return chosen
    for part in request.headers.get("accept-language", "").lower().split(","):
        language = part.split(";")[0].strip()[:2]
        if language in service.site.languages:
            return language
    return service.site.languages[0]


def is_fragment(request: Request) -> bool:
    """Whether htmx asks, and wants only the part it will put in."""
    return request.headers.get("hx-request") == "true"
