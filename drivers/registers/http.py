"""A register behind an HTTP service.

    GET  url                                   -> 200 {"kinds": ["booking", ...]}
    POST url {"kind": ..., "question": {...}}  -> 200 {"as_of": "2026-01-31T06:00:00Z", "hits": [{...}, ...]}

Questions and hits are those of `drivers/registers/__init__.py`.  A question is asked once: the caller holds
the deadline, and a lost answer is no answer.  Plain HTTP is for loopback only, because questions are about
travellers; elsewhere TLS, with a client certificate where the service wants one.
"""

import ipaddress
import json
import ssl
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from pydantic import Field, model_validator

from drivers.device import OPEN_S, Grade, Options
from drivers.errors import DeviceRefused, DeviceUnavailable
from drivers.http_errors import FarEnd
from drivers.registers import KINDS, Register, RegisterAnswer
from drivers.registers.hits import HITS_MAX, BadHit, checked

ANSWER_MAX_BYTES = 256 * 1024
KEEP_ALIVE_S = 2.0
"""Shorter than any server's: a question must not meet a connection that is being closed."""


class HttpOptions(Options):
    """`ca`, `certificate`, `key`: PEM files.  `token` is sent as a bearer token.  `timeout_s` bounds each
    step of an exchange (connect, send, first byte, next byte); the lane's own deadline bounds the whole."""

    url: str
    """Where the register answers; https, plain http on loopback only."""
    ca: Path | None = None
    """PEM file that the register's certificate is checked against."""
    certificate: Path | None = None
    """PEM file of our client certificate."""
    key: Path | None = None
    """PEM file of its private key."""
    token: str | None = Field(default=None, min_length=1, repr=False)
    """Sent as a bearer token."""
    timeout_s: float = Field(default=3.0, gt=0, le=30)
    """Bound on each step of an exchange, in seconds; the lane's deadline bounds the whole."""

    @model_validator(mode="after")
    def _safe(self) -> "HttpOptions":
        try:
            parts = urlsplit(self.url)
            port_ok = parts.port is None or parts.port > 0
        except ValueError:
            raise ValueError(f'url: "{self.url}" is no address; expected https://HOST[:PORT]/PATH') from None
        if parts.scheme not in ("http", "https") or not parts.hostname or not port_ok:
            raise ValueError(f'url: "{self.url}" is no address; expected https://HOST[:PORT]/PATH')
        if parts.username or parts.password:
            raise ValueError("url: no user or password here; use token or a client certificate")
        if parts.scheme == "http" and not _loopback(parts.hostname):
            raise ValueError(
                "url: plain http is for loopback only: questions are about travellers; use https"
            )
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        return self


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Driver(Register):
    model = "register over HTTP and JSON"
    grade = Grade.SIMULATED
    options_type = HttpOptions
    options: HttpOptions

    def __init__(self, name: str, options: HttpOptions) -> None:
        super().__init__(name, options)
        self._far_end = FarEnd(name, options.url, options.timeout_s, "service", "register")
        self._client: httpx.AsyncClient | None = None
        self.kinds: tuple[str, ...] = ()
        """What the service says it can be asked; known once open."""

    @property
    def open_s(self) -> float:
        return max(OPEN_S, 2 * self.options.timeout_s + 1.0)

    async def open(self) -> None:
        await self.close()
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if self.options.token:
            headers["Authorization"] = f"Bearer {self.options.token}"
        client = httpx.AsyncClient(
            verify=self._tls(),
            headers=headers,
            timeout=self.options.timeout_s,
            limits=httpx.Limits(max_connections=8, keepalive_expiry=KEEP_ALIVE_S),
            trust_env=False,
            follow_redirects=False,
        )
        self._client = client
        try:
            kinds = (await self._exchange(client.build_request("GET", self.options.url))).get("kinds")
            if not isinstance(kinds, list) or not all(kind in KINDS for kind in cast(list[Any], kinds)):
                raise self._far_end.wrong('expected {"kinds": [...]}' + f" with some of {', '.join(KINDS)}")
            self.kinds = tuple(cast(list[str], kinds))
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def identify(self) -> str:
        return f"answers {', '.join(self.kinds)}"

    async def ask(self, kind: str, question: dict[str, Any]) -> RegisterAnswer:
        if self._client is None:
            raise DeviceUnavailable(self.name, "not open")
        if kind not in self.kinds:
            raise DeviceRefused(self.name, f"the service does not answer {kind}; it has {self.kinds}")
        request = self._client.build_request(
            "POST", self.options.url, json={"kind": kind, "question": question}
        )
        answer = await self._exchange(request)
        as_of, hits = answer.get("as_of"), answer.get("hits")
        if not isinstance(as_of, str) or not _is_time(as_of):
            raise self._far_end.wrong("as_of is no time with its zone")
        if not isinstance(hits, list):
            raise self._far_end.wrong("hits is no list")
        rows = cast(list[Any], hits)
        if len(rows) > HITS_MAX or (kind == "draw" and len(rows) != 1):
            wanted = "exactly one hit" if kind == "draw" else f"at most {HITS_MAX} hits"
            raise self._far_end.wrong(f"{len(rows)} hits; {wanted} to a question of {kind}")
        try:
            return RegisterAnswer(tuple(checked(kind, row) for row in rows), as_of)
        except BadHit as error:
            raise self._far_end.wrong(f"a hit of {kind}: {error}") from None

    # --- one exchange -------------------------------------------------------------------------------------

    def _tls(self) -> ssl.SSLContext | bool:
        options = self.options
        if urlsplit(options.url).scheme == "http":
            return False
        try:
            context = ssl.create_default_context(cafile=options.ca)
            if options.certificate and options.key:
                context.load_cert_chain(options.certificate, options.key)
        except (OSError, ssl.SSLError) as error:
            files = ", ".join(str(f) for f in (options.ca, options.certificate, options.key) if f)
            raise DeviceRefused(
                self.name, f"can't use the TLS files {files}: {error}", hint="PEM, readable by the service?"
            ) from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    async def _exchange(self, request: httpx.Request) -> dict[str, Any]:
        """The JSON object that answers.  Never repeated, never redirected, never larger than the bound."""
        assert self._client is not None
        try:
            response = await self._client.send(request, stream=True)
            try:
                self._far_end.check_status(response)
                body = await self._read(response)
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            raise self._far_end.lost(error) from error
        return self._parsed(body)

    async def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > ANSWER_MAX_BYTES:
                raise self._far_end.wrong(f"over {ANSWER_MAX_BYTES} bytes")
        return bytes(body)

    def _parsed(self, body: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        except UnicodeDecodeError:
            raise self._far_end.wrong("not UTF-8") from None
        except RecursionError:
            raise self._far_end.wrong("nested too deep") from None
        except ValueError as error:
            where = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else error
            raise self._far_end.wrong(f"no JSON, {where}") from None
        if not isinstance(answer, dict):
            raise self._far_end.wrong("expected a JSON object")
        return cast(dict[str, Any], answer)


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
