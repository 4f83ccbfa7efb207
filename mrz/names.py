"""Whether two spellings can be one person's name, and why: for watchlists, bookings and printed against read.

Always a question for a person, never an answer: the result says which words were paired and how.  Exact keys
(document number and issuer) come first.  Names are compared word by word, so that surname and given name may
be swapped, a patronymic may be missing, and a name cut off by the zone still fits.

    transliteration     one word's spellings under all tables (`mrz.transliteration`)
    sound key           a spelling with everything folded that the tables spell differently

Pure and bounded: names longer than `WORDS_MAX` words are cut.  Source: docs/sources.md 61 to 64.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

from mrz.document import Names
from mrz.transliteration import spellings, to_mrz, words

__all__ = ["HOW_SCORES", "How", "NameMatch", "WordMatch", "latin", "match", "spellings", "to_mrz", "words"]

WORDS_MAX = 12
SIMILAR_MIN = 0.88
"""Jaro-Winkler similarity of two sound keys below which words are not paired."""
_CONTRADICTION = 0.75
"""Factor when both names have a word that the other lacks: fathers' names that differ are other people."""
_MISSING = 0.98
"""Factor for each word that only the longer name has, up to three."""
_LONE_WORD = 0.85
"""Factor when a single word was paired, but one of the names has more."""


class How(StrEnum):
    """Why two words were paired."""

    SAME = "same"
    TRANSLITERATION = "transliteration"
    SOUND = "sound"
    GENDER = "gender"
    TRUNCATED = "truncated"
    SIMILAR = "similar"


HOW_SCORES = {
    How.SAME: 1.0,
    How.TRANSLITERATION: 0.99,
    How.SOUND: 0.96,
    How.GENDER: 0.93,
    How.TRUNCATED: 0.92,
    How.SIMILAR: 0.95,  # times the similarity
}


@dataclass(frozen=True, slots=True)
class WordMatch:
    """`left` and `right` as they stand in the two names; `score` 0 to 1."""

    left: str
    right: str
    how: How
    score: float


@dataclass(frozen=True, slots=True)
class NameMatch:
    """`score` 0 (nothing alike) to 1 (the same words), no probability; the pairs and the words left over
    explain it."""

    score: float
    pairs: tuple[WordMatch, ...]
    left_only: tuple[str, ...]
    right_only: tuple[str, ...]


def latin(names: Names) -> tuple[str, str]:
    """Surname and given names in plain Latin letters, to ask a register with.

    As the zone prints them; but where its code has digits for letters (Russian internal passport), by ICAO's
    table from the Cyrillic that it turns back to.
    """
    if not names.national_primary:
        return names.primary, names.secondary
    return to_mrz(names.national_primary), to_mrz(names.national_secondary)


def match(left: str, right: str, *, left_truncated: bool = False, right_truncated: bool = False) -> NameMatch:
    """Compare two full names, parts in any order, in Latin or Cyrillic letters or as zones print them.

    `..._truncated` says that the name filled its field in a zone (`Names.truncated`): its words may then be
    cut, and missing ones mean nothing.
    """
    lefts, rights = list(words(left)[:WORDS_MAX]), list(words(right)[:WORDS_MAX])
    # A word that both names have is paired before anything less sure can take it.
    candidates = sorted(
        (
            (found.score, -abs(i - j), i, j, found)
            for i, one in enumerate(lefts)
            for j, other in enumerate(rights)
            if (found := _compare(one, other, left_truncated, right_truncated)) is not None
        ),
        key=lambda candidate: candidate[:4],
        reverse=True,
    )
    pairs: list[WordMatch] = []
    left_free, right_free = set(range(len(lefts))), set(range(len(rights)))
    for _, _, i, j, found in candidates:
        if i in left_free and j in right_free:
            left_free.discard(i)
            right_free.discard(j)
            pairs.append(found)
    left_only = tuple(lefts[i] for i in sorted(left_free))
    right_only = tuple(rights[j] for j in sorted(right_free))
    score = _score(pairs, left_only, right_only, left_truncated or right_truncated)
    return NameMatch(round(score, 4), tuple(pairs), left_only, right_only)


