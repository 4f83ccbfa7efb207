"""Smart cameras asked over HTTP: who asks, how they are proved, and what a failure means.

A wrong password is tried once: cameras lock an account after a few wrong tries, and what needs a person is
not tried again for minutes (`DeviceRefused`).
"""

from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import urlsplit

import httpx

from drivers.errors import DeviceError, DeviceRefused, DeviceUnavailable, ProtocolError
from drivers.http_address import client_context
from drivers.http_errors import FarEnd
from drivers.plate_camera.jpeg import BadJpeg, picture_size
from drivers.plate_camera.self_reading import SelfReadingOptions
from drivers.plate_camera.streaming import StreamOptions

PICTURE_BYTES_MAX = 8 * 1024 * 1024


class HttpCameraOptions(StreamOptions, SelfReadingOptions):
    """`url` is the camera's address as its maker's software uses it."""

    schemes: ClassVar[tuple[str, ...]] = ("http", "https")

    authentication: Literal["digest", "basic"] = "digest"
    """How the password is sent; basic sends it in the clear over http."""
    ca: Path | None = None
    """PEM file that the certificate of an https camera is checked against; its own one, if it signed it."""


class HttpCamera:
    """One camera's client, from `open` to `close`."""

    def __init__(self, device: str, options: HttpCameraOptions) -> None:
        self._device, self._options = device, options
        parts = urlsplit(options.url)
        self.base = f"{parts.scheme}://{parts.netloc}"
        self._far_end = FarEnd(device, self.base, options.open_timeout_s, "camera", "camera")
        self._client: httpx.AsyncClient | None = None

    async def open(self) -> None:
        """Raises DeviceRefused for a file of certificates that can't be used."""
        options = self._options
        tls = options.url.startswith("https")
        self._client = httpx.AsyncClient(
            verify=client_context(self._device, options.ca, None, None) if tls else False,
            headers={"Accept-Encoding": "identity"},
            auth=self._auth(),
            timeout=httpx.Timeout(options.open_timeout_s),
            limits=httpx.Limits(max_connections=4),
            trust_env=False,
            follow_redirects=False,
        )

    def _auth(self) -> httpx.Auth | None:
        options = self._options
        if not options.user:
            return None
        password = options.password.get_secret_value() if options.password else ""
        kind = httpx.BasicAuth if options.authentication == "basic" else httpx.DigestAuth
        return kind(options.user, password)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    @property
    def client(self) -> httpx.AsyncClient:
        """Raises DeviceUnavailable when it is not open."""
        if self._client is None:
            raise DeviceUnavailable(self._device, f"{self.base} is not open")
        return self._client

    async def send(
        self, request: httpx.Request, *, stream: bool = False, faults: bool = False, proved: bool = True
    ) -> httpx.Response:
        """The answer to one request, its status checked; `faults` lets SOAP faults (400 and 500) through,
        without `proved` it goes without user and password.  Raises DeviceError."""
        auth = httpx.USE_CLIENT_DEFAULT if proved else None
        try:
            response = await self.client.send(request, stream=stream, auth=auth)
        except httpx.HTTPError as error:
            raise self._lost(error) from error
        except KeyError as error:  # httpx on a digest algorithm that it does not know
            raise ProtocolError(
                self._device,
                f"{self.base} asks for digest authentication with {error}",
                hint="update the camera",
            ) from None
        if faults and response.status_code in (400, 500):
            return response
        try:
            self._check(response)
        except DeviceError:
            await response.aclose()
            raise
        return response

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in (401, 403):
            asked = response.headers.get("www-authenticate", "").split(" ")[0].lower()
            mine = self._options.authentication
            if status == 401 and asked and asked != mine and self._options.user:
                hint = f"the camera asks for {asked[:20]}: set `authentication`, or change it at the camera"
            elif not self._options.user:
                hint = "set `user` and `password`"
            else:
                hint = "check `user` and `password`: tried once, as cameras lock an account after a few tries"
            raise DeviceRefused(
                self._device, f"{self.base} answered {status} to {response.request.url.path}", hint=hint
            )
        self._far_end.check_status(response)

    def _lost(self, error: httpx.HTTPError) -> DeviceError:
        return self._far_end.lost(error)

    def lost(self, error: httpx.HTTPError) -> DeviceError:
        """The error for a stream that broke off: nothing that a person must mend."""
        said = str(error) or type(error).__name__
        return DeviceUnavailable(
            self._device, f"{self.base} was lost: {said}", hint="network, or camera restarted?"
        )

    async def picture(self, path: str) -> bytes:
        """A JPEG at `path`, whole.  Raises DeviceError."""
        request = self.client.build_request("GET", self.base + path)
        response = await self.send(request, stream=True)
        body = bytearray()
        try:
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > PICTURE_BYTES_MAX:
                    raise ProtocolError(self._device, f"{self.base}{path}: over {PICTURE_BYTES_MAX} bytes")
        except httpx.HTTPError as error:
            raise self._lost(error) from error
        finally:
            await response.aclose()
        try:
            picture_size(bytes(body))
        except BadJpeg as error:
            raise ProtocolError(self._device, f"{self.base}{path} is no picture: {error}") from None
        return bytes(body)
