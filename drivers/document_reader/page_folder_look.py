"""One look into a folder that a scanner's software writes into: which pages are whole, and what must go.

Blocking, for a thread; the folder may be a network's.  Files are taken when they have stood still, and
deleted before they are told: a page that can't be deleted is told to nobody.  Nothing is followed, and no
directory is entered or removed.
"""

import errno
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from drivers.document_reader import PAGE_BYTES_MAX, PageRead, Unreadable
from drivers.document_reader.page_frames import BadPage, Frame, page_of

MARK = ".borderlane-pages"
"""The file that says: what is put here is taken and deleted.  On a share it says also that it is mounted."""
PICTURES = (".jpg", ".jpeg", ".png")
PATIENCE_S = 5.0
"""A picture that is not whole and has stood still for so long stays as it is: a full disk, a dead scanner."""
LIE_S = 60.0
"""Anything else, which may hold a traveller's data too, is deleted when it has stood still for so long."""
FILES_MAX = 1000
"""Looked at in one look; the others come in later ones."""

Still = tuple[int, int, int]
"""Size, time of the last change (ns) and inode: the same again means that nobody writes."""


class NotMarked(Exception):
    """The folder is there, and not ours."""


@dataclass(frozen=True, slots=True)
class Lying:
    """A file as it was first seen like this, `since_s` on the monotonic clock."""

    still: Still
    since_s: float


@dataclass
class FolderLook:
    """What is known of one folder between two looks."""

    folder: Path
    settle_s: float
    infrared_mark: str
    white_mark: str
    _lying: dict[str, Lying] = field(default_factory=dict[str, Lying])

    def begin(self, *, empty: bool) -> int:
        """Be sure that the folder is ours and that files can be deleted in it.  `empty` deletes all that lie
        there, unread, since nobody knows whose they are; returns how many.  Raises OSError, NotMarked."""
        names = self._names()
        if not os.access(self.folder, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self.folder))
        for name in names if empty else ():
            self._delete(name)
        return len(names) if empty else 0

    def look(self, now_s: float) -> list[PageRead | Unreadable]:
        """The pages that are whole by now, oldest first.  Raises OSError, NotMarked."""
        known, self._lying = self._lying, {}
        pages: dict[str, list[str]] = {}
        for name, still in self._names().items():
            before = known.get(name)
            lying = before if before is not None and before.still == still else Lying(still, now_s)
            self._lying[name] = lying
            if not name.startswith(".") and PurePath(name).suffix.lower() in PICTURES:
                pages.setdefault(self._page_of(name), []).append(name)
            elif now_s - lying.since_s >= LIE_S:
                self._delete(name)
        ready = [names for names in pages.values() if self._age_s(names, now_s) >= self.settle_s]
        ready.sort(key=lambda names: self._lying[names[0]].still[1])
        return [page for names in ready if (page := self._take(names, now_s)) is not None]

    def _names(self) -> dict[str, Still]:
        found: dict[str, Still] = {}
        marked = False
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name == MARK:
                    marked = True
                elif len(found) < FILES_MAX:
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue  # renamed or deleted meanwhile
                    if not stat.S_ISDIR(status.st_mode):
                        found[entry.name] = (status.st_size, status.st_mtime_ns, status.st_ino)
        if not marked:
            raise NotMarked
        return found

    def _page_of(self, name: str) -> str:
        stem = PurePath(name).stem
        for mark in (self.infrared_mark, self.white_mark):
            if mark and stem.lower().endswith(mark.lower()):
                return stem[: -len(mark)]
        return stem

    def _is_infrared(self, name: str) -> bool:
        return bool(self.infrared_mark) and PurePath(name).stem.lower().endswith(self.infrared_mark.lower())

    def _age_s(self, names: list[str], now_s: float) -> float:
        return min(now_s - self._lying[name].since_s for name in names)

    def _take(self, names: list[str], now_s: float) -> PageRead | Unreadable | None:
        """The page of these files, which are gone then; None when they are not whole yet."""
        reading: PageRead | Unreadable
        try:
            if sum(self._lying[name].still[0] for name in names) > PAGE_BYTES_MAX:
                raise BadPage("too large to be read")
            reading = page_of([Frame(self._read(name), self._is_infrared(name)) for name in sorted(names)])
        except FileNotFoundError:
            return None  # renamed meanwhile: seen again under its new name
        except BadPage:
            if self._age_s(names, now_s) < PATIENCE_S:
                return None
            reading = Unreadable("bad_picture", b"")
        for name in names:
            self._delete(name)
        return reading

    def _read(self, name: str) -> bytes:
        """A regular file's bytes.  Raises BadPage for what is no such file, OSError."""
        # Neither a link nor a pipe that would wait for its writer.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        if not stat.S_ISREG(os.lstat(self.folder / name).st_mode):
            raise BadPage("no file")
        with open(os.open(self.folder / name, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BadPage("no file")
            return file.read(PAGE_BYTES_MAX + 1)

    def _delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
        self._lying.pop(name, None)
