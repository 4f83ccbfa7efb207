"""Every code that a lane or the site can say has words in every language, every sentence of the pages too,
and no catalogue carries what nobody says.

Codes are found three ways: where the program writes them down (all calls that end in a `Reason`), in what the
lane says while it plays all stories, and in the families that are put together (`mode_closed`).
"""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from dashboard.commands.offers import COMMON_REASONS, REASONS
from dashboard.shelving import REASONS as SHELVE_REASONS
from dashboard.site import LANGUAGES
from dashboard.store.second_line import ANSWERS, QUESTIONS, RESULTS
from dashboard.store.site_events import ACT_WITHIN_S
from dashboard.users.accounts import THEMES
from dashboard.views.axles import VERDICTS
from dashboard.views.catalogues import LOCALES
from dashboard.views.freeing import AGAIN, AGAIN_UNLESS_FAILED
from dashboard.views.notes import NOTES
from dashboard.views.second_line import HIT_FIELDS
from drivers.emrtd.passive_authentication import DataVerdict
from drivers.emrtd.verdict import ChipVerdict
from drivers.registers import KINDS
from lane_controller.lane import views
from lane_controller.lane.alarms import ALARMS
from lane_controller.lane.checks import CHECKS
from lane_controller.lane.passage import Phase
from lane_controller.messages import words
from lane_controller.messages.events import EventData
from lane_controller.messages.words import Audience
from mrz.document import Status
from mrz.reading import REASONS as REASONS_OF_CORRECTIONS
from tests.lane.stories import Story, stories

pytestmark = pytest.mark.xdist_group("catalogues")
"""What is said is gathered once."""

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "dashboard" / "pages" / "templates"
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*$")

Key = tuple[str | None, str]


@cache
def entries(language: str) -> dict[Key, str]:
    with (LOCALES / language / "dashboard.po").open("rb") as file:
        found: Catalog = read_po(file, locale=language)
    return {
        (str(one.context) if one.context else None, first(one.id)): each(one.string)
        for one in found
        if one.id
    }


def first(text: Any) -> str:
    """A message's id, of a plural its singular."""
    return str(text if isinstance(text, str) else text[0])


def each(text: Any) -> str:
    """A message's text, of a plural all of its forms."""
    return str(text if isinstance(text, str) else "\n".join(text))


def codes_of(context: str, language: str = "ru") -> set[str]:
    return {code for where, code in entries(language) if where == context}


# Words: the closed lists.

ENUMS: dict[str, type[StrEnum]] = {
    "profile": words.Profile,
    "direction": words.Direction,
    "mode": words.Mode,
    "agency": words.Agency,
    "user_role": words.UserRole,
    "outcome": words.CheckOutcome,
    "decision": words.Outcome,
    "ending": words.PassageEnd,
    "phase": Phase,
    "place": words.Place,
    "device_role": words.DeviceRole,
    "health": words.Health,
    "arm": words.Arm,
    "lamp": words.Lamp,
    "command": words.CommandKind,
    "priority": words.Priority,
    "document_status": Status,
}
ALARM_KINDS = {*ALARMS, *(f"store.{kind}" for kind in ACT_WITHIN_S)}
EVENTS = {member.model_fields["type"].default for member in get_args(get_args(EventData)[0])}
SITE_EVENT = re.compile(r"(site|shift)\.[a-z_]*[a-z]")
"""`site.command_` is a part of one: the rest follows by the answer."""
LISTS: dict[str, set[str]] = {
    **{context: {str(word) for word in enum} for context, enum in ENUMS.items()},
    "answer": {*words.Answer, "unknown"},
    "second_line_result": set(RESULTS),
    "second_line_question": set(QUESTIONS),
    "second_line_answer": set(ANSWERS),
    "second_line_note": set(NOTES),
    "hit_field": set(HIT_FIELDS),
    "request": {"open", "confirmed", "declined", "withdrawn", "expired"},
    "theme": set(THEMES),
    "side": {"front", "rear"},
    "movement": {"raise", "lower"},
    "cause": {"decision", "command", "local"},
    "alarm": ALARM_KINDS,
    "alarm cause": ALARM_KINDS,
    "alarm consequence": ALARM_KINDS,
    "alarm action": ALARM_KINDS,
    "check": set(CHECKS),
    "correction": set(REASONS_OF_CORRECTIONS),
    "vote_when": set(words.VoteWhen),
    "vote_why": set(words.VoteWhy),
    "evidence": {*AGAIN.values(), *AGAIN_UNLESS_FAILED.values()},
    "release by": {"agency", "second_line"},
    "chip_data": set(DataVerdict),
    "chip_state": set(ChipVerdict),
    "parameter": set(KINDS),
    "axle_verdict": set(VERDICTS),
    "shelve_reason": set(SHELVE_REASONS),
    "shelf_end": {"expired", "taken_back"},
    "alarm_mark": {"first_out", "stale", "chattering"},
    "given": {*(code for codes in REASONS.values() for code in codes), *COMMON_REASONS, "second_line"},
}


