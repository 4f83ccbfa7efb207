"""The HTTP register against its simulated service, and against services that break every rule."""

import asyncio
import datetime as dt
import ipaddress
import json
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.errors import DeviceError, DeviceRefused, DeviceTimeout, DeviceUnavailable, ProtocolError
from drivers.registers.http import ANSWER_MAX_BYTES, Driver, HttpOptions
from simulators.registers.draw import Draw, recompute
from simulators.registers.http_service import FAULTS, HttpRegister
from tests.boards.bench import opened, running

ROWS: dict[str, list[dict[str, Any]]] = {
    "booking": [
        {"plate": "123ABC02", "valid_from": "2026-01-30", "valid_to": "2026-02-01", "class": "in turn"}
    ],
    "watchlist_plate": [{"reference": "V-1", "plate": "777ABC02", "handling": "refer"}],
    "declaration": [
        {"reference": "D-1", "plate": "123ABC02", "gross_kg": 38250, "axles": 5, "vehicle": "A2 C3"}
    ],
    "lost_documents": [{"reference": "L-1", "number": "N7654321", "issuer": "KAZ", "type": "P"}],
    "watchlist_person": [
        {
            "reference": "W-1",
            "number": "N1234567",
            "issuer": "KAZ",
            "names": ["AKHMETOV DAULET"],
            "birth_date": "1980-05-17",
            "handling": "refer",
        }
    ],
}
QUESTIONS: dict[str, dict[str, Any]] = {
    "booking": {"plate": "123ABC02"},
    "watchlist_plate": {"plate": "777ABC02"},
    "declaration": {"plate": "123ABC02"},
    "lost_documents": {"number": "N7654321", "issuer": "KAZ", "type": "P"},
    "watchlist_person": {
        "number": "N1234567",
        "issuer": "KAZ",
        "surname": "AKHMETOV",
        "given_names": "DAULET",
        "birth_date": "1980-05-17",
    },
}


def service(**options: Any) -> HttpRegister:
    return HttpRegister("authority", lambda: ROWS, **options)


def driver(it: HttpRegister, **options: Any) -> Driver:
    # Long enough for a busy machine; only a test that waits for silence shortens it.
    return Driver("authority", HttpOptions(url=it.address, **{"timeout_s": 20.0} | options))


@pytest.mark.parametrize("kind", QUESTIONS)
async def test_every_kind_is_asked_and_answered_with_the_age_of_the_data(kind: str):
    day = dt.datetime(2026, 1, 31, 6, tzinfo=dt.UTC)
    async with running(service(as_of=lambda: day)) as it, opened(driver(it)) as register:
        answer = await register.ask(kind, QUESTIONS[kind])
        assert list(answer.hits) == ROWS[kind]
        assert answer.as_of == "2026-01-31T06:00:00Z"


async def test_nobody_is_an_answer_too():
    async with running(service()) as it, opened(driver(it)) as register:
        assert (await register.ask("booking", {"plate": "999ZZZ09"})).hits == ()


async def test_a_question_is_asked_once():
    async with running(service()) as it, opened(driver(it)) as register:
        for fault in ("error", "cut", "garbage"):
            it.set_fault(fault, True)
            before = it.asked
            with pytest.raises(DeviceError):
                await register.ask("booking", QUESTIONS["booking"])
            assert it.asked - before <= 1
            it.set_fault(fault, False)


