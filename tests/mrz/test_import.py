"""`import mrz` is light: what decodes and reads pictures is loaded by the first picture."""

import subprocess
import sys

HEAVY = (
    "numpy",
    "cv2",
    "PIL",
    "onnxruntime",
    "pytesseract",
    "passporteye",
    "skimage",
    "rapidfuzz",
    "pydantic",
)
SCRIPT = """
import sys
import mrz
document = mrz.parse({lines!r})
assert mrz.format(document) == document.lines
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""
LINES = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")


def loaded(script: str) -> set[str]:
    """Packages that a fresh process has loaded after `script`, as it prints them."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_parsing_and_writing_loads_no_imaging_library():
    found = loaded(SCRIPT.format(lines=LINES))
    assert "mrz" in found
    assert found.isdisjoint(HEAVY)


def test_the_first_picture_loads_what_it_needs():
    script = "import sys, mrz\ntry:\n    mrz.read(b'')\nexcept mrz.ImageError:\n    print(*sys.modules)\n"
    assert {"numpy", "PIL"} <= loaded(script)
