"""Supervision: whatever a driver does wrong ends as a change of health of its own role."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from drivers.device import Device, Grade, Options
from drivers.errors import DeviceFault, DeviceRefused, DeviceTimeout, DeviceUnavailable, ProtocolError
from lane_controller.daemon import devices
from lane_controller.daemon.backoff import FIRST_S, LONGEST_S, REFUSED_S, backoff_s
from lane_controller.daemon.devices import State, Watch
from lane_controller.messages.words import Health
from tests.daemon.rig import until


class Fake(Device[int]):
    """Yields what `script` says: numbers are readings, exceptions are raised, callables are awaited."""

    role = "scale"
    model = "a device for tests"
    grade = Grade.SIMULATED
    options_type = Options

    def __init__(
        self, *script: Any, silent_s: float | None = 0.05, open_s: float = 0.1, name: str = "fake"
    ) -> None:
        super().__init__(name, Options())
        self.script = list(script)
        self.opens = self.closes = 0
        self._silent_s, self._open_s = silent_s, open_s
        self.on_open: Callable[[], Any] = lambda: None
        self.on_close: Callable[[], Any] = lambda: None

    @property
    def silent_s(self) -> float | None:
        return self._silent_s

    @property
    def open_s(self) -> float:
        return self._open_s

    async def open(self) -> None:
        self.opens += 1
        await _do(self.on_open)

    async def close(self) -> None:
        self.closes += 1
        await _do(self.on_close)

    async def readings(self) -> AsyncIterator[int]:
        while self.script:
            step = self.script.pop(0)
            if isinstance(step, BaseException):
                raise step
            if callable(step):
                await _do(step)
            else:
                yield step
        await asyncio.Event().wait()


async def _do(step: Callable[[], Any]) -> None:
    found = step()
    if asyncio.iscoroutine(found):
        await found


def error(kind: type[Exception]) -> Exception:
    return kind("fake", "on purpose")  # type: ignore[call-arg]


async def hang() -> None:
    await asyncio.Event().wait()


released: list[asyncio.Event] = []


async def ignore_cancellation() -> None:
    """Never ends by itself; the tests let go of it at their end."""
    let_go = asyncio.Event()
    released.append(let_go)
    while not let_go.is_set():
        with contextlib.suppress(asyncio.CancelledError):
            await let_go.wait()


class Watched:
    """A device under supervision, with what the lane was told."""

    def __init__(self, device: Fake) -> None:
        self.device = device
        self.readings: list[int] = []
        self.health: list[tuple[Health, str]] = []
        self.watch = Watch(
            device,
            self.readings.append,
            lambda health, reason: self.health.append((health, reason.code)),
            now_s=asyncio.get_running_loop().time,
            chance=lambda: 0.0,
        )
        self.task = asyncio.create_task(self.watch.run())

    async def __aenter__(self) -> "Watched":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.wait({self.task}, timeout=5)
        for let_go in released:
            let_go.set()
        assert self.task.cancelled()

    def told(self, health: Health, code: str) -> Callable[[], bool]:
        return lambda: (health, code) in self.health


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("CLOSE_S", 0.1), ("GRACE_S", 0.05)):
        monkeypatch.setattr(devices, name, seconds)
    monkeypatch.setattr(devices, "backoff_s", lambda *_, **__: 0.01)
    released.clear()


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (DeviceUnavailable, "unavailable"),
        (DeviceTimeout, "silent"),
        (DeviceFault, "fault"),
        (DeviceRefused, "refused"),
        (ProtocolError, "protocol"),
    ],
)
async def test_each_kind_of_error_degrades_by_its_own_name_and_the_device_comes_back(kind, code):
    async with Watched(Fake(1, error(kind), 2, 3, silent_s=5)) as watched:
        await until(lambda: watched.readings == [1, 2, 3], "readings after the error")
    assert watched.health == [(Health.GOOD, "good"), (Health.DEGRADED, code), (Health.GOOD, "good")]
    assert watched.device.opens == 2
    assert watched.device.closes >= 2


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ((1, hang), "hung"),
        ((1, ignore_cancellation), "hung"),
        ((1, ValueError("a bug")), "bug"),
        ((1, asyncio.CancelledError()), "hung"),
        ((1, StopAsyncIteration()), "bug"),
    ],
    ids=["hangs", "ignores its cancellation", "bug", "cancels itself", "stops iteration"],
)
async def test_a_driver_that_hangs_or_has_a_bug_degrades_and_comes_back(script, code):
    async with Watched(Fake(*script, 2, silent_s=0.05)) as watched:
        await until(watched.told(Health.DEGRADED, code), code)
        await until(lambda: 2 in watched.readings, "a reading after it")


async def test_a_driver_whose_open_or_close_hangs_or_raises_is_only_degraded():
    device = Fake(1, error(DeviceUnavailable))
    device.on_close = hang
    async with Watched(device) as watched:
        await until(watched.told(Health.DEGRADED, "unavailable"), "degraded")
        device.on_open = hang
        await until(watched.told(Health.DEGRADED, "hung"), "the open hangs")

        def broken() -> None:
            raise RuntimeError("a bug in close")

        device.on_close, device.on_open = broken, lambda: None
        device.script = [7]
        await until(lambda: 7 in watched.readings, "well again")


async def test_a_driver_that_needs_long_to_open_is_given_the_time_that_it_says():
    device = Fake(1, open_s=30)
    answered = asyncio.Event()
    device.on_open = answered.wait
    asyncio.get_running_loop().call_later(0.4, answered.set)
    async with Watched(device) as watched:
        await until(lambda: watched.readings == [1], "open after all")
    assert (device.opens, watched.health) == (1, [(Health.GOOD, "good")])


async def test_one_bad_device_takes_no_reading_from_another():
    good = Fake(*range(1000), silent_s=5, name="good")
    bad = [Fake(1, hang), Fake(ValueError("bug")), Fake(error(DeviceRefused)), Fake(1, ignore_cancellation)]
    async with AsyncExitStack() as stack:
        for one in bad:
            await stack.enter_async_context(Watched(one))
        watched = await stack.enter_async_context(Watched(good))
        await until(lambda: len(watched.readings) == 1000, "all readings of the good one")
    assert watched.readings == list(range(1000))
    assert watched.health == [(Health.GOOD, "good")]


async def test_a_device_killed_a_hundred_times_comes_back_each_time():
    script = [step for number in range(100) for step in (number, error(DeviceUnavailable))]
    device = Fake(*script, 100, silent_s=5)
    async with Watched(device) as watched:
        await until(lambda: watched.readings == list(range(101)), "every reading between the losses")
    assert device.opens == 101


async def test_a_device_that_speaks_only_when_used_is_unknown_until_it_is():
    device = Fake(lambda: asyncio.sleep(0.05), 1, silent_s=None)
    async with Watched(device) as watched:
        await until(watched.told(Health.UNKNOWN, "connected"), "connected")
        await until(watched.told(Health.GOOD, "good"), "used")


async def test_the_first_failure_of_a_spell_is_a_warning_and_the_rest_debug():
    with capture_logs() as logs:
        device = Fake()
        device.on_open = lambda: _raise(error(DeviceUnavailable))
        async with Watched(device) as watched:
            await until(lambda: watched.watch.failures >= 5, "several failures")
    levels = [line["log_level"] for line in logs if line["event"].startswith("device")]
    assert levels[0] == "warning"
    assert set(levels[1:]) == {"debug"}
    assert watched.health == [(Health.DEGRADED, "unavailable")], "told once"


def _raise(what: Exception) -> None:
    raise what


async def test_a_frozen_stream_is_degraded_while_it_lives_and_good_when_it_moves():
    device = Fake(1, 2, silent_s=5)
    async with Watched(device) as watched:
        await until(lambda: watched.readings == [1, 2], "readings")
        watched.watch.freeze(True)
        assert watched.health[-1] == (Health.DEGRADED, "frozen")
        assert watched.watch.state is State.RUNNING
        watched.watch.freeze(False)
        assert watched.health[-1] == (Health.GOOD, "good")


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True), st.booleans())
def test_waiting_grows_to_a_bound_is_spread_and_is_longest_after_a_refusal(failures, chance, refused):
    seconds = backoff_s(failures, chance, refused=refused)
    assert FIRST_S / 2 <= seconds <= (REFUSED_S if refused else LONGEST_S)
    assert backoff_s(failures, chance, refused=True) >= backoff_s(failures + 1, chance)
    assert backoff_s(failures + 1, chance) >= backoff_s(failures, chance)
