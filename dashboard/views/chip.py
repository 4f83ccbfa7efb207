"""The chip of a document beside its page: its portrait, where it says something else than the page, and every
test of its inspection in words."""

from itertools import groupby, zip_longest

from dashboard.views.language import Coded, Speaker
from dashboard.views.models import ChipField, ChipRun, ChipShown, ChipTest
from lane_controller.messages.parts import ChipCheck, Document, DocumentChip

FIELDS = (
    ("code", "kind"),
    ("issuer", "issuer"),
    ("number", "number"),
    ("nationality", "nationality"),
    ("surname", "surname"),
    ("given_names", "given_names"),
    ("birth", "birth"),
    ("sex", "sex"),
    ("expiry", "expiry"),
)
"""A field's word, and its name in a document."""
TRUST_SHOWN = 12
"""So much of the trust store's digest is shown."""


def chip_shown(speaker: Speaker, lane: str, printed: Document, facts: DocumentChip) -> ChipShown:
    reading, chip = facts.reading, facts.document
    return ChipShown(
        data=speaker.coded("chip_data", reading.data) if reading else None,
        chip=speaker.coded("chip_state", reading.chip) if reading else None,
        reason=speaker.reason(facts.reason.code, facts.reason.parameters) if facts.reason else None,
        portrait=f"/media/{lane}/{facts.portrait}" if facts.portrait else None,
        fields=tuple(_field(speaker, word, name, printed, chip) for word, name in FIELDS) if chip else (),
        lines=_lines(printed.lines, chip.lines) if chip else (),
        differs=tuple(speaker.word("field", name) for name in reading.differs) if reading else (),
        checks=tuple(_test(speaker, one) for one in reading.checks) if reading else (),
        trust=reading.trust[:TRUST_SHOWN] if reading else "",
        took_ms=speaker.number(reading.duration_ms, 0) if reading else "",
    )


def said(speaker: Speaker, facts: DocumentChip) -> str:
    """In a few words, for the time line."""
    if facts.reading is None:
        reason = facts.reason
        return speaker.reason(reason.code, reason.parameters).text if reason else ""
    words = [
        speaker.word("chip_data", facts.reading.data),
        speaker.word("chip_state", facts.reading.chip),
    ]
    if facts.reading.differs:
        fields = ", ".join(speaker.word("field", name) for name in facts.reading.differs)
        words.append(f"{speaker.say('differs')}: {fields}")
    return ", ".join(words)


def _test(speaker: Speaker, one: ChipCheck) -> ChipTest:
    return ChipTest(
        check=Coded(code=one.name, text=speaker.value("chip_check", one.name)),
        outcome=speaker.coded("outcome", one.outcome),
        reason=speaker.coded("chip_reason", one.reason.code),
        details=speaker.named(one.reason.parameters),
    )


def _field(speaker: Speaker, word: str, name: str, printed: Document, chip: Document) -> ChipField:
    page, here = (str(getattr(one, name) or "") for one in (printed, chip))
    return ChipField(field=speaker.word("field", word), printed=page, chip=here, differs=page != here)


def _lines(printed: tuple[str, ...], chip: tuple[str, ...]) -> tuple[tuple[ChipRun, ...], ...]:
    """DG1's lines, cut where a character begins or ends to be another one than the page's."""
    lines: list[tuple[ChipRun, ...]] = []
    for page, here in zip_longest(printed, chip, fillvalue=""):
        placed = [(own != other, own) for own, other in zip_longest(here, page, fillvalue="")]
        runs = groupby(placed, lambda one: one[0])
        lines.append(
            tuple(ChipRun(text="".join(own for _, own in run), differs=differs) for differs, run in runs)
        )
    return tuple(lines)
