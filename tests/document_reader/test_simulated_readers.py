"""The simulated readers behave alike to whoever runs them."""

from pathlib import Path

import pytest

from simulators.card.reader import CardReader
from simulators.device import SimulatedDevice
from simulators.document_reader.page_folder import FolderScanner
from simulators.document_reader.page_http_pull import HttpPullScanner
from simulators.document_reader.page_http_push import HttpPushReader
from simulators.document_reader.page_v4l2 import PageCamera
from simulators.document_reader.swipe import SwipeReader
from simulators.document_reader.wedge import KeyboardWedge
from simulators.serial_line import TcpLine


def readers(folder: Path) -> list[SimulatedDevice]:
    return [
        SwipeReader("swipe", TcpLine()),
        KeyboardWedge("wedge", folder / "wedge.events"),
        CardReader("card", 9),
        HttpPushReader("page", "http://127.0.0.1:9/pages", "token"),
        HttpPullScanner("page"),
        FolderScanner("page", folder / "pages"),
        PageCamera("page", folder / "video"),
    ]


KINDS = range(len(readers(Path("unused"))))


@pytest.mark.parametrize("kind", KINDS)
async def test_starting_and_stopping_can_be_repeated(tmp_path: Path, kind: int):
    device = readers(tmp_path)[kind]
    await device.stop()
    for _ in range(2):
        await device.start()
        assert device.address
        device.step(10.0)
        await device.stop()
        await device.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_fault_is_refused_with_the_known_ones(tmp_path: Path, kind: int):
    device = readers(tmp_path)[kind]
    for fault in device.faults():
        device.set_fault(fault, True)
        device.set_fault(fault, False)
    with pytest.raises(KeyError, match=f"known: {device.faults()[0]}"):
        device.set_fault("gremlins", True)
