"""Set-up says what is missing and what to do, and the next call takes no half environment for whole.

The programs that it calls are stand-ins here, which say what the real ones do; script and shell are real.
"""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STANDS_IN = {
    "id": "echo 0",
    "sudo": "exit 1",
    # All packages are there, but for those named in MISSING.
    "dpkg-query": """
shift 2
for package in "$@"; do grep -qw -- "$package" <<<"$MISSING" || echo "$package installed"; done
exit 1
""",
    "apt-get": 'echo "apt-get $*" >>calls',
    # `-m venv` makes a Python that is this one again; pip does what PIP says.
    "python3.11": r"""
case "$*" in
    *"print("*) echo "${VERSION:-3.11}" ;;
    *"version_info < (3, 11)"*) [[ ${VERSION:-3.11} != 3.9 ]] ;;
    *"import sys, pip"*) [[ $(cat "$(dirname "$0")/version") == 3.11 ]] ;;
    "-m venv .venv")
        echo "python -m venv" >>calls
        [[ -z ${NO_VENV:-} ]] || { mkdir .venv; echo "ensurepip is not available"; exit 1; }
        mkdir -p .venv/bin && cp "$0" .venv/bin/python && echo 3.11 >.venv/bin/version ;;
    "-m pip"*) echo pip >>calls; echo "${PIP:-}"; [[ -z ${PIP:-} ]] ;;
    *render_drives*) echo render >>calls; mkdir -p var/drives ;;
    --version) echo "Python ${VERSION:-3.11}" ;;
esac
""",
}


