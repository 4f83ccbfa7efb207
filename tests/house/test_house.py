"""The project's own rules, with messages that say what to do instead."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("house")
"""Every file is parsed once."""

ROOT = Path(__file__).parents[2]
PACKAGES = ("mrz", "anpr", "drivers", "lane_controller", "dashboard", "simulators", "hil_tests")
LINES_MAX = 400
"""Most modules are under 200 lines, few over 300; none over this."""


def tracked(*patterns: str) -> list[Path]:
    """Files of the checkout that git knows or would know."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout: the rules of the house are checked where the history is")
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def product() -> Iterator[tuple[Path, ast.Module]]:
    for path in tracked("*.py"):
        if path.relative_to(ROOT).parts[0] in PACKAGES:
            yield path, parsed(path)


def name_of(path: Path) -> str:
    """The dotted name of a module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_every_module_says_in_its_first_line_what_it_is() -> None:
    bare = [
        str(path.relative_to(ROOT))
        for path, tree in product()
        if tree.body and ast.get_docstring(tree) is None
    ]
    assert not bare, f"give these modules a docstring that says what they decide: {bare}"


def test_no_module_grew_past_what_fits_in_a_head() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path, _ in product()
        if (lines := path.read_text("utf-8").count("\n")) > LINES_MAX
    }
    assert not long, f"split these modules along their ideas (at most {LINES_MAX} lines): {long}"


def test_no_mark_of_unfinished_work_is_left() -> None:
    mark = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b")
    left = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked("*.py", "*.js", "*.css", "*.html", "*.sh")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if mark.search(line) and path != Path(__file__)
    ]
    assert not left, f"finish these, or file an issue and say so in the docs: {left}"


def test_no_module_is_imported_by_nobody() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [*project["entry-points"].values(), project["scripts"]]
    used = {target.partition(":")[0] for group in groups for target in group.values()}
    modules = {name_of(path): path for path, _ in product()}
    for path in tracked("*.py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Import):
                used |= {alias.name for alias in node.names if alias.name != name_of(path)}
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    parts = name_of(path).split(".")
                    keep = len(parts) - node.level + (path.name == "__init__.py")
                    base = ".".join([*parts[:keep], *([node.module] if node.module else [])])
                used |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    text = "\n".join(p.read_text("utf-8") for p in tracked("*.py", "*.toml", "Makefile", "*.service"))
    unused = [
        str(path.relative_to(ROOT))
        for name, path in modules.items()
        if path.name not in ("__init__.py", "__main__.py")
        and not path.name.startswith("test_")
        and name not in used
        and f'"{name}"' not in text
        and f"-m {name}" not in text
        and "alembic" not in path.parts
        and "migrations" not in path.parts
    ]
    assert not unused, f"nobody imports these: use them or delete them: {unused}"


def test_the_docs_name_only_paths_that_exist() -> None:
    path_like = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:md|toml|py))`")
    ours = set(PACKAGES) | {"tests", "docs", "deploy", "scenarios", "tools", "training", ".ci"}
    missing = [
        f"{page.relative_to(ROOT)}: {name}"
        for page in tracked("*.md")
        for name in path_like.findall(page.read_text("utf-8"))
        if name.split("/")[0] in ours and "<" not in name and not (ROOT / name).exists()
        if subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT).returncode  # made when it is wanted
    ]
    assert not missing, f"these pages name paths that do not exist: {missing}"


def test_a_markdown_link_leads_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in tracked("*.md")
        for target in link.findall(page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken, f"these links lead nowhere: {broken}"


def test_the_tour_leads_only_to_files_a_stranger_can_read() -> None:
    tour = (ROOT / "docs" / "tour.md").read_text("utf-8")
    stops = re.findall(r"\]\(\.\./([^)#]+\.py)\)", tour)
    assert len(stops) >= 6, "the tour has too few stops in the code"
    long = [stop for stop in stops if (ROOT / stop).read_text("utf-8").count("\n") >= 300]
    assert not long, f"a stop of the tour is under 300 lines: {long}"


def test_installation_names_the_debian_packages_that_setup_installs() -> None:
    setup = (ROOT / "tools" / "setup.sh").read_text()
    block = setup[setup.index("PACKAGES=(") : setup.index("\n)")]
    packages = {word for line in block.splitlines()[1:] for word in line.partition("#")[0].split()}
    page = (ROOT / "docs" / "installation.md").read_text("utf-8")
    missing = sorted(package for package in packages if f"`{package}`" not in page)
    assert not missing, f"docs/installation.md does not say what these are for: {missing}"


def test_personal_data_and_secrets_are_not_in_the_checkout() -> None:
    forbidden = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in {".pem", ".key", ".p12"} or path.name in {"truth.json"}
    ]
    assert not forbidden, f"keys and real test material never go into the project: {forbidden}"


def test_asserts_wait_for_events_and_not_for_fixed_times() -> None:
    waiting = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in tracked("tests/*.py", "hil_tests/*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("time.sleep", "asyncio.sleep")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, int | float)
        and node.args[0].value >= 0.2
    ]
    assert not waiting, f"wait for the event instead of a fixed time: {waiting}"


def test_a_group_of_tests_runs_in_one_worker(request: pytest.FixtureRequest) -> None:
    """What such tests gather is gathered once.  pytest-xdist writes the group behind a test's name."""
    grouped = request.config.getoption("loadgroup", default=False)
    assert not grouped or request.node.nodeid.endswith("@house")
