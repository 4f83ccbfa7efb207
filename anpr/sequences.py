"""Formats spelled out: for each length, what may stand at each place.

A format's regular expression is a finite language over few characters, so it falls apart into sequences of
character sets; the best legal text for given character probabilities is then a maximum at each place.  The
table's expressions use groups, alternatives, sets, `\\d`, counts and `?`; anything else is not spelled out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

SEQUENCES_MAX = 2000
"""Of one format; the widest in the table (Afghanistan) has about 600."""

Places = tuple[frozenset[str], ...]

_DIGITS = frozenset("0123456789")
_TOKEN = re.compile(r"\\d|\[[^\]]*\]|\{\d+(?:,\d+)?\}|[()|?]|\w")


class NotFinite(ValueError):
    """The expression uses more than this module spells out."""


@dataclass(slots=True)
class _Tokens:
    """The expression, token by token."""

    tokens: list[str]
    at: int = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]


def spell_out(regex: str) -> tuple[Places, ...]:
    """All sequences of an expression.  Raises NotFinite."""
    tokens = _TOKEN.findall(regex)
    if "".join(tokens) != regex:
        raise NotFinite(f"{regex}: only groups, alternatives, sets, counts and ? are spelled out")
    stream = _Tokens(tokens)
    sequences = _alternatives(stream)
    if stream.peek():
        raise NotFinite(f"{regex}: brackets do not match")
    return tuple(dict.fromkeys(sequences))


def groups_of(regex: str) -> tuple[str, ...]:
    """The groups of an expression that is nothing but groups side by side, without their brackets (a `?`
    after a group makes it `(...)?`).  Raises NotFinite."""
    found: list[str] = []
    depth = start = 0
    for at, character in enumerate(regex):
        if character == "(":
            depth += 1
            start = at if depth == 1 else start
        elif character == ")":
            depth -= 1
            if depth == 0:
                found.append(regex[start + 1 : at])
        elif depth == 0 and character == "?" and found and not found[-1].endswith(")?"):
            found[-1] = f"({found[-1]})?"
        elif depth == 0:
            raise NotFinite(f"{regex}: {character!r} stands outside of a group")
    if depth or re.compile(regex).groups != len(found):
        raise NotFinite(f"{regex}: groups inside of groups, or brackets that do not match")
    return tuple(found)


def _alternatives(stream: _Tokens) -> list[Places]:
    found = _concatenation(stream)
    while stream.peek() == "|":
        stream.take()
        found += _concatenation(stream)
    return found


def _concatenation(stream: _Tokens) -> list[Places]:
    found: list[Places] = [()]
    while stream.peek() not in ("", "|", ")"):
        parts = list(_repeated(_atom(stream), stream))
        found = [before + part for before in found for part in parts]
        if len(found) > SEQUENCES_MAX:
            raise NotFinite(f"more than {SEQUENCES_MAX} sequences")
    return found


def _atom(stream: _Tokens) -> list[Places]:
    part = stream.take()
    if part == "(":
        inside = _alternatives(stream)
        if stream.peek() != ")":
            raise NotFinite("brackets do not match")
        stream.take()
        return inside
    if part == "\\d":
        return [(_DIGITS,)]
    if part.startswith("["):
        return [(_set(part[1:-1]),)]
    if len(part) == 1 and part.isalnum():
        return [(frozenset(part),)]
    raise NotFinite(f"{part!r} is out of place")


def _repeated(atom: list[Places], stream: _Tokens) -> Iterator[Places]:
    low = high = 1
    if stream.peek() == "?":
        stream.take()
        low = 0
    elif stream.peek().startswith("{"):
        counts = [int(count) for count in stream.take()[1:-1].split(",")]
        low, high = counts[0], counts[-1]
    for count in range(low, high + 1):
        made: list[Places] = [()]
        for _ in range(count):
            made = [before + part for before in made for part in atom]
            if len(made) > SEQUENCES_MAX:
                raise NotFinite(f"more than {SEQUENCES_MAX} sequences")
        yield from made


def _set(inside: str) -> frozenset[str]:
    if inside.startswith("^"):
        raise NotFinite("an excluding set")
    inside = inside.replace("\\d", "0-9")
    members: set[str] = set()
    at = 0
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            members |= {chr(code) for code in range(ord(inside[at]), ord(inside[at + 2]) + 1)}
            at += 3
        else:
            members.add(inside[at])
            at += 1
    return frozenset(members)
