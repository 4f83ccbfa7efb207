"""DG3: fingers, read for a configured purpose alone (9303-10, 4.7.3).

Only its shape is told; no print is kept.
"""

from dataclasses import dataclass

from drivers.emrtd.lds import biometric_templates
from drivers.emrtd.lds.templates import open_group


@dataclass(frozen=True, slots=True)
class Shape:
    """Of each record of the group: the type its header states (None where it does not) and its bytes."""

    records: tuple[tuple[int | None, int], ...]


def parse(data: bytes) -> Shape:
    """An empty group is lawful: the holder could not give a print.  Raises MalformedError."""
    return shape(data, 3)


def shape(data: bytes, number: int) -> Shape:
    """What DG3 and DG4 have in common.  Raises MalformedError."""
    templates = biometric_templates.parse(open_group(data, number), f"DG{number}")
    return Shape(tuple((one.type, len(one.record)) for one in templates))
