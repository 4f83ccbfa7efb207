"""Second line's pages: the passages that wait for it, and one of them with all evidence, hits, notes,
questions and what was recorded.  Only ever made for users with its audience."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from dashboard.store import read, second_line
from dashboard.store.fold import Registers
from dashboard.store.incoming import now_us
from dashboard.store.question import Question
from dashboard.store.read import PassageKey
from dashboard.store.search import find
from dashboard.store.second_line import ANSWERS, QUESTIONS, RESULTS, Record
from dashboard.users.accounts import User
from dashboard.views import parts
from dashboard.views.facts import passage_of_registers
from dashboard.views.language import Coded, Speaker
from dashboard.views.models import Moment, Passage
from dashboard.views.notes import notes
from dashboard.views.passage import load_passage
from dashboard.views.source import Source

SHOWN_US = 3 * 24 * 3600 * 1_000_000
"""So far back the list looks for referrals without a result."""
LIST_MAX = 200
HIT_FIELDS = (
    "reference",
    "number",
    "issuer",
    "names",
    "birth_date",
    "plate",
    "type",
    "handling",
    "selected",
    "proof",
)


class RecordShown(BaseModel):
    """A result or answers that an officer recorded."""

    model_config = ConfigDict(frozen=True)

    number: int
    at: Moment
    officer: str
    workplace: str
    result: Coded | None
    text: str
    answers: tuple[tuple[Coded, Coded], ...]


class ReferralRow(BaseModel):
    model_config = ConfigDict(frozen=True)

    lane: str
    journal: str
    passage: int
    arrived: Moment
    phase: Coded
    plates: tuple[str, ...]
    documents: tuple[str, ...]
    reasons: tuple[Coded, ...]
    result: RecordShown | None


class Referrals(BaseModel):
    """`waiting` have no result yet, the longest waiting first; `done` the newest first."""

    model_config = ConfigDict(frozen=True)

    waiting: tuple[ReferralRow, ...]
    done: tuple[ReferralRow, ...]


class HitShown(BaseModel):
    """What one register said of the passage.  `hits` hold its fields with their words; null when erased."""

    model_config = ConfigDict(frozen=True)

    register_kind: Coded
    as_of: str
    hits: tuple[tuple[tuple[str, str], ...], ...] | None


class Referral(BaseModel):
    """One referred passage as second line sees it."""

    model_config = ConfigDict(frozen=True)

    passage: Passage
    hits: tuple[HitShown, ...]
    notes: tuple[Coded, ...]
    records: tuple[RecordShown, ...]
    questions: tuple[Coded, ...]
    answers: tuple[Coded, ...]
    results: tuple[Coded, ...]


async def referrals_view(source: Source, speaker: Speaker, user: User) -> Referrals:
    since_us = now_us() - SHOWN_US
    async with source.database.reads.connect() as connection:
        question = Question(decision="refer", from_us=since_us, limit=LIST_MAX)
        found = [one.key for one in (await find(connection, question, user.audiences))[0]]
        results = await second_line.newest_results(connection, since_us, LIST_MAX)
        keys = list(dict.fromkeys([*found, *(one.key for one in results)]))
        registers: dict[PassageKey, Registers] = {}
        for start in range(0, len(keys), 100):
            registers |= await read.passages(connection, keys[start : start + 100], user.audiences)
    newest: dict[PassageKey, Record] = {}
    for one in results:
        newest.setdefault(one.key, one)
    waiting = [
        _row(speaker, key, registers[key], None) for key in found if key in registers and key not in newest
    ]
    done = [_row(speaker, key, registers[key], one) for key, one in newest.items() if key in registers]
    waiting.sort(key=lambda one: (one.arrived.at, one.lane))
    return Referrals(waiting=tuple(waiting), done=tuple(done))


def _row(speaker: Speaker, key: PassageKey, registers: Registers, result: Record | None) -> ReferralRow:
    facts = passage_of_registers(key.passage, registers)
    return ReferralRow(
        lane=key.lane,
        journal=key.journal,
        passage=key.passage,
        arrived=parts.moment(speaker, facts.since_us),
        phase=speaker.coded("phase", facts.phase)
        if "ended" not in registers
        else speaker.coded("ending", facts.phase),
        plates=tuple(dict.fromkeys(plate.display for plate in facts.plates)),
        documents=tuple(f"{document.issuer} {document.number}" for document in facts.documents),
        reasons=parts.all_said(speaker, facts.reasons),
        result=_record(speaker, result) if result else None,
    )


async def referral_view(source: Source, key: PassageKey, speaker: Speaker, user: User) -> Referral | None:
    """None for a passage that is not known."""
    passage = await load_passage(source, key, speaker, user)
    if passage is None:
        return None
    async with source.database.reads.connect() as connection:
        registers = (await read.passages(connection, [key], user.audiences)).get(key, {})
        records = await second_line.records_of(connection, key)
    facts = passage_of_registers(key.passage, registers)
    day = speaker.local(facts.since_us).date()
    return Referral(
        passage=passage,
        hits=tuple(_hits(speaker, registers)),
        notes=notes(speaker, facts.documents, day),
        records=tuple(_record(speaker, one) for one in records),
        questions=tuple(speaker.coded("second_line_question", code) for code in QUESTIONS),
        answers=tuple(speaker.coded("second_line_answer", code) for code in ANSWERS),
        results=tuple(speaker.coded("second_line_result", code) for code in RESULTS),
    )


def _hits(speaker: Speaker, registers: Registers) -> Iterable[HitShown]:
    for name, (_, value) in sorted(registers.items()):
        if not name.startswith("hit."):
            continue
        hits: list[dict[str, Any]] | None = value.get("hits")
        yield HitShown(
            register_kind=speaker.coded("parameter", str(value.get("register_kind"))),
            as_of=str(value.get("as_of") or ""),
            hits=tuple(_fields(speaker, one) for one in hits) if hits is not None else None,
        )


def _fields(speaker: Speaker, hit: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Those that registers have first, in their order, then whatever else this one says."""
    names = [*(name for name in HIT_FIELDS if name in hit), *sorted(hit.keys() - set(HIT_FIELDS))]
    return tuple((speaker.word("hit_field", name), speaker.value(name, hit[name])) for name in names)


def _record(speaker: Speaker, one: Record) -> RecordShown:
    return RecordShown(
        number=one.number,
        at=parts.moment(speaker, one.at_us),
        officer=one.officer,
        workplace=one.workplace,
        result=speaker.coded("second_line_result", one.result) if one.result else None,
        text=one.text or "",
        answers=tuple(
            (speaker.coded("second_line_question", question), speaker.coded("second_line_answer", answer))
            for question, answer in (one.answers or {}).items()
        ),
    )
