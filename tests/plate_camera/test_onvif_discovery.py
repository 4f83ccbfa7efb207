"""ONVIF's discovery messages: any datagram is cameras or a reason, and nothing else."""

import random
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.multicast import Datagram
from drivers.plate_camera import onvif_search
from drivers.plate_camera.onvif_discovery import BYTES_MAX, TYPES, Dropped, host_of, probe, read
from drivers.plate_camera.onvif_search import CAMERAS_MAX, Answers, send_times
from simulators.plate_camera.onvif_discovery import Card, matches, probe_in

QUESTION, MESSAGE = "9ac9a12f-be37-4767-9333-50aa933026ea", "b0bc3602-35b7-cb46-b51c-714db0a9f0a4"
CARD = Card(
    "urn:uuid:5f5a69c2-e0ae-504f-829b-00afa538ab17",
    ("http://192.0.2.64/onvif/device_service",),
    ("onvif://www.onvif.org/name/Lane%201", "onvif://www.onvif.org/hardware/X1"),
)


def answered(card: Card = CARD, relates_to: str = f"uuid:{QUESTION}") -> bytes:
    return matches(card, relates_to, MESSAGE, 1)


def test_an_answer_tells_the_camera() -> None:
    (one,), dropped = read(answered(), {QUESTION})
    assert not dropped
    assert (one.endpoint, one.xaddrs, one.scopes) == (CARD.endpoint, CARD.xaddrs, CARD.scopes)
    assert [one.told(kind) for kind in ("name", "hardware", "location")] == ["Lane 1", "X1", ""]


@pytest.mark.parametrize("relates_to", [f"urn:uuid:{QUESTION}", f" {QUESTION.upper()}\n", f"uuid:{QUESTION}"])
def test_a_question_is_known_by_its_uuid_however_it_is_written(relates_to: str) -> None:
    assert read(answered(relates_to=relates_to), {QUESTION})[0]


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_the_camera_s_end_reads_the_question(kind: str) -> None:
    asked = probe_in(probe(kind, MESSAGE))
    assert asked
    assert (asked.message, asked.types) == (f"uuid:{MESSAGE}", ((TYPES[kind], kind.partition(":")[2]),))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Dropped.NOT_XML),
        (b"HTTP/1.1 200 OK\r\n\r\n", Dropped.NOT_XML),
        (answered()[:-9], Dropped.NOT_XML),
        (answered().replace(b"xmlns:d=", b"xmlns:e="), Dropped.NOT_XML),
        (b"<!DOCTYPE a>" + answered().partition(b"\n")[2], Dropped.NOT_XML),
        (b"<a>" * 5000, Dropped.NOT_XML),
        (b"<?xml version='1.0' encoding='utf-7'?><a/>", Dropped.NOT_XML),
        (answered() + b" " * BYTES_MAX, Dropped.TOO_LARGE),
        (b"<a/>", Dropped.NO_MATCH),
        (probe("tds:Device", QUESTION), Dropped.NO_MATCH),
        (answered().replace(b"ProbeMatches", b"Hello"), Dropped.NO_MATCH),
        (re.sub(rb"<d:ProbeMatch>.*</d:ProbeMatch>", b"", answered()), Dropped.NO_MATCH),
        (answered(relates_to=f"uuid:{MESSAGE}"), Dropped.OTHER_QUESTION),
        (answered(relates_to=""), Dropped.OTHER_QUESTION),
        (re.sub(rb"<wsa:RelatesTo>.*</wsa:RelatesTo>", b"", answered()), Dropped.OTHER_QUESTION),
        (answered(replace(CARD, endpoint="")), Dropped.NO_ENDPOINT),
        (answered(replace(CARD, endpoint="urn:uuid:\u202e1")), Dropped.NO_ENDPOINT),
        (answered(replace(CARD, endpoint="a" * 600)), Dropped.NO_ENDPOINT),
        (answered(replace(CARD, xaddrs=())), Dropped.NO_ADDRESS),
    ],
)
def test_what_is_no_answer_says_why(data: bytes, reason: Dropped) -> None:
    assert read(data, {QUESTION}) == ([], [reason])


def test_a_printer_or_a_computer_is_no_camera() -> None:
    data = answered(replace(CARD, scopes=("ldap:///ou=print",)))
    assert read(data, {QUESTION})[0]  # it says that it sends video
    assert read(data.replace(b"dn:NetworkVideoTransmitter", b"pub:Computer"), {QUESTION}) == (
        [],
        [Dropped.NOT_ONVIF],
    )


