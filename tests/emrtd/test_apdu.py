"""Commands and answers on the line (ISO/IEC 7816-4, 5.1 and 12.1.2): every case, short and extended."""

import pytest

from drivers.emrtd.apdu import CommandApdu, ResponseApdu
from drivers.emrtd.errors import ProtocolError, TagLost


@pytest.mark.parametrize(
    ("data", "le", "octets"),
    [
        (b"", None, "00B00000"),
        (b"", 4, "00B0000004"),
        (b"", 256, "00B0000000"),
        (b"", 257, "00B00000000101"),
        (b"", 65536, "00B00000000000"),
        (b"\1\2", None, "00B00000020102"),
        (b"\1\2", 256, "00B0000002010200"),
        (b"\1\2", 1000, "00B00000000002010203E8"),
        (b"\1\2", 65536, "00B0000000000201020000"),
    ],
)
def test_each_case_of_a_command_has_its_form(data: bytes, le: int | None, octets: str) -> None:
    assert CommandApdu(0, 0xB0, 0, 0, data, le).encode().hex().upper() == octets


def test_long_data_take_the_extended_form() -> None:
    assert CommandApdu(0, 0x2A, 0, 0xBE, bytes(255)).encode() == bytes.fromhex("002A00BEFF") + bytes(255)
    long = CommandApdu(0, 0x2A, 0, 0xBE, bytes(256))
    assert long.encode() == bytes.fromhex("002A00BE000100") + bytes(256)
    assert long.with_le(256).encode() == bytes.fromhex("002A00BE000100") + bytes(256) + bytes.fromhex("0100")


@pytest.mark.parametrize(("data", "le"), [(bytes(65536), None), (b"", 0), (b"", 65537)])
def test_what_no_form_can_carry_is_refused(data: bytes, le: int | None) -> None:
    with pytest.raises(ValueError, match=r"at most 65535|1 to 65536"):
        CommandApdu(0, 0xB0, 0, 0, data, le)


def test_an_answer_is_data_and_status() -> None:
    assert ResponseApdu.parse(bytes.fromhex("01026282")) == ResponseApdu(b"\1\2", 0x6282)
    with pytest.raises(TagLost):
        ResponseApdu.parse(b"")
    with pytest.raises(ProtocolError, match="answer of 1 bytes"):
        ResponseApdu.parse(b"\x90")


def test_no_data_show_in_a_repr() -> None:
    assert "4d4d" not in repr(CommandApdu(0, 0x82, 0, 0, b"MM", 8)).lower()
    assert repr(ResponseApdu(b"MM", 0x9000)) == "ResponseApdu(2 bytes, 9000)"
