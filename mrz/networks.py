"""The package's own networks, run by onnxruntime on one thread of the CPU.

onnxruntime and not OpenCV's `dnn`: on the recogniser it took 5.7 ms a line of 44 against 9.5 ms, and takes
another width at no cost; its import costs 25 ms and 30 MB more.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mrz.errors import EngineError


class Network:
    """A file of `mrz/models/`.  May be shared by threads; each call runs on the caller's."""

    def __init__(self, name: str) -> None:
        """Raises EngineError when the file or onnxruntime is missing or broken."""
        try:
            import onnxruntime
        except ImportError as error:
            raise EngineError(
                f"onnxruntime does not import ({error}): install what requirements.lock names"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # It would keep the largest page's memory for ever; measured, this costs no time.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        try:
            model = resources.files("mrz").joinpath("models", f"{name}.onnx").read_bytes()
            session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no base
            raise EngineError(
                f"the network mrz/models/{name}.onnx does not load ({type(error).__name__}): "
                "install the package again"
            ) from error
        self._session: Any = session
        self._inputs: list[str] = [each.name for each in session.get_inputs()]
        self.metadata: dict[str, str] = dict(session.get_modelmeta().custom_metadata_map)

    def __call__(self, *inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The outputs in the file's order, for inputs in the file's order."""
        return self._session.run(None, dict(zip(self._inputs, inputs, strict=True)))


@cache
def network(name: str) -> Network:
    """The network of that name, loaded once for each process."""
    return Network(name)
