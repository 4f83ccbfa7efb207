"""The package's networks load on one thread, and a broken file is an error that says what to do."""

from importlib import resources

import numpy as np
import pytest

from mrz.errors import EngineError
from mrz.networks import Network, network


def test_a_network_is_loaded_once_and_takes_strips_of_any_width() -> None:
    recogniser = network("recogniser")
    assert network("recogniser") is recogniser
    for width in (80, 960, 1604):
        (logits,) = recogniser(np.zeros((1, 1, 40, width), np.float32))
        assert logits.shape == (1, 38, width // 4)


def test_both_networks_together_stay_under_a_megabyte() -> None:
    models = [
        each for each in resources.files("mrz").joinpath("models").iterdir() if each.name.endswith(".onnx")
    ]
    assert {each.name for each in models} == {"finder.onnx", "recogniser.onnx"}
    assert sum(len(each.read_bytes()) for each in models) < 1_000_000


def test_a_missing_network_says_what_to_do() -> None:
    with pytest.raises(EngineError, match="install the package again"):
        Network("no-such-network")
