"""What a passage can be found by, besides lane and time: plates, documents, its decision, checks that it did
not pass, and the officers who decided or commanded.

A term is written for the audience of the event that said it, so that a search sees what its user may see.
"""

from collections.abc import Iterator
from typing import NamedTuple

from dashboard.store.fold import Registers
from dashboard.store.plate_spelling import TERM_MAX, searched

PLATE, DOCUMENT, DECISION, CHECK, OUTCOME, OFFICER = (
    "plate",
    "document",
    "decision",
    "check",
    "outcome",
    "officer",
)
SLOT_MAX = 64
PASSED = "passed"


class Slot(NamedTuple):
    """The place that one term has in a passage: the front plate, the second document, a check."""

    kind: str
    slot: str


class Term(NamedTuple):
    """`sequence` is that of the event which said it: of two audiences' terms in one slot the newer counts."""

    term: str
    sequence: int


def document_term(number: str) -> str:
    return "".join(number.upper().split()).replace("-", "")[:TERM_MAX]


def check_term(check: str, outcome: str) -> str:
    return f"{check}={outcome}"[:TERM_MAX]


def terms_of(registers: Registers) -> dict[Slot, Term]:
    """All terms of one passage as one audience's registers, or several merged ones, tell it."""
    return {
        Slot(kind, slot[:SLOT_MAX]): Term(term, sequence)
        for kind, slot, term, sequence in _terms(registers)
        if term
    }


def _terms(registers: Registers) -> Iterator[tuple[str, str, str, int]]:
    for name, (sequence, value) in registers.items():
        of, _, slot = name.partition(".")
        if of == PLATE and value.get("plate"):
            yield PLATE, slot, searched(str(value["plate"].get("text", ""))), sequence
        elif of == DOCUMENT and value.get("document"):
            yield DOCUMENT, slot, document_term(str(value["document"].get("number", ""))), sequence
        elif name == DECISION:
            yield DECISION, "", str(value.get("decision"))[:TERM_MAX], sequence
        elif of == OFFICER:
            yield OFFICER, slot, str(value.get("operator"))[:TERM_MAX], sequence
        elif of == CHECK and (outcome := str(value["result"].get("outcome"))) != PASSED:
            # A check that was passed is what all passages have: nobody looks for it.
            yield CHECK, slot, check_term(str(value["result"].get("check")), outcome), sequence
            yield OUTCOME, slot, outcome[:TERM_MAX], sequence
