"""What a reader meets: a chip, what it knows of the state behind it, and what it ought to say.

Checks go by the names that a verdict prints: signature, chain, validity, key_usage, revocation, issuer,
hash_dg1 to hash_dg16, pace_consistency, mrz, access.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from simulators.card.behaviour import Behaviour
from simulators.card.chip import Chip
from simulators.card.document import Document
from simulators.card.document_file import merged
from simulators.card.faults import Fault
from simulators.card.national import NationalPki
from simulators.card.personalisation import FileKey, Personalisation
from simulators.card.personaliser import personalise
from simulators.card.trust import trust_files

NEVER_GENUINE = ("not_proved", "failed")
"""What may be said of a chip where something is wrong."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """A chip on the reader.

    `trust` are files for the reader's trust folder.  `at` is the day of the reading.  `document` has the page
    that the reader was shown.
    """

    document: Document
    chip: Personalisation
    trust: Mapping[str, bytes]
    at: date
    behaviour: Behaviour
    faults: tuple[Fault, ...] = ()

    def inserted(self) -> Chip:
        """The chip in the field."""
        return Chip(self.chip, self.behaviour, faults=self.faults)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the reader may say.

    `data` and `chip` are the words of the verdict that are right.  `checks` are outcomes that must stand in
    it.  `may_stop`: an error in place of a verdict is right too.
    """

    data: tuple[str, ...]
    chip: tuple[str, ...]
    checks: Mapping[str, str] = field(default_factory=dict[str, str])
    may_stop: bool = False


@dataclass(frozen=True, slots=True)
class Attack:
    """One way to deceive or to disturb.  `make` gives the chip for a genuine document that has all of PACE,
    BAC, chip and active authentication, such as the profile `full`."""

    name: str
    about: str
    make: Callable[[Document], Specimen]
    expected: Expected


Table = dict[str, Attack]


def attack(
    table: Table,
    *,
    data: Sequence[str],
    chip: Sequence[str] = NEVER_GENUINE,
    may_stop: bool = False,
    **checks: str,
) -> Callable[[Callable[[Document], Specimen]], Callable[[Document], Specimen]]:
    """Enter a function into `table` under its name, its docstring saying what the attacker did."""

    def enter(make: Callable[[Document], Specimen]) -> Callable[[Document], Specimen]:
        about = " ".join((make.__doc__ or "").split())
        expected = Expected(tuple(data), tuple(chip), checks, may_stop)
        table[make.__name__] = Attack(make.__name__, about, make, expected)
        return make

    return enter


def published(document: Document) -> date:
    """The day on which the state's lists came out."""
    return document.page.issued + timedelta(days=60)


def reading_day(document: Document) -> date:
    return document.page.issued + timedelta(days=90)


def genuine(document: Document, pki: NationalPki | None = None) -> Specimen:
    """The document as its state made it, or as `pki` did; the reader knows the document's own state."""
    known = trust_files(document, published(document))
    chip = personalise(document, pki)
    return Specimen(document, chip, known, reading_day(document), document.behaviour, document.faults)


def changed(document: Document, **tables: Any) -> Document:
    """The document with some tables' keys different."""
    return Document.model_validate(merged(document.model_dump(), tables))


def with_files(specimen: Specimen, files: Mapping[FileKey, bytes | None]) -> Specimen:
    """Files exchanged after the chip was made; None takes one away."""
    held = {**specimen.chip.files, **files}
    kept = {key: content for key, content in held.items() if content is not None}
    return replace(specimen, chip=replace(specimen.chip, files=kept))


def flipped(content: bytes, place: int) -> bytes:
    """One bit of one byte turned; a negative place counts from the end."""
    place %= len(content)
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
