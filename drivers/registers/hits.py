"""What a register may answer, kind by kind: the schema that files and services are held to.

Keys that the lane does not need are dropped: what is not passed on can't leak.  Messages name the key and the
rule, never the value, which may be a traveller's name.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from drivers.registers import KINDS

HITS_MAX = 100
"""Hits in one answer; a register that knows more of one traveller or plate is not answering the question."""

Text = Annotated[str, Field(max_length=200)]
Named = Annotated[str, Field(min_length=1, max_length=200)]


def _day(text: str) -> str:
    datetime.fromisoformat(text)
    return text


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


Day = Annotated[str, Field(max_length=40), AfterValidator(_day)]
Birth = Annotated[str, Field(pattern=r"^(\d{4}(-(\d\d|XX)(-(\d\d|XX))?)?)?$")]
"""ISO 8601; unknown parts as XX or left out; empty when unknown."""


class Hit(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)


class Booking(Hit):
    plate: Named
    valid_from: Day
    valid_to: Day
    service: Text = Field(alias="class")


class WatchlistPerson(Hit):
    reference: Named
    number: Text
    issuer: Text
    names: Annotated[list[Named], Field(max_length=20)]
    birth_date: Birth
    handling: Text

    @model_validator(mode="after")
    def _findable(self) -> "WatchlistPerson":
        if not self.number and not self.names:
            raise ValueError("neither a number nor a name: nobody could be found by it")
        return self


class WatchlistPlate(Hit):
    reference: Named
    plate: Named
    handling: Text


class LostDocument(Hit):
    reference: Named
    number: Named
    issuer: Text
    type: Text


class Declaration(Hit):
    reference: Named
    plate: Named
    gross_kg: Annotated[float, Field(gt=0, le=500_000), AfterValidator(_finite)]
    axles: Annotated[int, Field(ge=1, le=50)]
    vehicle: Text


class Draw(Hit):
    selected: bool
    proof: Named


SCHEMAS: dict[str, type[Hit]] = {
    "booking": Booking,
    "watchlist_person": WatchlistPerson,
    "watchlist_plate": WatchlistPlate,
    "lost_documents": LostDocument,
    "declaration": Declaration,
    "draw": Draw,
}
assert set(SCHEMAS) == set(KINDS)


class BadHit(ValueError):
    """The key and what is wrong with it."""


def checked(kind: str, row: Mapping[str, Any], *, text_only: bool = False) -> dict[str, Any]:
    """The row with exactly the keys of its kind.  `text_only`: all values are text (CSV); otherwise types
    must be right already.  Raises BadHit."""
    try:
        hit = SCHEMAS[kind].model_validate(row, strict=not text_only)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "row"
        raise BadHit(f"{where}: {first['msg']}") from None
    return hit.model_dump(by_alias=True)
