"""deploy/mosquitto.conf and deploy/acl under a real mosquitto with throw-away certificates."""

import asyncio
import os
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt
import pytest

from lane_controller.messages import topics
from lane_controller.messages.words import Audience
from simulators.children import Child, free_port, listens
from simulators.pki import Authority, Identity

DEPLOY = Path(__file__).parents[2] / "deploy"
MOSQUITTO = "/usr/sbin/mosquitto"
SITE, OWN, OTHER = "khorgos", "cargo-1", "cargo-2"
SHA = "ab" * 32

pytestmark = pytest.mark.skipif(not Path(MOSQUITTO).exists(), reason="mosquitto is not installed")


@dataclass
class Site:
    port: int
    authority: Authority
    heard: dict[str, bytes] = field(default_factory=dict)

    def client(self, identity: Identity, **options: object) -> aiomqtt.Client:
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        context.load_cert_chain(identity.certificate, identity.key)
        return aiomqtt.Client("127.0.0.1", self.port, tls_context=context, timeout=5, **options)  # pyright: ignore[reportArgumentType]

    def lane(self, lane: str) -> aiomqtt.Client:
        return self.client(self.authority.issue(f"{SITE}/{lane}"))


@asynccontextmanager
async def broker(folder: Path, authority: Authority) -> AsyncGenerator[int]:
    """The committed files, with the paths and the port of this test; nothing else is changed."""
    server = authority.issue("broker", server=True)
    port, state = free_port(), folder / "state"
    state.mkdir()
    text = (DEPLOY / "mosquitto.conf").read_text()
    for setting, value in (
        ("listener 8883", f"listener {port} 127.0.0.1"),
        ("/etc/borderlane/ca.pem", str(server.ca)),
        ("/etc/borderlane/broker.pem", str(server.certificate)),
        ("/etc/borderlane/broker.key", str(server.key)),
        ("/etc/mosquitto/borderlane.acl", str(folder / "acl")),
        ("/var/lib/mosquitto/", f"{state}/"),
    ):
        assert setting in text
        text = text.replace(setting, value)
    if os.geteuid() == 0:
        text += "user root\n"  # else it drops to user mosquitto, who can't read the test's folder
    (folder / "mosquitto.conf").write_text(text)
    (folder / "acl").write_text((DEPLOY / "acl").read_text())
    (folder / "acl").chmod(0o600)
    child = Child("mosquitto", (MOSQUITTO, "-c", str(folder / "mosquitto.conf")), folder / "mosquitto.log")
    await child.start()
    try:
        await child.until(lambda: listens(port), 10)
        yield port
    finally:
        await child.stop()


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    authority = Authority(tmp_path / "pki")
    async with broker(tmp_path, authority) as port:
        yield Site(port, authority)


async def arrives(
    site: Site, sender: aiomqtt.Client, receiver: aiomqtt.Client, sent: list[str], last: str
) -> list[str]:
    """Which of the topics get from one to the other.  `last` is one that does: what has not come before it,
    sent on the same connection, does not come at all."""
    async with AsyncExitStack() as stack:
        hears, says = await stack.enter_async_context(receiver), await stack.enter_async_context(sender)
        await hears.subscribe("borderlane/#", qos=1)
        for topic in (*sent, last):
            await says.publish(topic, b"x", qos=1)
        came: list[str] = []
        async with asyncio.timeout(10):
            async for message in hears.messages:
                if str(message.topic) == last:
                    return came
                came.append(str(message.topic))
    raise AssertionError("the connection ended")


def from_lane(lane: str) -> list[str]:
    """All that a lane may say."""
    said = [topics.event(SITE, lane, audience) for audience in Audience]
    said += [topics.state(SITE, lane, audience) for audience in Audience]
    said += [topics.media(SITE, lane, Audience.LANE, SHA), topics.reply(SITE, lane)]
    said += [topics.still(SITE, lane, Audience.LANE, "camera-front")]
    return [*said, topics.status(SITE, lane)]


def to_lane(lane: str) -> list[str]:
    return [topics.command(SITE, lane), topics.live(SITE, lane), topics.ack(SITE, lane)]


async def test_a_lane_says_all_that_it_has_to_say_to_the_dashboard(site: Site) -> None:
    dashboard = site.client(site.authority.issue("dashboard"))
    *sent, last = from_lane(OWN)
    assert await arrives(site, site.lane(OWN), dashboard, sent, last) == sent


async def test_the_dashboard_commands_and_acknowledges_a_lane(site: Site) -> None:
    dashboard = site.client(site.authority.issue("dashboard"))
    *sent, last = to_lane(OWN)
    assert await arrives(site, dashboard, site.lane(OWN), sent, last) == sent


async def test_a_lane_cannot_speak_as_another_lane(site: Site) -> None:
    dashboard = site.client(site.authority.issue("dashboard"))
    forged = from_lane(OTHER) + from_lane("cargo-1x") + [topics.status("other", OWN)]
    assert await arrives(site, site.lane(OWN), dashboard, forged, topics.status(SITE, OWN)) == []


