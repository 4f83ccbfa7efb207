"""BER as it comes from chips and lists: read where it is meant, refused where it is not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.emrtd import asn1, names
from drivers.emrtd.errors import MalformedError
from tests.emrtd.small_pki import der, integer, oid


def _sequence(parts: list[bytes]) -> bytes:
    return der(0x30, *parts)


VALUES = st.recursive(
    st.one_of(
        st.integers(-(1 << 200), 1 << 200).map(integer),
        st.binary(max_size=300).map(lambda value: der(0x04, value)),
        st.sampled_from(("1.2.3", "2.23.136.1.1.1", "0.4.0.127.0.7.2.2.4.2.4", "2.999.3")).map(oid),
    ),
    lambda inner: st.lists(inner, max_size=5).map(_sequence),
    max_leaves=12,
)


@given(VALUES)
@settings(max_examples=100)
def test_what_is_encoded_comes_back_octet_by_octet(data: bytes) -> None:
    element = asn1.read(data, "value")
    assert element.raw == data
    assert asn1.to_der(element) == data
    if element.constructed:
        assert b"".join(child.raw for child in element.children()) == element.content


@given(VALUES)
@settings(max_examples=100)
def test_indefinite_lengths_say_the_same(data: bytes) -> None:
    def indefinite(element: asn1.Element) -> bytes:
        if not element.constructed:
            return element.raw
        inner = b"".join(indefinite(child) for child in element.children())
        return bytes([element.tag, 0x80]) + inner + b"\0\0"

    loose = asn1.read(indefinite(asn1.read(data, "value")), "value")
    assert asn1.to_der(loose) == data


def test_an_octet_string_in_pieces_is_one() -> None:
    data = b"\x24\x80\x04\x03abc\x24\x06\x04\x01d\x04\x01e\0\0"
    assert asn1.read(data, "pieces").octets() == b"abcde"
    with pytest.raises(MalformedError):
        asn1.read(b"\x24\x03\x02\x01\x05", "pieces").octets()


def test_sets_are_sorted_in_der() -> None:
    assert asn1.to_der(asn1.read(der(0x31, b"\x02\x01\x05", b"\x01\x01\xff"), "set")) == der(
        0x31, b"\x01\x01\xff", b"\x02\x01\x05"
    )


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        (0x17, b"260601120000Z", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        (0x17, b"490101000000Z", datetime(2049, 1, 1, tzinfo=UTC)),
        (0x17, b"500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (0x17, b"2606011200Z", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        (0x17, b"260601120000+0600", datetime(2026, 6, 1, 6, tzinfo=UTC)),
        (0x18, b"20260601120000Z", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        (0x18, b"20260601120000.5Z", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        (0x18, b"99991231235959Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_utc(tag: int, text: bytes, expected: datetime) -> None:
    assert asn1.read(der(tag, text), "time").time() == expected


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (0x17, b"20260601120000Z"),
        (0x18, b"2606011200Z"),
        (0x17, b"261301120000Z"),
        (0x17, b"260230120000Z"),
        (0x17, b"260601120000+9999"),
        (0x18, b"00000101000000Z"),
        (0x18, b"00010101000000+0600"),
        (0x17, b""),
        (0x02, b"260601120000Z"),
        (0x17, "２６0601120000Z".encode()),
    ],
)
def test_what_is_no_time_is_refused(tag: int, text: bytes) -> None:
    with pytest.raises(MalformedError):
        asn1.read(der(tag, text), "time").time()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x05\x02\x01",
        b"\x30\x85\0\0\0\0\0",
        b"\x30\x82\x01",
        b"\x1f\xff\xff\xff\xff\x01\0",
        b"\x02\x80\x01\0\0",
        b"\x30\x80\x02\x01\x05",
        b"\x30\x80\x02\x01\x05\0",
        b"\x30\0\0",
    ],
)
def test_what_is_no_element_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        asn1.to_der(asn1.read(data, "value"))


def part(kind: str, tag: int, value: bytes) -> bytes:
    return der(0x31, der(0x30, oid(kind), der(tag, value)))


def test_names_are_one_whatever_their_order_case_spaces_and_strings() -> None:
    """Malaysia writes the parts in another order; elsewhere case and string types differ."""
    first = der(0x30, part("2.5.4.6", 0x13, b"MY"), part("2.5.4.3", 0x13, b"Country  Signer"))
    second = der(0x30, part("2.5.4.3", 0x0C, b"country signer "), part("2.5.4.6", 0x0C, b"my"))
    third = der(
        0x30, part("2.5.4.3", 0x1E, "Country Signer".encode("utf-16-be")), part("2.5.4.6", 0x13, b"MY")
    )
    assert names.read(first).key == names.read(second).key == names.read(third).key
    assert {names.read(each).country for each in (first, second, third)} == {"MY"}
    for other in (
        der(0x30, part("2.5.4.6", 0x13, b"MY")),
        der(0x30, part("2.5.4.6", 0x13, b"MY"), part("2.5.4.10", 0x13, b"Country Signer")),
        der(0x30, part("2.5.4.6", 0x13, b"MY"), part("2.5.4.3", 0x13, b"CountrySigner")),
    ):
        assert names.read(other).key != names.read(first).key


def test_names_out_of_bounds_are_refused_and_odd_characters_are_not_printed() -> None:
    assert "\x1b" not in names.read(der(0x30, part("2.5.4.3", 0x0C, b"\x1b[2Jroot"))).text
    for large in (
        der(0x30, *[part("2.5.4.3", 0x13, b"x")] * 65),
        der(0x30, part("2.5.4.3", 0x13, b"x" * 5000)),
    ):
        with pytest.raises(MalformedError):
            names.read(large)
