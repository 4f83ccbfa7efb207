"""A lane that reads fingers: for its purpose, with its key, and no byte of them stays anywhere."""

import base64
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner

from lane_controller.commands.check import command as check
from lane_controller.commands.explain import command as explain
from lane_controller.daemon import upkeep
from lane_controller.daemon.configuration import ConfigurationError, load
from lane_controller.daemon.configuration.tables import BiometricsTable
from lane_controller.daemon.journal.rows import events_of
from lane_controller.daemon.terminal_keys import TerminalKeys
from lane_controller.daemon.upkeep import Trouble
from lane_controller.lane.facts import ChipRead
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Priority
from simulators.card.attacks.specimen import Specimen, genuine
from simulators.card.document import Document
from simulators.card.personalisation import data_group
from simulators.card.profiles import travellers_document
from simulators.card.terminals import terminal_chain
from tests.chip.test_biometrics import private_key
from tests.daemon.rig import Rig, table, until
from tests.daemon.test_chip_lane import AtTheReader
from tests.daemon.test_chip_lane import rig as rig
from tests.daemon.test_chip_lane import store as store
from tests.emrtd.test_terminal_key_token import MODULE, needs_token

PURPOSE = "second line: identity in doubt"
WINDOW = 12


def _document(who: AtTheReader) -> Document:
    return travellers_document("fingerprints", who.holder)


def _terminal(folder: Path, document: Document, **until_day: int) -> dict[str, object]:
    """Key and certificates of a terminal that the chip believes, and the table that names them."""
    today = datetime.now(UTC).date() - timedelta(days=until_day.get("ended", 0))
    chain = terminal_chain(document, today)
    key = folder / "terminal.key"
    key.write_bytes(private_key(chain))
    key.chmod(0o640)
    names = ("verifier.cvcert", "terminal.cvcert")
    for name, data in zip(names, chain.presented, strict=True):
        (folder / name).write_bytes(data)
    return {"purpose": PURPOSE, "key": key.name, "certificates": list(names)}


def _traces(data: bytes) -> Iterator[bytes]:
    """What a reader of files would find of them: pieces as they are, in hexadecimal and in base64."""
    for at in range(0, len(data) - WINDOW, WINDOW):
        piece = data[at : at + WINDOW]
        if len(set(piece)) > WINDOW // 2:
            yield piece
            yield piece.hex().encode()
            yield base64.b64encode(piece)


async def _read(rig: Rig, chip: Specimen, who: AtTheReader) -> ChipRead:
    rig.bench.wiring.sensors["cell-arrival"].set_fault("dirty", True)  # somebody stands there
    await until(lambda: rig.daemon.loop.lane.passage, "a passage")
    who.swipes()
    who.desk._reader.insert(chip.inserted())
    await until(lambda: rig.daemon.loop.lane.passage.chips and _told(rig), "the chip is read", 40)
    found = _told(rig)
    assert found is not None
    return found


def _told(rig: Rig) -> ChipRead | None:
    return rig.daemon.loop.lane.passage.chips[0].read


@pytest.mark.parametrize("configured", [True, False])
async def test_fingers_are_verified_for_a_purpose_and_leave_no_byte_behind(
    rig: Rig, capfd: pytest.CaptureFixture[str], configured: bool
) -> None:
    who, logs = AtTheReader(rig, 7), io.StringIO()
    document = _document(who)
    chip = genuine(document)
    async with rig.on_wires():
        if configured:
            text = rig.file.read_text()
            rig.file.write_text(text + table("chip.biometrics", **_terminal(rig.folder, document)))
            rig.commission()
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(logs))
        try:
            async with rig.running() as daemon:
                await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
                found = await _read(rig, chip, who)
                passage = daemon.loop.lane.passage
                events = [one.data for row in daemon.journal.rows() for one in events_of(row)]
                told = CliRunner().invoke(explain, [str(rig.folder / "journal.sqlite"), str(passage.number)])
        finally:
            structlog.reset_defaults()
    assert found.reading is not None, found.reason
    checks = {one.name: one for one in found.reading.checks}
    assert (found.reading.data, found.reading.chip) == ("verified", "genuine")
    assert checks["hash_dg3"].outcome == ("passed" if configured else "not_performed")
    assert ("terminal_authentication" in checks) == configured
    if configured:
        assert checks["terminal_authentication"].reason.parameters["purpose"] == PURPOSE
        assert PURPOSE in told.output
    said = capfd.readouterr()
    places = {
        "logs": logs.getvalue().encode(),
        "output": (said.out + said.err + told.output).encode(),
        "events": repr(events).encode(),
        "the fact": repr(found).encode(),
    }
    places |= {str(path): path.read_bytes() for path in rig.folder.rglob("*") if path.is_file()}
    assert any("journal" in name for name in places)
    for number in (3, 4):
        traces = list(_traces(chip.chip.files[data_group(number)]))
        assert len(traces) > 30
        found_in = {name: [trace for trace in traces if trace in data] for name, data in places.items()}
        assert not {name: traces for name, traces in found_in.items() if traces}


