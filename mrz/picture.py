"""Pictures in: the header is read first, then at most 50 megapixels are decoded, into 8-bit grey."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageOps

from mrz.errors import ImageError
from mrz.reading import BYTES_MAX

MEGAPIXELS_MAX = 50
"""A page at 600 dpi has 6; beyond this a file is a mistake or a bomb."""
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")

Grey = NDArray[np.uint8]
Image = bytes | NDArray[np.uint8] | NDArray[np.uint16]


def load(image: Image) -> Grey:
    """A grey picture, height x width, 0 black.  Raises ImageError and nothing else."""
    return _decoded(image) if isinstance(image, bytes) else _grey(image)


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise ImageError("the picture is empty")
    if width * height > MEGAPIXELS_MAX * 1_000_000:
        raise ImageError(
            f"{width} x {height} is {width * height / 1e6:.0f} megapixels; at most {MEGAPIXELS_MAX} are read"
        )


def _decoded(data: bytes) -> Grey:
    if len(data) > BYTES_MAX:
        raise ImageError(f"{len(data) / 1e6:.0f} MB of picture; at most {BYTES_MAX / 1e6:.0f} MB are read")
    try:
        # `open` reads the header alone; the pixels are decoded by the first access after the check.
        with Pillow.open(BytesIO(data), formats=FORMATS) as picture:
            _check_size(*picture.size)
            upright = ImageOps.exif_transpose(picture)
            if upright.mode.startswith("I"):
                return _grey(np.asarray(upright).astype(np.uint16))
            if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                paper = Pillow.new("RGBA", upright.size, "white")
                upright = Pillow.alpha_composite(paper, upright.convert("RGBA"))
            return np.asarray(upright.convert("L"))
    except ImageError:
        raise
    except Pillow.UnidentifiedImageError:
        raise ImageError(f"not a picture in a known format; known: {', '.join(FORMATS)}") from None
    except Exception as error:  # decoders of damaged files raise whatever they meet
        raise ImageError(f"the picture can't be decoded: {type(error).__name__}: {error}") from error


def _grey(array: NDArray[np.uint8] | NDArray[np.uint16]) -> Grey:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ImageError(f"expected height x width or height x width x 3 or 4, found {array.shape}")
    _check_size(array.shape[1], array.shape[0])
    if array.dtype == np.uint16:
        array = (array >> 8).astype(np.uint8)
    if array.dtype != np.uint8:
        raise ImageError(f"expected 8 or 16 bit without sign, found {array.dtype}")
    if array.ndim == 2:
        return array.astype(np.uint8, copy=False)
    # Rec. 601 luma of blue, green, red.
    return (array[:, :, :3] @ np.array([0.114, 0.587, 0.299])).astype(np.uint8)