FAULT_ERRORS = {
    "outage": (DeviceUnavailable, ProtocolError),
    "silent": DeviceTimeout,
    "error": DeviceUnavailable,
    "refusing": DeviceRefused,
    "garbage": ProtocolError,
    "wrong_shape": ProtocolError,
    "bad_utf8": ProtocolError,
    "endless": ProtocolError,
    "cut": ProtocolError,
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_a_clear_error_and_the_register_comes_back(fault: str):
    options = {"timeout_s": 2.0} if fault == "silent" else {}
    async with running(service()) as it, opened(driver(it, **options)) as register:
        it.set_fault(fault, True)
        with pytest.raises(FAULT_ERRORS[fault], match="authority: http://"):
            await register.ask("booking", QUESTIONS["booking"])
        it.set_fault(fault, False)
        assert len((await register.ask("booking", QUESTIONS["booking"])).hits) == 1


async def test_a_service_that_is_not_there_is_unavailable_and_comes_back():
    async with running(service()) as it:
        register = driver(it)
        async with opened(register):
            await it.stop()
            with pytest.raises(DeviceUnavailable, match="can't be reached"):
                await register.ask("booking", QUESTIONS["booking"])
            with pytest.raises(DeviceUnavailable):
                await register.open()
            with pytest.raises(DeviceUnavailable, match="not open"):
                await register.ask("booking", QUESTIONS["booking"])
            await it.start()
            await register.open()
            assert len((await register.ask("booking", QUESTIONS["booking"])).hits) == 1


async def test_an_answer_after_the_callers_deadline_harms_no_later_question():
    async with running(service()) as it, opened(driver(it)) as register:
        it.latency_s = 0.1
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await register.ask("booking", QUESTIONS["booking"])
        it.latency_s = 0.0
        answer = await register.ask("watchlist_plate", QUESTIONS["watchlist_plate"])
        assert answer.hits[0]["reference"] == "V-1"


async def test_fifty_questions_at_once_each_get_their_own_answer():
    async with running(service()) as it, opened(driver(it)) as register:
        kinds = list(QUESTIONS) * 10
        answers = await asyncio.gather(*(register.ask(kind, QUESTIONS[kind]) for kind in kinds))
        for kind, answer in zip(kinds, answers, strict=True):
            assert list(answer.hits) == ROWS[kind]


async def test_a_wrong_token_and_a_wrong_path_are_refused():
    async with running(service(token="right")) as it:
        with pytest.raises(DeviceRefused, match="401"):
            await driver(it, token="wrong").open()
        with pytest.raises(DeviceRefused, match="404"):
            await Driver("authority", HttpOptions(url=it.address + "s", token="right")).open()
        async with opened(driver(it, token="right")) as register:
            assert set(register.kinds) == set(ROWS)


async def test_a_kind_that_the_service_does_not_have_is_refused_without_asking():
    async with running(service()) as it, opened(driver(it)) as register:
        with pytest.raises(DeviceRefused, match="does not answer draw"):
            await register.ask("draw", {"lane": "cargo-1", "passage": 1})
        assert it.asked == 0


# --- options ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"url": "register"}, "no address"),
        ({"url": "ftp://127.0.0.1/"}, "no address"),
        ({"url": "http://127.0.0.1:99999/"}, "no address"),
        ({"url": "http://register.example/"}, "use https"),
        ({"url": "http://10.0.0.1/"}, "use https"),
        ({"url": "https://user:secret@register.example/"}, "no user or password"),
        ({"url": "https://register.example/", "certificate": "c.pem"}, "go together"),
        ({"url": "https://register.example/", "timeout_s": 0}, "timeout_s"),
    ],
)
def test_an_option_that_can_not_work_is_refused(options: dict[str, Any], says: str):
    with pytest.raises(ValueError, match=says):
        HttpOptions.model_validate(options)


def test_a_token_is_never_printed():
    assert "geheim" not in repr(HttpOptions(url="https://register.example/", token="geheim"))


# --- TLS ----------------------------------------------------------------------------------------------------