class Checkout:
    """A folder with the set-up in it, and the programs that it finds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.programs = folder / "programs"
        self.programs.mkdir()
        (self.folder / "tools").mkdir(parents=True)
        shutil.copy(ROOT / "tools" / "setup.sh", self.folder / "tools")
        for name in ("requirements.lock", "pyproject.toml", "tools/render_drives.py"):
            (self.folder / name).write_text("one\n")
        for name in ("simulators", "scenarios"):
            (self.folder / name).mkdir()
        for name, body in STANDS_IN.items():
            self.stand_in(name, body)

    def stand_in(self, name: str, body: str) -> None:
        program = self.programs / name
        program.write_text(f"#!/bin/bash\n{body}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def set_up(self, **environment: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.programs}:/usr/bin:/bin"
        return subprocess.run(
            [self.folder / "tools" / "setup.sh"],
            env={"PATH": path, "HOME": os.environ.get("HOME", "/"), **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )

    @property
    def calls(self) -> list[str]:
        """What was called, in order."""
        calls = self.folder / "calls"
        return calls.read_text().splitlines() if calls.exists() else []

    def forget(self) -> None:
        """From here on."""
        (self.folder / "calls").unlink(missing_ok=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_the_second_call_does_nothing(checkout: Checkout) -> None:
    first, second = checkout.set_up(), checkout.set_up()
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert checkout.calls == ["python -m venv", "pip", "pip", "render"]
    assert second.stdout == second.stderr == ""


@pytest.mark.parametrize(
    ("changed", "calls"),
    [
        ("requirements.lock", ["pip", "pip", "render"]),
        ("simulators/render.py", ["render"]),
        ("scenarios/new.toml", ["render"]),
        ("README.md", []),
    ],
)
def test_only_what_changed_is_made_again(checkout: Checkout, changed: str, calls: list[str]) -> None:
    checkout.set_up()
    checkout.forget()
    (checkout.folder / changed).write_text("another\n")
    assert checkout.set_up().returncode == 0
    assert checkout.calls == calls


def test_root_gets_the_missing_packages_by_name(checkout: Checkout) -> None:
    said = checkout.set_up(MISSING="mosquitto socat")
    assert said.returncode == 0, said.stderr
    assert "installing Debian packages: mosquitto socat" in said.stdout
    assert checkout.calls[1].endswith("install -y --no-install-recommends mosquitto socat")


def test_who_may_not_install_is_told_exactly_what_to(checkout: Checkout) -> None:
    checkout.stand_in("id", "echo 1000")
    said = checkout.set_up(MISSING="mosquitto socat")
    assert said.returncode == 3
    assert "apt-get install --no-install-recommends mosquitto socat\n" in said.stderr
    assert checkout.calls == []


def test_sudo_without_a_password_is_used(checkout: Checkout) -> None:
    checkout.stand_in("id", "echo 1000")
    checkout.stand_in("sudo", 'echo "sudo $2" >>calls; shift; "$@"')
    assert checkout.set_up(MISSING="socat").returncode == 0
    assert checkout.calls[:3] == ["sudo true", "sudo env", "apt-get -o DPkg::Lock::Timeout=120 update"]


def test_apt_without_a_network_leaves_its_words_and_the_packages(checkout: Checkout) -> None:
    checkout.stand_in("apt-get", 'echo "E: Could not resolve deb.debian.org"; exit 100')
    said = checkout.set_up(MISSING="socat")
    assert said.returncode == 3
    assert "| E: Could not resolve deb.debian.org" in said.stderr
    assert "--no-install-recommends socat" in said.stderr


def test_another_system_is_told_what_it_would_need(checkout: Checkout) -> None:
    (checkout.programs / "dpkg-query").unlink()
    for name in ("bash", "dirname", "flock"):
        (checkout.programs / name).symlink_to(f"/usr/bin/{name}")
    said = subprocess.run(
        [checkout.folder / "tools" / "setup.sh"],
        env={"PATH": str(checkout.programs)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == 3
    assert "no Debian" in said.stderr
    assert "mosquitto" in said.stderr


def test_a_python_that_is_too_old_is_named(checkout: Checkout) -> None:
    said = checkout.set_up(VERSION="3.9")
    assert said.returncode == 3
    assert "Python 3.11 or newer is needed, found Python 3.9 at" in said.stderr


def test_a_python_without_venv_names_the_package_and_leaves_nothing_behind(checkout: Checkout) -> None:
    said = checkout.set_up(NO_VENV="1")
    assert said.returncode == 3
    assert "| ensurepip is not available" in said.stderr
    assert "python3.11-venv" in said.stderr
    assert not (checkout.folder / ".venv").exists()


def test_pip_without_a_network_leaves_its_words_and_is_tried_again(checkout: Checkout) -> None:
    said = checkout.set_up(PIP="ERROR: connection refused")
    assert said.returncode == 3
    assert "| ERROR: connection refused" in said.stderr
    assert checkout.calls == ["python -m venv", "pip"]
    assert checkout.set_up().returncode == 0
    assert checkout.calls[2:] == ["pip", "pip", "render"]


@pytest.mark.parametrize("how", ["half made", "another python", "a broken link", "moved"])
def test_an_environment_that_is_not_whole_or_not_ours_is_made_anew(checkout: Checkout, how: str) -> None:
    environment = checkout.folder / ".venv"
    if how == "half made":
        (environment / "bin").mkdir(parents=True)
    elif how == "another python":
        checkout.set_up()
        (environment / ".borderlane-setup").unlink()
        (environment / "bin" / "version").write_text("3.9\n")
    elif how == "a broken link":
        environment.symlink_to("gone")
    else:
        checkout.set_up()
        checkout.folder = checkout.folder.rename(checkout.folder.with_name("elsewhere"))
    checkout.forget()
    said = checkout.set_up()
    assert said.returncode == 0, said.stderr
    assert "making it anew" in said.stdout
    assert checkout.calls[:3] == ["python -m venv", "pip", "pip"]


def test_two_at_once_wait_for_each_other(checkout: Checkout) -> None:
    held = subprocess.Popen(
        ["flock", checkout.folder / ".setup-lock", "cat"], stdin=subprocess.PIPE, text=True
    )
    assert held.stdin is not None
    while subprocess.run(["flock", "--nonblock", checkout.folder / ".setup-lock", "true"]).returncode == 0:
        pass
    started = subprocess.Popen(
        [checkout.folder / "tools" / "setup.sh"],
        env={"PATH": f"{checkout.programs}:/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    assert "waiting for it" in started.stdout.readline()
    assert checkout.calls == []
    held.stdin.close()
    assert (started.wait(60), held.wait(60)) == (0, 0)
    assert checkout.calls[-1] == "render"