def test_a_table_that_cannot_work_says_what_to_do(rig: Rig, tmp_path: Path) -> None:
    document = _document(AtTheReader(rig, 7))
    good = _terminal(tmp_path, document)
    file = tmp_path / "lane.toml"

    def wrong(**entries: object) -> str:
        entries = {**good, **entries}
        file.write_text(
            '[site]\nname = "s"\n[lane]\nname = "l"\nprofile = "pedestrian"\ndirection = "entry"\n'
            f'state = "KZ"\n[journal]\npath = "j.sqlite"\n[chip]\ntrust = "{rig.trust}"\n'
            + table(
                "chip.biometrics", **{name: value for name, value in entries.items() if value is not None}
            )
            + '[devices.reader]\ndriver = "pcsc"\n'
        )
        try:
            load(file)
        except ConfigurationError as error:
            return str(error)
        return ""

    assert wrong() == ""
    told = CliRunner().invoke(check, [str(file)])
    assert "terminal" not in told.output, told.output
    assert "lane.toml:13: chip.biometrics.purpose: found ' ', expected words that say why" in wrong(
        purpose=" "
    )
    assert "this key is required" in wrong(purpose=None)
    assert "either `key`, a file, or `token`" in wrong(key=None)
    assert "either `key`, a file, or `token`" in wrong(token="pkcs11:object=a?module-path=/x")
    assert "nowhere.key: No such file" in wrong(key="nowhere.key")
    assert "there is no file" in wrong(certificates=["nowhere"])
    assert "there is no file" in wrong(certificates=["."])
    assert "at least one" in wrong(certificates=[])
    assert "terminal.key: no card-verifiable certificate" in wrong(certificates=["terminal.key"])
    assert "none of the certificates is a terminal's" in wrong(certificates=["verifier.cvcert"])
    (tmp_path / "terminal.cvcert").chmod(0o600)
    assert "not an unencrypted private key" in wrong(key="terminal.cvcert")
    (tmp_path / "terminal.key").chmod(0o644)
    assert "open to others (mode 644)" in wrong()
    (tmp_path / "terminal.key").chmod(0o600)
    said = wrong(key=None, token="pkcs11:object=a?pin-value=314159&module-path=/x")
    assert "pin-source=FILE" in said
    assert "314159" not in said
    assert "no module-path" in wrong(key=None, token="pkcs11:object=a")
    _terminal(tmp_path, document, ended=100)
    assert wrong() == "", "a lane starts with a certificate that has ended"
    told = CliRunner().invoke(check, [str(file)])
    assert (told.exit_code, "LANE00001 ended on" in told.output) == (1, True), told.output


@needs_token
def test_a_token_that_is_away_is_told_by_check_and_stops_no_lane(rig: Rig, tmp_path: Path) -> None:
    good = _terminal(tmp_path, _document(AtTheReader(rig, 7)))
    del good["key"]
    good["token"] = f"pkcs11:token=nobodys;object=lane?module-path={MODULE}"
    file = tmp_path / "lane.toml"
    file.write_text(
        '[site]\nname = "s"\n[lane]\nname = "l"\nprofile = "pedestrian"\ndirection = "entry"\n'
        f'state = "KZ"\n[journal]\npath = "j.sqlite"\n[chip]\ntrust = "{rig.trust}"\n'
        + table("chip.biometrics", **good)
        + '[devices.reader]\ndriver = "pcsc"\n'
    )
    chip = load(file).chip
    assert chip is not None
    assert chip.biometrics is not None
    told = CliRunner().invoke(check, [str(file)])
    assert (told.exit_code, "terminal key in a token" in told.output) == (1, True), told.output


def test_a_key_is_renewed_by_exchanging_its_files(rig: Rig, tmp_path: Path) -> None:
    document = _document(AtTheReader(rig, 7))
    _terminal(tmp_path, document)
    names = ("verifier.cvcert", "terminal.cvcert")
    found = BiometricsTable(
        purpose=PURPOSE,
        key=tmp_path / "terminal.key",
        token=None,
        certificates=tuple(tmp_path / each for each in names),
    )
    keys, today = TerminalKeys(found), datetime.now(UTC).date()
    first = keys.look()
    assert first is not None
    assert keys.trouble(today) is None
    (tmp_path / "terminal.cvcert").write_bytes(b"half of i")
    assert keys.look() is first, "what is known stays in use"
    assert keys.trouble(today) == Trouble(Priority.MEDIUM, Reason(code="terminal_key_not_readable"))
    _terminal(tmp_path, document, ended=1)
    renewed = keys.look()
    assert keys.trouble(today) is None
    assert renewed is not None
    assert renewed.key.certificates != first.key.certificates


async def test_a_lane_whose_terminal_key_is_of_no_use_says_so_before_a_document_comes(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "TERMINAL_KEY_EVERY_S", 0.05)
    document = _document(AtTheReader(rig, 7))

    def alarms() -> dict[str, Priority]:
        lane = rig.daemon.loop.lane
        return {one.reason.code: one.priority for one in lane.alarms} if lane is not None else {}

    def told(code: str) -> bool:
        return alarms().get(code) is Priority.MEDIUM

    async with rig.on_wires():
        text = rig.file.read_text()
        rig.file.write_text(text + table("chip.biometrics", **_terminal(rig.folder, document)))
        async with rig.running():
            key = rig.folder / "terminal.key"
            written = key.read_bytes()
            key.write_bytes(written[:40])
            await until(lambda: told("terminal_key_not_readable"), "an alarm")
            key.write_bytes(written)
            await until(lambda: "terminal_key_not_readable" not in alarms(), "it is over")
            _terminal(rig.folder, document, ended=100)
            await until(lambda: told("terminal_certificate_ended"), "an alarm")
        rig.file.write_text(text)
        async with rig.running():
            await until(lambda: "terminal_certificate_ended" not in alarms(), "fingers are not read any more")
