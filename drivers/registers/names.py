"""Finding candidates by name: generous, because who is not found is let through.

The lane decides and explains what counts as a match; here a name is found when it *might* be the same.  One
person holds several spellings over the years and several alphabets (`docs/sources.md` 61 to 64): names are
written in Latin letters, folded to what the tables have in common, and compared word by word.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

WORD_MIN = 0.8
"""Two words less similar than this are different words."""
NAME_MIN = 0.72
"""Mean over the words of the shorter name from which somebody is a candidate: far below what any check takes
for a match (0.92), so that nothing a check would match is missed."""
CANDIDATES_MAX = 50


def _table(pairs: str) -> dict[str, str]:
    return {letter: latin for letter, _, latin in (pair.partition("=") for pair in pairs.split())}


_LETTERS = _table(
    """А=A Б=B В=V Г=G Д=D Е=E Ё=E Ж=ZH З=Z И=I Й=I К=K Л=L М=M Н=N О=O П=P Р=R С=S Т=T У=U Ф=F Х=KH Ц=TS
    Ч=CH Ш=SH Щ=SHCH Ъ= Ы=Y Ь= Э=E Ю=IU Я=IA  Ә=A Ғ=G І=I Ң=N Ө=O Ү=U Ұ=U Қ=K Һ=H Ҳ=H Ҷ=J Ӣ=I Ӯ=U Ў=U Є=E
    Ї=I  Ä=A Ç=C Ň=N Ö=O Ş=S Ü=U Ý=Y Ž=Z Ə=A Æ=A Ø=O Ł=L Đ=D"""
)
"""ICAO Doc 9303-3 section 6 for Russian; the Central Asian letters by their usual Latin ones."""

_FOLDED = _table(
    """SHCH=S DZH=J ZH=J DJ=J KH=H GH=G SH=S CH=C TS=C TC=C TZ=C PH=F YU=U IU=U JU=U YA=A IA=A JA=A YE=E IE=E
    JE=E YO=E IO=E JO=E OU=U OE=O UE=U AE=A X=H Q=K W=V Y=I"""
)
_FOLDS = re.compile("|".join(_FOLDED))


def words(name: str) -> tuple[str, ...]:
    """The folded Latin words of a name in any of the alphabets; () when it has none."""
    upper = unicodedata.normalize("NFC", name).upper()
    for apostrophe in "'ʻʼ’‘`":
        upper = upper.replace(apostrophe, "")
    latin = "".join(_LETTERS.get(letter, letter) for letter in upper)
    plain = "".join(c for c in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(c))
    found = re.findall(r"[A-Z]+", plain)
    return tuple(re.sub(r"(.)\1+", r"\1", _FOLDS.sub(lambda m: _FOLDED[m[0]], word)) for word in found)


class NameIndex:
    """Entries found by any of their names.  Each distinct word is compared once, in C."""

    def __init__(self, entries: Sequence[Sequence[str]]) -> None:
        self._names = [[found for name in names if (found := words(name))] for names in entries]
        holders: dict[str, set[int]] = defaultdict(set)
        for at, names in enumerate(self._names):
            for name in names:
                for word in name:
                    holders[word].add(at)
        self._holders = dict(holders)
        self._words = list(holders)

    def candidates(self, name: str) -> list[int]:
        """Indices of entries that might be called `name`, the most similar first."""
        asked = words(name)
        likeness: dict[tuple[str, str], float] = {}
        near: set[int] = set()
        for word in set(asked):
            for listed, score, _ in process.extract(
                word, self._words, scorer=JaroWinkler.similarity, score_cutoff=WORD_MIN, limit=None
            ):
                likeness[word, listed] = score
                near |= self._holders[listed]
        scored = [(max(_score(asked, name, likeness) for name in self._names[at]), at) for at in near]
        scored.sort(key=lambda entry: (-entry[0], entry[1]))
        return [at for score, at in scored if score >= NAME_MIN][:CANDIDATES_MAX]


def _score(asked: tuple[str, ...], listed: tuple[str, ...], likeness: dict[tuple[str, str], float]) -> float:
    """Mean over the shorter name's words of the best likeness to any word of the other."""
    if len(asked) <= len(listed):
        best = [max(likeness.get((word, other), 0.0) for other in listed) for word in asked]
    else:
        best = [max(likeness.get((word, other), 0.0) for word in asked) for other in listed]
    return sum(best) / len(best) if best else 0.0
