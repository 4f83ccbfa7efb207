"""BER-TLV: what goes in comes out, and no octets, however chosen, do more than raise MalformedError."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.emrtd import tlv
from drivers.emrtd.errors import MalformedError

TAGS = st.sampled_from([0x02, 0x30, 0x53, 0x61, 0x87, 0x5F1F, 0x7F49, 0x7F61, 0x5F8101])


@pytest.mark.parametrize(
    ("raw", "tag", "length"),
    [
        ("6105", 0x61, 5),
        ("5F1F58", 0x5F1F, 88),
        ("778207AE", 0x77, 0x7AE),
        ("7583010000", 0x75, 0x10000),
        ("758400000005", 0x75, 5),
        ("6E8105", 0x6E, 5),
        ("7F4E81DE", 0x7F4E, 0xDE),
    ],
)
def test_every_form_of_tag_and_length_is_read(raw: str, tag: int, length: int) -> None:
    octets = bytes.fromhex(raw)
    assert tlv.read_header(octets) == tlv.Header(tag, length, len(octets))
    for cut in range(len(octets)):
        assert tlv.read_header(octets[:cut]) is None


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("3080", "indefinite length"),
        ("30850000000001", "length of 5 octets"),
        ("00", "octet 00"),
        ("7F818181", "more than 4 octets"),
    ],
)
def test_what_cannot_become_an_object_is_refused(raw: str, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        tlv.read_header(bytes.fromhex(raw))


def test_an_object_cut_short_or_followed_by_more_is_refused() -> None:
    with pytest.raises(MalformedError, match="announces 3 bytes, but 2 follow"):
        tlv.read(bytes.fromhex("04030102"))
    with pytest.raises(MalformedError, match="followed by 1 more"):
        tlv.read(bytes.fromhex("0402010203"))
    with pytest.raises(MalformedError, match="the data end"):
        tlv.read(b"")


def test_a_gigabyte_is_refused_by_its_header() -> None:
    with pytest.raises(MalformedError, match="announces 1073741824 bytes, more than"):
        tlv.read(bytes.fromhex("758440000000"))


def test_objects_within_each_other_without_end_are_refused() -> None:
    raw = b""
    for _ in range(tlv.DEPTH_MAX + 1):
        raw = tlv.build(0x30, raw)
    node = tlv.read(raw)
    for _ in range(tlv.DEPTH_MAX - 1):
        (node,) = node.children()
    with pytest.raises(MalformedError, match="more than 32"):
        node.children()


def test_an_object_that_stands_twice_is_not_taken() -> None:
    node = tlv.read(bytes.fromhex("6F06800101800102"))
    assert [child.value for child in node.all(0x80)] == [b"\1", b"\2"]
    assert node.find(0x81) is None
    with pytest.raises(MalformedError, match="80 occurs 2 times"):
        node.get(0x80)
    with pytest.raises(MalformedError, match="81 is missing"):
        node.get(0x81)
    with pytest.raises(MalformedError, match="primitive"):
        node.all(0x80)[0].children()


@given(TAGS, st.binary(max_size=300))
def test_what_is_built_is_read(tag: int, value: bytes) -> None:
    raw = tlv.build(tag, value)
    node = tlv.read(raw)
    assert (node.tag, node.value, node.raw) == (tag, value, raw)
    assert [child.raw for child in tlv.iterate(raw * 3)] == [raw] * 3


@given(st.binary(max_size=80))
def test_any_octets_are_read_or_refused(raw: bytes) -> None:
    def descend(node: tlv.Node) -> int:
        if not node.constructed:
            return len(node.raw)
        return len(node.raw) - len(node.value) + sum(descend(child) for child in node.children())

    try:
        nodes = list(tlv.iterate(raw))
        total = sum(descend(node) for node in nodes)
    except MalformedError:
        return
    assert total == len(raw)
    assert b"".join(node.raw for node in nodes) == raw
