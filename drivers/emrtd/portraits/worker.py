"""The child process that decodes portraits, alone and confined; `decode.py` is its parent.

It hears a length and a picture on standard input, and answers with a fresh JPEG or the reason for none.
"""

import io
import os
import resource
import sys
import warnings
from typing import TYPE_CHECKING, BinaryIO

from drivers.emrtd.portraits.decode import (
    ANSWER,
    DECODE_S,
    IMAGE_BYTES_MAX,
    LENGTH,
    MEMORY_BYTES,
    PICTURE,
    PIXELS_MAX,
    READY,
    REFUSED,
)

if TYPE_CHECKING:
    from PIL import Image

JPEG_QUALITY = 90
_GREY = {"1", "L", "LA", "La", "I", "I;16", "F"}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold a traveller's face
    orders, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        load()
    except ImportError as error:
        tell(
            answers, REFUSED, blob=f"Pillow is missing ({error}): install borderlane's requirements".encode()
        )
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    tell(answers, READY)
    while len(head := orders.read(LENGTH.size)) == LENGTH.size:
        (length,) = LENGTH.unpack(head)
        if length > IMAGE_BYTES_MAX:
            return
        give_time()
        width, height, blob, why = decoded(orders.read(length))
        tell(answers, REFUSED if why else PICTURE, width, height, why.encode() or blob)


def load() -> None:
    """Import the decoders before the limits stand: their libraries are mapped once."""
    from PIL import Image, Jpeg2KImagePlugin, JpegImagePlugin

    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    # Only these two look at the bytes: each further format is a further way in.
    for name in list(Image.OPEN):
        if name not in (JpegImagePlugin.JpegImageFile.format, Jpeg2KImagePlugin.Jpeg2KImageFile.format):
            del Image.OPEN[name]
    warnings.simplefilter("ignore")


def give_time() -> None:
    """Processor time for one more picture: a hung decoder then ends even if nobody waits for it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + DECODE_S) + 1, most))


def decoded(image: bytes) -> tuple[int, int, bytes, str]:
    """Width, height and JPEG of a picture, or why there is none."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(image), formats=("JPEG", "JPEG2000")) as picture:
            width, height = picture.size
            if width * height > PIXELS_MAX or max(width, height) > 0xFFFF:
                return 0, 0, b"", f"{width} x {height} pixels, more than {PIXELS_MAX}"
            picture.load()
            plain = picture if picture.mode in ("L", "RGB") else converted(picture)
            plain.info.clear()  # comment and profile are the chip's bytes, which Pillow would write again
            out = io.BytesIO()
            plain.save(out, "JPEG", quality=JPEG_QUALITY)
            return width, height, out.getvalue(), ""
    except MemoryError:
        return 0, 0, b"", "decoding it needs more memory than a portrait may"
    except Image.DecompressionBombError:
        return 0, 0, b"", f"over {2 * PIXELS_MAX} pixels"
    except Exception as error:  # whatever a decoder raises, the bytes are at fault
        return 0, 0, b"", f"no picture can be decoded ({type(error).__name__})"


def converted(picture: "Image.Image") -> "Image.Image":
    """Grey or RGB of any other kind of picture; sixteen bits of grey become eight."""
    if picture.mode in ("I;16", "I"):
        return picture.convert("I").point(_high_byte).convert("L")
    return picture.convert("L" if picture.mode in _GREY else "RGB")


def _high_byte(value: float) -> float:
    return value / 256


def tell(answers: BinaryIO, kind: int, width: int = 0, height: int = 0, blob: bytes = b"") -> None:
    answers.write(ANSWER.pack(kind, width, height, len(blob)) + blob)
    answers.flush()


if __name__ == "__main__":
    main()
