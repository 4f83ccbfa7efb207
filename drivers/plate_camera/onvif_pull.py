"""A pull point: ONVIF's subscription to events that a client fetches itself.

    CreatePullPointSubscription   to the event service; the answer tells where, until when, and what must come
                                  along in each header (reference parameters)
    PullMessages                  there: waits up to `Timeout` for a message, and keeps the point alive
    Renew                         there, where pulling does not keep it alive
    Unsubscribe                   there: cameras have room for few

Until when is told by the camera's clock, beside its time now: only their difference counts here.  Without a
filter, since cameras refuse topics that they don't know, and differ in how they write them.
Sources: 110 and 111 in docs/sources.md.
"""

import time

from drivers.errors import DeviceError, ProtocolError
from drivers.plate_camera.onvif_service import EVENTS, OnvifFault, OnvifService
from drivers.plate_camera.onvif_times import utc_seconds
from drivers.plate_camera.soap import addressed, reference
from drivers.plate_camera.xml_tree import Element

LIFE_S = 60
RENEW_BELOW_S = 30.0
MESSAGES_MAX = 16
_PORT = f"{EVENTS}/EventPortType"
_POINT = f"{EVENTS}/PullPointSubscription"
_MANAGER = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager"


class PullPoint:
    """One subscription, from `create` to `end`."""

    def __init__(self, device: str, service: OnvifService) -> None:
        self._device, self._service = device, service
        self._path = self._to = self._parameters = ""
        self._until_s = 0.0
        self._renewable = True

    async def create(self) -> None:
        """Raises DeviceError."""
        path = self._service.address(EVENTS)
        answer = await self._service.ask(
            path,
            "<tev:CreatePullPointSubscription>"
            f"<tev:InitialTerminationTime>PT{LIFE_S}S</tev:InitialTerminationTime>"
            "</tev:CreatePullPointSubscription>",
            addressed(f"{_PORT}/CreatePullPointSubscriptionRequest", self._service.camera.base + path),
            action=f"{_PORT}/CreatePullPointSubscriptionRequest",
        )
        told = answer.find("SubscriptionReference")
        self._to = told.value("Address") if told else ""
        if told is None or not self._to:
            raise ProtocolError(
                self._device, f"{self._service.camera.base} subscribes to events and does not say where"
            )
        parameters = told.find("ReferenceParameters")
        self._parameters = "".join(reference(one) for one in parameters.children) if parameters else ""
        self._path = self._service.path(self._to)
        self._renewable = True
        self._note_times(answer)

    async def pull(self, wait_s: int) -> list[Element]:
        """Messages, as soon as there are some; none after `wait_s`.  Raises DeviceError."""
        answer = await self._ask(
            f"<tev:PullMessages><tev:Timeout>PT{wait_s}S</tev:Timeout>"
            f"<tev:MessageLimit>{MESSAGES_MAX}</tev:MessageLimit></tev:PullMessages>",
            f"{_POINT}/PullMessagesRequest",
            wait_s,
        )
        self._note_times(answer)
        return [one for one in answer.children if one.name == "NotificationMessage"]

    async def renew_where_due(self) -> None:
        """Ask for more time where pulling did not give it.  Raises DeviceError."""
        if not self._renewable or self._until_s - time.monotonic() > RENEW_BELOW_S:
            return
        try:
            self._note_times(
                await self._ask(
                    f"<wsnt:Renew><wsnt:TerminationTime>PT{LIFE_S}S</wsnt:TerminationTime></wsnt:Renew>",
                    f"{_MANAGER}/RenewRequest",
                )
            )
        except OnvifFault:
            self._renewable = False  # pulling goes on for as long as it is let

    async def end(self) -> None:
        """Give the place back.  Raises nothing."""
        if not self._path:
            return
        try:
            await self._ask("<wsnt:Unsubscribe/>", f"{_MANAGER}/UnsubscribeRequest")
        except DeviceError:
            pass  # it ends by itself
        finally:
            self._path = ""

    async def _ask(self, body: str, action: str, wait_s: float = 0.0) -> Element:
        headers = addressed(action, self._to) + self._parameters
        return await self._service.ask(self._path, body, headers, action=action, wait_s=wait_s)

    def _note_times(self, answer: Element) -> None:
        now_s, until_s = (utc_seconds(answer.value(name)) for name in ("CurrentTime", "TerminationTime"))
        left_s = LIFE_S / 2 if now_s is None or until_s is None else until_s - now_s
        self._until_s = time.monotonic() + left_s
