"""The pieces that the plate networks are made of."""

import torch
from torch import nn
from torch.nn import functional


def block(
    inputs: int,
    outputs: int,
    size: tuple[int, int] = (3, 3),
    stride: tuple[int, int] = (1, 1),
    dilation: int = 1,
) -> nn.Sequential:
    """A convolution that keeps the size but for its stride, with its normalisation."""
    margin = (dilation * (size[0] // 2), dilation * (size[1] // 2))
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, margin, dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = block(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.second(self.first(x)))


def doubled(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")
