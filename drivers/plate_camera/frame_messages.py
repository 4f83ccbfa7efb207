"""What the child tells of a frame, as the reading that the driver yields."""

from itertools import accumulate, pairwise
from typing import Any

from drivers.plate_camera import FrameRead, PlateCandidate


def frame_of(header: dict[str, Any], blob: bytes) -> FrameRead:
    """Raises KeyError, TypeError, ValueError for nonsense."""
    time_s, picture_bytes = header["time_s"], int(header["picture_bytes"])
    ends = list(accumulate((int(size) for size in header["crop_bytes"]), initial=picture_bytes))
    return FrameRead(
        number=int(header["number"]),
        taken_s=float(header["taken_s"]),
        fingerprint=str(header["fingerprint"]),
        source_time_s=None if time_s is None else float(time_s),
        watched=bool(header["watched"]),
        plates=tuple(_plate(fields) for fields in header["plates"]),
        picture=blob[:picture_bytes],
        crops=tuple(blob[start:end] for start, end in pairwise(ends)),
        size=(int(header["size"][0]), int(header["size"][1])),
        doubtful=tuple(_plate(fields) for fields in header["doubtful"]),
        refused=tuple((str(text), str(reason)) for text, reason in header["refused"]),
    )


def _plate(fields: dict[str, Any]) -> PlateCandidate:
    x, y, width, height = fields["box"]
    a, b, c, d = ((float(x), float(y)) for x, y in fields["corners"])
    return PlateCandidate(
        text=fields["text"],
        display=fields["display"],
        country=fields["country"],
        confidence=float(fields["confidence"]),
        box=(x, y, width, height),
        alternatives=tuple((str(other), float(share)) for other, share in fields["alternatives"]),
        corners=(a, b, c, d),
        lines=int(fields["lines"]),
        country_confidence=float(fields["country_confidence"]),
    )
