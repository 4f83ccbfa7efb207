"""readmrz 0.0.2: its detector's crop and its reader's text, before its parser throws on lengths."""

# pyright: basic, reportMissingImports=false
# (in the peer's own environment)

from typing import Any

from readmrz import MrzDetector, MrzReader


def reader() -> Any:
    detector, engine = MrzDetector(), MrzReader()

    def read(path: str) -> dict[str, Any]:
        text = engine.read_mrz(detector.crop_area(detector.read(path)))
        return {"documents": [{"text": text}] if text else []}

    return read
