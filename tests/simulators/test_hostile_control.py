"""The control socket of a running simulation: whatever is said to it gets an answer, and it goes on."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.control import CONNECTIONS_MAX, LINE_BYTES_MAX, Control
from simulators.scenario import Arrival
from simulators.world import World

WORDS = ("show", "faults", "set-fault", "clear-fault", "pull", "put-back", "send")
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def refuse(arrival: Arrival) -> int:
    raise ValueError("nobody comes here")


def control(path: Path) -> Control:
    return Control(path, World({}), {}, refuse)


@settings(max_examples=80)
@given(st.binary(max_size=300) | _json.map(lambda value: json.dumps(value).encode()))
def test_any_line_gets_an_answer(line: bytes) -> None:
    answer = asyncio.run(control(Path("unused")).answer(line))
    assert answer["ok"] is False
    assert answer["error"]


@settings(max_examples=80)
@given(st.sampled_from(WORDS), st.dictionaries(st.sampled_from(("lane", "device", "fault", "at_s")), _json))
def test_any_wish_with_a_known_verb_is_done_or_refused(verb: str, rest: dict[str, object]) -> None:
    line = json.dumps({"do": verb, **rest}).encode()
    answer = asyncio.run(control(Path("unused")).answer(line))
    assert answer["ok"] is (verb == "show" and not answer.get("error"))


@pytest.fixture
async def listening(tmp_path: Path) -> AsyncIterator[Path]:
    served = control(tmp_path / "control.sock")
    await served.start()
    yield served.path
    await served.stop()


async def show(path: Path) -> dict[str, object]:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b'{"do": "show"}\n')
    async with asyncio.timeout(10):
        answer = json.loads(await reader.readline())
    writer.close()
    return answer


@pytest.mark.parametrize(
    "said",
    [
        b"x" * (LINE_BYTES_MAX * 3),
        b"\xff\xfe\n",
        b"[" * 5000 + b"\n",
        b'{"do": "show"',
        b"\n" * 100,
        b'{"do": "show"}\n' * 200,
    ],
    ids=["an endless line", "bad UTF-8", "deep", "half a line", "empty lines", "many at once"],
)
async def test_after_anything_said_the_next_one_is_answered(listening: Path, said: bytes) -> None:
    _, writer = await asyncio.open_unix_connection(listening)
    with contextlib.suppress(OSError):
        writer.write(said)
        await writer.drain()
    writer.close()
    assert (await show(listening))["ok"] is True


async def test_who_says_nothing_or_reads_nothing_keeps_nobody_out_but_his_own_kind(listening: Path) -> None:
    silent = [await asyncio.open_unix_connection(listening) for _ in range(CONNECTIONS_MAX - 2)]
    _, deaf = await asyncio.open_unix_connection(listening)
    deaf.write(b'{"do": "show"}\n' * 2000)
    assert (await show(listening))["ok"] is True
    for _, writer in [*silent, (None, deaf)]:
        writer.close()
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(OSError, ValueError):
                if (await show(listening))["ok"]:
                    break
