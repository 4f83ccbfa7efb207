"""Opening a lane's journal: the one that is there, or a new one."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from lane_controller.daemon.journal import machine, schema
from lane_controller.daemon.journal.errors import JournalError
from lane_controller.daemon.journal.journal import Journal

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Opened:
    """`replaced` names the properties of the machine that differ; the old journal lies at `set_aside`."""

    journal: Journal
    created: bool
    replaced: tuple[str, ...] = ()
    set_aside: Path | None = None


def open_or_begin(path: Path, site: str, lane: str, root: Path = Path("/")) -> Opened:
    """The lane's journal.  A file of another lane is refused; a copy or a moved card is set aside and a new
    journal begun.  Raises the journal's errors; the file that is refused is left untouched."""
    if not path.exists():
        return Opened(_begin(path, site, lane, root), created=True)
    journal = Journal.open(path)
    if (journal.site, journal.lane) != (site, lane):
        journal.close()
        raise JournalError(
            f"{path}: this is the journal of lane {journal.site}/{journal.lane}, not of {site}/{lane}; "
            f"give each lane its own journal.path"
        )
    replaced = tuple(machine.differences(journal.meta("machine"), machine.gather(path, root), journal.id))
    if not replaced:
        return Opened(journal, created=False)
    old_id = journal.id
    journal.close()
    aside = set_aside(path, old_id)
    log.warning("journal replaced", path=str(path), set_aside=str(aside), differs=replaced)
    return Opened(_begin(path, site, lane, root), created=True, replaced=replaced, set_aside=aside)


def _begin(path: Path, site: str, lane: str, root: Path) -> Journal:
    journal = Journal.create(path, site, lane)
    properties = machine.gather(path, root)
    with journal.transaction() as connection:
        Journal.set_meta(connection, "machine", machine.sealed(properties, journal.id))
    return journal


def set_aside(path: Path, journal: str) -> Path:
    """Rename a closed journal to its name and the first digits of its id; its events are still delivered."""
    aside = path.with_name(f"{path.name}.{journal[:8]}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.{journal[:8]}.{number}")
    for suffix in ("-wal", "-shm"):
        part = Path(f"{path}{suffix}")
        if part.exists():
            part.rename(f"{aside}{suffix}")
    path.rename(aside)
    schema.sync_folder(path.parent)
    return aside


def journals_set_aside(path: Path) -> list[Path]:
    """Older journals of this lane that may still hold events for the store."""
    return sorted(
        aside
        for aside in path.parent.glob(f"{path.name}.*")
        if len(aside.suffix) == 9 or aside.suffix[1:].isdigit()
    )


def journal_in_force(path: Path) -> Path | None:
    """The lane's journal of which the file at `path` is an older one that was set aside; None where it is
    none of these."""
    for name in (path.with_suffix(""), path.with_suffix("").with_suffix("")):
        if name.is_file() and path in journals_set_aside(name):
            return name
    return None


@contextmanager
def older_journals(
    path: Path, opened: Mapping[str, Journal]
) -> Generator[tuple[dict[str, Journal], list[str]]]:
    """The lane's journals that were set aside, by id, and of those that can't be opened why.

    `opened` are those of them that this process holds already; the others are closed again."""
    found, problems, closing = dict(opened), list[str](), list[Journal]()
    held = {journal.path.absolute() for journal in opened.values()}
    try:
        for aside in journals_set_aside(path):
            if aside.absolute() in held:
                continue
            try:
                journal = Journal.open(aside)
            except JournalError as error:
                problems.append(str(error))
                continue
            closing.append(journal)
            found[journal.id] = journal
        yield found, problems
    finally:
        for journal in closing:
            journal.close()
