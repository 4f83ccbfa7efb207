"""A trained network as an ONNX file: batch normalisation folded in, weights kept as half floats."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def folded(network: nn.Module) -> nn.Module:
    """The network for inference, each convolution with its normalisation in one."""
    network = copy.deepcopy(network).eval()
    for module in network.modules():
        if isinstance(module, nn.Sequential):
            for index in range(len(module) - 1):
                first, second = module[index], module[index + 1]
                if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                    module[index], module[index + 1] = fuse_conv_bn_eval(first, second), nn.Identity()
    return network


def halved(model: onnx.ModelProto) -> None:
    """Keeps large weights as float16 with a cast to float32 before use: half the bytes, the same arithmetic.
    A runtime folds the cast when it loads the file."""
    casts: list[onnx.NodeProto] = []
    for weight in model.graph.initializer:
        array = numpy_helper.to_array(weight)
        if array.dtype != np.float32 or array.size < 256:
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(array.astype(np.float16), f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


Axes = dict[int, str]


def write_onnx(
    network: nn.Module,
    example: torch.Tensor,
    path: Path,
    metadata: dict[str, str],
    names: tuple[str, str] = ("strip", "logits"),
    axes: tuple[Axes, Axes] = ({0: "lines", 3: "width"}, {0: "lines", 2: "frames"}),
) -> None:
    """One input and one output, with the axes that have any length; `metadata` goes into the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    torch.onnx.export(
        folded(network).to(memory_format=torch.contiguous_format),
        (example,),
        aside,
        dynamo=False,
        input_names=[names[0]],
        output_names=[names[1]],
        dynamic_axes=dict(zip(names, axes, strict=True)),
        opset_version=17,
    )
    model = onnx.load(aside)
    halved(model)
    for key, value in metadata.items():
        model.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(model)
    onnx.save(model, aside)
    aside.replace(path)
