"""The languages: codes and sentences by gettext catalogues, numbers and dates by Babel.

Lanes speak in codes.  A code that has no translation is shown as it is, with its parameters: a newer lane
must not make a page fail or say nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from pydantic import BaseModel, ConfigDict

from dashboard.views.catalogues import NAMES, catalogue, is_unreviewed

COUNTED = ("days", "n")
"""Parameters that rule a reason's plural."""


class Coded(BaseModel):
    """A code and what it says in the user's language."""

    model_config = ConfigDict(frozen=True)

    code: str
    text: str


@dataclass(frozen=True)
class Speaker:
    """One language in one time zone."""

    language: str
    zone: ZoneInfo

    def say(self, text: str, **values: Any) -> str:
        """A sentence of the pages, by its English text."""
        said = catalogue(self.language).gettext(text)
        return said.format(**values) if values else said

    def count(self, one: str, many: str, n: int, **values: Any) -> str:
        """A sentence in which the number `{n}` stands, in the plural that the language has for it."""
        said = catalogue(self.language).ngettext(one, many, n)
        return said.format(n=self.number(n), **values)

    def word(self, context: str, code: str, n: int | None = None) -> str:
        """What a code says, of so many; the code itself when it is not known."""
        if n is not None and (said := catalogue(self.language).npgettext(context, code, code, n)) != code:
            return said
        return catalogue(self.language).pgettext(context, code)

    @property
    def language_name(self) -> str:
        """The language as its speakers write it."""
        return NAMES[self.language]

    @property
    def unreviewed(self) -> bool:
        """Whether nobody has signed this translation yet."""
        return is_unreviewed(self.language)

    def known(self, context: str, code: str) -> bool:
        return self.word(context, code) != code

    def coded(self, context: str, code: str) -> Coded:
        return Coded(code=code, text=self.word(context, code))

    def reason(self, code: str, parameters: Mapping[str, Any]) -> Coded:
        """A reason with its parameters put in; those that its sentence does not use are not shown."""
        shown = {name: self.value(name, value) for name, value in parameters.items()}
        if self.known("reason", code):
            counts = (parameters.get(name) for name in COUNTED)
            n = next((count for count in counts if isinstance(count, int)), None)
            text = self.word("reason", code, n).format_map(_Shown(shown))
        else:
            given = self.named(parameters)
            text = f"{code} ({given})" if given else code
        about = str(parameters.get("check", ""))
        if about and self.known("check", about):
            text = f"{self.word('check', about)}: {text}"
        return Coded(code=code, text=text)

    def given(self, code: str, parameters: Mapping[str, Any]) -> Coded:
        """An operator's own reason, with what he wrote."""
        word, text = self.word("given", code), parameters.get("text")
        return Coded(code=code, text=f"{word}: {text}" if text else word)

    def kilograms(self, value: float) -> str:
        return f"{self.number(value, 0)} {self.say('kg')}"

    def value(self, name: str, value: Any) -> str:
        """A parameter as it is read: numbers with their separators, codes as words."""
        if value is None:
            return "–"
        if isinstance(value, bool):
            return self.say("yes") if value else self.say("no")
        if isinstance(value, int | float):
            return self.number(value)
        if name == "chip_check" and str(value).startswith("hash_dg"):
            return f"{self.word(name, 'hash')} DG{str(value).removeprefix('hash_dg')}"
        if name == "fields":
            return ", ".join(self.word("field", one) for one in str(value).split(", "))
        for context in (name, "parameter"):
            if self.known(context, str(value)):
                return self.word(context, str(value))
        return str(value)

    def named(self, parameters: Mapping[str, Any]) -> str:
        """Parameters that no sentence holds, each after its name; one that has no word says its code."""
        given = ((self.word("detail", name), self.value(name, value)) for name, value in parameters.items())
        return ", ".join(f"{name} {value}" for name, value in given)

    def number(self, value: float, digits: int = 2) -> str:
        return _number(round(value, digits), self.language)

    def span(self, seconds: int) -> str:
        """`30 s`, `5 min`, `1 h`: the largest unit that leaves no rest."""
        for size, unit in ((3600, self.say("h")), (60, self.say("min"))):
            if seconds >= size and seconds % size == 0:
                return f"{seconds // size} {unit}"
        return f"{seconds} {self.say('s')}"

    def local(self, at_us: int) -> datetime:
        """Site time."""
        return _utc(at_us).astimezone(self.zone)

    def clock(self, at_us: int) -> str:
        """Hours, minutes, seconds."""
        return f"{self.local(at_us):%H:%M:%S}"

    def moment(self, at_us: int) -> str:
        """Date and time with the offset from UTC."""
        local = self.local(at_us)
        return f"{_day(local.date(), self.language)} {local:%H:%M:%S} {offset(local)}"


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


# A page says hundreds of moments of a few days, and the same numbers again and again, while Babel takes long
# over each.


@lru_cache(1_000)
def _day(day: date, language: str) -> str:
    return format_date(day, "medium", locale=language)


@lru_cache(4_000, typed=True)
def _number(value: float, language: str) -> str:
    return format_decimal(value, locale=language).replace("\u00a0", "\u202f")


def offset(local: datetime) -> str:
    """`UTC+05:00`."""
    seconds = int((local.utcoffset() or timedelta()).total_seconds())
    sign = "-" if seconds < 0 else "+"
    return f"UTC{sign}{abs(seconds) // 3600:02}:{abs(seconds) // 60 % 60:02}"


def iso(at_us: int) -> str:
    """UTC, ISO 8601, milliseconds: what a machine reads."""
    return _utc(at_us).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _utc(at_us: int) -> datetime:
    """Times that no calendar holds are cut to those it does, a year from its ends."""
    within_us = min(max(at_us, -62_104_000_000_000_000), 253_370_000_000_000_000)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=within_us)
