"""The finder can be trained again from what is in the checkout, in the environment for that."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-train" / "bin" / "python"

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="no .venv-train here: `make train-setup` makes it, .ci/run calls that"
)

# Small enough for a test: the real figures are constants of the script.
TRAIN = """
import sys, pathlib
import torch
import train_finder as training

torch.set_num_threads(1)
training.BATCH, training.VALIDATION, training.VALIDATION_BATCH = 2, 1, 2
training.POOL = {"documents": 2, "decoys": 1}
folder = pathlib.Path(sys.argv[1])
training.MODEL, training.KEPT_LOG = folder / "finder.onnx", folder / "kept" / "finder.log"
training.Run(folder, 1).train()
run = training.Run(folder, 2)
print("from", run.step)
run.train()
run.export()
"""


def in_training(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [str(PYTHON), "-c", program, *arguments],
        cwd=ROOT / "training",
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.long
def test_training_goes_on_from_its_checkpoint_and_ends_in_a_network_the_product_can_run(
    tmp_path: Path,
) -> None:
    import onnxruntime

    assert "from 1" in in_training(TRAIN, str(tmp_path))
    log = (tmp_path / "kept" / "finder.log").read_text()
    assert "step 0 of 1, seed" in log
    assert "step 2 held out: recall" in log

    session = onnxruntime.InferenceSession((tmp_path / "finder.onnx").read_bytes())
    assert session.get_modelmeta().custom_metadata_map["step"] == "2"
    for height, width in ((64, 64), (480, 640)):
        page: Any = np.zeros((1, 1, height, width), np.float32)
        outputs: Any = session.run(None, {"page": page})
        core, geometry = outputs
        assert core.shape == (1, 1, height // 2, width // 2)
        assert geometry.shape == (1, 3, height // 4, width // 4)
    assert (tmp_path / "finder.onnx").stat().st_size < 400_000


def test_pages_are_the_same_for_the_same_seed_and_their_labels_lie_on_print() -> None:
    program = """
import hashlib, sys
import numpy as np
from pages import Pages

def pages(seed):
    made = Pages(seed, documents=3, decoys=2)
    return [made.picture() for _ in range(10)]

digests = [hashlib.sha256(b"".join(p.grey.tobytes() for p in pages(s))).hexdigest() for s in (1, 1, 2)]
print(digests[0] == digests[1], digests[0] != digests[2])
shown = [p for p in pages(1) if p.inside.sum() > 20]
assert shown and len(shown) < 10, "some pages show a zone and some none"
for page in shown:
    length = np.hypot(*page.direction)[page.inside > 0]
    assert np.allclose(length, 1, atol=1e-3)
    assert 2 < 8 * np.exp(np.median(page.pitch[page.inside > 0])) < 30
"""
    assert in_training(program).split() == ["True", "True"]
