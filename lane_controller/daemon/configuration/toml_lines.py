"""At which line of a TOML file a key stands, which `tomllib` does not say."""

import re

Path = tuple[str | int, ...]
KEY = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*(\.|=|\]|$)""")


def key_lines(text: str) -> dict[Path, int]:
    """Line numbers (from 1) of tables and keys by their path; elements of an array of tables by their index.

    For files that `tomllib` has accepted.  Keys inside inline tables have the line of the key that holds
    them: look a path up by its longest known beginning."""
    lines: dict[Path, int] = {(): 1}
    table: Path = ()
    counts: dict[Path, int] = {}
    inside = _Inside()
    for number, line in enumerate(text.splitlines(), 1):
        if inside.value():
            inside.read(line)
            continue
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if stripped.startswith("[["):
            name = _keys(stripped[2:])
            counts[name] = counts.get(name, -1) + 1
            table = (*name, counts[name])
            lines.setdefault(name, number)
            lines[table] = number
        elif stripped.startswith("["):
            table = _keys(stripped[1:])
            lines[table] = number
        else:
            path = (*table, *_keys(line))
            for length in range(len(table) + 1, len(path) + 1):
                lines.setdefault(path[:length], number)
            inside.read(line.partition("=")[2])
    return lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of `path`, or of the longest beginning of it that is known."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _keys(text: str) -> Path:
    """The dotted, perhaps quoted key at the beginning of `text`."""
    keys: list[str] = []
    position = 0
    while match := KEY.match(text, position):
        keys.append(match[1].strip("\"'"))
        position = match.end()
        if match[2] != ".":
            break
    return tuple(keys)


class _Inside:
    """Whether a value goes on in the next line: a multi-line string, or brackets not closed."""

    def __init__(self) -> None:
        self._string = ""
        self._depth = 0

    def value(self) -> bool:
        return bool(self._string) or self._depth > 0

    def read(self, text: str) -> None:
        position = 0
        while position < len(text):
            rest = text[position:]
            if self._string:
                end = rest.find(self._string)
                if end < 0:
                    return
                position += end + 3
                self._string = ""
            elif rest.startswith(('"""', "'''")):
                self._string = rest[:3]
                position += 3
            elif match := re.match(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', rest):
                position += match.end()
            elif rest[0] == "#":
                return
            else:
                self._depth += (rest[0] in "[{") - (rest[0] in "]}")
                position += 1
