"""What a person who cannot see, hear, hold or read as others do would meet on a page: each function looks at
one in Chromium and returns complaints."""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.dashboard.walking import Stop, Walker

LOOKING = Path(__file__).with_suffix(".js").read_text("utf-8")
AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
"""axe-core, as the wheel brings it."""
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NOT_BY_ITSELF = ("target-size", "label-content-name-mismatch")
"""Rules of WCAG 2.2 AA that axe keeps switched off."""
TABS = 400


async def axe(page: Page, only: list[str] | None = None, without: tuple[str, ...] = ()) -> list[str]:
    """What axe finds against WCAG 2.2 AA, by `only` these rules or `without` some."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False, "iframes": False}
    options["runOnly"] = {"type": "rule", "values": only} if only else {"type": "tag", "values": STANDARDS}
    if not only:
        asked = dict.fromkeys(NOT_BY_ITSELF, True) | dict.fromkeys(without, False)
        options["rules"] = {rule: {"enabled": enabled} for rule, enabled in asked.items()}
    found: dict[str, Any] = await page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{one['id']}: {node['html'][:160]} ({' '.join(str(node['failureSummary']).split())[:300]})"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]


async def _ask(page: Page, question: str) -> Any:
    if not await page.evaluate("'looking' in window"):
        await page.evaluate(LOOKING)
    return await page.evaluate(f"looking.{question}")


async def clipped(page: Page, but: str = "") -> list[str]:
    """Text that is cut off, or runs over the edge of its box or of the page; nothing within `but`."""
    return await _ask(page, f"clipped({but!r})")


async def small_targets(page: Page) -> list[str]:
    """What is to be clicked and is smaller than 24 pixels (WCAG 2.5.8)."""
    return await _ask(page, "smallTargets()")


async def too_wide(page: Page) -> list[str]:
    """What makes a reader scroll to the side (WCAG 1.4.10): only regions that say what they are may."""
    return await _ask(page, "tooWide()")


async def said_on(page: Page) -> list[str]:
    """Every text of the page: what is read, and what is read out."""
    return await _ask(page, "said()")


async def badly_focused(page: Page) -> list[str]:
    """Goes through the page by Tab: each target, in the order of the page, seen and not covered.  What the
    page fetches anew meanwhile is kept from it, as a target that was replaced can't be known again."""
    await page.route("**/view", lambda route: route.fulfill(status=204))
    said: list[str] = []
    visits: list[int] = []
    outside = False
    begun = await _ask(page, "focus()")  # where a dialog put it
    for _ in range(TABS):
        await page.keyboard.press("Tab")
        at = await _ask(page, "focus()")
        if at is None:  # the browser's own bar
            outside = True
            continue
        if not outside and visits and at["visit"] == visits[-1]:
            continue  # the parts of a date
        if at["visit"] in visits:
            break
        outside = False
        visits.append(at["visit"])
        if not at["seen"]:
            said.append(f"focus is not seen: {at['html']}")
        if at["covered"]:
            said.append(f"focus is covered: {at['html']}")
    await page.unroute("**/view")
    return said + await _ask(page, f"walked({'true' if begun else 'false'})")


async def at_each(
    walker: Walker, stops: list[Stop], look: Callable[[Page], Awaitable[list[str]]]
) -> list[str]:
    """What `look` complains about at all stops, each complaint with its place."""
    return [f"{stop}: {said}" for stop in stops for said in await look(await walker.go(stop))]
