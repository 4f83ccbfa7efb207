"""Networks run by onnxruntime on one thread of the CPU, loaded when first asked for."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from anpr.readings import ReaderUnavailable


class Network:
    """One ONNX file with one input.  May be shared by threads; each call runs on the caller's."""

    def __init__(self, model: bytes | Path, name: str) -> None:
        """`model`: the file, or what is in it.

        Raises ReaderUnavailable when onnxruntime is missing or the file is broken."""
        try:
            import onnxruntime
        except ImportError as error:
            raise ReaderUnavailable(
                f"onnxruntime does not import ({error}): install what requirements.lock names"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # It would keep the largest frame's memory for ever.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                model if isinstance(model, bytes) else str(model),
                options,
                providers=["CPUExecutionProvider"],
            )
        except Exception as error:  # onnxruntime's errors share no base
            raise ReaderUnavailable(
                f"the network {name} does not load ({type(error).__name__}): install the package again"
            ) from error
        self._session: Any = session
        self._input: str = session.get_inputs()[0].name
        self.metadata: dict[str, str] = dict(session.get_modelmeta().custom_metadata_map)

    def __call__(self, batch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The first output for one input."""
        return self._session.run(None, {self._input: batch})[0]


@cache
def network(name: str) -> Network:
    """A network of `anpr/models/`, loaded once for each process."""
    where = f"anpr/models/{name}.onnx"
    try:
        model = resources.files("anpr").joinpath("models", f"{name}.onnx").read_bytes()
    except OSError as error:
        raise ReaderUnavailable(
            f"{where} can't be read: {error.strerror}; install the package again"
        ) from error
    return Network(model, where)


@cache
def network_at(path: Path) -> Network:
    """A network that another package brings, loaded once for each process.  It is read from its file: of one
    in memory onnxruntime keeps a copy (30 MB of PP-OCR's recogniser)."""
    if not path.is_file():
        raise ReaderUnavailable(f"{path} is missing: install its package again")
    return Network(path, str(path))
