"""`borderlane trust`: on whose word something is trusted, and what the store then says of itself."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from drivers.emrtd import certificates
from lane_controller.commands import verify_chip
from lane_controller.commands.trust import command
from tests.emrtd import small_pki as pki
from tests.emrtd.material import DATA, needs_data
from tests.emrtd.test_verdict import GROUPS

ROOT = pki.ROOT.encode()
MARK = certificates.read(ROOT).fingerprint
WORD = ("--fingerprint", MARK, "--by", "A. Operator", "--second", "B. Officer", "--reason", "opening")
NOW = datetime.now(UTC).replace(microsecond=0)


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def current_crl(*serials: int) -> bytes:
    return pki.crl(serials=serials, this_update=NOW - timedelta(days=1), next_update=NOW + timedelta(days=30))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "root.cer"
    path.write_bytes(ROOT)
    return path


@pytest.fixture
def store(tmp_path: Path, root: Path) -> Path:
    """A store that holds Utopia's root on two persons' word."""
    path = tmp_path / "store.trust"
    assert run("import", path, root, *WORD).exit_code == 0
    return path


def test_a_root_that_nothing_vouches_for_is_refused_with_its_fingerprint(tmp_path: Path, root: Path) -> None:
    done = run("import", tmp_path / "new.trust", root, "--by", "A. Operator")
    assert done.exit_code == 1
    assert "root_not_vouched_for" in done.stderr
    assert MARK in done.stderr


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (("--fingerprint", "00" * 32, *WORD[2:]), "not the file's"),
        ((*WORD[:4], "--second", "a. operator", *WORD[6:]), "two persons"),
        ((*WORD[:4], *WORD[6:]), "two persons"),
        (WORD[:6], "--reason"),
        (("--second", "B. Officer"), "go with --fingerprint"),
    ],
)
def test_a_root_comes_in_only_by_two_persons_and_its_fingerprint(
    word: tuple[str, ...], said: str, tmp_path: Path, root: Path
) -> None:
    done = run("import", tmp_path / "new.trust", root, *word)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tmp_path / "new.trust").exists()


def test_a_store_built_by_hand_verifies_a_document(store: Path, tmp_path: Path) -> None:
    (tmp_path / "EF.SOD").write_bytes(pki.sod(GROUPS))
    arguments = ["--sod", str(tmp_path / "EF.SOD"), "--trust", str(store), "--at", "2026-06-01"]
    assert CliRunner().invoke(verify_chip.command, arguments).exit_code == 0


def test_a_crl_comes_in_by_its_root_and_revokes(store: Path, tmp_path: Path) -> None:
    (tmp_path / "list.crl").write_bytes(current_crl(pki.SIGNER.serial))
    (tmp_path / "foreign.crl").write_bytes(pki.crl(signing_key="thief"))
    assert run("import", store, tmp_path / "list.crl", "--by", "A. Operator").exit_code == 0
    refused = run("import", store, tmp_path / "foreign.crl", "--by", "A. Operator")
    assert (refused.exit_code, "crl_not_trusted" in refused.stderr) == (1, True)
    (tmp_path / "EF.SOD").write_bytes(pki.sod(GROUPS))
    arguments = ["--sod", str(tmp_path / "EF.SOD"), "--trust", str(store), "--json"]
    report = json.loads(CliRunner().invoke(verify_chip.command, arguments).stdout)
    revoked = next(each for each in report["checks"] if each["name"] == "revocation")
    assert (report["verdict"]["data"], revoked["reason"]) == ("failed", "signer_revoked")


def test_what_is_trusted_and_on_whose_word_is_shown(store: Path) -> None:
    (line,) = run("list", store).stdout.splitlines()
    assert line.startswith("UT  anchor  to 2034-01-01")
    (entry,) = map(json.loads, run("list", store, "--json").stdout.splitlines())
    assert (entry["country"], entry["role"], entry["fingerprint"]) == ("UT", "anchor", MARK)
    summary = json.loads(run("show", store, "--json").stdout)
    assert (summary["version"], summary["certificates"], summary["countries"]) == (1, {"anchor": 1}, 1)
    for what in ("ut", MARK[:12]):
        shown = run("show", store, what)
        assert shown.exit_code == 0
        assert "A. Operator and B. Officer: opening" in shown.stdout
    assert run("show", store, "XX").exit_code == 1


def test_a_removed_root_stays_on_record_and_comes_back_by_two_persons_alone(store: Path, root: Path) -> None:
    assert run("remove", store, MARK).exit_code == 2  # without a reason
    assert run("remove", store, MARK, "--by", "A. Operator", "--reason", "key lost").exit_code == 0
    assert "REMOVED" in run("list", store).stdout
    assert "key lost" in run("show", store, "UT").stdout
    run("import", store, root, "--by", "A. Operator")
    assert "REMOVED" in run("list", store).stdout
    assert run("import", store, *WORD).exit_code == 0
    assert "REMOVED" not in run("list", store).stdout
    assert run("remove", store, "00" * 32, "--reason", "x").exit_code == 1


def test_verify_finds_a_changed_octet_and_a_stale_list(store: Path, tmp_path: Path) -> None:
    assert run("verify", store).exit_code == 0
    (tmp_path / "old.crl").write_bytes(
        pki.crl(this_update=datetime(2025, 1, 1, tzinfo=UTC), next_update=datetime(2025, 4, 1, tzinfo=UTC))
    )
    run("import", store, tmp_path / "old.crl", "--by", "A. Operator")
    found = run("verify", store, "--json")
    assert (found.exit_code, json.loads(found.stdout)["findings"][0]["code"]) == (1, "crl_stale")
    whole = bytearray(store.read_bytes())
    whole[-20] ^= 1
    store.write_bytes(whole)
    for verb in ("verify", "list", "show"):
        damaged = run(verb, store)
        assert (damaged.exit_code, "digest does not fit" in damaged.stderr) == (2, True)


def test_wrong_files_are_said_in_one_line(store: Path, tmp_path: Path) -> None:
    (tmp_path / "rubbish").write_bytes(b"rubbish")
    before = store.read_bytes()
    for arguments in (
        ("import", store, tmp_path / "nowhere"),
        ("import", store, tmp_path / "rubbish"),
        ("import", store, store),
        ("import", store, tmp_path / "rubbish", *WORD),
        ("import", store, "--fingerprint", "11" * 32, *WORD[2:]),
        ("import", store),
        ("import", tmp_path / "no" / "folder.trust", tmp_path / "rubbish"),
        ("list", tmp_path / "nowhere"),
        ("show", tmp_path / "rubbish"),
        ("verify", tmp_path),
    ):
        done = run(*arguments)
        assert (done.exit_code, bool(done.stderr)) == (2, True), arguments
    assert store.read_bytes() == before


def test_names_of_certificates_and_files_cannot_move_the_terminals_cursor(
    store: Path, tmp_path: Path
) -> None:
    evil = replace(pki.SIGNER, subject=pki.name("UT", "evil\x1b[2Jname"))
    file = tmp_path / "file\u202e\x07.cer"
    file.write_bytes(evil.encode())
    told = run("import", store, file, "--by", "A. Operator").output
    told += run("list", store).output + run("show", store, "UT").output + run("show", store).output
    assert "evil" in told
    assert "file" in told
    assert not {"\x1b", "\u202e", "\x07"} & set(told)


@needs_data
def test_a_published_list_comes_in_under_its_pinned_root(tmp_path: Path) -> None:
    store, root = tmp_path / "store.trust", DATA / "csca" / "NL_ROOT_CA.cer"
    mark = certificates.read(root.read_bytes()).fingerprint
    published = DATA / "masterlists" / "NL_ML_2025-07-29.ml"
    word = ("--fingerprint", mark, *WORD[2:], "--publisher")
    unpinned = run("import", store, published, "--by", "A. Operator")
    assert (unpinned.exit_code, "list_not_trusted" in unpinned.stderr) == (1, True)
    assert run("import", store, root, *word).exit_code == 0
    assert run("import", store, published, "--by", "A. Operator").exit_code == 0
    summary = json.loads(run("show", store, "--json").stdout)
    assert (summary["certificates"]["anchor"], summary["countries"]) == (394, 120)
