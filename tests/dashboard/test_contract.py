"""The documented interface, asked everything that its schema allows and much that it does not."""

import asyncio
import threading
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.dashboard.fake_lane import FakeLane, overloaded
from tests.dashboard.running import SITE, mosquitto, running, signed_in


@dataclass(frozen=True, slots=True)
class Asked:
    url: str
    cookies: dict[str, str]
    csrf: str


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Generator[Asked]:
    """A dashboard in a thread of its own, with a lane that has something to show."""
    folder = tmp_path_factory.mktemp("contract")
    ready, done, found = threading.Event(), threading.Event(), list[Asked]()

    async def serve(folder: Path) -> None:
        with mosquitto(folder / "mosquitto") as port:
            async with running(folder, port) as started:
                lane = FakeLane(SITE, "cargo-1")
                async with lane.connected("127.0.0.1", port):
                    overloaded(lane)
                    await lane.publish_new()
                    await lane.acknowledged()
                    client = await signed_in(started.url, "dana")
                    cookies = dict(client.cookies)
                    found.append(Asked(started.url, cookies, client.headers["X-CSRF-Token"]))
                    ready.set()
                    while not done.is_set():
                        await asyncio.sleep(0.05)

    thread = threading.Thread(target=lambda: asyncio.run(serve(folder)))
    thread.start()
    assert ready.wait(60)
    yield found[0]
    done.set()
    thread.join(30)


def test_the_interface_keeps_to_its_description(asked: Asked) -> None:
    with httpx.Client(cookies=asked.cookies, timeout=30) as client:
        described = client.get(f"{asked.url}/api/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(described)
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path == "/api/v1/stream":
            continue  # It does not end; test_api.py reads it.

        @settings(
            max_examples=12,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.one_of(operation.as_strategy(), operation.as_strategy(GenerationMode.NEGATIVE)))
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(
                base_url=asked.url,
                cookies=asked.cookies,
                headers={"X-CSRF-Token": asked.csrf},
            )

        ask()
        tried += 1
    assert tried >= 12
