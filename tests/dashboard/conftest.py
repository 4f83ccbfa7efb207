"""Both databases, a broker and a browser, for the dashboard's tests."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.dashboard.postgres import Postgres, why_missing
from tests.dashboard.running import Running, mosquitto, running

CHROMIUM = Path("/usr/bin/chromium-headless-shell")
HERE = Path(__file__).parent

expect.set_options(timeout=30_000)
"""A busy machine shows it later."""
WHERE_THERE_IS_TIME = ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)]


@pytest.fixture(scope="session")
def chromium() -> Path:
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM} here")
    return CHROMIUM


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def started_browser(chromium: Path) -> AsyncGenerator[Browser]:
    """One for all tests of a worker: to start it takes longer than many of them."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=str(chromium), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(started_browser: Browser) -> AsyncGenerator[Browser]:
    """Debian's Chromium, with nothing of another test's open."""
    yield started_browser
    for context in started_browser.contexts:
        await context.close()


@pytest.fixture(scope="session")
def postgres() -> Generator[Postgres]:
    if reason := why_missing():
        pytest.skip(reason)
    server = Postgres()
    yield server
    server.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here run in one event loop: the browser's, which lives as long as the worker."""
    for item in items:
        if item.path.is_relative_to(HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A story in the browser is told on PostgreSQL too, where there is time; what has cases of its own, or
    looks at how pages are drawn alone, is not."""
    story = {"browser", "dashboard"} <= set(metafunc.fixturenames)
    looks = metafunc.module.__name__.endswith(("test_hands", "test_words_shown"))
    marked = any(metafunc.definition.get_closest_marker(name) for name in ("long", "parametrize"))
    if story and not looks and not marked:
        metafunc.parametrize("dashboard", WHERE_THERE_IS_TIME, indirect=True)


def _empty_store(kind: str, request: pytest.FixtureRequest) -> str:
    if kind == "sqlite":
        return "sqlite:///store.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.emptied_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty store of each kind."""
    return _empty_store(request.param, request)


@pytest.fixture
def broker(tmp_path: Path) -> Generator[int]:
    """A broker of one's own: retained messages of another test would be lanes on the wall."""
    with mosquitto(tmp_path / "mosquitto") as port:
        yield port


@pytest_asyncio.fixture(loop_scope="session")
async def dashboard(request: pytest.FixtureRequest, tmp_path: Path, broker: int) -> AsyncGenerator[Running]:
    """A served dashboard on SQLite, unless the test is given another kind of store."""
    store = _empty_store(getattr(request, "param", "sqlite"), request)
    async with running(tmp_path, broker, store) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def dashboard_on_each(tmp_path: Path, broker: int, store_url: str) -> AsyncGenerator[Running]:
    """A served dashboard on SQLite and on PostgreSQL."""
    async with running(tmp_path, broker, store_url) as started:
        yield started
