"""The plate networks can be trained again from what is in the checkout, in the environment for that."""

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
import train_plate_{name} as training

training.BATCH, training.VALIDATION, training.BLOCK, training.POOL = 2, 4, 4, 16
folder = pathlib.Path(sys.argv[1])
training.MODEL, training.KEPT_LOG = folder / "{name}.onnx", folder / "kept" / "{name}.log"
if __name__ == "__main__":
    for steps in ("1", "2"):
        sys.argv = ["train", "--run", str(folder), "--steps", steps]
        training.main()
"""


def in_training(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [str(PYTHON), "-c", "import sys; sys.path.insert(1, '..')\n" + program, *arguments],
        cwd=ROOT / "training",
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        pytest.param(
            "finder",
            ((1, 3, 64, 64), (1, 3, 384, 640)),
            ((1, 10, 16, 16), (1, 10, 96, 160)),
            marks=pytest.mark.long,
        ),
        ("country", ((1, 3, 32, 112), (2, 3, 32, 112)), ((1, 17), (2, 17))),
        pytest.param(
            "recogniser",
            ((1, 1, 48, 256), (2, 1, 48, 320)),
            ((1, None, 64), (2, None, 80)),
            marks=pytest.mark.long,
        ),
    ],
)
def test_training_goes_on_from_its_checkpoint_and_ends_in_a_network_the_product_can_run(
    tmp_path: Path,
    name: str,
    given: tuple[tuple[int, ...], ...],
    expected: tuple[tuple[int | None, ...], ...],
) -> None:
    import onnxruntime

    said = in_training(TRAIN.format(name=name), str(tmp_path))
    assert "step 0 of 1" in said
    assert "step 1 of 2" in said
    assert "step 2 validation" in (tmp_path / "kept" / f"{name}.log").read_text()

    session = onnxruntime.InferenceSession((tmp_path / f"{name}.onnx").read_bytes())
    assert session.get_modelmeta().custom_metadata_map["step"] == "2"
    for size, shape in zip(given, expected, strict=True):
        outputs: Any = session.run(None, {session.get_inputs()[0].name: np.zeros(size, np.float32)})
        assert all(want in (None, got) for want, got in zip(shape, outputs[0].shape, strict=True))
    assert (tmp_path / f"{name}.onnx").stat().st_size < 2_500_000


@pytest.mark.long
@pytest.mark.parametrize("added", [0, 2])
def test_where_no_run_is_kept_training_goes_on_from_the_committed_weights(added: int) -> None:
    """In a network of the same depth, and in a deeper one."""
    program = (
        f"added = {added}"
        + """
import cv2, numpy as np, torch
import resume_plate_recogniser as resume
import train_plate_recogniser as training
strips = torch.from_numpy(training.drawn(1, 1, 96)["strip"].astype(np.float32))
network = resume.PlateRecogniser(added)
resume.unfolded(network, training.MODEL, strips, added)
with torch.no_grad():
    ours = network.eval()(strips[:8]).numpy()
shipped = cv2.dnn.readNetFromONNX(str(training.MODEL))
shipped.setInput(strips[:8].numpy())
print(float(abs(ours - shipped.forward()).max()) < 1e-3)
"""
    )
    assert in_training(program).strip() == "True"


def test_samples_are_the_same_for_the_same_seed_and_say_what_is_printed() -> None:
    program = """
import numpy as np
from plate_views import lines_of, strips, view
from simulators.render.plates import all_forms, truth
import random

one, same, other = (view(np.random.default_rng(seed)) for seed in (1, 1, 2))
print((one.picture == same.picture).all(), (one.picture != other.picture).any())
cut = [strips(np.random.default_rng(1)) for _ in range(2)]
print(all((a[0] == b[0]).all() and a[1] == b[1] for a, b in zip(*cut)))
for plate in all_forms(random.Random(1)):
    lines, what = lines_of(plate), truth(plate)
    assert len(lines) == what.lines
    if plate.country != "EU":  # umlauts are folded
        assert sorted("".join(lines)) == sorted(what.text), (plate, lines, what.text)
print("all")
"""
    assert in_training(program).split() == ["True", "True", "True", "all"]
