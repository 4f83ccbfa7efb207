"""Points (JSON on standard input: curve, scalar, x, y) multiplied by PyPI's pure-Python ecdsa: each product
and the milliseconds of processor it took, on standard output."""

# pyright: basic, reportMissingImports=false
# (in an environment of its own)

import json
import sys
import time

from ecdsa import curves, ellipticcurve

CURVES = {
    "secp256r1": curves.NIST256p,
    "secp384r1": curves.NIST384p,
    "secp521r1": curves.NIST521p,
    "brainpoolP256r1": curves.BRAINPOOLP256r1,
    "brainpoolP384r1": curves.BRAINPOOLP384r1,
    "brainpoolP512r1": curves.BRAINPOOLP512r1,
}


def answer(name: str, scalar: int, x: int, y: int) -> dict[str, str | float]:
    point = ellipticcurve.PointJacobi(CURVES[name].curve, x, y, 1)
    began = time.thread_time()
    product = (point * scalar).to_affine()
    took_ms = (time.thread_time() - began) * 1e3
    return {"x": str(product.x()), "y": str(product.y()), "ms": took_ms}


json.dump(
    [answer(name, int(scalar), int(x), int(y)) for name, scalar, x, y in json.load(sys.stdin)], sys.stdout
)
