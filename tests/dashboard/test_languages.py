"""The languages: chosen by the user, with their plurals and dates, and marked until somebody signed them."""

import re
from gettext import GNUTranslations
from zoneinfo import ZoneInfo

import httpx
import pytest
from babel import Locale

from dashboard.site import LANGUAGES
from dashboard.views import catalogues
from dashboard.views.catalogues import NAMES, catalogue, is_unreviewed, po_file, reviewed_by
from dashboard.views.language import Speaker
from tests.dashboard.running import PASSWORD, Running, signed_in

AT_US = 1_795_947_330_000_000
"""29 November 2026, 10:15:30 UTC."""


def speaker(language: str) -> Speaker:
    return Speaker(language, ZoneInfo("Asia/Tashkent"))


async def sign_in(nobody: httpx.AsyncClient, language: str, password: str = PASSWORD) -> httpx.Response:
    page = await nobody.get("/sign-in", params={"language": language})
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    form = {"name": "dana", "password": password, "csrf": csrf.group(1), "language": language}
    return await nobody.post("/sign-in", data=form)


async def test_a_language_chosen_at_sign_in_stays_with_the_account_and_with_the_browser(
    dashboard: Running,
) -> None:
    async with httpx.AsyncClient(base_url=dashboard.url, timeout=30) as nobody:
        page = await nobody.get("/sign-in")
        assert '<html lang="en"' in page.text
        assert all(name in page.text for name in NAMES.values())
        wrong = await sign_in(nobody, "ru", "not the password")
        assert (wrong.status_code, "Неверное имя или пароль" in wrong.text) == (401, True)
        assert (await sign_in(nobody, "ru")).status_code == 303
        assert '<html lang="ru"' in (await nobody.get("/account")).text
        nobody.cookies.delete("borderlane_session")
        assert '<html lang="ru"' in (await nobody.get("/sign-in")).text
    dana = await signed_in(dashboard.url, "dana")  # by a form on which nothing was chosen
    assert '<html lang="ru"' in (await dana.get("/account")).text


async def test_a_language_that_the_site_does_not_offer_is_not_taken(dashboard: Running) -> None:
    async with httpx.AsyncClient(base_url=dashboard.url, timeout=30) as nobody:
        page = await nobody.get("/sign-in", params={"language": "../ru"})
        assert (page.status_code, '<html lang="en"' in page.text) == (200, True)
        assert (await sign_in(nobody, "zz")).status_code == 303
        assert '<html lang="en"' in (await nobody.get("/account")).text


async def test_a_translation_that_nobody_signed_is_marked_on_every_page(
    dashboard: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana = await signed_in(dashboard.url, "dana")
    mark = 'class="unreviewed"'
    assert mark not in (await dana.get("/alarms")).text
    await dana.post("/account/preferences", data={"language": "ru", "theme": "dark"})
    assert mark in (await dana.get("/alarms")).text
    account = (await dana.get("/account")).text
    assert "Русский (не проверен)" in account
    assert "English (" not in account

    signed = po_file("ru").read_text("utf-8").replace('"X-Reviewed-By: ', '"X-Reviewed-By: A. Signer')
    reviewed_by.cache_clear()
    monkeypatch.setattr(catalogues, "LOCALES", dashboard.site.folder)
    (dashboard.site.folder / "ru").mkdir()
    po_file("ru").write_text(signed, "utf-8")
    for language in LANGUAGES:
        if language != "ru":
            (dashboard.site.folder / language).mkdir()
            po_file(language).write_text('msgid ""\nmsgstr ""\n', "utf-8")
    try:
        assert mark not in (await dana.get("/alarms")).text
        assert "A. Signer" in (await dana.get("/account")).text
    finally:
        reviewed_by.cache_clear()


def test_no_translation_is_signed_yet() -> None:
    """A name in `X-Reviewed-By` is a person's: whoever adds one changes this line too."""
    assert [language for language in LANGUAGES if not is_unreviewed(language)] == ["en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_the_plurals_that_unicode_knows_of_its_language(language: str) -> None:
    """A rule with too few forms says `5 дня`.  Only whole numbers are counted here."""
    unicode = Locale.parse(language).plural_form
    gettext = catalogue(language).plural  # pyright: ignore[reportAttributeAccessIssue]
    pairs = {(unicode(n), gettext(n)) for n in range(1_000)}
    assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})


@pytest.mark.parametrize(
    ("n", "en", "ru"),
    [
        (1, "1 day ago", "1 день назад"),
        (2, "2 days ago", "2 дня назад"),
        (5, "5 days ago", "5 дней назад"),
        (11, "11 days ago", "11 дней назад"),
        (21, "21 days ago", "21 день назад"),
    ],
)
def test_a_number_of_days_is_said_as_one_says_it(n: int, en: str, ru: str) -> None:
    for language, words in (("en", en), ("ru", ru)):
        assert words in speaker(language).reason("expired", {"expiry": "2026-01-01", "days": n}).text


def test_a_counted_sentence_has_its_plural_and_its_number() -> None:
    said = ("{confidence} sure, {n} frame agreed", "{confidence} sure, {n} frames agreed")
    assert speaker("en").count(*said, 1, confidence="0.9") == "0.9 sure, 1 frame agreed"
    assert speaker("ru").count(*said, 3, confidence="0,9") == "уверенность 0,9, совпало 3 кадра"
    assert speaker("ru").count(*said, 1200, confidence="0,9").endswith("совпало 1\u202f200 кадров")


@pytest.mark.parametrize(
    ("language", "moment", "number"),
    [
        ("en", "Nov 29, 2026 15:15:30 UTC+05:00", "1,234.5"),
        ("ru", "29 нояб. 2026\u202fг. 15:15:30 UTC+05:00", "1\u202f234,5"),
        ("kk", "2026\u202fж. 29 қар. 15:15:30 UTC+05:00", "1\u202f234,5"),
        ("ky", "2026-ж., 29-ноя. 15:15:30 UTC+05:00", "1\u202f234,5"),
        ("uz", "29-noy, 2026 15:15:30 UTC+05:00", "1\u202f234,5"),
        ("tg", "29 Ноя 2026 15:15:30 UTC+05:00", "1\u202f234,5"),
        ("tk", "29 noý 2026 15:15:30 UTC+05:00", "1\u202f234,5"),
    ],
)
def test_dates_and_numbers_are_written_as_the_language_writes_them_in_site_time(
    language: str, moment: str, number: str
) -> None:
    assert speaker(language).moment(AT_US) == moment
    assert speaker(language).number(1234.5) == number


def test_what_a_language_lacks_is_said_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer page on an older catalogue must not show a code."""
    lacking = catalogue.__wrapped__("kk")
    lacking._catalog.clear()  # pyright: ignore[reportAttributeAccessIssue]

    def outdated(_language: str) -> GNUTranslations:
        return lacking

    monkeypatch.setattr("dashboard.views.language.catalogue", outdated)
    assert speaker("kk").word("reason", "no_document") == "no document"
    assert "2 days ago" in speaker("kk").reason("expired", {"expiry": "2026-01-01", "days": 2}).text
    assert speaker("kk").say("Alarms") == "Alarms"
