"""A private pcscd for each test that asks for one."""

from collections.abc import AsyncIterator

import pytest

from simulators.card.pcscd import (
    PCSCD,
    VPCD,
    PrivatePcscd,
    VirtualReader,
    folder_for_this_process,
    free_reader_port,
)


@pytest.fixture
async def pcscd() -> AsyncIterator[PrivatePcscd]:
    folder = folder_for_this_process()
    if not PCSCD.exists() or not VPCD.exists():
        pytest.skip("pcscd or vpcd is not installed (apt install pcscd vsmartcard-vpcd)")
    private = PrivatePcscd(folder, [VirtualReader("Lane Passport", free_reader_port())])
    await private.start()
    yield private
    await private.stop()
