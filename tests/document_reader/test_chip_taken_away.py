"""A chip that leaves the field at a command of its reading, through a real pcscd: never half believed, and
never in the way of the next one."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cache

import pytest
from structlog.testing import capture_logs

from drivers.document_reader import pcsc_slot
from drivers.document_reader.chips import ChipInspected, ChipReading, ChipTerms, ChipUnread
from drivers.document_reader.pcsc import Driver
from drivers.emrtd import terminal_key
from drivers.emrtd.biometrics import Biometrics
from drivers.emrtd.trust_store import TrustStore
from simulators.card.attacks.specimen import Specimen, genuine
from simulators.card.chip import CardTorn, Chip
from simulators.card.pcscd import PrivatePcscd, VirtualReader, free_reader_port
from simulators.card.reader import CardReader
from simulators.card.terminals import terminal_chain
from simulators.card.trust import trust_files
from tests.chip.judging import trust_of
from tests.chip.test_biometrics import private_key
from tests.document_reader.test_chip_reading import DAY, HOLDER, NOON, PAGE, document, reading

AT_ONCE = 8
"""Readers that read at the same time: pcscd has 16 slots, two in each virtual reader."""
PROVES = {"pace-cam": "genuine", "bac": "not_proved", "active-rsa": "genuine", "fingerprints": "genuine"}


Story = Callable[["Lane", str, int, Sequence[str]], Awaitable[None]]
"""What happens at one command of a profile's reading."""


class Leaving:
    """A chip that is taken away at its command number `at`, from 0 with those that the reader asks for its
    identifier; put back at once if `back`, else gone for good.  `steps` are the commands' names."""

    mute = False
    answer_delay_s = 0.0

    def __init__(self, chip: Chip, device: CardReader, at: int | None, back: bool = False) -> None:
        self._chip, self._device, self._at, self._back = chip, device, at, back
        self.steps: list[str] = []

    @property
    def atr(self) -> bytes:
        return self._chip.atr

    def power(self, on: bool) -> None:
        self._chip.power(on)

    def answer(self, command: bytes) -> bytes | None:
        if not self.steps and command[0] == 0xFF and self._at:
            self.steps.append("not looked at")  # the reading began with the news of the last card
        if len(self.steps) == self._at:
            self.steps.append("torn")
            self._chip.power(False)
            if not self._back:
                self._device.remove()
            raise CardTorn("taken away")
        before = len(self._chip.exchanges)
        answer = self._chip.answer(command)
        exchanges = self._chip.exchanges
        self.steps.append(exchanges[-1].step if len(exchanges) > before else "identifier")
        return answer


@dataclass(frozen=True, slots=True)
class Lane:
    device: CardReader
    driver: Driver

    async def read(
        self, profile: str, at: int | None = None, back: bool = False
    ) -> tuple[ChipReading, list[str]]:
        chip = Leaving(specimen(profile).inserted(), self.device, at, back)
        self.device.insert(chip)
        found = await self.driver.read_chip(PAGE, terms(profile))
        await self.empty()
        return found, chip.steps

    async def empty(self) -> None:
        """Take out what is in, and wait until that was seen."""
        self.device.remove()
        async with asyncio.timeout(8):
            while self.driver._field.present:
                await asyncio.sleep(0.01)


@cache
def specimen(profile: str) -> Specimen:
    return genuine(document(profile))


@cache
def trust(profile: str) -> TrustStore:
    return trust_of(trust_files(document(profile), DAY), DAY)


def terms(profile: str) -> ChipTerms:
    own, fingers = document(profile), None
    if profile == "fingerprints":
        chain = terminal_chain(own, DAY)
        fingers = Biometrics("second line", terminal_key.load(private_key(chain), chain.presented))
    return ChipTerms(trust(profile), NOON, 20.0, 60.0, fingers)


@pytest.fixture
async def lanes(pcscd: PrivatePcscd) -> AsyncIterator[list[Lane]]:
    await pcscd.stop()
    pcscd.readers = tuple(VirtualReader(f"Lane {place}", free_reader_port()) for place in range(AT_ONCE))
    await pcscd.start()
    async with AsyncExitStack() as stack:
        found: list[Lane] = []
        for place, reader in enumerate(pcscd.readers):
            device = CardReader(reader.name, reader.port)
            await device.start()
            stack.push_async_callback(device.stop)
            found.append(Lane(device, await stack.enter_async_context(reading(f"Lane {place} .*00$"))))
        yield found


