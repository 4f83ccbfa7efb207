"""`borderlane verify-chip`: what it says of files at rest, and how it ends."""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.emrtd import tlv
from lane_controller.commands.verify_chip import command
from tests.emrtd import small_pki as pki
from tests.emrtd.material import DATA, needs_data
from tests.emrtd.test_verdict import GROUPS, MRZ

AT = "2026-06-01"


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def told(*arguments: object) -> dict[str, Any]:
    return json.loads(run(*arguments, "--json").stdout)


def reason(report: dict[str, Any], name: str) -> tuple[str, str]:
    check = next(each for each in report["checks"] if each["name"] == name)
    return check["outcome"], check["reason"]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A right document of Utopia in a folder, with what is not its own."""
    folder = tmp_path / "document"
    folder.mkdir()
    person = tlv.build(0x6B, tlv.build(0x5F0E, b"ERIKSSON<<ANNA<MARIA"))
    groups = GROUPS | {11: person}
    for number, data in groups.items():
        (folder / f"Datagroup{number}.bin").write_bytes(data)
    (folder / "EF.SOD").write_bytes(pki.sod(groups))
    (folder / "hello.txt").write_text("hello, I am no data group, though h is 68")
    return folder


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    folder = tmp_path / "trust"
    folder.mkdir()
    (folder / "root.cer").write_bytes(pki.ROOT.encode())
    (folder / "list.crl").write_bytes(pki.crl())
    return folder


def test_a_right_document_is_verified_and_no_chip_is_proved(document: Path, trust: Path) -> None:
    done = run(document, "--trust", trust, "--at", AT, "--json")
    report = json.loads(done.stdout)
    assert done.exit_code == 0
    assert set(report) == {"verdict", "checks", "document"}
    assert report["verdict"] == {"data": "verified", "chip": "not_proved"}
    assert all({"name", "outcome", "reason"} <= set(each) for each in report["checks"])
    assert reason(report, "revocation") == ("passed", "not_revoked")
    assert reason(report, "issuer") == ("passed", "state_matches")
    assert "hello.txt" in done.stderr


def test_nothing_personal_is_told_unless_it_is_asked_for(document: Path, trust: Path) -> None:
    secrets = ("ERIKSSON", "L898902C3", "740812", "1974", "ZE184226B")
    for form in ((), ("--json",)):
        quiet = run(document, "--trust", trust, "--at", AT, *form)
        assert not [secret for secret in secrets if secret in quiet.output]
        loud = run(document, "--trust", trust, "--at", AT, "--personal", *form)
        assert "ERIKSSON" in loud.stdout
    personal = told(document, "--trust", trust, "--at", AT, "--personal")["document"]
    assert personal["mrz"] == [MRZ[:44], MRZ[44:]]
    assert "L898902C3" in personal["mrz_fields"].values()
    assert personal["holder"]["full_name"] == "ERIKSSON<<ANNA<MARIA"


def test_a_changed_file_fails(document: Path, trust: Path) -> None:
    (document / "Datagroup2.bin").write_bytes(b"\x75\x03xyz")
    done = run(document, "--trust", trust, "--at", AT, "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["verdict"]["data"]) == (1, "failed")
    assert reason(report, "hash_dg2") == ("failed", "hash_wrong")


def test_a_file_that_the_security_object_does_not_list_fails(document: Path, trust: Path) -> None:
    (document / "DG13").write_bytes(b"\x6d\x01x")
    report = told(document, "--trust", trust, "--at", AT)
    assert report["verdict"]["data"] == "failed"
    assert reason(report, "hash_dg13") == ("failed", "not_in_security_object")


def test_files_given_one_by_one_are_judged_and_others_are_not_performed(document: Path, trust: Path) -> None:
    one = f"1={document / 'Datagroup1.bin'}"
    done = run("--sod", document / "EF.SOD", "--dg", one, "--trust", trust, "--at", AT, "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["verdict"]["data"]) == (0, "verified")
    assert reason(report, "hash_dg1") == ("passed", "hash_matches")
    assert reason(report, "hash_dg2") == ("not_performed", "file_not_given")


def test_without_trust_nothing_is_verifiable_and_nothing_forged(document: Path) -> None:
    done = run(document, "--at", AT, "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["verdict"]["data"]) == (1, "not_verifiable")
    assert reason(report, "chain") == ("inconclusive", "no_anchor")


def test_the_day_of_judging_decides_on_validity(document: Path, trust: Path) -> None:
    for day, said in (("2023-06-01", "signer_not_yet_valid"), ("2036-06-01", "signer_expired")):
        report = told(document, "--trust", trust, "--at", day)
        assert report["verdict"]["data"] == "not_verifiable"
        assert reason(report, "validity")[1] == said
    stale = run(document, "--trust", trust, "--at", "2028-06-01", "--json")
    assert stale.exit_code == 0
    assert reason(json.loads(stale.stdout), "revocation") == ("inconclusive", "crl_stale")


def test_a_revoked_signer_fails(document: Path, trust: Path) -> None:
    (trust / "list.crl").write_bytes(pki.crl(serials=[pki.SIGNER.serial]))
    report = told(document, "--trust", trust, "--at", AT)
    assert report["verdict"]["data"] == "failed"
    assert reason(report, "revocation") == ("failed", "signer_revoked")


def test_a_signer_in_the_trust_folder_vouches_for_nothing(document: Path, trust: Path) -> None:
    (trust / "root.cer").unlink()
    (trust / "signer.cer").write_bytes(pki.SIGNER.encode())
    assert told(document, "--trust", trust, "--at", AT)["verdict"]["data"] == "not_verifiable"


@pytest.mark.parametrize(
    "name", ["EF_SOD.bin", "SOD", "sod.dat", "ef011D.bin", "EF.SOD", "photo.jpg", "EF_SOD_UT.bin"]
)
def test_a_file_is_known_by_its_name_or_by_what_it_is(name: str, document: Path, trust: Path) -> None:
    (document / "EF.SOD").rename(document / name)
    (document / "Datagroup1.bin").rename(document / "ef0101.bin")
    (document / "Datagroup14.bin").rename(document / "dg-14.BIN")
    (document / "Datagroup2.bin").rename(document / "unnamed")
    report = told(document, "--trust", trust, "--at", AT)
    assert report["verdict"]["data"] == "verified"
    assert reason(report, "hash_dg2") == reason(report, "hash_dg14") == ("passed", "hash_matches")


def test_what_was_taken_from_a_file_and_lies_beside_it_is_passed_over(document: Path, trust: Path) -> None:
    (document / "DG2.jpg").write_bytes(b"\xff\xd8\xff")
    (document / "DG1.json").write_text("{}")
    (document / "datagroup14_notes.txt").write_text("about DG14")
    done = run(document, "--trust", trust, "--at", AT)
    assert done.exit_code == 0
    assert all(name in done.stderr for name in ("DG2.jpg", "DG1.json", "datagroup14_notes.txt"))


@pytest.mark.parametrize("name", ["EF.DIR", "ef_dir.bin", "EF-ATR.bin", "2F00.bin", "directory"])
def test_the_master_files_directory_is_no_dg1(name: str, document: Path, trust: Path) -> None:
    application = tlv.build(0x61, tlv.build(0x4F, bytes.fromhex("A0000002471001")))
    (document / name).write_bytes(application)
    done = run(document, "--trust", trust, "--at", AT)
    assert done.exit_code == 0, done.output
    assert f"{name}: no file that is judged; passed over" in done.stderr


def test_a_dg1_of_any_name_is_known_beside_a_directory(document: Path, trust: Path) -> None:
    (document / "Datagroup1.bin").rename(document / "zone")
    (document / "another").write_bytes(tlv.build(0x61, tlv.build(0x4F, bytes.fromhex("A0000002471001"))))
    assert reason(told(document, "--trust", trust, "--at", AT), "hash_dg1")[0] == "passed"


def test_wrong_use_is_said_in_one_line_with_exit_2(document: Path, tmp_path: Path) -> None:
    sod, empty = document / "EF.SOD", tmp_path / "empty"
    empty.mkdir()
    shutil.copy(sod, document / "SOD.bin")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "huge").write_bytes(bytes(1 << 21))
    (tmp_path / "rubbish").write_bytes(b"rubbish")
    for arguments, said in (
        ((), "either a folder or --sod"),
        ((document, "--sod", sod), "either a folder or --sod"),
        ((document,), "both are EF.SOD"),
        ((empty,), "holds no EF.SOD"),
        ((empty, "--dg", "1=x"), "--dg goes with --sod"),
        ((tmp_path / "nowhere",), "does not exist"),
        (("--sod", tmp_path / "nowhere"), "no such file"),
        (("--sod", tmp_path / "pipe"), "no regular file"),
        (("--sod", empty), "no regular file"),
        (("--sod", tmp_path / "huge"), "more than any file"),
        (("--sod", sod, "--dg", "17=x"), "N from 1 to 16"),
        (("--sod", sod, "--dg", "0"), "N=FILE"),
        (("--sod", sod, "--dg", "²=x"), "N=FILE"),
        (("--sod", sod, "--dg", "1=nowhere"), "no such file"),
        (("--sod", sod, "--dg", f"1={sod}", "--dg", f"1={sod}"), "given twice"),
        (("--sod", sod, "--at", "soon"), "is no time"),
        (("--sod", sod, "--at", "9999-12-31T23:59:59-23:59"), "is no time"),
        (("--sod", sod, "--at", "0001-01-01T00:00:00+23:59"), "is no time"),
        (("--sod", sod, "--trust", ""), "the name is empty"),
        (("--sod", sod, "--trust", tmp_path / "pipe"), "neither a folder nor a regular file"),
        (("--sod", sod, "--trust", tmp_path / "nowhere"), "cannot be read"),
        (("--sod", sod, "--trust", tmp_path / "rubbish"), "rubbish"),
    ):
        done = run(*arguments)
        assert (done.exit_code, said in done.stderr) == (2, True), (arguments, done.output)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_trust_folder_that_may_not_be_read_is_told(document: Path, trust: Path) -> None:
    trust.chmod(0)
    done = run(document, "--trust", trust, "--at", AT)
    trust.chmod(0o700)
    assert (done.exit_code, "cannot be read: Permission denied" in done.stderr) == (2, True), done.output


def test_rubbish_in_the_trust_folder_is_told_and_costs_nothing_else(document: Path, trust: Path) -> None:
    (trust / "readme.md").write_text("not a certificate")
    (trust / "broken.cer").write_bytes(pki.ROOT.encode()[:100])
    done = run(document, "--trust", trust, "--at", AT)
    assert done.exit_code == 0
    assert "readme.md" in done.stderr
    assert "broken.cer" in done.stderr


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(octets=st.binary(max_size=200), at=st.integers(0, 2000), group=st.integers(1, 16))
def test_no_file_gives_a_traceback(
    octets: bytes, at: int, group: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    sod = pki.sod(GROUPS)
    (folder / "SOD").write_bytes(sod[: at % len(sod)] + octets + sod[at % len(sod) + len(octets) :])
    (folder / f"DG{group}").write_bytes(octets)
    (folder / "card").write_bytes(octets)
    assert run(folder, "--json", "--personal", "--at", AT).exit_code == 1
    assert run(folder, "--personal", "--at", AT, "--trust", folder / "card").exit_code in (1, 2)


def test_text_of_a_document_cannot_move_the_terminals_cursor(document: Path, trust: Path) -> None:
    evil = tlv.build(0x6B, tlv.build(0x5F0E, "\x1b[2J\u202eEVIL".encode()))
    (document / "Datagroup11.bin").write_bytes(evil)
    out = run(document, "--personal").stdout
    assert "EVIL" in out
    assert "\x1b" not in out
    assert "\u202e" not in out


@needs_data
@pytest.mark.parametrize(
    ("folder", "data", "failed"),
    [
        ("bsi_tr03105_5", "failed", {"hash_dg15", "expiry"}),
        ("nl_specimen_2006", "not_verifiable", {"expiry"}),
    ],
)
def test_the_specimens_are_judged_as_their_origin_says(folder: str, data: str, failed: set[str]) -> None:
    report = told(DATA / folder, "--at", AT)
    assert report["verdict"] == {"data": data, "chip": "not_proved"}
    assert {each["name"] for each in report["checks"] if each["outcome"] == "failed"} == failed
    listed = set(report["document"]["data_groups"])
    hashes = {f"hash_dg{number}" for number in listed}
    outcomes = {each["name"]: each["reason"] for each in report["checks"] if each["name"] in hashes}
    assert outcomes == dict.fromkeys(hashes, "hash_matches")


@needs_data
def test_the_specimens_signers_were_valid_in_their_day() -> None:
    for folder, day in (("bsi_tr03105_5", "2014-06-01"), ("nl_specimen_2006", "2010-01-01")):
        assert reason(told(DATA / folder, "--at", day), "validity") == ("passed", "valid")


@needs_data
@pytest.mark.parametrize("state", ["ID", "NZ"])
def test_a_states_security_object_verifies_with_the_published_lists(state: str, tmp_path: Path) -> None:
    for source in ("csca", "masterlists"):
        for file in (DATA / source).iterdir():
            (tmp_path / file.name).symlink_to(file)
    done = run("--sod", DATA / "sod" / f"EF_SOD_{state}.bin", "--trust", tmp_path, "--at", AT, "--json")
    assert (done.exit_code, json.loads(done.stdout)["verdict"]["data"]) == (0, "verified")


@needs_data
def test_a_card_security_and_a_master_list_are_no_security_objects() -> None:
    for file in ("sod/EF_CardSecurity_DE.bin", "masterlists/NL_ML_2025-07-29.ml"):
        report = told("--sod", DATA / file)
        assert report["verdict"]["data"] == "failed"


def test_now_is_the_moment_of_judging_without_another(document: Path, trust: Path) -> None:
    done = run(document, "--trust", trust, "--json")
    valid = pki.SIGNER.start <= datetime.now(UTC) <= pki.SIGNER.end
    assert (done.exit_code == 0) is valid
