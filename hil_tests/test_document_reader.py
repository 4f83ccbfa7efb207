"""What a document reader promises (drivers/document_reader).

`[expect.NAME] lines` are presented by the bench's keeper (or its simulator) while the suite waits.
"""

from drivers.document_reader import DocumentReader, MrzRead
from hil_tests.asking import opened, until
from hil_tests.bench import BenchDevice

ROLE = "document_reader"


async def test_it_opens_and_speaks_only_when_used(device_under_test: BenchDevice) -> None:
    async with opened(device_under_test, DocumentReader) as reader:
        assert reader.silent_s is None


async def test_a_presented_document_is_read_as_printed(device_under_test: BenchDevice) -> None:
    expected = device_under_test.expect.get("lines")
    async with opened(device_under_test, DocumentReader) as reader:
        if expected is None:
            return
        read = await until(reader, lambda reading: isinstance(reading, MrzRead), 60)
        assert read.lines == tuple(expected)
