"""The statements of a search, on either database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, exists, func, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.question import Question, Wanted
from dashboard.store.tables import PASSAGES, PLATES, TERMS
from lane_controller.messages.words import Audience

PLACE = ("arrived_us", "lane", "journal", "passage")
"""A passage's place in the order of arrival."""
_ONE: ColumnElement[Any] = literal_column("1")
_PLATES: ColumnElement[bool] = TERMS.c.kind == literal_column("'plate'")
"""Spelled out: a database takes a partial index for what it sees in the statement."""
_AFTER_ALL = "\U0010ffff"
# SQLite is told its index: nobody counts a store's terms for it (ANALYZE), and without figures it takes any
# kind and term for rare, and reads all of it.
_BY_ARRIVAL = "INDEXED BY ix_terms_newest"
_BY_PASSAGE = "INDEXED BY sqlite_autoindex_terms_1"
"""By the primary key."""


async def planned_anew(connection: AsyncConnection) -> None:
    """For the rest of the transaction: PostgreSQL plans each question for what it asks.  A plan for any
    values takes a rare plate for a common one, and the other way round."""
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")


@dataclass(frozen=True, slots=True)
class Statements:
    """Of one question, for those who may see what `audiences` were told."""

    question: Question
    audiences: Collection[Audience]
    dialect: str

    def all(self, wanted: Sequence[Wanted] = ()) -> Select[Any]:
        """All passages, each asked for what is wanted of it."""
        places = [PASSAGES.c[name] for name in PLACE]
        statement = select(*places).where(PASSAGES.c.arrived_us.is_not(None), *self._seen(PASSAGES.c))
        statement = statement.where(*self._has(wanted, PASSAGES.c))
        return statement.order_by(*(place.desc() for place in places))

    def at_lane(self, most: int) -> Select[Any]:
        """So many passages of the lane, within one index."""
        clauses = (PASSAGES.c.lane == self.question.lane, *self._times(PASSAGES.c))
        return select(_ONE).where(*clauses).limit(most)

    def fitting(self, wanted: Wanted) -> Select[Any]:
        """The plates that fit a pattern."""
        return select(PLATES.c.term).where(_run(wanted), self.like(PLATES.c.term, wanted.pattern))

    def entries(self, wanted: Wanted, most: int) -> Select[Any]:
        """So many entries of the wanted terms, within one index."""
        clauses = (self._term(wanted), TERMS.c.arrived_us != 0, *self._seen(TERMS.c))
        return select(_ONE).where(*clauses).limit(most)

    def indexed(self, leader: Wanted, others: Sequence[Wanted]) -> Select[Any]:
        """By the leader's own index.  One term's entries stand there in the order of arrival; those of
        several, or of a pattern, are sorted: the sum keeps a database from reading all arrivals in order
        instead."""
        first, *rest = (TERMS.c[name] for name in PLACE)
        statement = select(first, *rest).where(self._term(leader), first != 0, *self._seen(TERMS.c))
        statement = statement.where(*self._has(others, TERMS.c))
        in_order = leader.terms is not None and len(leader.terms) == 1
        return statement.order_by((first if in_order else first + 0).desc(), *(one.desc() for one in rest))

    def both(self, one: Wanted, pattern: Wanted, others: Sequence[Wanted]) -> Select[Any]:
        """All entries of one, those whose passages are among all of the pattern's.  Each is read whole before
        they meet: no database guesses how many plates fit, and one by one they take ten times as long."""
        entries = [TERMS.c[name] for name in PLACE]
        has_one = select(*entries).where(self._term(one), *self._seen(TERMS.c))
        has_plate = select(*entries[1:]).where(self._term(pattern), *self._seen(TERMS.c))
        whole, fitting = _first(has_one), _first(has_plate)
        places = [whole.c[name] for name in PLACE]
        met = select(*places).where(places[0] != 0, tuple_(*places[1:]).in_(select(*fitting.c)))
        found = _first(met)
        places = [found.c[name] for name in PLACE]
        return select(*places).where(*self._has(others, found.c)).order_by(*(one.desc() for one in places))

    def newest(self, leader: Wanted, others: Sequence[Wanted], most: int | None) -> Select[Any]:
        """Of all plates, or of the newest so many, those that fit the leader's pattern."""
        plates = self.plates(most).subquery().c
        # What drops nearly all of them stands first.
        fits = and_(self.like(plates.term, leader.pattern), plates.audience.in_(self._heard()))
        if self.question.lane:
            fits = and_(fits, plates.lane == self.question.lane)
        places = [plates[name] for name in PLACE]
        statement = select(*places).where(fits, *self._has(others, plates))
        return statement.order_by(*(place.desc() for place in places))

    def plates(self, most: int | None) -> Select[Any]:
        """In the order of arrival, of the times that are asked for."""
        c = TERMS.c
        statement = select(*(c[name] for name in PLACE), c.term, c.audience)
        statement = statement.where(_PLATES, c.arrived_us != 0, *self._times(c))
        statement = statement.with_hint(TERMS, _BY_ARRIVAL, "sqlite")
        return statement.order_by(*(c[name].desc() for name in PLACE)).limit(most)

    def each(self, leader: Wanted | None, others: Sequence[Wanted], *, by_time: bool) -> Select[Any]:
        """All of them, each once, in no order: of all plates of the time those that fit the leader's pattern,
        or by the leader's index; without a leader, of all passages those that have the others."""
        if leader is None:
            return self.all(others).order_by(None).distinct()
        if len(self.audiences) > 1:
            others = [leader, *others]  # the leader's own term may be overruled
        statement = self.newest(leader, others, None) if by_time else self.indexed(leader, others)
        return statement.order_by(None).distinct()

    def told_apart(self, each_once: Select[Any]) -> Select[Any]:
        """Those of them of which more than one audience was told."""
        found = each_once.subquery().c
        same = (PASSAGES.c[name] == found[name] for name in ("lane", "journal", "passage"))
        told = select(func.count()).where(*same, PASSAGES.c.audience.in_(self._heard())).scalar_subquery()
        return select(*(found[name] for name in PLACE)).where(told > 1)

    def like(self, column: Any, pattern: str) -> ColumnElement[bool]:
        """A pattern holds letters, digits and the two wildcards alone: nothing needs escaping.  SQLite's LIKE
        does not tell capitals, and is slower for it."""
        if self.dialect == "sqlite":
            return column.op("GLOB")(pattern)
        return column.like(pattern.replace("*", "%").replace("?", "_"))

    def _heard(self) -> list[str]:
        return sorted(str(audience) for audience in self.audiences)

    def _seen(self, c: Any) -> list[ColumnElement[bool]]:
        """What holds of every row: audience, lane, times."""
        clauses = [c.audience.in_(self._heard()), *self._times(c)]
        return [*clauses, c.lane == self.question.lane] if self.question.lane else clauses

    def _times(self, c: Any) -> list[ColumnElement[bool]]:
        question = self.question
        clauses: list[ColumnElement[bool]] = []
        if question.from_us is not None:
            clauses.append(c.arrived_us >= question.from_us)
        if question.to_us is not None:
            clauses.append(c.arrived_us < question.to_us)
        if question.after:
            # The first by itself too: that is where an index is entered.
            clauses.append(c.arrived_us <= question.after[0])
            clauses.append(tuple_(*(c[name] for name in PLACE)) < question.after)
        return clauses

    def _has(self, wanted: Sequence[Wanted], row: Any) -> list[ColumnElement[bool]]:
        """That the row's passage has these terms too: a look by its key, never a join through all of a
        kind."""
        clauses: list[ColumnElement[bool]] = []
        for one in wanted:
            other = TERMS.alias()
            same = (other.c[name] == row[name] for name in ("lane", "journal", "passage"))
            heard = other.c.audience.in_(self._heard())
            fits = [heard, other.c.kind == one.kind, self._fits(one, other.c)]
            if len(self.audiences) > 1:
                fits.append(~self._overruled(other.c))
            look = select(_ONE).where(*same, *fits).limit(1).with_hint(other, _BY_PASSAGE, "sqlite")
            clauses.append(look.scalar_subquery().is_not(None))
        return clauses

    def _overruled(self, c: Any) -> ColumnElement[bool]:
        """Another audience was told something newer in the same place of the passage."""
        newer = TERMS.alias()
        same = (newer.c[name] == c[name] for name in ("lane", "journal", "passage", "kind", "slot"))
        return exists().where(*same, newer.c.audience.in_(self._heard()), newer.c.sequence > c.sequence)

    def _fits(self, wanted: Wanted, c: Any) -> ColumnElement[bool]:
        return self.like(c.term, wanted.pattern) if wanted.pattern else c.term.in_(wanted.terms or ())

    def _term(self, wanted: Wanted) -> ColumnElement[bool]:
        terms = self.fitting(wanted) if wanted.terms is None else wanted.terms
        return and_(TERMS.c.kind == wanted.kind, TERMS.c.term.in_(terms))


def _first(statement: Select[Any]) -> CTE:
    """Done before, and apart from, what it is used in."""
    return statement.cte().prefix_with("MATERIALIZED")


def _run(wanted: Wanted) -> ColumnElement[bool]:
    """The part of an index that a pattern's fixed beginning or end bounds, the longer of the two."""
    if len(wanted.prefix) >= len(wanted.suffix):
        column, run = PLATES.c.term, wanted.prefix
    else:
        column, run = PLATES.c.reversed, wanted.suffix[::-1]
    return and_(column >= run, column < run + _AFTER_ALL) if run else literal_column("1 = 1")
