"""A stranger's package of the same name stops every command with a message that says what to do."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from lane_controller import ownership

ROOT = Path(__file__).parents[2]


def test_in_this_environment_every_package_is_ours() -> None:
    ownership.check()


def test_another_mrz_beside_ours_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = tmp_path / "elsewhere" / "mrz"
    foreign.mkdir(parents=True)
    (foreign / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(foreign.parent))
    code = "from lane_controller import ownership; ownership.check()"
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(foreign.parent)!r}); {code}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "several places" in run.stderr


@pytest.mark.long
def test_a_wheel_that_overwrote_ours_is_found_by_its_hash(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", wheels, ROOT], check=True)
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", *wheels.iterdir()], check=True)
    check = [python, "-c", "from lane_controller import ownership; ownership.check()"]
    assert subprocess.run(check, cwd=tmp_path, check=False).returncode == 0
    (package,) = (tmp_path / "env").glob("lib/*/site-packages/mrz/__init__.py")
    package.write_text("# another mrz\n")
    run = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "belongs to another distribution" in run.stderr
