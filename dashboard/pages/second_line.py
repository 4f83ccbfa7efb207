"""Second line's pages, for its officers alone."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from dashboard.api.routes import JournalId, LaneName, PassageNumber
from dashboard.api.second_line import NewRecord, SecondLine, keep
from dashboard.api.security import ServiceOf, SpeakerOf
from dashboard.pages.render import fragment, is_fragment, page
from dashboard.service import Service
from dashboard.store.read import PassageKey
from dashboard.store.second_line import RecordRefused
from dashboard.users.sessions import Session
from dashboard.views.language import Speaker
from dashboard.views.second_line import referral_view, referrals_view

router = APIRouter(prefix="/second-line", include_in_schema=False, default_response_class=HTMLResponse)


@router.get("")
async def referrals(
    request: Request, service: ServiceOf, session: SecondLine, speaker: SpeakerOf
) -> HTMLResponse:
    position = service.hub.position(session.user)
    shown = await referrals_view(service.source, speaker, session.user)
    if is_fragment(request):
        return HTMLResponse(fragment("_second_line.html", speaker, referrals=shown))
    return await page(
        "second_line.html", service, session, referrals=shown, position=position, here="second_line"
    )


@router.get("/{lane}/{journal}/{passage}")
async def referral(
    service: ServiceOf,
    session: SecondLine,
    speaker: SpeakerOf,
    lane: LaneName,
    journal: JournalId,
    passage: PassageNumber,
) -> HTMLResponse:
    return await _referral(service, session, speaker, PassageKey(lane, journal, passage))


async def _referral(
    service: Service, session: Session, speaker: Speaker, key: PassageKey, refused: str = ""
) -> HTMLResponse:
    shown = await referral_view(service.source, key, speaker, session.user)
    if shown is None:
        raise HTTPException(404, "no such passage")
    status = 409 if refused else 200
    return await page(
        "referral.html",
        service,
        session,
        status=status,
        referral=shown,
        refused=refused,
        here="second_line",
    )


@router.post("/{lane}/{journal}/{passage}")
async def record(
    request: Request,
    service: ServiceOf,
    session: SecondLine,
    speaker: SpeakerOf,
    lane: LaneName,
    journal: JournalId,
    passage: PassageNumber,
) -> Response:
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    answers = {
        name.removeprefix("q."): value for name, value in form.items() if name.startswith("q.") and value
    }
    key = PassageKey(lane, journal, passage)
    try:
        body = NewRecord(result=form.get("result") or None, text=form.get("text", ""), answers=answers)
        await keep(service, session, key, body)
    except ValidationError:
        raise HTTPException(422, "the form was not filled in as the page shows it") from None
    except RecordRefused as refused:
        return await _referral(service, session, speaker, key, speaker.reason(str(refused), {}).text)
    return RedirectResponse(f"/second-line/{lane}/{journal}/{passage}", 303)
