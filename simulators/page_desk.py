"""The page reader of a lane: its device on its wire, and its table in the lane's configuration."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from simulators.children import free_port
from simulators.document_reader.page_folder import FolderScanner
from simulators.document_reader.page_http_pull import HttpPullScanner
from simulators.document_reader.page_http_push import HttpPushReader
from simulators.document_reader.page_reader import PageReader
from simulators.document_reader.page_v4l2 import PageCamera
from simulators.wiring import Table

MODELS = ("page-http-push", "page-http-pull", "page-folder", "page-v4l2")
NAME = "page"


def page_reader(model: str, folder: Path, seed: int) -> tuple[PageReader, Callable[[], Table]]:
    """The device and its table, which is known once it was started.  KeyError for another model."""
    make = {
        "page-http-push": _pushing,
        "page-http-pull": _pulled,
        "page-folder": _writing,
        "page-v4l2": _filming,
    }
    return make[model](folder, seed)


def _pushing(folder: Path, seed: int) -> tuple[PageReader, Callable[[], Table]]:
    listen, (token, file) = f"127.0.0.1:{free_port()}", _token(folder)
    device = HttpPushReader(NAME, f"http://{listen}/pages", token, seed=seed)
    table: Table = {"driver": "page-http-push", "listen": listen, "token": f"file:{file}"}
    return device, lambda: table


def _pulled(folder: Path, seed: int) -> tuple[PageReader, Callable[[], Table]]:
    token, file = _token(folder)
    device = HttpPullScanner(NAME, token=token, seed=seed)
    return device, lambda: {
        "driver": "page-http-pull",
        "url": device.address,
        "token": f"file:{file}",
        "every_s": 0.2,
    }


def _writing(folder: Path, seed: int) -> tuple[PageReader, Callable[[], Table]]:
    device = FolderScanner(NAME, folder.absolute() / "pages", seed=seed)
    return device, lambda: {"driver": "page-folder", "folder": device.address}


def _filming(folder: Path, seed: int) -> tuple[PageReader, Callable[[], Table]]:
    device = PageCamera(NAME, folder.absolute() / "page.video", seed=seed)
    return device, lambda: {"driver": "page-v4l2", "device": device.address}


def _token(folder: Path) -> tuple[str, Path]:
    """A new token, and the file that holds it for its owner alone."""
    folder.mkdir(parents=True, exist_ok=True)
    token, file = secrets.token_urlsafe(24), folder.absolute() / "page.token"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(token)
    return token, file