@pytest.fixture(autouse=True)
def silence(
    pcscd: PrivatePcscd, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[None]:
    """Whatever happens, the logs have no traceback and nothing of the document."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        yield
    said = "".join((str(logs), caplog.text, *capfd.readouterr(), (pcscd.folder / "pcscd.log").read_text()))
    paper = HOLDER.document
    for secret in ("Traceback", paper.number, HOLDER.surname, *paper.lines):
        assert secret not in said, "a secret or a traceback is in the log"


async def phases(lane: Lane, profile: str) -> list[str]:
    """The names of a whole reading's commands, the reader's own look at what was laid on first."""
    found, steps = await lane.read(profile)
    assert genuinely(found) == ("verified", PROVES[profile])
    assert steps[0] == "select:EMRTD"
    assert steps[-1] == "identifier", "the last thing that is asked"
    return steps


def genuinely(found: ChipReading) -> tuple[str, str]:
    assert isinstance(found, ChipInspected), found
    return str(found.verdict.data), str(found.verdict.chip)


async def taken_away(lane: Lane, profile: str, at: int, steps: Sequence[str]) -> None:
    """Torn at that command and gone: lost, with no verdict at all; the next document is read as ever."""
    where = f"{profile}: command {at}, {steps[at]}"
    found, seen = await lane.read(profile, at)
    assert seen[-1] == "torn", where
    # A chip that left while it was laid on was perhaps never there for the reading.
    assert found in [ChipUnread("chip_lost"), *([ChipUnread("no_chip")] if at == 0 else [])], where
    found, _ = await lane.read(profile)
    assert genuinely(found) == ("verified", PROVES[profile]), where


async def put_back(lane: Lane, profile: str, at: int, steps: Sequence[str]) -> None:
    """Torn at that command and there again: a new session with all its proofs, and the whole truth."""
    where = f"{profile}: command {at}, {steps[at]}"
    found, seen = await lane.read(profile, at, back=True)
    assert "torn" in seen, where
    again = seen[seen.index("torn") + 1 :]
    if found == ChipUnread("chip_lost"):
        assert at == len(steps) - 1, where  # it was judged already: nobody knows whose chip came back
    else:
        assert genuinely(found) == ("verified", PROVES[profile]), where
        assert {"bac", "pace:token"} & set(again), f"{where}: no new session"


@dataclass(frozen=True, slots=True)
class Tear:
    profile: str
    at: int
    steps: Sequence[str]


async def all_torn(lanes: Sequence[Lane], tears: Sequence[Tear], patch: pytest.MonkeyPatch) -> None:
    """Gone for good at each of these commands, then gone and back; on all lanes side by side."""
    # Who is gone is not waited for, and who comes back is, however slow this machine is.
    for story, back_s in ((taken_away, 0.0), (put_back, 20.0)):
        patch.setattr(pcsc_slot, "BACK_S", back_s)
        left = list(tears)

        async def share(lane: Lane, story: Story = story, left: list[Tear] = left) -> None:
            while left:
                tear = left.pop()
                await story(lane, tear.profile, tear.at, tear.steps)

        async with asyncio.TaskGroup() as group:
            for lane in lanes:
                group.create_task(share(lane))


ALL = {"read:EF.COM", "read:EF.SOD", "read:DG1", "read:DG2", "select:EMRTD", "identifier"}
OWN = {
    "pace-cam": {"read:EF.CardAccess", "mse:pace", "pace:nonce", "pace:map", "pace:agree", "pace:token"},
    "bac": {"get_challenge", "bac"},
    "active-rsa": {"read:DG15", "aa"},
    "fingerprints": {"read:DG14", "ca", "certificate", "mse:ta", "ta", "read:DG3", "read:DG4"},
}
"""The phases of every reading, and those that a profile's has beside them."""


async def test_a_chip_taken_away_in_any_phase_is_lost_or_read_anew(
    lanes: list[Lane], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await asyncio.gather(*map(phases, lanes, OWN))
    tears: list[Tear] = []
    for (profile, own), steps in zip(OWN.items(), whole, strict=False):
        assert ALL | own <= set(steps)
        names = set(steps) if profile == "pace-cam" else own
        tears += [Tear(profile, steps.index(name), steps) for name in sorted(names)]
    last = len(whole[0]) - 1
    await all_torn(lanes, [Tear("pace-cam", last, whole[0]), *tears], monkeypatch)


@pytest.mark.long
@pytest.mark.parametrize("profile", ["pace-cam", "bac"])
async def test_a_chip_taken_away_at_any_command_is_lost_or_read_anew(
    lanes: list[Lane], monkeypatch: pytest.MonkeyPatch, profile: str
) -> None:
    steps = await phases(lanes[0], profile)
    await all_torn(lanes, [Tear(profile, at, steps) for at in range(len(steps))], monkeypatch)
