"""A passage's record on paper says what the page says, in the reader's language; it is the same for the same
evidence, rests on nothing from outside, and that it was taken goes on the record."""

import asyncio
import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from dashboard import printing
from dashboard.printing import PrintingFailed, pdf
from tests.dashboard.fake_lane import CLIMBING, FakeLane, check, overloaded, referred
from tests.dashboard.running import Running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_chip_shown import LINES, OTHER, clone, face
from tests.dashboard.test_ingest import until
from tests.dashboard.test_second_line import hit


def rich(lane: FakeLane) -> None:
    """A lorry with all evidence that a page can show."""
    overloaded(lane)
    lane.read_document(lines=LINES, surname="ERIKSSON", given_names="ANNA MARIA")
    lane.read_chip(face(), clone(), lines=OTHER, given_names="ANNE MARIA")
    why = {"chip_check": "chip_authentication", "chip_reason": "chip_refuses"}
    source = "ICAO Doc 9303-11"
    failed = check("chip_genuine", "border", "failed", "chip_not_genuine", source, subject="person-2")
    failed["reason"]["parameters"] = why
    lane.conclude(failed)


async def record_of(client: httpx.AsyncClient, lane: FakeLane) -> bytes:
    answer = await client.post(f"/passages/{lane.lane}/{lane.journal}/1/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="record-khorgos-{lane.lane}-1.pdf"'
    return answer.content


def text_of(made: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)


def bare(text: str) -> str:
    """Without spaces: where a line ends is the paper's own affair."""
    return re.sub(r"\s+", "", text)


def told(value: Any, *left_out: str) -> Iterator[str]:
    """All words of a part of the JSON twin as a reader sees them: codes by their text, times in site time."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from told(one, *left_out)
    elif isinstance(value, dict):
        if "text" in value and ("code" in value or "at" in value):
            yield value["text"]
        else:
            for name, one in value.items():
                if name not in left_out:
                    yield from told(one, *left_out)


@pytest.mark.parametrize("language", ["ru", "kk"])
async def test_a_record_says_what_the_page_says(dashboard: Running, language: str) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        rich(lane)
        await published(lane)
        client = await signed_in(dashboard.url, "lena")
        await client.post("/account/preferences", data={"language": language, "theme": "system"})
        address = f"/api/v1/passages/cargo-1/{lane.journal}/1"
        given = {"kind": "refer", "passage": 1, "reason": "other", "text": "слишком тяжёлый: қайта өлшеу"}
        seen = (await client.get("/api/v1/lanes/cargo-1")).json()["seen"]
        sent = await client.post("/api/v1/lanes/cargo-1/commands", json={**given, "seen": seen})
        assert sent.status_code == 202, sent.text

        async def answered() -> bool:
            lines = (await client.get(address)).json()["timeline"]
            return "command.answered" in [one["type"]["code"] for one in lines]

        await until(answered)
        made = await record_of(client, lane)
        shown = (await client.get(address)).json()
        (command,) = (await client.get("/api/v1/lanes/cargo-1")).json()["commands"]

    printed = bare(text_of(made))
    parts: dict[str, Any] = {
        "decision": shown["decision"],
        "reasons": shown["reasons"],
        "arrival": shown["since"],
        "checks": shown["checks"],
        "plates": [{"display": one["display"], "country": one["country"]} for one in shown["plates"]],
        "plate as seen": [(one["side"]) for one in shown["seen_plates"]],
        "documents": list(told(shown["documents"], "page", "chip", "lines")),
        "zone": [line for one in shown["documents"] for line in one["lines"]],
        "chip": list(told([one["chip"] for one in shown["documents"]], "portrait", "lines")),
        "weight": list(told(shown["weight"], "points", "at_s")),
        "command": list(told(command, "id")),
        "time line": [[one["time"], one["type"], one["text"]] for one in shown["timeline"]],
        "journal": shown["journal"],
    }
    for name, part in parts.items():
        words = [word for word in told(part) if word]
        assert words, name
        for word in words:
            assert bare(word) in printed, f"{name}: {word}"
    assert "lena" in printed
    assert "UTC+05:00" in printed
    assert shown["timeline"][-1]["text"] != shown["timeline"][0]["text"]
    assert re.search(r"1/\d", printed), "page numbers"


async def test_charts_stay_lines_pictures_are_there_and_fonts_come_with_the_file(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        rich(lane)
        await published(lane)
        reader = PdfReader(io.BytesIO(await record_of(await signed_in(dashboard.url, "lena"), lane)))
        pictures = len(lane.sent_media)
    operators = b"".join(
        operator if operator in (b"m", b"l") else b" "
        for page in reader.pages
        for _, operator in page.get_contents().operations
    )
    longest = max(len(path) - 1 for path in operators.split())
    # The trace alone goes on so often from where a line ended.
    assert longest >= len(CLIMBING["at_ms"]) - 1
    assert len({image.name for page in reader.pages for image in page.images}) == pictures
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    ]
    assert fonts
    assert all("/FontFile2" in one or "/FontFile3" in one for one in fonts)
    assert {str(one["/FontName"]).partition("+")[2].split("-")[0] for one in fonts} == {"DejaVu"}


async def test_who_took_a_record_stands_in_the_audit_with_the_files_hash(dashboard: Running) -> None:
    async with lanes_of(dashboard, "car-1") as (lane,):
        referred(lane)
        await published(lane)
        made = await record_of(await signed_in(dashboard.url, "dana"), lane)
        root = await signed_in(dashboard.url, "root")
        assert (await root.post(f"/passages/car-1/{lane.journal}/1/export")).status_code == 403
        assert "/export" not in (await root.get(f"/passages/car-1/{lane.journal}/1")).text
        dana = await signed_in(dashboard.url, "dana")
        assert (await dana.post(f"/passages/car-1/{lane.journal}/2/export")).status_code == 404
        igor = await signed_in(dashboard.url, "igor")
        events = (await igor.get("/api/v1/audit")).json()["events"]
    taken = [one["text"] for one in events if one["type"]["code"] == "site.record_exported"]
    assert taken == [f"dana, car-1 1, SHA-256 {hashlib.sha256(made).hexdigest()}"]


async def test_what_only_second_line_knows_is_in_its_record_alone_and_marked(dashboard: Running) -> None:
    async with lanes_of(dashboard, "car-1") as (lane,):
        referred(lane)
        hit(lane)
        await published(lane)
        sara = await signed_in(dashboard.url, "sara")
        path = f"/api/v1/second-line/car-1/{lane.journal}/1/records"
        body = {"result": "passed_to_police", "text": "handed over at noon", "answers": {}}
        assert (await sara.post(path, json=body)).status_code == 204
        page = await sara.get(f"/second-line/car-1/{lane.journal}/1")
        assert f'action="/passages/car-1/{lane.journal}/1/export"' in page.text
        hers, others = [
            bare(text_of(await record_of(await signed_in(dashboard.url, name), lane)))
            for name in ("sara", "lena")
        ]
    for secret in ("W-17", "1990-01-01", "handed over at noon", "for second line alone"):
        assert bare(secret) in hers
        assert bare(secret) not in others


async def test_the_same_job_gives_the_same_bytes_and_fetches_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.css").write_text("p::after { content: 'SECRET' }")
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    outside = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    html = f"""<link rel="stylesheet" href="{outside}/a.css"><link rel="stylesheet" href="file://{tmp_path}/secret.css">
        <style>@import "{outside}/b.css"; @font-face {{ font-family: f; src: url({outside}/f.woff) }}</style>
        <p style="font-family: f">Протокол, хаттама</p><img src="/media/a"><img src="{outside}/c.jpg">
        <svg><image href="{outside}/d.jpg"/></svg><a href="{outside}/e">link</a>"""
    async with server:
        made, again = [await pdf(html, {"/media/a": face()}) for _ in range(2)]
    assert made == again
    assert asked == []
    reader = PdfReader(io.BytesIO(made))
    assert "Протокол, хаттама" in text_of(made)
    assert "SECRET" not in text_of(made)
    assert len(reader.pages[0].images) == 1
    assert "/Annots" not in reader.pages[0] or outside.encode() not in made


async def test_a_record_that_cannot_be_made_is_said_and_leaves_no_event(
    dashboard: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "PRINT_WITHIN_S", 0.0)
    async with lanes_of(dashboard, "car-1") as (lane,):
        referred(lane)
        await published(lane)
        dana = await signed_in(dashboard.url, "dana")
        path = f"/passages/car-1/{lane.journal}/1/export"
        failed = await dana.post(path, headers={"Accept": "text/html"})
        assert (failed.status_code, "could not be made" in failed.text) == (503, True)
        igor = await signed_in(dashboard.url, "igor")
        assert "site.record_exported" not in (await igor.get("/api/v1/audit")).text
    with pytest.raises(PrintingFailed):
        await pdf("<p>", {})


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (
            "OSError: cannot load library 'libpango-1.0-0': no such file",
            "OSError, cannot load library 'libpango-1.0-0'",
        ),
        (
            "ModuleNotFoundError: No module named 'weasyprint'",
            "ModuleNotFoundError, No module named 'weasyprint'",
        ),
        ("ValueError: SPECIMEN, ANNA", "ValueError"),
        ("SPECIMEN ANNA", ""),
    ],
)
async def test_a_log_has_the_cause_of_a_record_that_failed_and_no_word_of_the_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, last: str, said: str
) -> None:
    child = tmp_path / "child"
    child.write_text(
        f"#!/bin/sh\ncat >/dev/null\necho 'SPECIMEN ANNA' >&2\ncat >&2 <<'END'\n{last}\nEND\nexit 1\n"
    )
    child.chmod(0o755)
    monkeypatch.setattr(printing.sys, "executable", str(child))
    with pytest.raises(PrintingFailed) as failed:
        await pdf("<p>", {})
    assert str(failed.value) == "exit status 1" + (f", {said}" if said else "")
