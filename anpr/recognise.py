"""Tesseract on set lines: one process a frame, all lines at once, with its alternatives.

Tesseract 5 (LSTM, language `eng`) as Debian ships it; dictionaries off, capital letters and digits only.
Its hOCR output gives each symbol's place, confidence and what else it might be (`lstm_choice_mode`).
"""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import pytesseract

from anpr.detect import Gray
from anpr.readings import ReaderUnavailable

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
TIMEOUT_S = 5
_CONFIG = (
    "--psm 7 --oem 1 --dpi 200 "
    f"-c tessedit_char_whitelist={ALPHABET} -c load_system_dawg=0 -c load_freq_dawg=0 "
    "-c lstm_choice_mode=2 -c hocr_char_boxes=1"
)
_SYMBOL = re.compile(
    rb"x_bboxes (\d+) \d+ (\d+) \d+; x_conf ([\d.]+)'>([A-Z0-9])</span>|x_confs ([\d.]+)'>([A-Z0-9])</span>"
)


@dataclass(frozen=True, slots=True)
class Symbol:
    """One character as recognised: pixels from `left` to `right` of the set line, `sure` 0 to 1, and what
    else Tesseract thought of there."""

    character: str
    sure: float
    left: int
    right: int
    others: tuple[str, ...]


def recognise(images: list[Gray]) -> list[list[Symbol]]:
    """The symbols of each line, from left to right.  Raises ReaderUnavailable."""
    if not images:
        return []
    # A second thread gains nothing on such small pictures, and a lane's computer has other work.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    with tempfile.TemporaryDirectory(prefix="anpr-") as folder:
        names: list[str] = []
        for index, image in enumerate(images):
            names.append(str(Path(folder, f"{index}.pgm")))
            cv2.imwrite(names[-1], image)
        listed = Path(folder, "lines.txt")
        listed.write_text("\n".join(names) + "\n")
        pages = _run(str(listed)).split(b"class='ocr_page'")[1:]
    return [_symbols(page) for page in pages] + [[] for _ in range(len(images) - len(pages))]


def _run(listed: str) -> bytes:
    try:
        output = pytesseract.image_to_pdf_or_hocr(
            listed, lang="eng", config=_CONFIG, extension="hocr", timeout=TIMEOUT_S
        )
    except pytesseract.TesseractNotFoundError:
        raise ReaderUnavailable("Tesseract is not installed: install the package tesseract-ocr") from None
    except pytesseract.TesseractError as error:
        raise ReaderUnavailable(f"Tesseract failed: {error}") from None
    except RuntimeError:
        raise ReaderUnavailable(f"Tesseract gave no answer within {TIMEOUT_S} s") from None
    return output if isinstance(output, bytes) else str(output).encode()


def _symbols(page: bytes) -> list[Symbol]:
    symbols: list[Symbol] = []
    for found in _SYMBOL.finditer(page):
        left, right, sure, character, _, other = found.groups()
        if character is not None:
            symbols.append(Symbol(character.decode(), float(sure) / 100, int(left), int(right), ()))
        elif symbols and other.decode() != symbols[-1].character:
            last = symbols[-1]
            symbols[-1] = Symbol(
                last.character, last.sure, last.left, last.right, (*last.others, other.decode())
            )
    return symbols
