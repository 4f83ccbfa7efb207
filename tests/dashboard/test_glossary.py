"""The glossary fixes the key words: each language says one thing by one word, wherever a page says it."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dashboard.site import LANGUAGES
from tests.dashboard.test_catalogues import PLACE, entries

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.toml"
WORDS: dict[str, dict[str, Any]] = tomllib.loads(GLOSSARY.read_text("utf-8"))
OTHERS = [language for language in LANGUAGES if language != "en"]


def stems(term: str) -> list[str]:
    """The beginnings of a term's words, as far as endings leave them alone: `zolak` is also in `zolagy`."""
    return [word[: max(2, len(word) - (3 if len(word) > 6 else 2))].lower() for word in term.split()]


def says(text: str, term: str) -> bool:
    words = re.findall(r"[\w\u02bb\u02bc]+", text.lower())
    return all(any(word.startswith(stem) for word in words) for stem in stems(term))


@cache
def english(language: str) -> dict[tuple[str | None, str], tuple[str, str]]:
    """What each entry says in English and in the language."""
    own = entries("en")
    told = {key: (own.get(key, key[1]), text) for key, text in entries(language).items()}
    return {key: (PLACE.sub("", plain), PLACE.sub("", text)) for key, (plain, text) in told.items()}


def test_the_glossary_has_its_words_in_every_language_with_a_source_or_a_mark() -> None:
    assert len(WORDS) >= 60
    for key, word in WORDS.items():
        assert set(LANGUAGES) <= set(word), key
        sourced, unverified = set(word.get("source", {})), set(word.get("unverified", []))
        assert sourced | unverified == set(OTHERS), key
        assert not sourced & unverified, key


def test_no_word_stands_for_two_things_that_meet_on_a_page() -> None:
    for language in LANGUAGES:
        said = [word[language] for word in WORDS.values()]
        assert len(said) == len(set(said)), [one for one in said if said.count(one) > 1]


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogues_say_the_words_of_the_glossary(language: str) -> None:
    for key, word in WORDS.items():
        for place in word["said_by"]:
            context, _, code = place.partition(":")
            text = entries(language)[context or None, code]
            assert says(text, word[language]), f"{key}: {place} says {text!r}, not {word[language]!r}"


@pytest.mark.parametrize("language", OTHERS)
def test_a_word_that_is_fixed_everywhere_is_said_wherever_english_says_it(language: str) -> None:
    wrong = [
        f"{key}: {text!r} for {plain!r}, without {word[language]!r}"
        for key, word in WORDS.items()
        if word.get("everywhere")
        for plain, text in english(language).values()
        if re.search(rf"\b{word['en']}s?\b", plain, re.IGNORECASE) and not says(text, word[language])
    ]
    assert not wrong, "\n".join(wrong)
