"""The dashboard's files under deploy/: what they promise each other."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from dashboard.commands.signing import Signer
from dashboard.site import Broker, Listen, Signing, Site, StorePart, load_site
from dashboard.store.engine import database_url
from tests.dashboard.running import signing_key
from tests.deploy.test_units import DEPLOY, settings

EXAMPLE = DEPLOY / "site.example.toml"
UNIT = DEPLOY / "borderlane-dashboard.service"


def test_the_example_is_a_site_that_the_dashboard_accepts(tmp_path: Path) -> None:
    """With the files it names, which lie under /etc/borderlane on a site's machine."""
    text = EXAMPLE.read_text().replace("/etc/borderlane", str(tmp_path))
    signing_key(tmp_path)
    for name in re.findall(rf'"{tmp_path}/([^"]+)"', text):
        (tmp_path / name).touch()
    (tmp_path / "site.toml").write_text(text)
    site = load_site(tmp_path / "site.toml")
    assert site.listen.certificate is not None
    assert not site.demo
    assert Signer.load(site.signing.key, site.signing.key_id).key_id == "khorgos-1"


@pytest.mark.parametrize("part", [Site, Listen, StorePart, Broker, Signing])
def test_the_example_and_the_docs_name_every_key(part: type[BaseModel]) -> None:
    keys = {name for name, field in part.model_fields.items() if not field.exclude} - {"broker"}
    tables = {"listen", "store", "signing"}
    for text in (EXAMPLE.read_text(), (DEPLOY.parent / "docs" / "dashboard.md").read_text()):
        named = set(re.findall(r"^(?:# )?(\w+) = ", text, re.MULTILINE))
        assert keys - tables <= named


def test_the_examples_store_lies_in_the_units_state_directory() -> None:
    unit = settings(UNIT)
    url = re.search(r'^url = "(sqlite:[^"]+)"', EXAMPLE.read_text(), re.MULTILINE)
    assert url is not None
    store = Path(str(database_url(url[1], Path("/etc/borderlane")).database))
    assert store.parent == Path("/var/lib") / unit["StateDirectory"][0]
    assert unit["UMask"] == ["0077"]


def test_the_dashboard_comes_back_by_itself_but_not_with_a_wrong_file() -> None:
    unit = settings(UNIT)
    assert unit["Restart"] == ["always"]
    assert unit["StartLimitIntervalSec"] == ["0"]
    assert unit["RestartPreventExitStatus"] == ["2"]
    assert unit["ExecStart"] == ["/opt/borderlane/bin/borderlane dashboard /etc/borderlane/site.toml"]
