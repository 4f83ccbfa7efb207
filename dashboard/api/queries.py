"""What a search's fields mean, for page and JSON alike."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from dashboard.store.incoming import to_us
from dashboard.store.question import After, Question, SearchRefused
from lane_controller.messages.words import Outcome

PAGE = 50


class SearchFields(BaseModel):
    """All optional.  Times without an offset are site time."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    plate: str = Field(
        default="", max_length=32, description="* any characters, ? any one; what looks alike is one"
    )
    document: str = Field(default="", max_length=64, description="exact number")
    lane: str = Field(default="", max_length=32)
    decision: Outcome | str = Field(default="", max_length=16)
    check: str = Field(default="", max_length=32, description="a check that was not passed")
    outcome: str = Field(default="", max_length=16, description="how it went: any but passed")
    officer: str = Field(default="", max_length=64, description="who decided or commanded")
    from_: str = Field(default="", alias="from", max_length=40, description="arrived at or after, ISO 8601")
    to: str = Field(default="", max_length=40, description="arrived before, ISO 8601")
    after: str = Field(default="", max_length=200, description="`more` of the page before")

    def question(self, zone: ZoneInfo) -> Question:
        """Raises SearchRefused."""
        return Question(
            plate=_clean(self.plate),
            document=_clean(self.document),
            lane=_clean(self.lane),
            decision=_clean(str(self.decision)),
            check=_clean(self.check),
            outcome=_clean(self.outcome),
            officer=_clean(self.officer),
            from_us=_time(self.from_, zone),
            to_us=_time(self.to, zone),
            after=_after(self.after),
            limit=PAGE,
        )

    def asked(self) -> dict[str, str]:
        """What was filled in, as an address has it; without the page."""
        given = self.model_dump(mode="json", by_alias=True, exclude={"after"})
        return {name: value.strip() for name, value in given.items() if value.strip()}


SearchOf = Annotated[SearchFields, Query()]


def _clean(text: str) -> str:
    """Without NUL, which no database takes."""
    return text.replace("\0", "").strip()


def _time(text: str, zone: ZoneInfo) -> int | None:
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return to_us(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        raise SearchRefused("time_not_readable") from None


def _after(text: str) -> After | None:
    if not text:
        return None
    parts = _clean(text).split("~")
    if len(parts) != 4 or not all(
        part.removeprefix("-").isdecimal() and len(part) < 18 for part in (parts[0], parts[3])
    ):
        raise SearchRefused("page_not_known")
    return int(parts[0]), parts[1], parts[2], int(parts[3])


def more_of(place: After) -> str:
    """`after` for the page that follows this row."""
    return "~".join(map(str, place))
