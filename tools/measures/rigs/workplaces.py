"""Operators' workplaces: a real Chromium with a page open, which notes when what it shows had changed.

A page's times are put on the machine's monotonic clock by asking it for its own many times: the answer of the
fastest round trip was made within it, so the two clocks are compared to half that trip.
"""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Page

from simulators.dashboard_process import DashboardProcess

ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage")
ROUND_TRIPS = 60
SHOWS_S = 30.0

Line = tuple[str, int]
"""Of a time line: the type of event, as the page writes it, and Unix time in milliseconds."""

NOTES = """
(() => {
  const notes = { lines: [], weights: [], clicks: [] };
  window.measured = notes;
  const seen = new Set();
  // The change is in the document now; the frame after the next one begins once it has been drawn.
  const shown = (list, entry) => requestAnimationFrame(() => requestAnimationFrame(() => {
    list.push({ ...entry, drawn: performance.now() });
  }));
  const look = () => {
    const changed = performance.now();
    for (const line of document.querySelectorAll("#lane .timeline li")) {
      const at = Date.parse(line.querySelector("time").dateTime);
      const key = line.className + at;
      if (!seen.has(key)) { seen.add(key); shown(notes.lines, { type: line.className, at, changed }); }
    }
    for (const tile of document.querySelectorAll("#wall .tile")) {
      const text = tile.querySelector("[data-f=weight]").textContent.replace(/\\D/g, "");
      const key = tile.dataset.lane + text;
      if (text && !seen.has(key)) {
        seen.add(key);
        shown(notes.weights, { lane: tile.dataset.lane, text, changed });
      }
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    look();
    const all = { childList: true, subtree: true, characterData: true };
    new MutationObserver(look).observe(document.querySelector("main"), all);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#dialog button.main")) notes.clicks.push(event.timeStamp);
  }, true);
})();
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """Something new on a page: in the document at `changed_s`, drawn at `drawn_s`."""

    changed_s: float
    drawn_s: float

    def after(self, began_s: float) -> "Shown":
        """The same in seconds from a beginning."""
        return Shown(self.changed_s - began_s, self.drawn_s - began_s)


class Workplace:
    """One signed-in operator's page; a context of its own, as on a machine of its own."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._zero_s = 0.0

    @classmethod
    async def open(cls, browser: Browser, dashboard: DashboardProcess, user: str, path: str) -> "Workplace":
        context = await browser.new_context(viewport={"width": 1366, "height": 768})
        page = await context.new_page()
        await page.goto(dashboard.url)
        await page.fill("input[name=name]", user)
        await page.fill("input[name=password]", dashboard.password)
        await page.click("button.main")
        await page.wait_for_selector("#wall")
        await page.add_init_script(NOTES)
        await page.goto(f"{dashboard.url}{path}")
        return cls(page)

    async def set_clock(self) -> float:
        """Compare the page's clock with the machine's; the seconds by which that may be off."""
        off_s = float("inf")
        for _ in range(ROUND_TRIPS):
            before_s = time.monotonic()
            page_ms = float(await self.page.evaluate("performance.now()"))
            half_s = (time.monotonic() - before_s) / 2
            if half_s < off_s:
                off_s, self._zero_s = half_s, before_s + half_s - page_ms / 1e3
        return off_s

    async def command(self, kind: str, reason: str) -> None:
        """Give the page's lane a command by the mouse, as soon as the page offers it."""
        await self.page.click(f"#command-{kind}", timeout=1e3 * SHOWS_S)
        await self.page.select_option("#dialog select[name=reason]", reason)
        await self.page.click("#dialog button.main")

    async def lines(self, wanted: Collection[Line], seconds: float) -> dict[Line, Shown]:
        """The lines that came into the time line, once all that are `wanted` did or the time is over."""
        end_s = time.monotonic() + seconds
        while True:
            notes = await self.page.evaluate("window.measured.lines")
            lines = {(one["type"], int(one["at"])): self._shown(one) for one in notes}
            if all(line in lines for line in wanted) or time.monotonic() > end_s:
                return lines
            await asyncio.sleep(0.2)

    async def weights(self) -> dict[tuple[str, str], Shown]:
        """The weights that a wall's tiles showed, by (lane, digits)."""
        found = await self.page.evaluate("window.measured.weights")
        return {(one["lane"], one["text"]): self._shown(one) for one in found}

    async def clicks_s(self) -> list[float]:
        """When commands' buttons were clicked (monotonic)."""
        return [self._zero_s + ms / 1e3 for ms in await self.page.evaluate("window.measured.clicks")]

    def _shown(self, note: dict[str, Any]) -> Shown:
        return Shown(self._zero_s + note["changed"] / 1e3, self._zero_s + note["drawn"] / 1e3)
