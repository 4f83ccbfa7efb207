"""DG4: irises, read for a configured purpose alone (9303-10, 4.7.4).

Only its shape is told; no eye is kept.
"""

from drivers.emrtd.lds.dg3 import Shape, shape


def parse(data: bytes) -> Shape:
    """Raises MalformedError."""
    return shape(data, 4)
