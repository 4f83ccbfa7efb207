"""Files of a chip that lie on disk: found in a folder by their names or by what they begin with."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from drivers.emrtd import signed_data, tlv
from drivers.emrtd.elementary_files import (
    CARD_ACCESS,
    CARD_SECURITY,
    COM,
    DATA_GROUPS,
    SOD,
    ElementaryFile,
)
from drivers.emrtd.errors import EmrtdError
from drivers.emrtd.lds import card_security

BYTES_MAX = 1 << 20
"""Twice the greatest file that a chip has."""
ENTRIES_MAX = 1000
_FILES = (SOD, COM, CARD_ACCESS, CARD_SECURITY, *DATA_GROUPS.values())
_BY_TAG = {file.tag: file for file in (SOD, COM, *DATA_GROUPS.values())}
_NAME = re.compile(
    r"(?:ef)?[._ -]?(?:(?P<word>sod|com|cardaccess|cardsecurity)|(?:dg|datagroup)[._ -]?0*(?P<group>\d{1,2})"
    r"|(?P<fid>01(?:0[1-9a-f]|10|1[de])))(?:[._ -].*)?",
    re.IGNORECASE,
)
_WORDS = {"sod": SOD, "com": COM, "cardaccess": CARD_ACCESS, "cardsecurity": CARD_SECURITY}
_BY_FID = {file.fid: file for file in (SOD, COM, *DATA_GROUPS.values())}
_OF_MASTER_FILE = re.compile(r"ef[._ -]?(?:dir|atr(?:[._ -]?info)?|cvca)(?:[._ -].*)?", re.IGNORECASE)
"""Files of a chip that no signature covers: they are passed over."""
_ZONE_TAG = 0x5F1F
"""In a DG1.  EF.DIR has the same outer tag, 61, and 4F (an application's identifier) within."""


def in_folder(folder: Path) -> tuple[dict[ElementaryFile, bytes], tuple[Path, ...]]:
    """The chip's files in a folder, and what there was besides.

    A name such as EF.SOD, EF_COM.bin, DG1, Datagroup14.bin or ef010F.bin says what a file is; of any other
    name, its content does.  Raises click.UsageError for two of one kind, and for what can't be read.
    """
    found: dict[ElementaryFile, Path] = {}
    data: dict[ElementaryFile, bytes] = {}
    others: list[Path] = []
    for path in _entries(folder):
        content = bytes_of(path)
        file = None if _OF_MASTER_FILE.fullmatch(path.name) else _named(path.name) or _told(content)
        if file is None:
            others.append(path)
        elif file not in found:
            found[file], data[file] = path, content
        elif _begins(file, content) == _begins(file, data[file]):
            raise click.UsageError(f"{found[file]} and {path} both are {file}: name one with --sod or --dg")
        elif _begins(file, content):  # a picture or text beside the file that it was taken from
            others.append(found[file])
            found[file], data[file] = path, content
        else:
            others.append(path)
    return data, tuple(others)


def given(sod: Path, groups: Iterable[str]) -> dict[ElementaryFile, bytes]:
    """The files that options name: `groups` such as 1=FILE.  Raises click.UsageError."""
    data = {SOD: bytes_of(sod)}
    for option in groups:
        number, equals, name = option.partition("=")
        group = DATA_GROUPS.get(int(number)) if re.fullmatch(r"\d{1,2}", number, re.ASCII) else None
        if group is None or not equals or not name:
            raise click.UsageError(f"--dg {option}: expected N=FILE with N from 1 to 16")
        if group in data:
            raise click.UsageError(f"--dg {option}: DG{number} is given twice")
        data[group] = bytes_of(Path(name))
    return data


def bytes_of(path: Path) -> bytes:
    """A file's bytes.  Raises click.UsageError."""
    try:
        if not path.is_file():
            what = "is no regular file" if path.exists() else "there is no such file"
            raise click.UsageError(f"{path}: {what}")
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path}: cannot be read: {getattr(error, 'strerror', error)}") from None
    if len(data) > BYTES_MAX:
        raise click.UsageError(f"{path}: over {BYTES_MAX} bytes, more than any file of a chip")
    return data


def order(files: Mapping[ElementaryFile, bytes]) -> list[str]:
    """Names of files as the standard lists them."""
    return [file.name for file in _FILES if file in files]


def _entries(folder: Path) -> list[Path]:
    try:
        entries = sorted(path for path in folder.iterdir() if path.is_file() and path.name[0] != ".")
    except OSError as error:
        raise click.UsageError(f"{folder}: cannot be read: {error.strerror}") from None
    if len(entries) > ENTRIES_MAX:
        raise click.UsageError(f"{folder}: over {ENTRIES_MAX} files: give the folder of one document")
    return entries


def _named(name: str) -> ElementaryFile | None:
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    if word := found["word"]:
        return _WORDS[word.lower()]
    if group := found["group"]:
        return DATA_GROUPS.get(int(group))
    return _BY_FID[int(found["fid"], 16)]


def _begins(file: ElementaryFile, content: bytes) -> bool:
    """Whether the content begins as that file does; all these files have tags of one octet."""
    return content[:1] == bytes([file.tag or 0])


def _told(content: bytes) -> ElementaryFile | None:
    """What a file is by its one outer object.  EF.CVCA and the like have none, and tell nothing here."""
    try:
        node = tlv.read(content)
        tag = node.tag
        if tag == DATA_GROUPS[1].tag and not node.all(_ZONE_TAG):
            return None
        if tag == CARD_ACCESS.tag:
            return CARD_ACCESS
        if tag == CARD_SECURITY.tag:
            return CARD_SECURITY if signed_data.content_type(content) == card_security.CONTENT_TYPE else None
    except EmrtdError:
        # An EF.SOD may have an indefinite length, which is no TLV of a chip's files.
        return SOD if content[:1] == b"\x77" else None
    return _BY_TAG.get(tag)
