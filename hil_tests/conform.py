"""`borderlane conform BENCH.toml`: hold each device of a bench to the promises of its role."""

import sys
from pathlib import Path

import click


@click.command()
@click.argument("bench", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--role", help="Only the suite of this role.")
def command(bench: Path, role: str | None) -> None:
    """Ask every device on BENCH.toml what its role promises; exit 1 when one does not keep it.

    Nothing moves an arm: movements belong to the commissioning walk (`borderlane check --walk`).
    """
    import pytest

    suites = Path(__file__).parent
    chosen = [suites / f"test_{role}.py"] if role else [suites]
    if role and not chosen[0].exists():
        known = sorted(path.stem.removeprefix("test_") for path in suites.glob("test_*.py"))
        raise click.UsageError(f"no suite {role!r}; there are {', '.join(known)}")
    arguments = [*map(str, chosen), "--bench", str(bench), "-v", "--no-header", "-p", "no:cacheprovider"]
    arguments += ["--disable-plugin-autoload", "-p", "pytest_asyncio.plugin", "-p", "hil_tests.plugin"]
    arguments += ["--rootdir", str(suites), "--import-mode=importlib", "-o", "asyncio_mode=auto"]
    arguments += ["-o", "asyncio_default_fixture_loop_scope=function"]
    code = pytest.main(arguments)
    sys.exit({0: 0, 1: 1}.get(int(code), 3))
