"""PassportEye 2.2 as its README calls it: `read_mrz(file)`; the raw text where its parser finds no shape."""

# pyright: basic, reportMissingImports=false
# (in the peer's own environment)

from typing import Any

from passporteye import read_mrz


def reader() -> Any:
    def read(path: str) -> dict[str, Any]:
        found = read_mrz(path)
        return {"documents": [{"text": found.aux.get("raw_text", "")}] if found is not None else []}

    return read
