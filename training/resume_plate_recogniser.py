"""A checkpoint of step 0 from the committed plate recogniser, for a machine that has no run to go on from.

    .venv-train/bin/python training/resume_plate_recogniser.py
    .venv-train/bin/python training/train_plate_recogniser.py --steps 620 --rate 3e-4

`--deep` makes one of the deeper network, whose new blocks add nothing at first, for
training/train_plate_recogniser_deep.py.  The ONNX file holds convolutions into which their normalisation was
folded.  It is unfolded by what the convolutions say of drawn strips, so that the network in training begins
with the same function.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
import train_plate_recogniser as training
import train_plate_recogniser_deep as deep
from blocks import Residual
from onnx import numpy_helper
from plate_recogniser_network import PlateRecogniser
from running import HERE, Run
from torch import nn

STRIPS, BATCH = 512, 64
BLOCK_OF_STATISTICS, FIRST_BLOCK = 20_000, 20_000
"""Blocks of strips (`drawing.py`) that no run from the beginning comes to."""

Pair = tuple[nn.Conv2d, nn.BatchNorm2d | None]


def pairs(network: nn.Module) -> list[Pair]:
    """Each convolution with its normalisation, in the order of the network; the last has none."""
    layers = [each for each in network.modules() if isinstance(each, nn.Conv2d | nn.BatchNorm2d)]
    found: list[Pair] = []
    for layer, after in zip(layers, [*layers[1:], None], strict=True):
        if isinstance(layer, nn.Conv2d):
            found.append((layer, after if isinstance(after, nn.BatchNorm2d) else None))
    return found


@torch.no_grad()
def unfolded(network: PlateRecogniser, model: Path, strips: torch.Tensor, added: int = 0) -> None:
    """Give the network the file's weights, which lacks the last `added` blocks of its body; those give back
    what they are given.  Raises ValueError where the weights are another network's."""
    graph = onnx.load(str(model)).graph
    kept = {each.name.removesuffix("_half"): numpy_helper.to_array(each) for each in graph.initializer}
    nodes = [node for node in graph.node if node.op_type == "Conv"]
    new = [each for block in network.body[len(network.body) - added :] for each in block.modules()]
    layers = [each for each in pairs(network.eval()) if each[0] not in new]
    for block in network.body[len(network.body) - added :]:
        assert isinstance(block, Residual)
        nn.init.zeros_(block.second[1].weight)
    if len(nodes) != len(layers):
        raise ValueError(f"{model} has {len(nodes)} convolutions, the network {len(layers)}")
    biases: list[torch.Tensor] = []
    for (conv, norm), node in zip(layers, nodes, strict=True):
        weight, bias = (torch.from_numpy(kept[name].astype(np.float32)) for name in node.input[1:3])
        if weight.shape != conv.weight.shape:
            raise ValueError(f"{model}: {node.name} is {weight.shape}, in the network {conv.weight.shape}")
        conv.weight.copy_(weight)
        biases.append(bias)
        if norm is None:
            assert conv.bias is not None
            conv.bias.copy_(bias)
        else:
            _say(norm, torch.zeros_like(bias), torch.ones_like(bias), bias)
    for (conv, norm), bias in zip(layers, biases, strict=True):
        if norm is not None:
            _say(norm, *_statistics(network, conv, strips), bias)
    for conv, norm in pairs(network):
        if conv in new and norm is not None:
            _follow(norm, *_statistics(network, conv, strips))


def _follow(norm: nn.BatchNorm2d, mean: torch.Tensor, variance: torch.Tensor) -> None:
    """Statistics alone."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)


def _say(norm: nn.BatchNorm2d, mean: torch.Tensor, variance: torch.Tensor, bias: torch.Tensor) -> None:
    """Statistics, and what makes of them the folded convolution again."""
    _follow(norm, mean, variance)
    norm.weight.copy_((variance + norm.eps).sqrt())
    norm.bias.copy_(mean + bias)


def _statistics(
    network: nn.Module, conv: nn.Conv2d, strips: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and variance of each channel that the convolution gives."""
    got: list[tuple[torch.Tensor, torch.Tensor]] = []

    def keep(_: nn.Module, __: object, out: torch.Tensor) -> None:
        got.append((out.mean((0, 2, 3)), (out**2).mean((0, 2, 3))))

    hook = conv.register_forward_hook(keep)
    for start in range(0, len(strips), BATCH):
        network(strips[start : start + BATCH])
    hook.remove()
    mean = torch.stack([each for each, _ in got]).mean(0)
    return mean, torch.stack([each for _, each in got]).mean(0) - mean**2


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--deep", action="store_true")
    options.add_argument("--run", type=Path)
    chosen = options.parse_args()
    name, added = (deep.NAME, deep.DEEPER) if chosen.deep else ("plate_recogniser", 0)
    network = PlateRecogniser(added)
    strips = training.drawn(training.SEED, BLOCK_OF_STATISTICS, STRIPS)["strip"]
    unfolded(network, training.MODEL, torch.from_numpy(strips.astype(np.float32)), added)
    run = Run(name, network, chosen.run or HERE / "runs" / name, training.RATE)
    if run.checkpoint.exists():
        raise SystemExit(f"training: {run.checkpoint} is there already: go on from that")
    run.block = FIRST_BLOCK
    run.save()
    run.say(f"step 0 from {training.MODEL.name}")


if __name__ == "__main__":
    main()