@pytest.mark.parametrize(
    ("xaddr", "host"),
    [
        ("http://192.0.2.64/onvif/device_service", "192.0.2.64"),
        ("https://Camera-1.lane.local:8443/onvif", "camera-1.lane.local:8443"),
        ("http://[fe80::5a50:edff:fe1f:e385]/onvif/device_service", "[fe80::5a50:edff:fe1f:e385]"),
        ("HTTP://192.0.2.64", "192.0.2.64"),
        ("ftp://192.0.2.64/", ""),
        ("soap.udp://192.0.2.64:3702", ""),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("http://admin:admin@192.0.2.64/", ""),
        ("http://@192.0.2.64/", ""),
        ("http:///onvif", ""),
        ("http://192.0.2.64:99999/", ""),
        ("http://[fe80::/", ""),
        ("http://[fe80::zz]/", ""),
        ('http://a"b/', ""),
        ("http://a\\b/", ""),
        ("http://192.0.2.64/\u202e", ""),
        ("http://192.0.2.64/\x7f", ""),
        ("http://k\u00e4mera/", ""),
        ("http://192.0.2.64/" + "a" * 600, ""),
        ("192.0.2.64", ""),
    ],
)
def test_an_address_is_http_on_a_plain_host(xaddr: str, host: str) -> None:
    assert host_of(xaddr) == host


def test_bad_addresses_and_scopes_are_left_out_and_the_camera_stays() -> None:
    card = replace(
        CARD,
        xaddrs=("ftp://192.0.2.64/", *CARD.xaddrs),
        scopes=(
            *CARD.scopes,
            "onvif://www.onvif.org/name/%1B%5B2J",
            "onvif://www.onvif.org/name/" + "a" * 600,
        ),
    )
    (one,), dropped = read(answered(card), {QUESTION})
    assert (one.xaddrs, one.scopes) == (CARD.xaddrs, CARD.scopes)
    assert sorted(dropped) == [Dropped.BAD_SCOPE, Dropped.BAD_SCOPE, Dropped.BAD_XADDR]


@given(data=st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_any_bytes_are_dropped_with_a_reason(data: bytes) -> None:
    found, dropped = read(data, {QUESTION})
    assert not found
    assert dropped
    assert probe_in(data) is None


@given(st.data())
def test_a_damaged_answer_is_dropped_or_tells_only_what_can_be_shown(data: st.DataObject) -> None:
    whole = bytearray(answered())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    found, dropped = read(bytes(whole), {QUESTION})
    assert found or dropped
    for one in found:
        texts = (one.endpoint, *one.types, *one.xaddrs, *one.scopes, one.told("name"), one.told("hardware"))
        assert all(text.isprintable() for text in texts)
        assert all(host_of(xaddr) for xaddr in one.xaddrs)


def test_a_crowd_of_devices_costs_no_memory_without_bound() -> None:
    answers = Answers()
    for number in range(CAMERAS_MAX + 40):
        datagram = Datagram(
            answered(replace(CARD, endpoint=f"urn:{number}")), f"192.0.2.{number % 200}", 2, True
        )
        answers.take(datagram, 2, frozenset({QUESTION}))
    assert (len(answers.cameras), answers.dropped) == (CAMERAS_MAX, {Dropped.TOO_MANY: 40})


def test_one_device_that_says_ever_more_costs_no_memory_without_bound() -> None:
    answers = Answers()
    for number in range(300):
        card = replace(
            CARD,
            xaddrs=(f"http://192.0.2.64:{number + 1}/",),
            scopes=tuple(f"onvif://www.onvif.org/name/{number}-{one}" for one in range(9)),
        )
        answers.take(Datagram(answered(card), f"198.18.{number}.1", 2, True), 2, frozenset({QUESTION}))
    (one,) = answers.cameras.values()
    assert (len(one.match.xaddrs), len(one.match.scopes), len(one.sources)) == (16, 64, 8)


def test_an_answer_whose_interface_is_not_told_is_not_taken() -> None:
    answers = Answers()
    for interface in (0, 3):
        answers.take(Datagram(answered(), "192.0.2.64", interface, True), 2, frozenset({QUESTION}))
    assert (answers.cameras, answers.dropped) == ({}, {Dropped.OTHER_INTERFACE: 2})


@given(st.integers())
def test_a_question_is_repeated_after_waits_that_double_up_to_half_a_second(seed: int) -> None:
    times = send_times(random.Random(seed))
    waits = [after - before for before, after in pairwise(times)]
    assert times[0] == 0
    assert 0.05 <= waits[0] <= 0.25
    for before, after in pairwise(waits):
        assert after == pytest.approx(min(2 * before, 0.5))
    assert times[-1] + 0.5 < onvif_search.SECONDS
