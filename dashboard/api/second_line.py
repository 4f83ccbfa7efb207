"""Second line's referrals: for its officers alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.routes import NOT_FOUND, REFUSALS, REFUSED, JournalId, LaneName, PassageNumber, Refusal
from dashboard.api.security import ServiceOf, SpeakerOf, only
from dashboard.commands.proposal import person_of
from dashboard.service import Service
from dashboard.store import second_line
from dashboard.store.read import PassageKey
from dashboard.store.second_line import ANSWERS, QUESTIONS, RESULTS, RecordRefused
from dashboard.store.stage import Stage
from dashboard.users.sessions import Session
from dashboard.views.second_line import Referral, Referrals, referral_view, referrals_view
from lane_controller.messages.words import UserRole

router = APIRouter(prefix="/api/v1/second-line", tags=["passages"], responses=REFUSALS)

SecondLine = Annotated[Session, Depends(only(UserRole.SECOND_LINE))]


class NewRecord(BaseModel):
    """A result (a code, `other` with a text), answers to questions, or both."""

    model_config = ConfigDict(extra="forbid")

    result: str | None = Field(default=None, pattern=f"^({'|'.join(RESULTS)})$")
    text: str = Field(default="", max_length=2000)
    answers: dict[
        Annotated[str, Field(pattern=f"^({'|'.join(QUESTIONS)})$")],
        Annotated[str, Field(pattern=f"^({'|'.join(ANSWERS)})$")],
    ] = Field(default_factory=dict)


@router.get("")
async def get_referrals(service: ServiceOf, session: SecondLine, speaker: SpeakerOf) -> Referrals:
    """Referred passages of the last three days: without a result, the longest waiting first; with one."""
    return await referrals_view(service.source, speaker, session.user)


@router.get("/{lane}/{journal}/{passage}", responses=NOT_FOUND)
async def get_referral(
    service: ServiceOf,
    session: SecondLine,
    speaker: SpeakerOf,
    lane: LaneName,
    journal: JournalId,
    passage: PassageNumber,
) -> Referral:
    """One referred passage with all its evidence, and what was recorded."""
    found = await referral_view(service.source, PassageKey(lane, journal, passage), speaker, session.user)
    if found is None:
        raise HTTPException(404, "no such passage")
    return found


@router.post(
    "/{lane}/{journal}/{passage}/records",
    status_code=204,
    responses=NOT_FOUND | REFUSED,
    response_class=Response,
)
async def post_record(
    service: ServiceOf,
    session: SecondLine,
    speaker: SpeakerOf,
    lane: LaneName,
    journal: JournalId,
    passage: PassageNumber,
    body: NewRecord,
) -> Response:
    """Records what came of it.  Nothing is overwritten: a later record stands before an earlier one."""
    try:
        await keep(service, session, PassageKey(lane, journal, passage), body)
    except RecordRefused as refused:
        coded = speaker.reason(str(refused), {})
        raise HTTPException(409, Refusal(detail=coded.text, reasons=(coded,)).model_dump()) from None
    return Response(status_code=204)


async def keep(service: Service, session: Session, key: PassageKey, body: NewRecord) -> None:
    """Raises RecordRefused, and 404 for a passage that is not known."""
    if not await service.source.has_passage(key, session.user.audiences):
        raise HTTPException(404, "no such passage")

    async def job(stage: Stage) -> None:
        by = person_of(session)
        await second_line.record(stage, key, by, result=body.result, text=body.text, answers=body.answers)

    await service.writer.do(job)
