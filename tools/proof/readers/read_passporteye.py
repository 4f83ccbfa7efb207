"""PassportEye 2.2 as its README calls it: `read_mrz(file)`, and the lines that its own cleaner makes."""

# pyright: basic, reportMissingImports=false
# (in the peer's own environment)

from typing import Any

from passporteye import read_mrz
from passporteye.mrz.text import MRZOCRCleaner


def reader() -> Any:
    def read(path: str) -> dict[str, Any]:
        found = read_mrz(path)
        if found is None:
            return {"documents": []}
        return {"documents": [{"text": "\n".join(MRZOCRCleaner.apply(found.aux["raw_text"]))}]}

    return read
