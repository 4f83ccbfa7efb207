"""A private mosquitto: mutual TLS, one identity a lane, loopback only.

A lane `site/lane` may write its events, state, status, replies and media, and read commands, requests for
stills and acknowledgements; the dashboard the other way round; an observer may only read.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from simulators.children import Child, free_port, listens
from simulators.pki import Identity

MOSQUITTO = "/usr/sbin/mosquitto"
_FROM_LANE = ("event/#", "state/#", "status", "reply", "media/#")
_TO_LANE = ("command", "live", "ack")


def access_list(lanes: Sequence[str], dashboards: Sequence[str], observers: Sequence[str] = ()) -> str:
    """The broker's access list.  `lanes` are `site/lane` identities; the others are users by common name."""
    lines: list[str] = []
    for lane in lanes:
        lines.append(f"user {lane}")
        lines += [f"topic write borderlane/v1/{lane}/{part}" for part in _FROM_LANE]
        lines += [f"topic read borderlane/v1/{lane}/{part}" for part in _TO_LANE]
    for dashboard in dashboards:
        lines.append(f"user {dashboard}")
        for lane in lanes:
            lines += [f"topic read borderlane/v1/{lane}/{part}" for part in _FROM_LANE]
            lines += [f"topic write borderlane/v1/{lane}/{part}" for part in _TO_LANE]
    for observer in observers:
        lines.append(f"user {observer}")
        lines.append("topic read borderlane/v1/#")
    return "\n".join(lines) + "\n"


class Broker:
    """Start, stop, kill and start again on the same port; its retained messages survive in `folder`."""

    def __init__(self, folder: Path, identity: Identity, access: str, *, port: int | None = None) -> None:
        self.port = port or free_port()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = [
            "per_listener_settings true",
            f"listener {self.port} 127.0.0.1",
            f"cafile {identity.ca}",
            f"certfile {identity.certificate}",
            f"keyfile {identity.key}",
            "require_certificate true",
            "use_identity_as_username true",
            "allow_anonymous false",
            "tls_version tlsv1.2",
            f"acl_file {folder / 'acl'}",
            "log_dest stderr",
            "log_type warning",
            "log_type error",
            "set_tcp_nodelay true",
            "max_inflight_messages 100",
            "max_queued_messages 100000",
            "persistence true",
            f"persistence_location {folder}/",
        ]
        if os.geteuid() == 0:
            settings.append("user root")  # else it drops to user mosquitto, which cannot write in our folder
        (folder / "acl").write_text(access)
        (folder / "acl").chmod(0o600)
        (folder / "mosquitto.conf").write_text("\n".join(settings) + "\n")
        argv = (MOSQUITTO, "-c", str(folder / "mosquitto.conf"))
        self.child = Child("mosquitto", argv, folder / "mosquitto.log")

    async def start(self) -> None:
        """Start, and wait until it takes connections.  Raises ChildFailed with the broker's own words."""
        await self.child.start()
        await self.child.until(lambda: listens(self.port), 10)

    async def stop(self) -> None:
        await self.child.stop()
