"""The access key for `borderlane read-chip`: from a file or standard input, never from the command line."""

import re
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

import mrz
from drivers.document_reader.chips import PrintedZone

if TYPE_CHECKING:
    from drivers.emrtd.access_key import CanKey

STANDARD_INPUT = "-"
_TEXT_BYTES_MAX = 4096
_KEY_FIELDS = ("number", "birth", "expiry")
_EXPOSED = (
    "WARNING: that is the secret itself.  Everybody on this machine sees a command line (ps), and the shell\n"
    "remembers it: take it out of the shell's history."
)
_ZONE = re.compile(r"[^/]*<[^/]*|\s*[A-Z0-9]{20,}\s*", re.IGNORECASE)
_CAN = re.compile(r"[\s\d-]{4,}")
"""What can only be the secret, mistyped or not: no file has such a name."""


def page(source: str, today: date) -> PrintedZone:
    """The printed zone that a file or standard input holds.  Raises click.UsageError, which repeats nothing
    of it: also when a check digit over the key does not hold, since each wrong key makes a chip slower."""
    text = _text("--mrz", source, _ZONE, "Lines of the machine-readable zone, then Ctrl-D:")
    try:
        document = mrz.parse(text, reference=today)
    except mrz.MrzError as error:
        raise click.UsageError(f"--mrz: {_named(source)} holds no machine-readable zone: {error}") from None
    wrong = [each.field for each in document.wrong_check_digits if each.field in _KEY_FIELDS]
    if wrong:
        raise click.UsageError(
            f"--mrz: the check digit of {' and '.join(dict.fromkeys(wrong))} does not hold: "
            "compare the lines with the page; a misread key is not tried on a chip"
        )
    return PrintedZone(document.lines, today)


def can(source: str) -> "CanKey":
    """The card access number that a file or standard input holds.  Raises click.UsageError."""
    from drivers.emrtd.access_key import CanKey
    from drivers.emrtd.errors import MalformedError

    text = _text("--can-file", source, _CAN, "")
    try:
        return CanKey(text.strip())
    except MalformedError as error:
        raise click.UsageError(f"--can-file: {_named(source)}: {error}") from None


def _text(option: str, source: str, secret: re.Pattern[str], asked: str) -> str:
    if source == STANDARD_INPUT:
        return _typed(option, asked)
    path = Path(source)
    try:
        with path.open("rb") as file:
            data = file.read(_TEXT_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        if secret.fullmatch(source):
            click.echo(_EXPOSED, err=True)
            raise click.UsageError(f"{option} takes a file, or - for standard input") from None
        raise click.UsageError(
            f"{option}: {source}: cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from None
    return _decoded(option, source, data)


def _typed(option: str, asked: str) -> str:
    if getattr(sys, "stdin", None) is None:  # the shell's <&-
        raise click.UsageError(f"{option}: standard input is closed")
    if not sys.stdin.isatty():
        return _decoded(option, STANDARD_INPUT, sys.stdin.buffer.read(_TEXT_BYTES_MAX + 1))
    if not asked:
        return str(click.prompt("Card access number", hide_input=True, err=True))
    click.echo(asked, err=True)
    return sys.stdin.read(_TEXT_BYTES_MAX)


def _decoded(option: str, source: str, data: bytes) -> str:
    if len(data) > _TEXT_BYTES_MAX:
        raise click.UsageError(f"{option}: {_named(source)} is over {_TEXT_BYTES_MAX} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(
            f"{option}: {_named(source)} is no text in UTF-8 at byte {error.start}"
        ) from None


def _named(source: str) -> str:
    return "standard input" if source == STANDARD_INPUT else source
