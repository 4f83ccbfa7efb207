"""DG2: the holder's face, in one to nine records (9303-10, 4.7.2)."""

from dataclasses import dataclass

from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds import biometric_templates
from drivers.emrtd.lds.templates import open_group
from drivers.emrtd.portraits import FaceImage, faces


@dataclass(frozen=True, slots=True)
class Dg2:
    """All pictures in the order of their records; `broken_records` of them could not be taken apart."""

    faces: tuple[FaceImage, ...]
    broken_records: int


def parse(data: bytes) -> Dg2:
    """Raises MalformedError if not one picture can be found."""
    found: list[FaceImage] = []
    broken = 0
    for template in biometric_templates.parse(open_group(data, 2), "DG2"):
        try:
            found.extend(faces(template.record))
        except MalformedError:
            broken += 1
    if not found:
        raise MalformedError(f"DG2: no face in it; {broken} records that could not be read")
    return Dg2(tuple(found), broken)
