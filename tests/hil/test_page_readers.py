"""The role's suite, asked of every simulated page reader on its wire, while pages are laid down."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from simulators.document_reader.page_reader import PageReader
from simulators.lane_toml import toml
from simulators.page_desk import MODELS, page_reader
from tests.document_reader.pages import PASSPORT
from tests.hil.test_conform import conform


async def lay_down(reader: PageReader) -> None:
    """A page every second and a half, as a patient keeper of the bench does."""
    while True:
        reader.present(PASSPORT)
        for _ in range(15):
            await asyncio.sleep(0.1)


@pytest.mark.long
@pytest.mark.parametrize("model", MODELS)
async def test_a_simulated_page_reader_keeps_its_role_s_promises(model: str, tmp_path: Path) -> None:
    reader, table = page_reader(model, tmp_path, seed=1)
    await reader.start()
    bench = tmp_path / "bench.toml"
    infrared = model != "page-v4l2"
    expect = {"pages": 2, "infrared": infrared}
    bench.write_text(f"devices.page = {toml(table())}\nexpect.page = {toml(expect)}\n")
    keeper = asyncio.create_task(lay_down(reader))
    try:
        code, output = await conform(str(bench))
    finally:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper
        await reader.stop()
    assert code == 0, output
    assert "test_each_page_that_is_laid_down_comes_as_whole_pictures[page] PASSED" in output
