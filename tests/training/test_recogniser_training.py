"""The recogniser can be trained again from what is in the checkout, in the environment for that."""

import subprocess
from pathlib import Path

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
import train_recogniser as training

torch.set_num_threads(1)
training.BATCH, training.VALIDATION, training.BLOCK = 8, 16, 16
folder, steps = pathlib.Path(sys.argv[1]), int(sys.argv[2])
training.MODEL, training.KEPT_LOG = folder / "recogniser.onnx", folder / "kept" / "recogniser.log"
if __name__ == "__main__":
    run = training.Run(folder)
    print("resumed", run.load(), run.step)
    run.train(steps)
    run.export()
"""


def trained(folder: Path, steps: int) -> str:
    done = subprocess.run(
        [str(PYTHON), "-c", TRAIN, str(folder), str(steps)],
        cwd=ROOT / "training",
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def drawn(program: str) -> str:
    done = subprocess.run(
        [str(PYTHON), "-c", program], cwd=ROOT / "training", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.long
def test_training_goes_on_from_its_checkpoint_and_ends_in_a_network_the_product_can_run(
    tmp_path: Path,
) -> None:
    import onnxruntime

    assert "resumed False 0" in trained(tmp_path, 2)
    assert "resumed True 2" in trained(tmp_path, 3)
    log = (tmp_path / "kept" / "recogniser.log").read_text()
    assert "step 0 of 2, seed" in log
    assert "step 2 of 3, seed" in log
    assert "step 3 validation character_error" in log

    session = onnxruntime.InferenceSession((tmp_path / "recogniser.onnx").read_bytes())
    assert float(session.get_modelmeta().custom_metadata_map["temperature"]) > 0
    for width in (320, 1000):
        (logits,) = session.run(None, {"strip": np.zeros((1, 1, 40, width), np.float32)})
        assert logits.shape == (1, 38, width // 4)
    assert (tmp_path / "recogniser.onnx").stat().st_size < 700_000


def test_the_same_seed_draws_the_same_strips_and_another_one_others() -> None:
    program = """
import hashlib
from train_recogniser import drawn
for seed, block in ((5, 1), (5, 1), (5, 2), (6, 1)):
    strips, labels = drawn(seed, block, 4)
    print(hashlib.sha256(strips.tobytes() + labels.tobytes()).hexdigest())
"""
    first, again, other_block, other_seed = drawn(f"import sys\nsys.path.insert(0, '..')\n{program}").split()
    assert first == again
    assert len({first, other_block, other_seed}) == 3


def test_every_cell_of_rendered_ink_holds_its_glyph_and_margins_hold_none() -> None:
    program = """
from ink import CHARACTERS, Print, ink_line
for pitch in (8, 20, 41):
    for look in (Print(), Print(capital_height=0.8, weight=0.03), Print(glyph_width=0.8)):
        line = ink_line(CHARACTERS, pitch, look)
        whole = line.mask.sum()
        inside = 0.0
        for quad in line.quads:
            left, top = quad.min(axis=0) - (0, 0.1 * pitch)
            right, foot = quad.max(axis=0) + (0, 0.1 * pitch)
            ink = line.mask[int(top):int(foot) + 1, int(left):int(right) + 1].sum()
            assert ink > 0.02 * pitch * pitch, (pitch, look, ink)
            inside += ink
        assert inside > 0.97 * whole, (pitch, look, inside, whole)
        assert line.mask[:, :int(0.8 * pitch)].max() == 0
"""
    drawn(program)
