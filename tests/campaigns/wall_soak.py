"""A wall fed with events as fast as the browser takes them: what its page holds on to afterwards."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from playwright.async_api import CDPSession, Page, Route

from dashboard.users.accounts import User
from dashboard.views.facts import AlarmFacts, LaneFacts, PassageFacts
from dashboard.views.language import Speaker
from dashboard.views.tile import tile
from lane_controller.messages.parts import Plate, Reason

LANES = 200
A_TELLING = 5_000
"""Events in one answer; then the browser asks again."""
COUNTED = """() => {
    const EventSourceOfThePage = EventSource;
    window.heardEvents = 0;
    window.EventSource = class extends EventSourceOfThePage {
        constructor(url) {
            super(url);
            this.addEventListener("lane", () => { window.heardEvents += 1; });
        }
    };
}"""


@dataclass(frozen=True, slots=True)
class Held:
    """After a collection: the heap in use (bytes) and the page's nodes."""

    heap: int
    nodes: int


def _states(number: int, speaker: Speaker, user: User) -> list[str]:
    """A lane's tiles through one passage, as the stream tells them; the last is that of a free lane."""
    plate = Plate(text="01KG204ACD", display="01 KG 204 ACD", country="KG", confidence=0.97, frames=9)
    free = LaneFacts(lane=f"cargo-{number}", live=True, mode="open", arm="lowered", arm_us=1, profile="cargo")
    here = PassageFacts(number, "gathering", 1_795_000_000_000_000)
    read = replace(here, plates=(plate,), plates_us=1_795_000_001_000_000)
    held = replace(
        read, phase="held", reasons=(Reason(code="overweight", parameters={"check": "weight_limit"}),)
    )
    calling = AlarmFacts(
        free.lane, "j", "a", "tailgating", "high", 1, Reason(code="tailgating"), None, None, None, None
    )
    through = [
        *(replace(free, passage=one) for one in (here, read, held)),
        replace(free, alarms=(calling,)),
        replace(free, arm="raised"),
        free,
    ]
    return [f"event: lane\ndata: {tile(one, speaker, user).model_dump_json()}\n" for one in through]


async def _heard(page: Page, events: int) -> None:
    async with asyncio.timeout(900):
        while await page.evaluate("window.heardEvents") < events:
            await asyncio.sleep(0.1)


async def _held(client: CDPSession) -> Held:
    await client.send("HeapProfiler.collectGarbage")
    await client.send("HeapProfiler.collectGarbage")
    found: dict[str, Any] = await client.send("Performance.getMetrics")
    metrics = {one["name"]: one["value"] for one in found["metrics"]}
    return Held(int(metrics["JSHeapUsedSize"]), int(metrics["Nodes"]))


async def soaked(page: Page, url: str, speaker: Speaker, user: User, events: int) -> tuple[Held, Held]:
    """What the wall holds after its first telling, and after `events` more."""
    states = [_states(number, speaker, user) for number in range(1, LANES + 1)]
    steps = len(states[0])
    cycle = [states[lane][step] for step in range(steps) for lane in range(LANES)]
    # Whole passages, so that every telling ends with the same wall.
    told = cycle * max(1, A_TELLING // len(cycle))
    hello = 'retry: 50\nevent: hello\ndata: {"resumed": true, "now": "2026-11-29T00:00:00.000Z"}\n'
    body = "\n".join([hello, *told]) + "\n"
    wanted = len(told)

    async def tell(route: Route) -> None:
        over = await page.evaluate("window.heardEvents") >= wanted
        text = "retry: 50\n\n" if over else body
        await route.fulfill(body=text, content_type="text/event-stream")

    await page.add_init_script(f"({COUNTED})()")
    await page.route("**/api/v1/stream*", tell)
    client = await page.context.new_cdp_session(page)
    await client.send("Performance.enable")
    await page.goto(url)
    await _heard(page, wanted)
    before = await _held(client)
    wanted += events
    await _heard(page, wanted)
    return before, await _held(client)
