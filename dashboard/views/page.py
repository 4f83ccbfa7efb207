"""The page that a document was read from: its pictures, and each character that wants a look, in words."""

from collections.abc import Iterator
from itertools import groupby

from dashboard.views.language import Speaker
from dashboard.views.models import PageMark, PageRun, PageShown
from lane_controller.messages.parts import Document, DocumentPage, PageReading


def page_shown(speaker: Speaker, lane: str, document: Document, facts: DocumentPage) -> PageShown:
    reading = facts.page or PageReading.model_validate({"width": 0, "height": 0})
    marks = tuple(_marks(speaker, document.lines, reading))
    # Of two marks on one character the first is shown there; both are told.
    at = {(one.line, one.column): one for one in reversed(marks) if one.column}
    return PageShown(
        picture=f"/media/{lane}/{facts.picture}" if facts.picture else None,
        crop=f"/media/{lane}/{facts.crop}" if facts.crop else None,
        width=reading.width,
        height=reading.height,
        outlines=tuple(
            " ".join(f"{x},{y}" for x, y in zip(line[::2], line[1::2], strict=False))
            for line in reading.outlines
        ),
        columns=max(map(len, document.lines), default=0),
        lines=tuple(_runs(text, number, at) for number, text in enumerate(document.lines, 1)),
        marks=marks,
    )


def _runs(text: str, line: int, at: dict[tuple[int, int], PageMark]) -> tuple[PageRun, ...]:
    """A marked character is a run of its own; what lies between two is one."""
    placed = [(at.get((line, column)), column, character) for column, character in enumerate(text, 1)]
    runs = groupby(placed, lambda one: one[1] if one[0] else 0)
    found = [list(run) for _, run in runs]
    return tuple(PageRun(text="".join(one[2] for one in run), mark=run[0][0]) for run in found)


def _marks(speaker: Speaker, lines: tuple[str, ...], reading: PageReading) -> Iterator[PageMark]:
    """What does not add up first, then what is not sure, then what was corrected."""
    for wrong in reading.inconsistent:
        text = speaker.say(
            "Line {line}, character {column}: the check digit of {field} is {found}, expected {expected}",
            line=wrong.line,
            column=wrong.column,
            field=speaker.word("field", wrong.field),
            found=wrong.found,
            expected=wrong.expected,
        )
        yield _mark("inconsistent", lines, wrong.line, wrong.column, (), text)
    for doubt in reading.doubtful:
        character = _character(lines, doubt.line, doubt.column)
        field = speaker.word("field", doubt.field)
        others = tuple(one for one in doubt.candidates if one != character)
        if not character:
            text = speaker.say("{field}: not sure", field=field)
        elif others:
            text = speaker.say(
                "Line {line}, character {column}, {field}: read {character}, may be {others}",
                line=doubt.line,
                column=doubt.column,
                field=field,
                character=character,
                others=", ".join(others),
            )
        else:
            text = speaker.say(
                "Line {line}, character {column}, {field}: read {character}, not sure",
                line=doubt.line,
                column=doubt.column,
                field=field,
                character=character,
            )
        yield _mark("doubtful", lines, doubt.line, doubt.column, others, text)
    for corrected in reading.corrections:
        text = speaker.say(
            "Line {line}, character {column}: {taken} put in place of {read}: {reason}",
            line=corrected.line,
            column=corrected.column,
            taken=corrected.taken,
            read=corrected.read,
            reason=speaker.word("correction", corrected.reason),
        )
        yield _mark("corrected", lines, corrected.line, corrected.column, (), text)


def _mark(
    kind: str, lines: tuple[str, ...], line: int, column: int, candidates: tuple[str, ...], text: str
) -> PageMark:
    character = _character(lines, line, column)
    return PageMark.model_validate(
        {
            "kind": kind,
            "line": line if character else 0,
            "column": column if character else 0,
            "character": character,
            "candidates": candidates,
            "text": text,
        }
    )


def _character(lines: tuple[str, ...], line: int, column: int) -> str:
    """The character at a place (from 1); "" for a whole field, and for a place that the lines have not."""
    if not (1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1])):
        return ""
    return lines[line - 1][column - 1]
