"""Commands off the wire: told to the lane once, or refused aloud, and never a row for a bad one."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from lane_controller.daemon.clock import Clock
from lane_controller.daemon.commands import IDS_KEPT, Desk, Refused, Verifier
from lane_controller.daemon.journal import Journal
from lane_controller.lane.facts import CommandArrived
from lane_controller.messages.command import Command, Expiry
from lane_controller.messages.parts import Person, Reason
from lane_controller.messages.words import Agency
from tests.daemon.facts import loop_on, told
from tests.daemon.rig import KEY_ID, public_key, signed

OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def command(journal: str = "j", **changes: object) -> Command:
    values: dict[str, object] = {
        "id": "command-1",
        "site": "test",
        "lane": "lane-1",
        "journal": journal,
        "kind": "mode",
        "mode": "closed",
        "seen": 1,
        "by": Person(operator="ivanova", role="shift_leader", agency=Agency.BORDER),
        "reason": Reason(code="test"),
        "expires": Expiry(boot="b", mono_s=1e9),
    }
    return Command.model_validate(values | changes)


def verifier(journal: str = "j", **keys: str) -> Verifier:
    return Verifier({KEY_ID: public_key(), **keys}, "test", "lane-1", journal)


def test_the_very_bytes_that_were_signed_are_verified_then_parsed():
    assert verifier().verify(signed(command())) == command()


def test_overlapping_keys_are_accepted_by_their_ids():
    both = verifier(second=public_key(OTHER))
    assert both.verify(signed(command(), OTHER, "second")) == command()


def tampered() -> bytes:
    message = json.loads(signed(command()))
    text = base64.b64decode(message["payload"]).replace(b"closed", b"open  ")
    message["payload"] = base64.b64encode(text).decode()
    return json.dumps(message).encode()


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "not_readable"),
        (b"x" * 20_000, "too_large"),
        (b'{"key_id":"k","payload":"%%%","signature":""}', "not_readable"),
        (signed(command(), key_id="unknown"), "unknown_key"),
        (signed(command(), OTHER), "bad_signature"),
        (tampered(), "bad_signature"),
        (signed(command(journal="another")), "other_journal"),
        (signed(command(lane="lane-2")), "other_lane"),
        (signed(command(site="elsewhere")), "other_site"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_command_for_this_lane_is_refused_by_its_reason(payload, code):
    found = verifier().verify(payload)
    assert isinstance(found, Refused)
    assert found.reason.code == code


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 600), st.integers(1, 255))
def test_no_bytes_and_no_flipped_byte_ever_become_a_command(junk, place, flip):
    assert isinstance(verifier().verify(junk), Refused)
    good = bytearray(signed(command()))
    good[place % len(good)] ^= flip
    found = verifier().verify(bytes(good))
    assert isinstance(found, Refused) or found == command()


class Setup:
    def __init__(self, folder: Path) -> None:
        self.journal: Journal = told(folder / "j")
        self.loop = loop_on(self.journal)
        assert self.loop.lane is not None
        boot, now = self.loop.lane.boot, self.loop.lane.now_s
        self.expires = Expiry(boot=boot, mono_s=now + 60)
        self.told: list[CommandArrived] = []
        keys = verifier(self.journal.id)
        state = lambda: (self.loop.lane, self.journal.last_sequence)  # noqa: E731
        self.desk = Desk(keys, Clock(), self.post, state)

    def post(self, fact: CommandArrived) -> None:  # type: ignore[override]
        """Taken at the lane's own time, as if the daemon ran on that machine."""
        assert self.loop.lane is not None
        self.told.append(fact)
        self.loop.take([(CommandArrived(self.loop.lane.now, fact.command), ())])

    def command(self, **changes: object) -> bytes:
        return signed(command(self.journal.id, expires=self.expires, **changes))


def test_a_command_is_done_once_and_a_repeat_gets_the_recorded_answer(tmp_path):
    setup = Setup(tmp_path)
    assert setup.desk.take(setup.command()) is None
    assert setup.loop.lane is not None
    assert setup.loop.lane.mode == "closed"
    rows = setup.journal.last_number
    for _ in range(50):
        reply = setup.desk.take(setup.command())
        assert reply is not None
        assert (reply.id, reply.answer) == ("command-1", "done")
    assert setup.journal.last_number == rows, "a repeat makes no row"


def test_a_flood_of_bad_commands_makes_no_row_and_few_answers(tmp_path):
    setup = Setup(tmp_path)
    rows = setup.journal.last_number
    bad = [signed(command(id=f"flood-{n:06}"), OTHER) for n in range(3)]
    replies = [setup.desk.take(bad[n % 3]) for n in range(2000)]
    assert setup.journal.last_number == rows
    assert setup.desk.refused["bad_signature"] == 2000
    assert 0 < sum(reply is not None for reply in replies) < 100


def test_replayed_old_commands_make_one_row_each_at_most(tmp_path):
    setup = Setup(tmp_path)
    setup.expires = Expiry(boot="an older boot", mono_s=1.0)
    rows = setup.journal.last_number
    for _ in range(200):
        setup.desk.take(setup.command())
    assert setup.journal.last_number == rows + 1
    assert IDS_KEPT >= 10_000
