"""Do two names mean one person, and why?  For watchlists: always for a human, never decided by a score alone.

One person holds several spellings over the years (ICAO Doc 9303-3 section 6, GOST R 52535.1-2006 and older
national tables): both sides are folded to what their spellings have in common before tokens are compared.
Token-wise Jaro-Winkler was the best of the simple measures on the OpenSanctions name bench (F1 0.78).
"""

import re
from dataclasses import dataclass

from rapidfuzz.distance import JaroWinkler

TOKEN_MIN = 0.9
"""Two tokens more different than this say nothing for one another."""
MATCH_MIN = 0.92
"""Mean over the shorter name's tokens from which a name counts as matching."""

FOLDS = (
    ("SHCH", "S"),
    ("DZH", "J"),
    ("ZH", "J"),
    ("DJ", "J"),
    ("KH", "H"),
    ("GH", "G"),
    ("SH", "S"),
    ("CH", "C"),
    ("TS", "C"),
    ("TC", "C"),
    ("TZ", "C"),
    ("YU", "U"),
    ("IU", "U"),
    ("YA", "A"),
    ("IA", "A"),
    ("YE", "E"),
    ("IE", "E"),
    ("YO", "E"),
    ("IO", "E"),
    ("OU", "U"),
    ("OE", "O"),
    ("UE", "U"),
    ("AE", "A"),
    ("X", "H"),
    ("Q", "K"),
    ("W", "V"),
    ("Y", "I"),
)
"""Spellings that stand for one sound in some table, longest first."""


@dataclass(frozen=True, slots=True)
class NameMatch:
    """`score` 0 to 1; `why` pairs each token of the document with what it matched, e.g. `IVANOVA~IVANOV`."""

    score: float
    why: tuple[str, ...]


def tokens(name: str) -> tuple[str, ...]:
    """Upper-case words of a name; apostrophes are dropped, all else that is no letter separates."""
    return tuple(re.findall(r"[A-Z]+", name.upper().replace("'", "").replace("ʻ", "").replace("’", "")))


def fold(token: str) -> str:
    """What the token's spellings have in common; a feminine -A after -OV, -EV, -IN is dropped."""
    for spelling, sound in FOLDS:
        token = token.replace(spelling, sound)
    token = re.sub(r"(.)\1+", r"\1", token)
    token = re.sub(r"II$", "I", token)
    return re.sub(r"(OV|EV|IN)A$", r"\1", token)


def match(document: str, listed: str) -> NameMatch:
    """Compare two whole names in any order of tokens.

    Each token of the shorter name takes its best partner, each partner once.  A name of one token matches
    only a name of one token: else every shared given name would be a hit.
    """
    left, right = tokens(document), tokens(listed)
    if len(left) > len(right):
        left, right = right, left
        swapped = True
    else:
        swapped = False
    if not left or (len(left) == 1 and len(right) > 1):
        return NameMatch(0.0, ())
    pairs = sorted(
        ((_alike(a, b), i, j) for i, a in enumerate(left) for j, b in enumerate(right)),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    used_left: set[int] = set()
    used_right: set[int] = set()
    total = 0.0
    why: list[str] = []
    for score, i, j in pairs:
        if i in used_left or j in used_right or score < TOKEN_MIN:
            continue
        used_left.add(i)
        used_right.add(j)
        total += score
        why.append(f"{right[j]}~{left[i]}" if swapped else f"{left[i]}~{right[j]}")
    return NameMatch(total / len(left), tuple(why))


def _alike(a: str, b: str) -> float:
    if a == b:
        return 1.0
    if fold(a) == fold(b):
        return 0.98
    return max(JaroWinkler.similarity(a, b), JaroWinkler.similarity(fold(a), fold(b)) - 0.02)
