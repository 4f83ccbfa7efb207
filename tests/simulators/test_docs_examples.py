"""What docs/simulators.md shows to others works as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "simulators.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
ONE_DEVICE, DRIVE, CHIP, ATTACK, WHOLE_SITE = EXAMPLES


@pytest.mark.parametrize(
    "examples", [[ONE_DEVICE, DRIVE, CHIP, ATTACK], pytest.param([WHOLE_SITE], marks=pytest.mark.long)]
)
def test_each_example_is_a_test_that_passes_in_a_stranger_s_project(
    examples: list[str], tmp_path: Path
) -> None:
    for number, example in enumerate(examples):
        (tmp_path / f"test_mine_{number}.py").write_text(example)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{len(examples)} passed" in ran.stdout
