"""Lighthouse in Debian's Chromium, installed by npm on first use: how soon a page can be worked with."""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measures.rigs.environments import NODE, node_package

TIMEOUT_S = 240.0
CPU_SLOWDOWN = 4
"""A booth's thin client: so many times slower than this machine."""
FLAGS = "--headless=new --no-sandbox --disable-dev-shm-usage"


@dataclass(frozen=True, slots=True)
class Seen:
    """Times in ms from the navigation's start, of a desktop with a processor that is `CPU_SLOWDOWN` times
    slower and the network of Lighthouse's desktop preset (40 ms, 10 Mbit/s); scores from 0 to 1."""

    first_paint_ms: float
    largest_paint_ms: float
    interactive_ms: float
    blocked_ms: float
    layout_shift: float
    bytes: int
    performance: float
    accessibility: float
    notes: tuple[str, ...]
    """The audits that found something, by id."""

    def words(self) -> str:
        return (
            f"first paint {self.first_paint_ms:.0f} ms, largest {self.largest_paint_ms:.0f} ms, "
            f"blocked {self.blocked_ms:.0f} ms, layout shift {self.layout_shift:.3f}, "
            f"performance {100 * self.performance:.0f}, accessibility {100 * self.accessibility:.0f}"
        )


async def seen(url: str, cookie: str, chromium: Path, folder: Path) -> Seen:
    """One run, with the session's cookie.  Raises RuntimeError where npm or Lighthouse fail."""
    package = await asyncio.to_thread(node_package, "lighthouse")
    answer, headers = folder / "lighthouse.json", folder / "headers.json"
    headers.write_text(json.dumps({"Cookie": cookie}))
    process = await asyncio.create_subprocess_exec(
        *(str(NODE), str(package / "cli" / "index.js"), url),
        *("--quiet", "--output=json", f"--output-path={answer}", f"--extra-headers={headers}"),
        *("--preset=desktop", f"--throttling.cpuSlowdownMultiplier={CPU_SLOWDOWN}"),
        *("--only-categories=performance,accessibility", f"--chrome-flags={FLAGS}"),
        env={**os.environ, "CHROME_PATH": str(chromium)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await asyncio.wait_for(process.communicate(), TIMEOUT_S)
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise RuntimeError(f"Lighthouse failed: {said.decode(errors='replace')[-800:]}")
    return _read(json.loads(answer.read_text()))


def _read(report: dict[str, Any]) -> Seen:
    audits: dict[str, dict[str, Any]] = report["audits"]

    def value(name: str) -> float:
        return float(audits[name]["numericValue"])

    scores = {name: float(one["score"] or 0) for name, one in report["categories"].items()}
    found = sorted(name for name, one in audits.items() if one["score"] is not None and one["score"] < 0.9)
    return Seen(
        first_paint_ms=value("first-contentful-paint"),
        largest_paint_ms=value("largest-contentful-paint"),
        interactive_ms=value("interactive"),
        blocked_ms=value("total-blocking-time"),
        layout_shift=value("cumulative-layout-shift"),
        bytes=int(value("total-byte-weight")),
        performance=scores["performance"],
        accessibility=scores["accessibility"],
        notes=tuple(found),
    )
