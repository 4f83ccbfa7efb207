"""An ONVIF camera's services: where they are, what its clock says, and asking them as who we are."""

import time
from urllib.parse import urlsplit

import httpx
from pydantic import Field, model_validator

from drivers.errors import DeviceError, DeviceRefused, DeviceUnavailable, ProtocolError
from drivers.plate_camera.http_camera import HttpCamera, HttpCameraOptions
from drivers.plate_camera.onvif_times import clock_in
from drivers.plate_camera.soap import ANSWER_BYTES_MAX, SoapFault, UsernameToken, answer, envelope
from drivers.plate_camera.xml_tree import BadXml, Element

DEVICE_PATH = "/onvif/device_service"
EVENTS = "http://www.onvif.org/ver10/events/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
UNPROVED = frozenset({"NotAuthorized", "FailedAuthentication", "InvalidSecurity", "InvalidSecurityToken"})


class OnvifOptions(HttpCameraOptions):
    """`url` is the camera's address, with the path of its device service where that is another than usual."""

    silent_s: float = Field(16.0, ge=2, le=600)
    """Seconds without an answer to a pull after which the camera counts as lost; it is asked every 5 s."""
    username_token: bool = False
    """Whether each message proves the password (WS-UsernameToken): for cameras that take no HTTP digest."""

    @model_validator(mode="after")
    def _somebody(self) -> "OnvifOptions":
        if self.username_token and not self.user:
            raise ValueError("`username_token` needs `user` and `password`")
        return self


class OnvifFault(ProtocolError):
    """A service refused what was asked, and not for who asked it."""


class OnvifService:
    """One camera, from `open` to `close`."""

    def __init__(self, device: str, options: OnvifOptions) -> None:
        self.camera = HttpCamera(device, options)
        self.ahead_s: float | None = None
        """How far the camera's clock was ahead of ours when it was opened, None where it did not tell."""
        self._device, self._options = device, options
        self._addresses: dict[str, str] = {}
        self._token: UsernameToken | None = None
        if options.username_token:
            password = options.password.get_secret_value() if options.password else ""
            self._token = UsernameToken(options.user, password)
        self._admitted = False

    async def open(self) -> None:
        """Learn the camera's clock, then where its services are.  Raises DeviceError."""
        self._admitted, self.ahead_s = False, None
        await self.camera.open()
        device = urlsplit(self._options.url).path.rstrip("/") or DEVICE_PATH
        await self._ask_clock(device)
        self._addresses = await self._ask_addresses(device)

    async def close(self) -> None:
        await self.camera.close()

    def address(self, namespace: str) -> str:
        """Where the service of this namespace is, for `ask`.  Raises ProtocolError."""
        found = self._addresses.get(namespace)
        if found is None:
            name = namespace.split("/")[-2]
            raise ProtocolError(
                self._device, f"{self.camera.base} tells no {name} service", hint="is it switched on there?"
            )
        return found

    @staticmethod
    def path(address: str) -> str:
        """Of an address that the camera told, path and query alone: cameras tell addresses of other networks,
        and nobody but the camera that `url` names shall be asked with its password."""
        parts = urlsplit(address.strip())
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    async def ask(
        self,
        path: str,
        body: str,
        headers: str = "",
        *,
        action: str = "",
        wait_s: float = 0.0,
        proved: bool = True,
    ) -> Element:
        """What a service answers, who may let `wait_s` pass.  Raises DeviceError, OnvifFault among them."""
        if proved and self._token is not None:
            headers += self._token.header(time.time() + (self.ahead_s or 0.0))
        kind = 'application/soap+xml; charset="utf-8"' + (f'; action="{action}"' if action else "")
        open_s = self._options.open_timeout_s
        request = self.camera.client.build_request(
            "POST",
            self.camera.base + path,
            content=envelope(body, headers),
            headers={"Content-Type": kind},
            timeout=httpx.Timeout(open_s, read=open_s + wait_s),
        )
        try:
            response = await self.camera.send(
                request, stream=True, faults=True, proved=proved and self._token is None
            )
            found = answer(await self._body(response))
        except SoapFault as fault:
            raise self._refusal(path, fault) from None
        except BadXml as error:
            raise ProtocolError(
                self._device,
                f"{self.camera.base}{path} answered wrongly: {error}",
                hint="is this the camera's url?",
            ) from None
        except DeviceRefused as refused:
            hint = "or leave out `username_token`" if self._token is not None else ""
            raise self._unproved(refused.message, f"{refused.hint} {hint}".strip()) from None
        self._admitted = self._admitted or proved
        return found

    async def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        try:
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > ANSWER_BYTES_MAX:
                    raise ProtocolError(
                        self._device, f"{self.camera.base}: an answer of over {ANSWER_BYTES_MAX} bytes"
                    )
        except httpx.HTTPError as error:
            raise self.camera.lost(error) from error
        finally:
            await response.aclose()
        return bytes(body)

    def _refusal(self, path: str, fault: SoapFault) -> DeviceError:
        said = f"{self.camera.base}{path} refused: {fault}"
        if not fault.codes & UNPROVED:
            return OnvifFault(self._device, said)
        other = "leave out" if self._options.username_token else "try"
        return self._unproved(
            said, f"check `user` and `password` (of an ONVIF user); tried once; or {other} `username_token`"
        )

    def _unproved(self, said: str, hint: str) -> DeviceError:
        """Who was admitted before is so again after it asked the clock anew; else a person must help."""
        if self._admitted:
            return DeviceUnavailable(
                self._device, said, hint="it restarted, or its clock or the password was changed?"
            )
        return DeviceRefused(self._device, said, hint=hint)

    async def _ask_clock(self, device: str) -> None:
        """Anybody may ask what time it is; not all cameras know that."""
        asked = "<tds:GetSystemDateAndTime/>"
        began_s = time.time()
        try:
            found = await self.ask(device, asked, proved=False)
        except (DeviceRefused, OnvifFault):
            began_s = time.time()
            try:
                found = await self.ask(device, asked)
            except OnvifFault:
                return  # it does not tell
        camera_s = clock_in(found)
        if camera_s is not None:
            self.ahead_s = camera_s - (began_s + time.time()) / 2

    async def _ask_addresses(self, device: str) -> dict[str, str]:
        try:
            found = await self.ask(
                device,
                "<tds:GetServices><tds:IncludeCapability>false</tds:IncludeCapability></tds:GetServices>",
            )
        except OnvifFault:  # older than that question
            found = await self.ask(
                device, "<tds:GetCapabilities><tds:Category>All</tds:Category></tds:GetCapabilities>"
            )
            told = ((EVENTS, found.find("Events")), (MEDIA, found.find("Media")))
            pairs = ((namespace, one.value("XAddr")) for namespace, one in told if one is not None)
        else:
            services = (one for one in found.walk() if one.name == "Service")
            pairs = ((one.value("Namespace"), one.value("XAddr")) for one in services)
        return {namespace: self.path(address) for namespace, address in pairs if address}
