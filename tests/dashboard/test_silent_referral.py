"""Two runs of the same passage that differ only in a hit: all that the router gives an operator and a shift
leader, pages, twins, streams, exports and counts, is the same byte for byte once ids and times are out."""

import asyncio
import contextlib
import io
import re
import time
import zipfile
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from lane_controller.messages.words import Audience
from tests.dashboard.every_route import NEEDS, WITHOUT_SESSION, every_route, filled
from tests.dashboard.fake_lane import FakeLane, overloaded, reason, referred
from tests.dashboard.postgres import Postgres
from tests.dashboard.running import Running, mosquitto, running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_ingest import until
from tests.dashboard.test_second_line import hit

ORDINARY = ("dana", "lena")
KINDS = ("release", "hold", "refer", "persons", "raise", "lower", "mode")
ASKED: dict[str, tuple[str, ...]] = {
    "GET /alarms": ("?past=true",),
    "GET /passages": ("?decision=refer", "?decision=hold", "?plate=7TK*", "?document=N01234567"),
    "GET /api/v1/alarms": ("?standing=false",),
    "GET /api/v1/passages": ("?decision=refer", "?decision=hold", "?plate=7TK*", "?document=N01234567"),
    "GET /api/v1/passages/hours": ("?decision=refer", "?plate=7TK*"),
    "GET /passages/{lane}/{journal}/{passage}/card": ("?language=fa",),
}
"""What a route is asked beside itself."""
EXPORTS = {
    "POST /api/v1/passages/export": [
        (f"?format={form}{more}", {}) for form in ("csv", "xlsx") for more in ("", "&decision=refer")
    ],
    "POST /passages/export": [("", {"format": form}) for form in ("csv", "xlsx")],
    "POST /passages/{lane}/{journal}/{passage}/export": [("", {})],
}
"""What gives data although it is posted: each leaves its event."""
STREAMS = {"GET /api/v1/stream": ("", "?lane=car-1", "?lane=_site")}
HEARD_S = 1.0
"""A stream is heard for so long: it says at once all that it has to say."""


