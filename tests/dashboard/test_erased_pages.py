"""What a page showed before an erase order is not kept for the next one."""

from lane_controller.messages.words import Audience
from tests.dashboard.fake_lane import document, reason
from tests.dashboard.running import Running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_ingest import until


async def test_a_page_names_nobody_once_the_passage_was_erased(dashboard: Running) -> None:
    number = str(document()["number"])
    client = await signed_in(dashboard.url, "dana")

    async def named() -> bool:
        return number in (await client.get("/lanes/cargo-1")).text

    async def nobody_is_named() -> bool:
        return not await named()

    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        passage = lane.arrive()
        lane.read_document()
        lane.leave()
        await published(lane)
        assert await named()
        lane.record(
            "journal.erased",
            Audience.AUDIT,
            sequences_to=len(lane.events),
            passages=[passage],
            reason=reason("retention"),
        )
        await published(lane)
        await until(nobody_is_named)
    await client.aclose()
