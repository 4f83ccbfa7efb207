"""Files of a whole document, the state's publications and a chip's answers, mutated: only errors of ours, and
no good word for what was changed."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.emrtd.elementary_files import DATA_GROUPS
from drivers.emrtd.errors import EmrtdError
from drivers.emrtd.lds import (
    atr_info,
    card_access,
    com,
    cvca,
    dg1,
    dg2,
    dg3,
    dg4,
    dg5,
    dg7,
    dg11,
    dg12,
    dg13,
    dg14,
    dg15,
    dg16,
    ef_dir,
)
from drivers.emrtd.passive_authentication import DataVerdict
from drivers.emrtd.reader import ChipReader
from drivers.emrtd.verdict import ChipVerdict
from lane_controller.commands.verify_chip import command
from simulators.card.attacks.specimen import genuine, reading_day
from simulators.card.personalisation import (
    EF_ATR_INFO,
    EF_CARD_ACCESS,
    EF_COM,
    EF_CVCA,
    EF_DIR,
    EF_SOD,
    data_group,
)
from simulators.card.profiles import document
from tests.chip.judging import judged, trust_of
from tests.chip.meeting import Meeting
from tests.emrtd.test_signed_fuzz import mutated

GROUPS = [1, 2, 3, 4, 5, 7, 11, 12, 13, 16]
MADE = document(
    "full",
    {
        "portrait": {"bytes": 600, "width": 16, "height": 20, "image": "jpeg"},
        "files": {"groups": GROUPS},
        "terminal_authentication": {},
    },
)
SPECIMEN = genuine(MADE)
FILES, DAY = SPECIMEN.chip.files, reading_day(MADE)
STORE = trust_of(SPECIMEN.trust, DAY)
READERS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    **{
        f"DG{number}": (FILES[data_group(number)], reader.parse)
        for number, reader in {
            1: dg1, 2: dg2, 3: dg3, 4: dg4, 5: dg5, 7: dg7, 11: dg11, 12: dg12, 13: dg13, 14: dg14, 15: dg15,
            16: dg16,
        }.items()
    },
    "EF.COM": (FILES[EF_COM], com.parse),
    "EF.CardAccess": (FILES[EF_CARD_ACCESS], card_access.parse),
    "EF.ATR/INFO": (FILES[EF_ATR_INFO], atr_info.parse),
    "EF.DIR": (FILES[EF_DIR], ef_dir.parse),
    "EF.CVCA": (FILES[EF_CVCA], cvca.parse),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_a_mutated_file_gives_its_content_or_an_error_of_ours(name: str) -> None:
    whole, read = READERS[name]
    read(whole)

    @given(mutated(whole))
    @settings(max_examples=60)
    def tried(octets: bytes) -> None:
        try:
            repr(read(octets))
        except EmrtdError:
            return

    tried()


NAMES = {"EF.SOD": EF_SOD, "EF.COM": EF_COM} | {
    f"DG{number}": data_group(number) for number in (*GROUPS, 14, 15)
}


@st.composite
def folders(draw: st.DrawFn) -> dict[str, bytes]:
    """A document's files with one to three of them mutated."""
    files = {name: FILES[where] for name, where in NAMES.items()}
    for name in draw(st.lists(st.sampled_from(sorted(files)), min_size=1, max_size=3, unique=True)):
        files[name] = draw(mutated(files[name]))
    return files


@st.composite
def publications(draw: st.DrawFn) -> dict[str, bytes]:
    """What the state publishes, one of the files mutated."""
    name = draw(st.sampled_from(sorted(SPECIMEN.trust)))
    return {**SPECIMEN.trust, name: draw(mutated(SPECIMEN.trust[name]))}


def verified(folder: Path, files: dict[str, bytes], trust: dict[str, bytes]) -> tuple[int, str, set[str]]:
    """Exit, verdict on the data, and which hashes matched."""
    for place, contents in (("document", files), ("trust", trust)):
        (folder / place).mkdir()
        for name, content in contents.items():
            (folder / place / name).write_bytes(content)
    trusting = ("--trust", str(folder / "trust"), "--at", str(DAY), "--json", "--personal")
    ran = CliRunner().invoke(command, [str(folder / "document"), *trusting])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    if ran.exit_code == 2:
        return 2, "", set()
    report = json.loads(ran.stdout)
    assert report["verdict"]["chip"] != "genuine"
    hashes = {each["name"] for each in report["checks"] if each["outcome"] == "passed"}
    return ran.exit_code, report["verdict"]["data"], hashes


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=folders())
def test_a_mutated_folder_is_judged_and_no_changed_file_matches(
    files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    code, data, matched = verified(tmp_path_factory.mktemp("any"), files, dict(SPECIMEN.trust))
    assert (code == 0) == (data == "verified")
    for name, where in NAMES.items():
        if name.startswith("DG") and files[name] != FILES[where]:
            assert f"hash_{name.lower()}" not in matched


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trust=publications())
def test_mutated_publications_are_told_and_end_in_a_verdict(
    trust: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    changed = {name: FILES[where] for name, where in NAMES.items()} | {"DG2": FILES[data_group(2)] + b"\0"}
    code, data, _ = verified(tmp_path_factory.mktemp("any"), changed, trust)
    assert (code, data) != (0, "verified")


@settings(max_examples=40)
@given(
    changes=st.dictionaries(
        st.integers(0, 45),
        st.one_of(
            st.sampled_from(("double", "empty", "noise", "status")),
            st.integers(0, 255).map(str),
        ),
        min_size=2,
        max_size=6,
    ),
    noise=st.binary(min_size=2, max_size=300),
)
def test_a_chip_that_goes_wrong_several_times_is_never_genuine_with_other_files(
    changes: dict[int, str], noise: bytes
) -> None:
    meeting, asked = Meeting(SPECIMEN), 0

    def transport(apdu: bytes) -> bytes:
        nonlocal asked
        asked += 1
        assert asked < 2000, "the reader goes on asking"
        answer = meeting.exchange(apdu)
        match changes.get(asked % 46):
            case None:
                return answer
            case "double":
                return answer[:-2] * 2 + answer[-2:]
            case "empty":
                return answer[-2:]
            case "noise":
                return noise
            case "status":
                return answer[:-2] + noise[:2]
            case place:
                at = int(place) % len(answer)
                return answer[:at] + bytes([answer[at] ^ 0x10]) + answer[at + 1 :]

    reader = ChipReader(transport, meeting.key(), reconnect=meeting.reconnect)
    with contextlib.suppress(EmrtdError):
        reader.run()
    read = reader.reading.files
    verdict = judged(reader.reading, MADE, DAY, STORE)
    own = all(read[file] == FILES[data_group(n)] for n, file in DATA_GROUPS.items() if file in read)
    assert own or verdict.chip is not ChipVerdict.GENUINE
    assert own or verdict.data is not DataVerdict.VERIFIED
