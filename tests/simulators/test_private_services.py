"""The throw-away authority, the private broker and the children that never outlive their parent."""

import asyncio
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aiomqtt
import pytest

from simulators.broker import Broker, access_list
from simulators.children import Child, ChildFailed
from simulators.pki import Authority, Identity
from simulators.processor_time import OWN, used_s


def client(broker: Broker, identity: Identity | None, ca: Path, timeout_s: float = 5) -> aiomqtt.Client:
    context = ssl.create_default_context(cafile=str(ca))
    if identity is not None:
        context.load_cert_chain(identity.certificate, identity.key)
    return aiomqtt.Client("127.0.0.1", broker.port, tls_context=context, timeout=timeout_s)


async def test_a_lane_writes_only_its_own_topics_and_reads_only_its_own_commands(tmp_path):
    authority = Authority(tmp_path / "pki")
    lane_1, lane_2, dashboard, observer = (
        authority.issue(name) for name in ("north/lane-1", "north/lane-2", "dashboard", "observer")
    )
    access = access_list(["north/lane-1", "north/lane-2"], ["dashboard"], ["observer"])
    broker = Broker(tmp_path / "broker", authority.issue("broker", server=True), access)
    await broker.start()
    ca = authority.certificate
    try:
        async with (
            client(broker, lane_1, ca) as one,
            client(broker, lane_2, ca) as two,
            client(broker, dashboard, ca) as site,
            client(broker, observer, ca) as eye,
        ):
            for watcher in (site, eye):
                await watcher.subscribe("borderlane/v1/#", qos=1)
            await two.subscribe("borderlane/v1/#", qos=1)
            await one.publish("borderlane/v1/north/lane-2/event/lane", b"forged", qos=1)
            await eye.publish("borderlane/v1/north/lane-2/command", b"forged", qos=1)
            await one.publish("borderlane/v1/north/lane-1/ack", b"forged", qos=1)
            await one.publish("borderlane/v1/north/lane-1/event/lane", b"mine", qos=1)
            await site.publish("borderlane/v1/north/lane-1/command", b"not for two", qos=1)
            await site.publish("borderlane/v1/north/lane-2/command", b"for two", qos=1)
            async with asyncio.timeout(5):
                assert (await anext(aiter(site.messages))).payload == b"mine"
                assert (await anext(aiter(eye.messages))).payload == b"mine"
                assert (await anext(aiter(two.messages))).payload == b"for two"
    finally:
        await broker.stop()


async def test_the_broker_refuses_strangers_and_expired_certificates(tmp_path):
    authority = Authority(tmp_path / "pki")
    stranger = Authority(tmp_path / "other").issue("north/lane-1")
    expired = authority.issue("north/lane-1", days=-1)
    access = access_list(["north/lane-1"], [])
    broker = Broker(tmp_path / "broker", authority.issue("broker", server=True), access)
    await broker.start()
    try:
        for identity in (stranger, expired, None):
            with pytest.raises(aiomqtt.MqttError):
                # A refusal in the handshake reaches the client only as silence (docs/sources.md, MQTT).
                async with client(broker, identity, authority.certificate, timeout_s=0.6):
                    pass
    finally:
        await broker.stop()
    assert not broker.child.running


def test_private_keys_are_for_their_owner_alone(tmp_path):
    authority = Authority(tmp_path / "pki")
    identity, signing = authority.issue("north/lane-1"), authority.command_key("site-1")
    for path in (identity.key, signing.private):
        assert path.stat().st_mode & 0o777 == 0o600
    assert b"PUBLIC KEY" in signing.public.read_bytes()


async def test_a_child_that_fails_at_its_start_says_why(tmp_path):
    child = Child("faulty", [sys.executable, "-c", "raise SystemExit('no scale here')"], tmp_path / "log")
    await child.start()

    async def never() -> bool:
        return False

    with pytest.raises(ChildFailed, match="no scale here"):
        await child.until(never, 10)


async def test_a_child_that_ignores_its_end_is_killed_with_all_it_started(tmp_path):
    script = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(other.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    child = Child("stubborn", [sys.executable, "-c", script], tmp_path / "log")
    await child.start()

    async def said() -> bool:
        return bool(child.tail())

    await child.until(said, 10)
    grandchild = int(child.tail())
    await child.stop(grace_s=0.1)
    assert child.returncode == -signal.SIGKILL
    async with asyncio.timeout(5):
        while _alive(grandchild):
            await asyncio.sleep(0.01)
    await child.stop()


def test_children_end_when_their_parent_is_killed(tmp_path):
    script = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from simulators.children import Child\n"
        "async def main():\n"
        "    child = Child('sleeper', ['/bin/sleep', '600'], Path(sys.argv[1]))\n"
        "    await child.start()\n"
        "    print(child.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        sleeper = int(parent.stdout.readline())
        # Until then it is setpriv, which may not have asked for the signal yet.
        _until(lambda: Path(f"/proc/{sleeper}/comm").read_text() == "sleep\n")
        parent.kill()
    _until(lambda: not _alive(sleeper))


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        signal.sigtimedwait([], 0.01)
    raise AssertionError("not within ten seconds")


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


# --- what it costs ----------------------------------------------------------------------------------------

BURNS = """
import os, subprocess, sys, time
while time.process_time() < 0.3:
    pass
subprocess.run([sys.executable, "-c", "import time\\nwhile time.process_time() < 0.3: pass"])
print("burnt", flush=True)
sys.stdin.read()
"""


def test_processor_time_counts_a_part_with_all_that_it_started_and_waited_for():
    before = used_s({})[OWN]
    with subprocess.Popen(
        [sys.executable, "-c", BURNS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"burnt\n"
        apart = used_s({"burner": [child.pid], "nobody": [2**30]})
        assert apart["burner"] >= 0.5
        assert apart["nobody"] == 0
        assert used_s({})[OWN] - before >= 0.5
        assert child.stdin is not None
        child.stdin.close()