def neutral(content: bytes, content_type: str) -> str:
    """Without ids and times, which differ between two runs anyway."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(neutral(archive.read(name), "") for name in sorted(archive.namelist()))
    if content[:4] == b"%PDF":
        return neutral(on_paper(content).encode(), "")
    if content_type.startswith("image/jpeg"):
        return content.hex()
    text = content.decode()
    text = re.sub(r"\d{4}-\d\d-\d\d(T[0-9:.+Z-]*)?|[A-Z][a-z]{2} \d{1,2}, \d{4},?", "TIME", text)
    text = re.sub(r"\d{1,2}:\d\d(:\d\d)?|UTC\+05:00|TIME[  ]+TIME", "TIME", text)
    text = re.sub(r"\b\d{15,}\b", "TIME", text)  # in what tiles are sorted by
    text = re.sub(r'"seen":"[^"]+"|name="seen" value="[^"]+"', "SEEN", text)
    text = re.sub(r'csrf" value="[^"]+"|"X-CSRF-Token": "[^"]+"', "TOKEN", text)
    return re.sub(r"\b(?=[0-9a-f]*[a-f])[0-9a-f]{32}\b", "ID", text)


def on_paper(content: bytes) -> str:
    """What a reader finds in a PDF, page by page: text, pictures, and what the file says of itself."""
    reader = PdfReader(io.BytesIO(content))
    pages = [
        page.extract_text() + "".join(f"\n{image.name} {image.data.hex()}" for image in page.images)
        for page in reader.pages
    ]
    # CreationDate stands in digits alone.
    told = {name: value for name, value in (reader.metadata or {}).items() if name != "/CreationDate"}
    return "\n".join([*pages, str(told)])


@contextlib.asynccontextmanager
async def a_run(
    folder: Path, store_url: str, *, with_hit: bool
) -> AsyncGenerator[tuple[Running, list[FakeLane]]]:
    """A site whose car was chosen for the re-check; with a hit, second line also works on it."""
    with mosquitto(folder / "mosquitto") as port:
        async with (
            running(folder, port, store_url) as dashboard,
            lanes_of(dashboard, "car-1", "cargo-1") as (lane, other),
        ):
            overloaded(other)
            other.alarm("tailgating", "high", reason("tailgating"))
            referred(lane)
            lane.alarm("device_lost", "low", reason("unavailable"), device="reader")
            await published(lane, other)
            if with_hit:
                hit(lane)
                raised: dict[str, Any] = {"kind": "watchlist", "priority": "high", "passage": 1}
                why = reason("on_watchlist")
                lane.record("alarm.raised", Audience.SECOND_LINE, alarm="w-1", reason=why, **raised)
                await published(lane)
                await worked_on_by_second_line(dashboard, lane)
            yield dashboard, [lane, other]


async def worked_on_by_second_line(dashboard: Running, lane: FakeLane) -> None:
    sara = await signed_in(dashboard.url, "sara")

    async def known() -> bool:
        return "name_listed" in (await sara.get("/api/v1/lanes/car-1")).text

    await until(known)
    path = f"/api/v1/second-line/car-1/{lane.journal}/1/records"
    body = {"result": "passed_to_police", "text": "SECRET", "answers": {"spoken_alone": "yes"}}
    assert (await sara.post(path, json=body)).status_code == 204
    await sara.aclose()


async def all_that_is_fetched(dashboard: Running, lane: FakeLane, name: str) -> dict[str, str]:
    """By route and question, with the status."""
    client = await signed_in(dashboard.url, name)
    fetched: dict[str, str] = {}
    for route in every_route(dashboard.service):
        method, path = route.split(" ")
        of_one = {"lane": "car-1", "journal": lane.journal, "passage": 1, "sha256": lane.sent_media[0]}
        if method != "GET" or route in WITHOUT_SESSION:
            assert "export" not in path or route in EXPORTS, f"export with this test too: {route}"
            for query, form in EXPORTS.get(route, ()):
                answer = await client.post(filled(path, of_one) + query, data=form)
                assert answer.status_code == 200, answer.text
                fetched[f"{route}{query}{form}"] = f"200 {neutral(answer.content, '')}"
            continue
        if route in STREAMS:
            for query in STREAMS[route]:
                fetched[route + query] = await heard(client, path + query)
            continue
        for kind in KINDS if "{kind}" in path else KINDS[:1]:
            values = {
                **of_one,
                "kind": kind,
                "look": "0" * 32,
                "hand_over": "0" * 32,
            }
            address = filled(path, values)
            for query in (NEEDS.get(route, ""), *ASKED.get(route, ())):
                answer = await client.get(address + query)
                said = neutral(answer.content, answer.headers.get("content-type", ""))
                fetched[f"GET {address}{query}"] = f"{answer.status_code} {said}"
    return fetched


async def heard(client: httpx.AsyncClient, path: str) -> str:
    """What a new stream says at once."""
    content = b""
    async with client.stream("GET", path) as answer:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARD_S):
                async for part in answer.aiter_bytes():
                    content += part
    assert b"event: hello" in content
    return neutral(content, "text/event-stream")


def piece() -> int:
    """In which piece of the chart of alarms it is now: bars and axis stand further left in the next one."""
    return int(time.time()) // 600


async def same_without(folder: Path, stores: Callable[[], tuple[str, str]]) -> None:
    """Two runs of which one saw such a mark pass before the other are made once more."""
    began, proves_nothing = piece(), False
    try:
        await compare(folder / "1", *stores())
    except* AssertionError:
        proves_nothing = piece() != began
        if not proves_nothing:
            raise
    if proves_nothing:
        await compare(folder / "2", *stores())


async def compare(folder: Path, store_url: str, other_url: str) -> None:
    async with (
        a_run(folder / "plain", store_url, with_hit=False) as (plain, (lane, _)),
        a_run(folder / "hit", other_url, with_hit=True) as (told, (same, _)),
    ):
        assert lane.journal == same.journal
        runs = [
            await asyncio.gather(*(all_that_is_fetched(dashboard, lane, name) for name in ORDINARY))
            for dashboard in (plain, told)
        ]
        for name, before, after in zip(ORDINARY, *runs, strict=True):
            assert before.keys() == after.keys()
            assert sum(text.startswith("200 ") for text in before.values()) > 30
            for path, text in before.items():
                assert after[path] == text, f"{name}: {path}"
                assert "SECRET" not in text
        shown = runs[0][0][f"GET /api/v1/passages/car-1/{lane.journal}/1"]
        assert '"code":"random_recheck"' in shown
        sara = await signed_in(told.url, "sara")
        assert "name_listed" in (await sara.get("/api/v1/lanes/car-1")).text


async def test_a_hit_leaves_no_trace_on_any_route(tmp_path: Path) -> None:
    await same_without(tmp_path, lambda: ("sqlite:///store.db", "sqlite:///store.db"))


@pytest.mark.long
async def test_a_hit_leaves_no_trace_on_any_route_in_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    names = iter(("told_of_a_hit", "told_again"))
    await same_without(tmp_path, lambda: (postgres.emptied_database(), postgres.new_database(next(names))))
