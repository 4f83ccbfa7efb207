"""A lane whose documents are read from pictures: a page that is pushed is a document of the passage."""

from pathlib import Path

from simulators.document_reader.page_http_push import HttpPushReader
from simulators.kit import LaneKit
from tests.daemon.rig import Rig, until
from tests.document_reader.pages import PASSPORT
from tests.mrz.test_reading import needs_engine


@needs_engine
async def test_a_page_that_is_laid_on_the_reader_is_a_document_of_the_passage(tmp_path: Path) -> None:
    rig = Rig(tmp_path, LaneKit(profile="pedestrian", readers=("page-http-push",)))
    reader = rig.bench.parts["page"].device
    assert isinstance(reader, HttpPushReader)
    async with rig.on_wires(), rig.running() as daemon:
        await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
        rig.bench.wiring.sensors["cell-arrival"].set_fault("dirty", True)  # somebody stands there
        await until(lambda: daemon.loop.lane.passage, "a passage")
        reader.present(PASSPORT)
        await until(lambda: daemon.loop.lane.passage.documents, "the page is read", 60)
        (fact,) = daemon.loop.lane.passage.documents
        assert fact.device == "page"
        assert fact.document is not None
        assert (fact.document.number, fact.document.issuer) == (PASSPORT[1][:9], "KAZ")
        assert fact.document.lines == PASSPORT
        assert fact.page is not None
        for name in (fact.picture, fact.crop):
            assert name is not None
            found = daemon.journal.media(name)
            assert found is not None
            assert found[1].startswith(b"\xff\xd8\xff"), "the page and its zone are kept as pictures"
        assert list(reader.answers) == [202]
