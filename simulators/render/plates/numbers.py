"""The little language that says what stands in a group of a plate.

`d` a digit, `n` a digit but 0, `l` one of the series' letters, `x` either, `p` one of the table's provinces,
`{AB|CD}` one of these, `{01-20}` one of these numbers; any other character is itself.
"""

import random
import re
from functools import cache

_TOKEN = re.compile(r"\{([^}]*)\}|(.)")
_DIGITS = "0123456789"


@cache
def _tokens(spec: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(kind or "", choices): the classes have a kind, all others their choices."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for match in _TOKEN.finditer(spec):
        if match[1] is None:
            found.append((match[2], ()) if match[2] in "dnlxp" else ("", (match[2],)))
            continue
        choices: list[str] = []
        for part in match[1].split("|"):
            if limits := re.fullmatch(r"(\d+)-(\d+)", part):
                width = len(limits[1])
                choices += [f"{value:0{width}d}" for value in range(int(limits[1]), int(limits[2]) + 1)]
            else:
                choices.append(part)
        found.append(("", tuple(choices)))
    return tuple(found)


def synthetic(spec: str, letters: str, provinces: str, chance: random.Random) -> str:
    """A random group; a number is never all zeros."""
    kinds = {"d": _DIGITS, "n": _DIGITS[1:], "l": letters, "x": letters + _DIGITS, "p": provinces}
    while True:
        drawn = "".join(chance.choice(kinds[kind] if kind else choices) for kind, choices in _tokens(spec))
        if drawn.strip("0"):
            return drawn


@cache
def pattern(spec: str, letters: str, provinces: str) -> str:
    """A regular expression for the group.  Lists of numbers stand for any number as long: they hold the
    regions that are known to be in use, not every region."""
    kinds = {
        "d": "[0-9]",
        "n": "[1-9]",
        "l": f"[{letters}]",
        "x": f"[{letters}0-9]",
        "p": f"[{provinces}]" if provinces else "(?!)",
    }
    parts: list[str] = []
    for kind, choices in _tokens(spec):
        forms = {re.sub(r"\d", "[0-9]", re.escape(choice)) if len(choices) > 1 else re.escape(choice)
                 for choice in choices}  # fmt: skip
        parts.append(kinds[kind] if kind else f"(?:{'|'.join(sorted(forms, key=len, reverse=True))})")
    return "".join(parts)
