"""The simulators' ASN.1 writing, beside asn1crypto's."""

from datetime import UTC, datetime

import pytest
from asn1crypto import core, x509
from hypothesis import given
from hypothesis import strategies as st

from simulators.card import der


@given(st.integers(-(1 << 200), 1 << 200))
def test_integers_are_written_shortest_with_their_sign(number: int) -> None:
    assert der.integer(number) == core.Integer(number).dump()


@given(st.lists(st.integers(0, 1 << 40), max_size=6), st.integers(0, 2), st.integers(0, 39))
def test_object_identifiers_are_written_in_base_128(rest: list[int], first: int, second: int) -> None:
    dotted = ".".join(map(str, [first, second, *rest]))
    assert der.oid(dotted) == core.ObjectIdentifier(dotted).dump()


@given(st.binary(max_size=70000))
def test_lengths_are_written_shortest(content: bytes) -> None:
    assert der.octets(content) == core.OctetString(content).dump()


@given(st.lists(st.integers(-70000, 70000), max_size=8))
def test_a_set_of_is_sorted_by_its_octets(numbers: list[int]) -> None:
    written = der.set_of(*map(der.integer, numbers))
    assert written == core.SetOf(numbers, spec=core.Integer).dump(force=True)


@given(st.sets(st.integers(0, 8)))
def test_named_bits_end_with_the_last_one_set(numbers: set[int]) -> None:
    written = der.named_bits(numbers)
    names = {x509.KeyUsage._map[number] for number in numbers}
    assert x509.KeyUsage.load(written, strict=True).native == names
    assert not numbers or written[-1] >> written[2] & 1


@pytest.mark.parametrize(("year", "tag"), [(1999, 0x17), (2049, 0x17), (2050, 0x18)])
def test_times_turn_general_in_2050(year: int, tag: int) -> None:
    moment = datetime(year, 3, 4, 5, 6, 7, tzinfo=UTC)
    written = der.time(moment)
    assert written[0] == tag
    parsed = (core.UTCTime if tag == 0x17 else core.GeneralizedTime).load(written).native
    assert parsed == moment


def test_pieces_of_indefinite_length_read_as_one() -> None:
    written = der.octets_in_pieces(bytes(range(200)), 64)
    assert written[:2] == b"\x24\x80"
    assert core.OctetString.load(written, strict=True).native == bytes(range(200))
