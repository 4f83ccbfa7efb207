"""The openssl command as a second opinion."""

import subprocess
from pathlib import Path


def run(*arguments: str | Path) -> str:
    """Standard output of one call.  Fails the test with what it said."""
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"openssl {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def certificate(path: Path, der: bytes) -> Path:
    """The certificate as PEM under `path`, which the commands for chains want."""
    raw = path.with_suffix(".der")
    raw.write_bytes(der)
    run("x509", "-inform", "DER", "-in", raw, "-out", path)
    return path
