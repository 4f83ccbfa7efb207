"""Where measurements write: on this checkout's disk, since what a commit costs is the disk's."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[3]


@contextmanager
def scratch() -> Generator[Path]:
    """An empty folder that is gone afterwards."""
    folder = ROOT / ".measure"
    folder.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as path:
        yield Path(path)
