"""Pictures in: the header is read first, then at most 50 megapixels are decoded, into 8-bit grey.

Whatever is wrong with a picture ends in an ImageError that says what it is and what to do.  Memory: at most
four bytes a pixel while decoding, which is 200 MB for the largest picture that is taken; a JPEG is decoded
straight to grey.
"""

import warnings
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

_KNOWN = f"known: {', '.join(FORMATS)}"
_OTHERS = {
    b"%PDF": "a PDF file: save its page as a PNG or TIFF picture",
    b"GIF8": "a GIF picture: save it as PNG",
}


def load(image: Image) -> Grey:
    """A grey picture, height x width, 0 black, turned as its EXIF entry says, transparent parts white.

    Of a file with several pages or an animation the first one (`has_more_pages`).  Raises ImageError and
    nothing else.
    """
    grey = _decoded(image) if isinstance(image, bytes) else _grey(image)
    darkest = grey.min()
    if darkest == grey.max():
        raise ImageError(
            f"the whole picture has one colour (grey level {darkest}): "
            "is the lamp on, the lens free, the page in?"
        )
    return grey


def has_more_pages(data: bytes) -> bool:
    """Whether an encoded picture holds further pages or animation frames, which `load` leaves out.

    False for what is no picture: `load` says what is wrong with it.
    """
    try:
        with warnings.catch_warnings(action="ignore"), _opened(data) as picture:
            return bool(getattr(picture, "is_animated", False))
    except Exception:  # decoders of damaged files raise whatever they meet
        return False


def check_size(width: int, height: int) -> None:
    """Raises ImageError for a picture without pixels, and for one over `MEGAPIXELS_MAX`."""
    if width < 1 or height < 1:
        raise ImageError("the picture is empty: it has no pixels")
    if width * height > MEGAPIXELS_MAX * 1_000_000:
        raise ImageError(
            f"{width} x {height} is {width * height / 1e6:.0f} megapixels; at most {MEGAPIXELS_MAX} "
            "are read: scan at 300 to 600 dpi"
        )


def upright(data: bytes, *, colour: bool = False) -> Pillow.Image:
    """The decoded picture, turned as its EXIF entry says; a JPEG in grey unless `colour` is wanted.

    Raises ImageError and nothing else.
    """
    if not data:
        raise ImageError("the file is empty: scan or copy it again")
    if len(data) > BYTES_MAX:
        raise ImageError(f"{len(data) / 1e6:.0f} MB of picture; at most {BYTES_MAX / 1e6:.0f} MB are read")
    try:
        # Warnings of large pictures and odd tags: sizes are checked here, damage ends in an error of ours.
        with warnings.catch_warnings(action="ignore"):
            return _upright(data, colour)
    except ImageError:
        raise
    except Pillow.UnidentifiedImageError:
        what = next((text for start, text in _OTHERS.items() if data.startswith(start)), "")
        raise ImageError(what or f"not a picture in a known format; {_KNOWN}") from None
    except Pillow.DecompressionBombError:
        raise ImageError(
            f"a header that announces far over {MEGAPIXELS_MAX} megapixels; at most {MEGAPIXELS_MAX} are read"
        ) from None
    except MemoryError:
        raise ImageError("decoding the picture needs more memory than this process may use") from None
    except Exception as error:  # decoders of damaged files raise whatever they meet
        text = f"the picture is damaged or cut off and can't be decoded ({type(error).__name__}: {error})"
        raise ImageError(f"{text}: scan or copy it again") from error


def _opened(data: bytes) -> Pillow.Image:
    """The picture with nothing but its header read."""
    return Pillow.open(BytesIO(data), formats=FORMATS)


def _upright(data: bytes, colour: bool) -> Pillow.Image:
    with _opened(data) as picture:
        check_size(*picture.size)
        if not colour:
            picture.draft("L", picture.size)
        # The pixels are decoded here, by the first access.
        return ImageOps.exif_transpose(picture)


def _decoded(data: bytes) -> Grey:
    picture = upright(data)
    try:
        if picture.mode.startswith("I"):
            return _eight_bits(np.asarray(picture))
        if picture.mode == "F":
            raise ImageError("a picture of floating-point numbers: save it with 8 or 16 bits a channel")
        if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
            picture = picture.convert("RGBA")
            paper = Pillow.new("L", picture.size, 255)
            return np.asarray(Pillow.composite(picture.convert("L"), paper, picture.getchannel("A")))
        return np.asarray(picture.convert("L"))
    except ImageError:
        raise
    except MemoryError:
        raise ImageError("decoding the picture needs more memory than this process may use") from None
    except ValueError as error:  # Pillow has no way from this kind of pixel to grey
        raise ImageError(f"pixels of the kind {picture.mode} are not read: save it as RGB or grey") from error


def _grey(array: NDArray[np.uint8] | NDArray[np.uint16]) -> Grey:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ImageError(f"expected height x width or height x width x 3 or 4, found {array.shape}")
    check_size(array.shape[1], array.shape[0])
    if array.dtype == np.uint16:
        array = _eight_bits(array)
    if array.dtype != np.uint8:
        raise ImageError(f"expected 8 or 16 bit without sign, found {array.dtype}")
    if array.ndim == 2:
        return array.astype(np.uint8, copy=False)
    # Rec. 601 luma of blue, green, red.
    return (array[:, :, :3] @ np.array([0.114, 0.587, 0.299], np.float32)).astype(np.uint8)


def _eight_bits(array: NDArray[np.integer]) -> Grey:
    """The highest eight bits that are used: infrared cameras put 10 or 12 bits into 16."""
    lowest, highest = int(array.min()), int(array.max())
    if lowest < 0 or highest > 0xFFFF:
        raise ImageError(f"levels from {lowest} to {highest}: save it with 8 or 16 bits a channel")
    return (array >> max(0, highest.bit_length() - 8)).astype(np.uint8)
