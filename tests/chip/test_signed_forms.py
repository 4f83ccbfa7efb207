"""Every algorithm of Doc 9303-12 and every form of EF.SOD that states write, judged at rest."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lane_controller.commands.verify_chip import command
from simulators.card.attacks.specimen import genuine, published, reading_day
from simulators.card.personalisation import EF_SOD, data_group
from simulators.card.trust import write_trust
from tests.card.specimens import specimen
from tests.card.test_personaliser import SODS
from tests.card.test_pki import KEYS


def _signed_with(form: str) -> dict[str, Any]:
    key, _, hash_name = form.rpartition(" ")
    return {
        "signing": {"csca": key, "csca_signature": hash_name, "signer": key, "signature": hash_name},
    }


FORMS = {form: _signed_with(form) for form in KEYS} | SODS


@pytest.mark.parametrize("form", FORMS)
def test_a_genuine_document_is_verified_and_a_changed_one_is_not(form: str, tmp_path: Path) -> None:
    document = specimen(**FORMS[form])
    chip = genuine(document).chip
    write_trust(tmp_path / "trust", [document], published(document))
    sod, dg1 = tmp_path / "EF.SOD", tmp_path / "DG1"
    sod.write_bytes(chip.files[EF_SOD])
    content = chip.files[data_group(1)]
    for changed in (False, True):
        dg1.write_bytes(content[:-1] + b"9" if changed else content)
        ran = CliRunner().invoke(
            command,
            [
                *("--sod", str(sod), "--dg", f"1={dg1}", "--json"),
                *("--trust", str(tmp_path / "trust"), "--at", str(reading_day(document))),
            ],
        )
        said = json.loads(ran.stdout)
        assert said["verdict"]["data"] == ("failed" if changed else "verified"), said["checks"]
        assert ran.exit_code == int(changed)
