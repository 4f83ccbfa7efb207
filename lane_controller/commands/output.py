"""How our commands say what is wrong: one line a problem on stderr, an exit code, no traceback."""

import sys
from typing import NoReturn

import click


def fail(message: str, code: int, *, hint: str = "") -> NoReturn:
    """End with exit code 1 (a finding), 2 (wrong use) or 3 (a device or service was not reached)."""
    click.echo(message, err=True)
    if hint:
        click.echo(f"Try: {hint}", err=True)
    sys.exit(code)