@pytest.mark.parametrize("target", [OWN, OTHER])
async def test_a_lane_cannot_forge_commands_or_acknowledgements_even_its_own(site: Site, target: str) -> None:
    dashboard = site.client(site.authority.issue("dashboard"))
    async with dashboard, site.lane(target) as receiver, site.lane(OWN) as forger:
        await receiver.subscribe("borderlane/#", qos=1)
        for topic in to_lane(target):
            await forger.publish(topic, b"forged", qos=1)
        await dashboard.publish(topics.ack(SITE, target), b"true", qos=1)
        async with asyncio.timeout(10):
            first = await anext(aiter(receiver.messages))
    assert first.payload == b"true"


async def test_a_lane_cannot_hear_another_lanes_commands_or_events(site: Site) -> None:
    own = site.lane(OWN)
    async with site.client(site.authority.issue("dashboard")) as dashboard, site.lane(OTHER) as other, own:
        for wish in ("#", "borderlane/#", topics.command(SITE, OTHER), "$SYS/#"):
            await own.subscribe(wish, qos=1)
        for topic in to_lane(OTHER):
            await dashboard.publish(topic, b"secret", qos=1)
        for topic in from_lane(OTHER):
            await other.publish(topic, b"secret", qos=1, retain=True)
        await dashboard.publish(topics.command(SITE, OWN), b"mine", qos=1)
        async with asyncio.timeout(10):
            first = await anext(aiter(own.messages))
    assert (str(first.topic), first.payload) == (topics.command(SITE, OWN), b"mine")


async def test_the_dashboard_cannot_speak_as_a_lane(site: Site) -> None:
    forging = site.client(site.authority.issue("dashboard"))
    async with site.client(site.authority.issue("dashboard")) as dashboard, forging, site.lane(OWN) as own:
        await dashboard.subscribe("borderlane/#", qos=1)
        for topic in from_lane(OWN):
            await forging.publish(topic, b"forged", qos=1)
        await own.publish(topics.status(SITE, OWN), b"true", qos=1)
        async with asyncio.timeout(10):
            first = await anext(aiter(dashboard.messages))
    assert first.payload == b"true"


async def test_a_last_will_cannot_be_laid_on_another_lane(site: Site) -> None:
    will = aiomqtt.Will(topics.status(SITE, OTHER), b"forged", qos=1, retain=True)
    forger = site.client(site.authority.issue(f"{SITE}/{OWN}"), will=will)
    async with site.client(site.authority.issue("dashboard")) as dashboard, site.lane(OTHER) as other:
        await dashboard.subscribe("borderlane/#", qos=1)
        try:
            async with forger:
                forger._client._sock_close()  # pyright: ignore  # the connection dies without a goodbye
        except aiomqtt.MqttError:
            pass
        await other.publish(topics.status(SITE, OTHER), b"true", qos=1)
        async with asyncio.timeout(10):
            first = await anext(aiter(dashboard.messages))
    assert first.payload == b"true"


async def answer_to_connect(site: Site, context: ssl.SSLContext) -> bytes:
    """What the broker says to a plain CONNECT; b"" when it ends the connection without a word."""
    connect = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x0a\x00\x02ab"
    try:
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection("127.0.0.1", site.port, ssl=context)
            try:
                writer.write(connect)
                return await reader.read(4)
            finally:
                writer.close()
    except (ssl.SSLError, ConnectionError):
        return b""


def context_of(site: Site, identity: Identity | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(site.authority.certificate))
    if identity is not None:
        context.load_cert_chain(identity.certificate, identity.key)
    return context


async def test_an_expired_certificate_is_refused(site: Site) -> None:
    assert not await answer_to_connect(site, context_of(site, site.authority.issue(f"{SITE}/{OWN}", days=-1)))


async def test_a_foreign_authoritys_certificate_is_refused(site: Site, tmp_path: Path) -> None:
    foreign = Authority(tmp_path / "foreign").issue(f"{SITE}/{OWN}")
    assert not await answer_to_connect(site, context_of(site, foreign))


async def test_a_client_without_a_certificate_is_refused(site: Site) -> None:
    assert not await answer_to_connect(site, context_of(site, None))


async def test_a_good_certificate_is_let_in_by_the_same_bytes(site: Site) -> None:
    context = context_of(site, site.authority.issue(f"{SITE}/{OWN}"))
    assert await answer_to_connect(site, context) == b"\x20\x02\x00\x00"


def test_per_listener_settings_stands_before_every_other_setting() -> None:
    lines = [line for line in (DEPLOY / "mosquitto.conf").read_text().splitlines() if line.strip()]
    assert next(line for line in lines if not line.startswith("#")) == "per_listener_settings true"


def test_every_topic_of_ours_stands_in_the_access_list() -> None:
    acl = (DEPLOY / "acl").read_text()
    for topic in (*from_lane(OWN), *to_lane(OWN)):
        part = topic.split("/")[4]
        assert len(re.findall(rf"^(?:pattern|topic) \w+ \S+/{part}(?:/\S+)?$", acl, re.MULTILINE)) == 2
