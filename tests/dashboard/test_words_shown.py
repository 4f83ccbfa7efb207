"""Nothing stands on a page that the catalogues did not say, nothing of it is cut off, and every letter is
drawn by the font that the pages name."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from babel import Locale
from playwright.async_api import Browser, Page

from dashboard.site import LANGUAGES
from dashboard.views.catalogues import NAMES
from dashboard.views.timeline import timeline_event
from tests.dashboard.fake_lane import FakeLane
from tests.dashboard.looking import at_each, clipped, said_on
from tests.dashboard.pseudo import Pseudo, accented, rest
from tests.dashboard.running import SITE, USERS, Running
from tests.dashboard.test_api import published
from tests.dashboard.test_guide import wrongly_checked
from tests.dashboard.walking import NOTES, Walker, a_full_site, discover

WORD = re.compile(r"[^\W\d_]{2,}")
CODE = re.compile(r"[a-z][a-z_.]*")
HASH = re.compile(r"\b[0-9a-f]{12,64}\b")
PLAIN = {"Borderlane", "UTC", "Esc", "Enter", "CSV", "XLSX"}
"""The product's name, and signs that are the same in every language."""


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def data_words(lanes: Iterable[FakeLane]) -> set[str]:
    """Words that come from the lanes, the site and the users: names, plates, papers.  Codes are none of them:
    a page that shows a code has forgotten to say it."""
    texts = [SITE, *USERS, *NAMES.values(), *PLAIN, NOTES]
    for lane in lanes:
        texts += [lane.lane, lane.journal, *lane.devices]
        texts += [text for text in strings([lane.events, lane.state()]) if not CODE.fullmatch(text)]
    months = Locale.parse("en").months["format"]
    texts += [*months["abbreviated"].values(), *months["wide"].values()]
    return {word for text in texts for word in WORD.findall(text)}


async def test_everything_on_every_page_is_said_by_the_catalogues_and_has_room_for_longer_words(
    dashboard: Running, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    pseudo = Pseudo()

    def catalogue(_language: str) -> Pseudo:
        return pseudo

    monkeypatch.setattr("dashboard.views.language.catalogue", catalogue)
    timeline_event.cache_clear()
    async with a_full_site(dashboard, browser) as (walker, lanes):
        stops = await discover(walker, dashboard)
        data = data_words(lanes.values())

        async def look(page: Page) -> list[str]:
            said = await said_on(page)
            assert any("[!!" in text for text in said)
            strange = [text for text in said if set(WORD.findall(HASH.sub(" ", rest(text)))) - data]
            return [f"not translated: {text}" for text in strange] + await clipped(page)

        said = await at_each(walker, stops, look)
        timeline_event.cache_clear()
        assert not said, "\n".join(said)


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_word_is_cut_off_on_any_page_at_1366_by_768(
    dashboard: Running, browser: Browser, language: str
) -> None:
    async with a_full_site(dashboard, browser) as (walker, lanes):
        wrongly_checked(lanes["walk-1"])
        await published(lanes["walk-1"])
        await walker.prefer(language, "light")
        stops = await discover(walker, dashboard, each=3)
        assert not (said := await at_each(walker, stops, clipped)), "\n".join(said)


def test_the_pseudo_language_shows_what_was_not_said() -> None:
    assert accented("Lanes of {site}").startswith("[!!Làñéš öf {site} ~~~~")
    said = accented("Lanes of {site}").format(site=accented("here"))
    assert rest(f"{said} and {accented('no')}").split() == ["and"]


FONT = "DejaVu Sans"
LETTERS = {
    "kk": "әғқңөұүһі ӘҒҚҢӨҰҮҺІ",
    "ky": "ңөү ҢӨҮ",
    "tg": "ҷҳқғӣӯ ҶҲҚҒӢӮ",
    "uz": "oʻgʻ OʻGʻ maʼlum",
    "tk": "ňýžäöüşç ŇÝŽÄÖÜŞÇ",
    "ru": "ёйъыэ ЁЙЪЫЭ",
}


async def test_every_letter_of_every_language_is_drawn_by_the_font_that_the_pages_name(
    dashboard: Running, browser: Browser
) -> None:
    async with Walker(dashboard, browser) as walker:
        page = await walker.page("")
        await page.goto(f"{dashboard.url}/sign-in")
        await page.evaluate(
            """letters => {
                for (const text of letters) {
                    const shown = document.createElement("pre");
                    shown.textContent = text;
                    shown.style.fontFamily = "inherit";
                    document.querySelector("main").append(shown);
                }
            }""",
            list(LETTERS.values()),
        )
        tools = await page.context.new_cdp_session(page)
        await tools.send("DOM.enable")
        await tools.send("CSS.enable")
        root = (await tools.send("DOM.getDocument"))["root"]["nodeId"]
        nodes = await tools.send("DOM.querySelectorAll", {"nodeId": root, "selector": "main > pre"})
        drawn = [
            await tools.send("CSS.getPlatformFontsForNode", {"nodeId": node}) for node in nodes["nodeIds"]
        ]
        used = [{one["familyName"] for one in node["fonts"]} for node in drawn]
        assert dict(zip(LETTERS, used, strict=True)) == {language: {FONT} for language in LETTERS}
