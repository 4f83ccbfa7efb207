"""Points of elliptic curves multiplied: ours, by libcrypto, beside PyPI's pure-Python `ecdsa` on the same
points; processor time of the one thread."""

import json
import random
import subprocess
import time

from drivers.emrtd import curves, libcrypto
from measures import Figure, Measurement, percentile, shown
from measures.rigs.environments import PINS, python_of
from measures.rigs.scratch import ROOT

CURVES = (
    "secp256r1",
    "secp384r1",
    "secp521r1",
    "brainpoolP256r1",
    "brainpoolP384r1",
    "brainpoolP512r1",
)
NAMES = tuple(f"chip-point-{name}" for name in CURVES)
SCRIPT = ROOT / "tools" / "proof" / "curves" / "multiply_ecdsa.py"


def run(full: bool) -> list[Figure]:
    draw = random.Random(9303)
    asked: list[tuple[str, int, int, int]] = []
    ours: dict[str, list[float]] = {name: [] for name in CURVES}
    theirs: dict[str, list[float]] = {name: [] for name in CURVES}
    products: list[tuple[int, int] | None] = []
    for name in CURVES:
        curve = curves.by_name(name)
        for _ in range(200 if full else 40):
            point = libcrypto.multiply(curve, draw.randrange(1, curve.n), (curve.gx, curve.gy))
            assert point is not None
            scalar = draw.randrange(1, curve.n)
            began = time.thread_time()
            products.append(libcrypto.multiply(curve, scalar, point))
            ours[name].append((time.thread_time() - began) * 1e3)
            asked.append((name, scalar, *point))
    lines = json.dumps([[name, *map(str, numbers)] for name, *numbers in asked])
    command = [python_of("ecdsa"), SCRIPT]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    for (name, *_), product, said in zip(asked, products, json.loads(done.stdout), strict=True):
        if product != (int(said["x"]), int(said["y"])):
            raise RuntimeError(f"{name}: libcrypto and {PINS['ecdsa'][0]} give other products")
        theirs[name].append(said["ms"])
    return [
        shown(
            f"chip-point-{name}",
            percentile(ours[name], 0.5),
            "ms",
            f"{PINS['ecdsa'][0]} {percentile(theirs[name], 0.5):.2f} ms, same {len(ours[name])} products",
        )
        for name in CURVES
    ]


MEASUREMENTS = [Measurement(NAMES, run)]
