"""Which reader is meant, on names and ids as pcscd prints them (libccid 1.5.2 and libacsccid)."""

from pathlib import Path

import pytest

from drivers.document_reader.pcsc_readers import NoReader, TooManyReaders, choose, usb_id

DUAL = [
    "ACS ACR1252 Dual Reader [ACR1252 Dual Reader PICC] 00 00",
    "ACS ACR1252 Dual Reader [ACR1252 Dual Reader SAM] 01 00",
]
IDENTIV = [
    "Identiv Identiv uTrust 4701 F Dual Interface Reader [uTrust 4701 F CL Reader] (55041924205229) 00 00",
    "Identiv Identiv uTrust 4701 F Dual Interface Reader [uTrust 4701 F Contact Reader] (550419242052) 01 00",
]
DESK = "HID Global OMNIKEY 5022 Smart Card Reader [OMNIKEY 5022 Smart Card Reader] (KD0B) 02 00"
REGULA = "Regula RFID Reader [Regula RFID Reader] (000001) 03 00"


@pytest.mark.parametrize(
    ("names", "pattern", "chosen"),
    [
        ([DESK], "", DESK),
        (DUAL, "", DUAL[0]),
        (DUAL[::-1], "ACR1252", DUAL[0]),
        (IDENTIV, "utrust", IDENTIV[0]),
        ([*DUAL, *IDENTIV, DESK, REGULA], "^Regula", REGULA),
        ([*DUAL, DESK], r"SAM\]", DUAL[1]),
    ],
)
def test_the_slot_for_the_air_is_taken(names: list[str], pattern: str, chosen: str):
    assert choose(names, pattern) == chosen


def test_a_usb_id_finds_the_hardware_whatever_its_name():
    ids = {DUAL[0]: "072F:223B", DUAL[1]: "072F:223B", DESK: "076B:5022"}
    assert choose([*DUAL, DESK], usb="072f:223b", usb_ids=ids) == DUAL[0]
    with pytest.raises(NoReader, match=r"USB id 1C6A:7050; there is: .*SAM.*076B:5022"):
        choose([*DUAL, DESK], usb="1C6A:7050", usb_ids=ids)


def test_nothing_is_guessed_between_two_readers_that_fit():
    with pytest.raises(TooManyReaders, match="2 readers fit"):
        choose([DUAL[0], IDENTIV[0]])
    with pytest.raises(NoReader, match="there is no reader"):
        choose([])


def test_a_channel_is_traced_to_the_usb_device_in_its_place(tmp_path: Path):
    for name, values in {
        "1-1": ("1", "7", "1c6a", "7050"),
        "1-2": ("1", "8", "072f", "223b"),
        "2-1": ("2", "7", "076b", "5022"),
        "1-0:1.0": None,
    }.items():
        (tmp_path / name).mkdir()
        if values:
            for file, value in zip(("busnum", "devnum", "idVendor", "idProduct"), values, strict=True):
                (tmp_path / name / file).write_text(value + "\n")
    assert usb_id(0x00200107, tmp_path) == "1C6A:7050"
    assert usb_id(0x00200207, tmp_path) == "076B:5022"
    assert usb_id(0x00200309, tmp_path) is None
    assert usb_id(0x00100107, tmp_path) is None, "another channel than USB"
    assert usb_id(0x00200107, tmp_path / "missing") is None