def site_events() -> set[str]:
    """Types of the events that the dashboard itself records."""
    return {
        one.value
        for path in sources("dashboard")
        for one in ast.walk(tree(path))
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and SITE_EVENT.fullmatch(one.value)
    }


@pytest.mark.parametrize("context", ["event", "event text"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_has_a_name_and_a_sentence_and_no_other(context: str, language: str) -> None:
    assert codes_of(context, language) == EVENTS | site_events()


@pytest.mark.parametrize("context", LISTS)
def test_every_word_of_a_list_is_in_the_catalogues_and_no_other(context: str) -> None:
    wanted = {str(word) for word in LISTS[context]}
    assert codes_of(context) == wanted
    assert codes_of(context, "en") == wanted


# Reasons.

RETURNS = ("list[str]", "tuple[str, ...]", "str | None", "Iterator[str]")
NAMED = ("Reason", "Unreadable", "ChipUnread")
"""What takes a reason's code first."""
NOT_SAID = {
    "over",  # the end of a trouble: it clears an alarm and is told nowhere
    "number", "name", "birth", "reference",
}  # fmt: skip
"""Code-like words that a function returns for another use."""


def sources(*packages: str) -> Iterator[Path]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def called(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def words_in(node: ast.AST) -> set[str]:
    return {
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and CODE.match(one.value)
    }


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for one in ast.walk(tree(path)):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            yield one


def makers(paths: list[Path]) -> set[str]:
    """`Reason`, and every function that makes one of a code it is given."""
    found = set[str](NAMED)
    for _ in range(3):
        for path in paths:
            for function in functions(path):
                arguments = function.args
                given = {one.arg for one in (*arguments.args, *arguments.kwonlyargs)}
                given |= {arguments.vararg.arg} if arguments.vararg else set()
                given &= {"code", "codes", "reason", "problem"}
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and called(call) in found:
                        parts = [*call.args, *(word.value for word in call.keywords)]
                        used = {n.id for part in parts for n in ast.walk(part) if isinstance(n, ast.Name)}
                        if used & given or ("codes" in given and "code" in used):
                            found.add(function.name)
    return found


@cache
def written_down() -> dict[str, str]:
    """Codes that a lane's program has in it, and where."""
    paths = [path for path in sources("lane_controller", "drivers") if "commands" not in path.parts]
    making = makers(paths)
    found: dict[str, str] = {}
    for path in paths:
        where = str(path.relative_to(ROOT))
        for call in ast.walk(tree(path)):
            if isinstance(call, ast.Call) and called(call) in making:
                plain = called(call) in NAMED
                parts = [word.value for word in call.keywords if word.arg == "code"]
                parts += call.args[:1] if plain else call.args
                found |= {code: f"{where}:{call.lineno}" for part in parts for code in words_in(part)}
        if not where.startswith("lane_controller/lane/"):
            continue
        for function in functions(path):
            if function.returns is not None and ast.unparse(function.returns) in RETURNS:
                for one in ast.walk(function):
                    value = one.value if isinstance(one, ast.Return | ast.Yield) else None
                    appended = isinstance(one, ast.Call) and called(one) == "append"
                    if value is not None or appended:
                        found |= {code: f"{where}:{function.lineno}" for code in words_in(value or one)}
    return {code: where for code, where in found.items() if code not in NOT_SAID}


def families() -> set[str]:
    """Codes that are put together from parts."""
    found = {f"mode_{mode}" for mode in words.Mode} | {f"arm_{arm}" for arm in words.Arm}
    found |= {f"reading_{name}" for name in ("plate", "weight", "document")}
    found |= {f"other_{name}" for name in ("site", "lane", "journal")}
    found |= {f"order_{result}" for result in ("refused", "unknown")}
    return found | {str(status) for status in Status}


def reasons_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"name", "outcome", "reason"}:
            return  # a test of a chip's inspection: its reasons are a family of their own
        if set(value) == {"code", "parameters"}:
            yield value["code"]
        for inner in value.values():
            yield from reasons_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from reasons_in(inner)


@cache
def said_in_stories() -> dict[str, str]:
    """What the lane says while it plays all stories: in events and states.  `not_settled` is the stories' own
    way to lose a weight."""
    found: dict[str, str] = {}
    for path in stories():
        story = Story()
        for line in path.read_text("utf-8").splitlines():
            story.play(line)
            lane = story.teller.lane
            if lane is not None:
                shown = views.lane_state(lane, Audience.AUDIT).model_dump(mode="json")
                found |= dict.fromkeys(reasons_in(shown), path.name)
        for one in story.teller.told:
            told = one.data.model_dump(mode="json")
            told.pop("given", None)  # an operator's own reason has a list of its own
            if told["type"] == "lane.mode_changed" and told["by"]:
                del told["reason"]
            found |= dict.fromkeys(reasons_in(told), path.name)
    return {code: where for code, where in found.items() if code != "not_settled"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_that_a_lane_can_give_has_words(language: str) -> None:
    known = codes_of("reason", language)
    said = {**written_down(), **said_in_stories(), **dict.fromkeys(families(), "a family")}
    assert len(said) > 150
    missing = {code: where for code, where in said.items() if code not in known}
    assert not missing, f"no words in {language} for: {missing}"


def test_no_reason_is_translated_that_nobody_gives() -> None:
    literals = {
        one for path in sources("lane_controller", "drivers", "dashboard") for one in words_in(tree(path))
    }
    stores = {f"store.{kind}" for kind in ACT_WITHIN_S}
    unused = codes_of("reason") - literals - families() - stores
    assert not unused, f"drop from the catalogues: {sorted(unused)}"


# The chip's inspection: its tests and their reasons are the library's.

CHIP_SOURCES = ("drivers/emrtd", "drivers/document_reader/chip_print.py")


@cache
def chip_words() -> set[str]:
    """Code-like words in the library: names of tests and reasons among them."""
    found: set[str] = set()
    for name in CHIP_SOURCES:
        path = ROOT / name
        for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found |= words_in(tree(source))
    return found


def chip_codes(*, names: bool) -> dict[str, str]:
    """Names of tests, or their reasons, where the library makes a check of them."""
    found: dict[str, str] = {}
    for name in CHIP_SOURCES:
        path = ROOT / name
        for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            for call in ast.walk(tree(source)):
                if isinstance(call, ast.Call) and called(call) == "Check" and len(call.args) > 2:
                    part = call.args[0 if names else 2]
                    said = words_in(part) if not isinstance(part, ast.Subscript) else set()
                    found |= {code: f"{source.name}:{call.lineno}" for code in said}
    return found


@pytest.mark.parametrize("context", ["chip_check", "chip_reason"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_test_of_a_chip_has_words(context: str, language: str) -> None:
    known = codes_of(context, language)
    said = chip_codes(names=context == "chip_check")
    missing = {code: where for code, where in said.items() if code not in known}
    assert not missing, f"no words in {language} for: {missing}"
    announced = {f"{code}_known_deviation" for code in chip_words() if code in known}
    unused = known - chip_words() - announced - {"hash"}
    assert not unused, f"nobody says {sorted(unused)}"


@cache
def chip_details() -> set[str]:
    """What a test of a chip says beside its reason: keys of what checks are given, and of `details`."""
    found: set[str] = set()
    for name in CHIP_SOURCES:
        path = ROOT / name
        for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            for one in ast.walk(tree(source)):
                given: list[ast.AST] = []
                if isinstance(one, ast.Call) and called(one) in ("Check", "_unread", "_failed", "replace"):
                    given = [*one.args, *(word.value for word in one.keywords)]
                elif isinstance(one, ast.Assign | ast.AnnAssign) and one.value is not None:
                    target = one.targets[0] if isinstance(one, ast.Assign) else one.target
                    if isinstance(target, ast.Name) and target.id in ("details", "weak"):
                        given = [one.value]
                    elif isinstance(target, ast.Subscript) and ast.unparse(target.value) == "details":
                        found |= words_in(target.slice)
                for part in given:
                    for inner in ast.walk(part):
                        if isinstance(inner, ast.Dict):
                            found |= {word for key in inner.keys if key for word in words_in(key)}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_test_of_a_chip_says_beside_its_reason_has_a_name_and_nothing_else(language: str) -> None:
    assert len(chip_details()) > 40
    assert codes_of("detail", language) == chip_details()


# Sentences of the pages.


def sentences() -> dict[str, str]:
    """English sentences that the pages say, and where."""
    found: dict[str, str] = {}
    for path in TEMPLATES.glob("*.html"):
        for quoted in re.findall(r'(?<![\w.])_n?\("((?:[^"\\]|\\.)*)"', path.read_text("utf-8")):
            found[quoted] = path.name
    for path in sources("dashboard"):
        for call in ast.walk(tree(path)):
            if isinstance(call, ast.Call) and called(call) in (
                "say",
                "count",
                "HTTPException",
                "_error_page",
            ):
                for part in call.args[:1] if called(call) == "count" else call.args:
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        found[part.value] = path.name
    return found


def test_every_sentence_of_the_pages_is_translated_and_no_other() -> None:
    plain = {"Not Found", "Method Not Allowed"}
    """Starlette's own words, which an error page shows."""
    translated = {text for context, text in entries("ru") if context is None}
    said = set(sentences()) | plain
    assert not said - translated, f"not translated: {sorted(said - translated)}"
    assert not translated - said, f"nobody says: {sorted(translated - said)}"


def test_nothing_stands_on_a_page_that_is_not_translated() -> None:
    """Letters between tags, and in attributes that are read out."""
    allowed = {"Borderlane", "Esc", *"hwapsqlrfudmxvtyoe"}
    for path in TEMPLATES.glob("*.html"):
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text("utf-8"), flags=re.DOTALL)
        shown = re.findall(r">([^<>]+)<", text)
        shown += re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]+)"', text)
        letters = {word for part in shown for word in re.findall(r"[^\W\d_]+", part)} - allowed
        assert not letters, f"{path.name}: {sorted(letters)}"


# The catalogues side by side.

PLACE = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_the_catalogues_hold_the_same_codes_and_the_same_places_for_values(language: str) -> None:
    english, russian, other = entries("en"), entries("ru"), entries(language)
    assert {key for key in other if key[0] is not None} == set(english)
    assert set(other) == set(russian), sorted(set(russian) ^ set(other), key=str)
    for key, text in other.items():
        assert key in russian, f"{language}: nobody says {key}"
        assert all(form.strip() for form in text.split("\n")), key
        assert set(PLACE.findall(text)) == set(PLACE.findall(english.get(key, key[1]))), key


COUNTED = re.compile(r"\{(?!name|user|by|place)\w+\} [a-z]{3,}s\b")
"""A number before a noun in the plural: `5 days`.  `{n} s` and `{name} hands over` are none."""


def test_a_sentence_in_which_a_number_stands_before_a_noun_has_its_plurals() -> None:
    with (LOCALES / "ru" / "dashboard.po").open("rb") as file:
        found: Catalog = read_po(file, locale="ru")
    english = entries("en")
    for one in found:
        key = (str(one.context) if one.context else None, first(one.id))
        if one.id and isinstance(one.id, str):
            text = english.get(key, key[1])
            assert not COUNTED.search(text), f"{key}: {text!r} needs a plural: count() or _n()"