def _score(
    pairs: list[WordMatch], left_only: tuple[str, ...], right_only: tuple[str, ...], truncated: bool
) -> float:
    if not pairs:
        return 0.0
    score = sum(pair.score for pair in pairs) / len(pairs)
    if left_only and right_only:
        both = min(len(left_only), len(right_only))
        score *= len(pairs) / (len(pairs) + both) * _CONTRADICTION
    elif not truncated:
        score *= _MISSING ** min(3, len(left_only) + len(right_only))
    if len(pairs) == 1 and (left_only or right_only):
        score *= _LONE_WORD
    return score


def _compare(left: str, right: str, left_truncated: bool, right_truncated: bool) -> WordMatch | None:
    if left == right:
        return WordMatch(left, right, How.SAME, HOW_SCORES[How.SAME])
    one, other = _Word.of(left), _Word.of(right)
    how: How | None = None
    if one.spellings & other.spellings:
        how = How.TRANSLITERATION
    elif one.keys & other.keys:
        how = How.SOUND
    elif one.roots & other.roots:
        how = How.GENDER
    elif (left_truncated and _begins(other, one)) or (right_truncated and _begins(one, other)):
        how = How.TRUNCATED
    if how:
        return WordMatch(left, right, how, HOW_SCORES[how])
    similarity = max(
        (JaroWinkler.similarity(a, b) for a in one.keys for b in other.keys if min(len(a), len(b)) >= 3),
        default=0.0,
    )
    if similarity < SIMILAR_MIN:
        return None
    return WordMatch(left, right, How.SIMILAR, HOW_SCORES[How.SIMILAR] * similarity)


def _begins(whole: "_Word", part: "_Word") -> bool:
    return any(full.startswith(begun) for full in whole.spellings for begun in part.spellings)


@dataclass(frozen=True, slots=True)
class _Word:
    """One word with all its spellings, their sound keys, and the keys without a gender's ending."""

    spellings: frozenset[str]
    keys: frozenset[str]
    roots: frozenset[str]

    @staticmethod
    @lru_cache(maxsize=4096)
    def of(word: str) -> "_Word":
        spelt = spellings(word) or frozenset({word})
        keys = frozenset(key for spelling in spelt for key in sound_keys(spelling))
        return _Word(spelt, keys, frozenset(_root(key) for key in keys))


# Order matters: longer groups first.  X, J and a lone C mean different things in different spellings, so a
# word has a key for each reading.
_FOLDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("SHCH|SZCZ|SCH|SH", "S"),
        ("TCH|CH|TSH|TS|TC|TZ|CZ", "C"),
        ("DZH|DJ|ZH", "J"),
        ("KH", "H"),
        ("GH", "G"),
        ("PH", "F"),
        ("TH", "T"),
        ("NG|NXX", "N"),
        ("UXX|UE", "U"),
        ("OE", "O"),
        ("AE", "A"),
        ("Q", "K"),
        ("W", "V"),
        ("[IY]+[OE]", "E"),
        ("[IY]+U", "U"),
        ("[IY]+A", "A"),
        ("[IY]+", "I"),
        (r"(.)\1+", r"\1"),
    )
]


def sound_keys(spelling: str) -> frozenset[str]:
    """A few keys under which the spellings of one name meet.  `spelling` has Latin letters only."""
    readings = {spelling}
    for letter, meanings in (("X", ("KH", "KS")), ("J", ("ZH", "Y"))):
        readings |= {reading.replace(letter, meaning) for reading in readings for meaning in meanings}
    keys: set[str] = set()
    for reading in readings:
        key = reading
        for pattern, sound in _FOLDS:
            key = pattern.sub(sound, key)
        keys.add(key)
    return frozenset(keys)


_GENDER = re.compile("(?<=.{2})(?:(?<=[VN])A|(?<=SK)(?:A|I|II|AIA)|KIZI|OGLI)$")


def _root(key: str) -> str:
    """Without the ending by which a woman's surname differs from her brother's (IVANOVA, IVANOV)."""
    return _GENDER.sub("", key)
