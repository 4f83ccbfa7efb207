"""rapidocr with the PP-OCR models of its wheel: pieces of text that a plate's pattern fits; one thread.

The pattern: 5 to 10 letters and digits, two of them digits and one a letter, as an integrator would write it.
Two pieces, one above the other, are tried joined too; code letters beside a flag are taken off.
"""

# pyright: basic, reportMissingImports=false
# (in the peer's own environment)

import re
from typing import Any

from rapidocr import RapidOCR

PATTERN = re.compile(
    r"(?=(?:.*\d){2})(?=.*[A-Z\u0600-\u06ff\u4e00-\u9fff])[A-Z0-9\u0600-\u06ff\u4e00-\u9fff]{5,10}"
)
CODES = re.compile(r"^(KZ|KG|UZ|TJ|TM|AZ|GE|AM|UA|BY|TR)(?=.{6})|(?<=.{6})(RUS|KZ|KG|UZ|TJ|TM)$")
LOOK_ALIKES = str.maketrans("АВЕКМНОРСТУХІ", "ABEKMHOPCTYXI")


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
        if not found.txts:
            return {"plates": []}
        pieces = [
            (plain(text), float(sure), _box(box))
            for text, sure, box in zip(found.txts, found.scores, found.boxes, strict=True)
        ]
        plates = [piece for piece in pieces if PATTERN.fullmatch(piece[0])]
        rest = [piece for piece in pieces if piece not in plates]
        for upper in rest:
            for lower in rest:
                if _under(upper[2], lower[2]) and PATTERN.fullmatch(upper[0] + lower[0]):
                    whole = (
                        min(upper[2][0], lower[2][0]),
                        upper[2][1],
                        max(upper[2][2], lower[2][2]),
                        lower[2][3],
                    )
                    plates.append((upper[0] + lower[0], min(upper[1], lower[1]), whole))
        return {
            "plates": [
                {"text": text, "country": None, "confidence": sure, "box": list(box)}
                for text, sure, box in plates
            ],
            "refused": [list(box) for _, _, box in rest],
        }

    return read


def plain(text: str) -> str:
    upper = text.upper().translate(LOOK_ALIKES)
    return CODES.sub("", "".join(character for character in upper if character.isalnum()))


def _box(corners: Any) -> tuple[float, float, float, float]:
    xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _under(upper: tuple[float, ...], lower: tuple[float, ...]) -> bool:
    height = upper[3] - upper[1]
    beside = min(upper[2], lower[2]) - max(upper[0], lower[0])
    gap = lower[1] - upper[3]
    return beside > 0.5 * min(upper[2] - upper[0], lower[2] - lower[0]) and -0.3 * height < gap < 0.6 * height
