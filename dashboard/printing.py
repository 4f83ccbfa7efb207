"""Pages as PDF, set by a child process: neither its time nor its memory is the dashboard's."""

import asyncio
import base64
import contextlib
import json
import re
import sys
from collections.abc import Mapping

PRINT_WITHIN_S = 60.0


class PrintingFailed(Exception):
    """The child made no PDF: it took too long or too much, or something is missing on this machine."""


async def pdf(html: str, pictures: Mapping[str, bytes]) -> bytes:
    """The page on paper.  `pictures` by the path that the page names; no others are shown.  Raises
    PrintingFailed."""
    contents = {path: base64.b64encode(content).decode() for path, content in pictures.items()}
    job = json.dumps({"html": html, "pictures": contents}).encode()
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "dashboard.printer",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PRINT_WITHIN_S):
            made, told = await child.communicate(job)
    except TimeoutError:
        raise PrintingFailed(f"no page within {PRINT_WITHIN_S:.0f} s") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
    if child.returncode != 0:
        raise PrintingFailed(f"exit status {child.returncode}{_cause(told)}")
    return made


def _cause(told: bytes) -> str:
    """Of the child's last words what holds none of the page's, as those belong in no log: the error's kind,
    and the library or module that is missing."""
    last = told.decode(errors="replace").rstrip().rpartition("\n")[2]
    kind = re.match(r"[\w.]*(?:Error|Exception)\b", last)
    missing = re.search(r"(?:cannot load library|No module named) '[\w.+-]+'", last)
    return "".join(f", {found[0]}" for found in (kind, missing) if found)
