"""rapidocr 3.10 with the PP-OCRv6 models of its wheel: all text of the page, a row a line; one thread."""

# pyright: basic, reportMissingImports=false
# (in the peer's own environment)

from typing import Any

from rapidocr import RapidOCR


def reader() -> Any:
    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )

    def read(path: str) -> dict[str, Any]:
        found: Any = engine(path)
        return {"documents": [{"text": "\n".join(_rows(found))}] if found.txts else []}

    return read


def _rows(found: Any) -> list[str]:
    """Pieces of text joined to rows: those whose middles lie within half a height of each other."""
    pieces = sorted(
        (
            (
                sum(y for _, y in box) / 4,
                min(x for x, _ in box),
                max(y for _, y in box) - min(y for _, y in box),
                text,
            )
            for box, text in zip(found.boxes, found.txts, strict=True)
        ),
        key=lambda piece: piece[0],
    )
    rows: list[list[tuple[float, float, float, str]]] = []
    for piece in pieces:
        if rows and abs(piece[0] - rows[-1][-1][0]) < 0.5 * min(piece[2], rows[-1][-1][2]):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return ["".join(text for _, _, _, text in sorted(row, key=lambda piece: piece[1])) for row in rows]
