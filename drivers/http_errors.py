"""What an HTTP exchange with a device or a service may end in, as errors of drivers."""

from dataclasses import dataclass

import httpx

from drivers.errors import DeviceError, DeviceRefused, DeviceTimeout, DeviceUnavailable, ProtocolError

SAID_MAX = 200
"""Characters of what the far end says of itself."""


@dataclass(frozen=True, slots=True)
class FarEnd:
    """Who is asked: `device` and `url` from the lane's configuration, `timeout_s` for each step of an
    exchange.  `peer` is what it is to people ("scanner", "service"), `page` what lies at its url."""

    device: str
    url: str
    timeout_s: float
    peer: str
    page: str

    def check_status(self, response: httpx.Response) -> None:
        """Raises a DeviceError for anything but 200: whether it may mend itself is in the class."""
        status = response.status_code
        if status == 200:
            return
        said = f"{self.url} answered {status} {response.reason_phrase}"[:SAID_MAX]
        if status == 429 or status >= 500:
            raise DeviceUnavailable(
                self.device, said, hint=f"the {self.peer} is in trouble; ask its operators"
            )
        hint = "check token and certificate" if status in (401, 403) else f"is this the {self.page}'s url?"
        raise DeviceRefused(self.device, said, hint=hint)

    def lost(self, error: httpx.HTTPError) -> DeviceError:
        """The error to raise for an exchange that came to no answer."""
        said = str(error) or type(error).__name__
        if isinstance(error, httpx.TimeoutException):
            return DeviceTimeout(
                self.device,
                f"{self.url}: nothing for {self.timeout_s:g} s ({type(error).__name__})",
                hint=f"is the {self.peer} on, and the network?",
            )
        if "CERTIFICATE" in said.upper() or "TLS" in said.upper():
            return DeviceRefused(self.device, f"{self.url}: {said}", hint="check ca, certificate and key")
        if isinstance(error, httpx.ProtocolError) or not isinstance(error, httpx.TransportError):
            return self.wrong(said)
        return DeviceUnavailable(
            self.device,
            f"{self.url} can't be reached: {said}",
            hint=f"is the {self.peer} on, and the network?",
        )

    def wrong(self, what: str) -> ProtocolError:
        """The error for an answer that is not what the driver's protocol says."""
        return ProtocolError(
            self.device, f"{self.url} answered wrongly: {what}", hint=f"is this the {self.page}'s url?"
        )
