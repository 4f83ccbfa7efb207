"""Signing in and out, one's own settings, and the administrator's page of users."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dashboard.api.security import (
    SESSION_COOKIE,
    SIGN_IN_COOKIE,
    WORKPLACE_COOKIE,
    ServiceOf,
    SessionOf,
    SpeakerOf,
    check_csrf,
    only,
)
from dashboard.pages.render import LANGUAGE_COOKIE, fragment, language_of, page
from dashboard.service import Service
from dashboard.store.stage import Stage
from dashboard.users import accounts
from dashboard.users.accounts import AccountRefused, find_user
from dashboard.users.passwords import PasswordRefused, hash_password, is_password
from dashboard.users.sessions import Session
from dashboard.users.sign_in import SignedIn
from dashboard.users.workplaces import COOKIE_S
from dashboard.views import site as site_views
from dashboard.views.catalogues import NAMES, is_unreviewed, reviewed_by
from dashboard.views.language import Speaker
from lane_controller.messages.words import Agency, UserRole

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Administrator = Annotated[Session, Depends(only(UserRole.ADMINISTRATOR))]


def set_cookie(
    response: Response, request: Request, name: str, value: str, path: str = "/", max_age: int | None = None
) -> None:
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, max_age, path=path, httponly=True, samesite="strict", secure=secure)


def _sign_in_page(
    request: Request, service: Service, status: int = 200, refused: str = "", name: str = "", chosen: str = ""
) -> HTMLResponse:
    """`chosen` is the language picked on this page: the form and the browser keep it."""
    speaker = service.speaker(chosen or language_of(request, service))
    csrf = secrets.token_urlsafe(24)
    values = {"site": service.site, "csrf": csrf, "refused": refused, "user_name": name, "chosen": chosen}
    text = fragment("sign_in.html", speaker, names=NAMES, languages=service.site.languages, **values)
    response = HTMLResponse(text, status)
    if chosen:
        set_cookie(response, request, LANGUAGE_COOKIE, chosen)
    set_cookie(response, request, SIGN_IN_COOKIE, csrf, "/sign-in")
    return response


@router.get("/sign-in")
async def sign_in_form(request: Request, service: ServiceOf, language: str = "") -> Response:
    if await service.sessions.find(request.cookies.get(SESSION_COOKIE)):
        return RedirectResponse("/", 303)
    return _sign_in_page(request, service, chosen=language if language in service.site.languages else "")


@router.post("/sign-in")
async def sign_in(
    request: Request,
    service: ServiceOf,
    name: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=1000)],
    language: Annotated[str, Form(max_length=8)] = "",
    borderlane_sign_in: Annotated[str, Cookie(max_length=100)] = "",
    borderlane_workplace: Annotated[str, Cookie(max_length=200)] = "",
) -> Response:
    chosen = language if language in service.site.languages else ""
    speaker = service.speaker(chosen or language_of(request, service))
    if not borderlane_sign_in:
        text = speaker.say("Your browser sent no cookie; try again.")
        return _sign_in_page(request, service, 403, text, chosen=chosen)
    await check_csrf(request, borderlane_sign_in)
    address = request.client.host if request.client else ""
    workplace = await service.workplaces.place_of(borderlane_workplace)
    outcome = await service.sign_in.attempt(name, password, address, workplace)
    if isinstance(outcome, SignedIn):
        if chosen:
            await _choose_language(service, outcome.user.name, chosen)
        response = RedirectResponse("/", 303)
        set_cookie(response, request, SESSION_COOKIE, outcome.cookie)
        if workplace:
            set_cookie(response, request, WORKPLACE_COOKIE, borderlane_workplace, max_age=COOKIE_S)
        response.delete_cookie(SIGN_IN_COOKIE, path="/sign-in")
        return response
    if outcome.code == "throttled":
        text = speaker.say("Too many attempts. Try again in {seconds} s.", seconds=round(outcome.wait_s) + 1)
        refused = _sign_in_page(request, service, 429, text, name, chosen)
        refused.headers["Retry-After"] = str(round(outcome.wait_s) + 1)
        return refused
    return _sign_in_page(request, service, 401, speaker.word("sign_in", outcome.code), name, chosen)


async def _choose_language(service: Service, name: str, language: str) -> None:
    """Keeps what was picked at sign-in with the account."""

    async def job(stage: Stage) -> None:
        await accounts.set_language(stage, name, language)

    await service.writer.do(job)
    service.sessions.forget(name)


@router.post("/sign-out")
async def sign_out(service: ServiceOf, session: SessionOf) -> Response:
    await service.sessions.end(session)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


@router.get("/account")
async def account(service: ServiceOf, session: SessionOf) -> HTMLResponse:
    return await _account_page(service, session)


async def _account_page(
    service: Service, session: Session, status: int = 200, refused: str = "", done: str = ""
) -> HTMLResponse:
    return await page(
        "account.html",
        service,
        session,
        status=status,
        refused=refused,
        done=done,
        languages=service.site.languages,
        names=NAMES,
        unreviewed=[one for one in service.site.languages if is_unreviewed(one)],
        reviewer=reviewed_by(session.user.language),
        themes=accounts.THEMES,
        here="account",
    )


@router.post("/account/preferences")
async def preferences(
    service: ServiceOf,
    session: SessionOf,
    language: Annotated[str, Form(max_length=8)],
    theme: Annotated[str, Form(max_length=8)],
) -> Response:
    if language not in service.site.languages or theme not in accounts.THEMES:
        raise HTTPException(422, "not one of the choices")

    async def job(stage: Stage) -> None:
        await accounts.set_preferences(stage, session.user.name, language, theme)

    await service.writer.do(job)
    service.sessions.forget(session.user.name)
    return RedirectResponse("/account", 303)


@router.post("/account/volume")
async def volume(
    service: ServiceOf, session: SessionOf, volume: Annotated[int, Form(ge=0, le=100)]
) -> Response:
    async def job(stage: Stage) -> None:
        await accounts.set_volume(stage, session.user.name, volume)

    await service.writer.do(job)
    service.sessions.forget(session.user.name)
    return RedirectResponse("/account", 303)


@router.post("/account/keys")
async def keys(
    service: ServiceOf, session: SessionOf, character_keys: Annotated[bool, Form()] = False
) -> Response:
    async def job(stage: Stage) -> None:
        await accounts.set_character_keys(stage, session.user.name, character_keys)

    await service.writer.do(job)
    service.sessions.forget(session.user.name)
    return RedirectResponse("/account", 303)


@router.post("/account/password")
async def change_password(
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    old: Annotated[str, Form(max_length=1000)],
    new: Annotated[str, Form(max_length=1000)],
) -> Response:
    async with service.database.reads.connect() as connection:
        found = await find_user(connection, session.user.name)
    if not await is_password(old, found[1] if found else None):
        return await _account_page(service, session, 409, speaker.word("sign_in", "wrong_password"))
    try:
        hashed = await hash_password(new)
    except PasswordRefused as refused:
        return await _account_page(service, session, 409, speaker.reason(str(refused), {}).text)

    async def job(stage: Stage) -> None:
        await accounts.set_password(stage, session.user.name, hashed)

    await service.writer.do(job)
    return await _account_page(service, session, done=speaker.say("The password is changed."))


@router.get("/users")
async def users(service: ServiceOf, session: Administrator, speaker: SpeakerOf) -> HTMLResponse:
    return await _users_page(service, session, speaker)


async def _users_page(
    service: Service, session: Session, speaker: Speaker, status: int = 200, refused: str = ""
) -> HTMLResponse:
    shown = await site_views.users(service.source, speaker)
    values: dict[str, Any] = {
        "users": shown.users,
        "roles": [speaker.coded("user_role", role) for role in UserRole],
        "agencies": [speaker.coded("agency", agency) for agency in Agency],
        "refused": refused,
    }
    return await page("users.html", service, session, status=status, here="users", **values)


@router.post("/users")
async def save_user(
    service: ServiceOf,
    session: Administrator,
    speaker: SpeakerOf,
    name: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=1000)],
    role: Annotated[UserRole, Form()],
    agency: Annotated[str, Form(max_length=16)] = "",
) -> Response:
    if agency and agency not in tuple(Agency):
        raise HTTPException(422, "not one of the agencies")
    try:
        hashed = await hash_password(password)

        async def job(stage: Stage) -> None:
            await accounts.save_user(
                stage,
                name=name.strip().lower(),
                role=role,
                agency=Agency(agency) if agency else None,
                password=hashed,
                language=service.site.languages[0],
                demo=False,
                by=session.user.name,
            )

        await service.writer.do(job)
    except (PasswordRefused, AccountRefused) as refused:
        return await _users_page(service, session, speaker, 409, speaker.reason(str(refused), {}).text)
    service.sessions.forget(name.strip().lower())
    return RedirectResponse("/users", 303)


@router.post("/users/{name}/{change}")
async def change_user(
    service: ServiceOf, session: Administrator, speaker: SpeakerOf, name: str, change: str
) -> Response:
    if change not in ("disable", "enable"):
        raise HTTPException(404, "no such change")
    if name == session.user.name:
        text = speaker.reason("not_yourself", {}).text
        return await _users_page(service, session, speaker, 409, text)

    async def job(stage: Stage) -> None:
        await accounts.set_disabled(stage, name.replace("\0", ""), change == "disable", session.user.name)

    try:
        await service.writer.do(job)
    except AccountRefused:
        raise HTTPException(404, "no such user") from None
    service.sessions.forget(name)
    return RedirectResponse("/users", 303)