def issue(folder: Path, name: str, signer: tuple[Any, Any] | None = None) -> tuple[Any, Any]:
    """Key and certificate as PEM files NAME.key and NAME.crt; signed by itself without `signer`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer_key, signer_name = (signer[0], signer[1].subject) if signer else (key, subject)
    start = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(signer is None, None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key.public_key()), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(signer_key, hashes.SHA256())
    )
    (folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return key, certificate


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    root = issue(tmp_path, "ca")
    issue(tmp_path, "server", root)
    issue(tmp_path, "client", root)
    issue(tmp_path, "stranger")
    return tmp_path


def tls_service(folder: Path) -> HttpRegister:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "ca.crt")
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    return service(tls=context)


async def test_a_client_certificate_opens_the_service_and_a_strangers_does_not(authority: Path):
    async with running(tls_service(authority)) as it:
        ours = {
            "ca": authority / "ca.crt",
            "certificate": authority / "client.crt",
            "key": authority / "client.key",
        }
        async with opened(driver(it, **ours)) as register:
            assert len((await register.ask("booking", QUESTIONS["booking"])).hits) == 1
        stranger = {"certificate": authority / "stranger.crt", "key": authority / "stranger.key"}
        for wrong in (ours | stranger, {"ca": ours["ca"]}, {"ca": authority / "stranger.crt"}):
            with pytest.raises((DeviceRefused, DeviceUnavailable)):
                await driver(it, **wrong).open()


async def test_tls_files_that_can_not_be_used_are_named(authority: Path):
    missing = authority / "missing.crt"
    with pytest.raises(DeviceRefused, match=r"missing\.crt"):
        await Driver("authority", HttpOptions(url="https://127.0.0.1:1/", ca=missing)).open()


# --- the draw -----------------------------------------------------------------------------------------------


async def test_the_draw_is_recomputed_by_anyone_once_its_seed_is_disclosed():
    draw = Draw(0.2, seed=b"s" * 32)
    published = draw.commitment
    async with running(service(draw=draw)) as it, opened(driver(it)) as register:
        choices = {
            passage: (await register.ask("draw", {"lane": "cargo-1", "passage": passage})).hits[0]
            for passage in range(1, 101)
        }
        again = (await register.ask("draw", {"lane": "cargo-1", "passage": 7})).hits[0]
        assert again == choices[7], "asked twice, drawn once"
    disclosed = draw.disclose()
    assert disclosed.commitment == published != draw.commitment
    assert 5 <= sum(choice["selected"] for choice in choices.values()) <= 40
    for passage, choice in choices.items():
        assert recompute(disclosed, "cargo-1", passage, choice["selected"], choice["proof"])
        assert not recompute(disclosed, "cargo-1", passage, not choice["selected"], choice["proof"])
        assert not recompute(disclosed, "cargo-2", passage, choice["selected"], choice["proof"])


def test_another_seed_than_the_one_committed_to_convicts_itself():
    draw = Draw(0.5)
    selected, proof = draw.select("cargo-1", 1)
    ended = draw.disclose()
    forged = type(ended)(b"x" * 32, ended.commitment, ended.rate)
    assert recompute(ended, "cargo-1", 1, selected, proof)
    assert not recompute(forged, "cargo-1", 1, selected, proof)


@given(st.text(max_size=8), st.integers(0, 2**40), st.text(max_size=8), st.integers(0, 2**40))
def test_no_two_passages_share_a_draw(lane: str, passage: int, other_lane: str, other: int):
    draw = Draw(0.5, seed=b"s")
    lane, other_lane = lane.replace("\0", ""), other_lane.replace("\0", "")
    same = (lane, passage) == (other_lane, other)
    assert (draw.select(lane, passage)[1] == draw.select(other_lane, other)[1]) == same


@pytest.mark.parametrize(("rate", "chosen"), [(0.0, 0), (1.0, 200)])
def test_a_rate_of_nothing_and_of_everything(rate: float, chosen: int):
    draw = Draw(rate)
    assert sum(draw.select("cargo-1", passage)[0] for passage in range(200)) == chosen


@pytest.mark.parametrize(
    "hits", [[], [{"selected": True, "proof": "a"}] * 2, [{"selected": "yes", "proof": "a"}]]
)
async def test_a_draw_that_is_not_exactly_one_choice_is_no_answer(hits: list[Any]):
    body = json.dumps({"as_of": "2026-01-31T06:00:00Z", "hits": hits}).encode()
    async with Rogue(lambda _: ok(body)) as register:
        with pytest.raises(ProtocolError):
            await register.ask("draw", {"lane": "cargo-1", "passage": 1})


# --- rogue services -----------------------------------------------------------------------------------------


def ok(body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)


class Rogue:
    """A service that describes itself well and then sends `reply(request)` to each question."""

    def __init__(self, reply: Callable[[bytes], bytes]) -> None:
        self._reply = reply

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if head.startswith(b"GET"):
                    kinds = ["booking", "watchlist_person", "declaration", "draw"]
                    writer.write(ok(json.dumps({"kinds": kinds}).encode()))
                else:
                    writer.write(self._reply(head))
                    await writer.drain()
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def __aenter__(self) -> Driver:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self._driver = Driver("authority", HttpOptions(url=f"http://127.0.0.1:{port}/", timeout_s=20.0))
        await self._driver.open()
        return self._driver

    async def __aexit__(self, *_: object) -> None:
        await self._driver.close()
        self._server.close()


def answered(**changes: Any) -> bytes:
    hit = {"plate": "1", "valid_from": "2026-01-01", "valid_to": "2026-01-02", "class": "x"}
    return ok(json.dumps({"as_of": "2026-01-31T06:00:00Z", "hits": [hit]} | changes).encode())


BAD_ANSWERS = {
    "huge": ok(b'{"as_of": "' + b"x" * ANSWER_MAX_BYTES + b'"}'),
    "deep": ok(b'{"hits": ' + b"[" * 100_000),
    "long number": ok(b'{"hits": ' + b"9" * 100_000 + b"}"),
    "not a number": ok(b'{"as_of": NaN, "hits": []}'),
    "no object": ok(b"[]"),
    "no hits": answered(hits=None),
    "hits no list": answered(hits={}),
    "too many hits": answered(hits=[{}] * 101),
    "hit no object": answered(hits=["1"]),
    "hit without a key": answered(hits=[{"plate": "1"}]),
    "hit of another type": answered(hits=[{"plate": 1, "valid_from": 1, "valid_to": 1, "class": 1}]),
    "no time": answered(as_of="yesterday"),
    "time without a zone": answered(as_of="2026-01-31T06:00:00"),
    "bad UTF-8": ok(b'{"as_of": "\xff", "hits": []}'),
    "packed": ok(b"\x1f\x8b\x08\x00garbage", b"Content-Encoding: gzip"),
    "not HTTP": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "endless header": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000,
    "lying length": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
    "elsewhere": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    "nothing": b"",
}


async def test_an_answer_without_end_is_cut_at_the_bound():
    async with Rogue(lambda _: BAD_ANSWERS["huge"]) as register:
        with pytest.raises(ProtocolError, match=f"over {ANSWER_MAX_BYTES} bytes"):
            await register.ask("booking", {"plate": "1"})


async def test_a_question_about_a_traveller_is_never_sent_elsewhere():
    async with Rogue(lambda _: BAD_ANSWERS["elsewhere"]) as register:
        with pytest.raises(DeviceRefused, match="302"):
            await register.ask("booking", {"plate": "1"})


@pytest.mark.parametrize("bad", BAD_ANSWERS)
async def test_a_bad_answer_is_an_error_and_never_a_hit(bad: str):
    async with Rogue(lambda _: BAD_ANSWERS[bad]) as register:
        with pytest.raises(DeviceError) as error:
            await register.ask("booking", {"plate": "1"})
        assert not isinstance(error.value, DeviceTimeout)
        assert len(str(error.value)) < 500


async def test_keys_that_were_not_asked_for_are_not_passed_on():
    hit = {
        "plate": "1",
        "valid_from": "2026-01-01",
        "valid_to": "2026-01-02",
        "class": "x",
        "owner": "A NAME",
    }
    async with Rogue(lambda _: answered(hits=[hit])) as register:
        assert "owner" not in (await register.ask("booking", {"plate": "1"})).hits[0]


async def test_a_wrong_hit_about_a_traveller_does_not_name_him():
    hit = {
        "reference": "W",
        "number": 5,
        "issuer": "KAZ",
        "names": ["SECRETOV"],
        "birth_date": "",
        "handling": "",
    }
    async with Rogue(lambda _: answered(hits=[hit])) as register:
        with pytest.raises(ProtocolError) as error:
            await register.ask("watchlist_person", QUESTIONS["watchlist_person"])
        assert "SECRETOV" not in str(error.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FUZZ = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def run(trial: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await trial()

    asyncio.run(bounded())


@given(st.binary(max_size=300))
@FUZZ
def test_random_bytes_are_no_answer(data: bytes):
    async def trial() -> None:
        async with Rogue(lambda _: data) as register:
            with pytest.raises(DeviceError):
                await register.ask("booking", {"plate": "1"})

    run(trial)


@given(JSON, st.sampled_from(["as_of", "hits", "hit"]))
@FUZZ
def test_random_json_is_an_answer_only_when_it_fits_the_schema(value: Any, where: str):
    reply = answered(hits=[value]) if where == "hit" else answered(**{where: value})

    async def trial() -> None:
        async with Rogue(lambda _: reply) as register:
            try:
                answer = await register.ask("declaration", {"plate": "1"})
            except DeviceError:
                return
            assert all(
                set(hit) == {"reference", "plate", "gross_kg", "axles", "vehicle"} for hit in answer.hits
            )

    run(trial)


@given(st.lists(st.binary(max_size=200), max_size=4))
@FUZZ
def test_random_bytes_to_the_service_leave_it_alive(chunks: list[bytes]):
    async def trial() -> None:
        async with running(service()) as it:
            host, port = it.address.removeprefix("http://").removesuffix("/register").split(":")
            _, writer = await asyncio.open_connection(host, int(port))
            for chunk in chunks:
                writer.write(chunk)
            async with opened(driver(it)) as register:
                assert len((await register.ask("booking", QUESTIONS["booking"])).hits) == 1
            writer.transport.abort()

    run(trial)


@pytest.mark.parametrize(
    "question",
    [b"", b"[]", b"{}", b'{"kind": "booking"}', b'{"kind": "booking", "question": {"plate": 5}}', b"{" * 99],
)
async def test_a_question_of_the_wrong_shape_is_answered_with_400(question: bytes):
    async with running(service()) as it:
        host, port = it.address.removeprefix("http://").removesuffix("/register").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /register HTTP/1.1\r\nHost: x\r\nContent-Length: {len(question)}\r\n\r\n"
        writer.write(head.encode() + question)
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        writer.transport.abort()
