"""The finder's network: a small fully convolutional hourglass over the levelled grey page.

In: 1 x 1 x height x width, both multiples of 16 (`mrz.finding.fields.levelled`).  Out: `core`, at half the
size, the logit of being in the middle band of a zone's line; `geometry`, at a quarter, 3 planes: reading
direction x, y (its length falls where unsure) and the logarithm of the cell width over 8 px.
"""

from typing import Any

import torch
from torch import nn
from torch.nn import functional


def _block(inputs: int, outputs: int, size: int = 3, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    margin = dilation * (size // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, margin, dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Finder(nn.Module):
    def __init__(self, half: int = 12, quarter: int = 20, eighth: int = 40, sixteenth: int = 56) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            _block(1, half, 5, 2), _block(half, quarter, 3, 2), _block(quarter, quarter)
        )
        self.down = nn.Sequential(_block(quarter, eighth, 3, 2), _block(eighth, eighth))
        self.bottom = _block(eighth, sixteenth, 3, 2)
        self.context = nn.ModuleList(_block(sixteenth, sixteenth, dilation=each) for each in (1, 2, 3))
        self.up_eighth, self.join_eighth = nn.Conv2d(sixteenth, eighth, 1), _block(eighth, eighth)
        self.up_quarter, self.join_quarter = nn.Conv2d(eighth, quarter, 1), _block(quarter, quarter)
        self.core, self.geometry = nn.Conv2d(quarter, 4, 1), nn.Conv2d(quarter, 3, 1)
        nn.init.constant_(self.core.bias, -3.0)  # lines are few

    def forward(self, page: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        quarter = self.stem(page)
        eighth = self.down(quarter)
        sixteenth = self.bottom(eighth)
        for block in self.context:
            sixteenth = sixteenth + block(sixteenth)
        eighth = self.join_eighth(eighth + _doubled(self.up_eighth(sixteenth)))
        quarter = self.join_quarter(quarter + _doubled(self.up_quarter(eighth)))
        return functional.pixel_shuffle(self.core(quarter), 2), self.geometry(quarter)


def _doubled(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def loss_of(
    outputs: tuple[torch.Tensor, torch.Tensor], batch: dict[str, torch.Tensor]
) -> tuple[Any, dict[str, float]]:
    """Cross entropy of the core (lines weigh more, being few), squares for direction, absolute for pitch."""
    core, geometry = outputs[0][:, 0], outputs[1]
    each = functional.binary_cross_entropy_with_logits(core, batch["core"], reduction="none")
    weight = batch["weight"] * (1 + 2 * batch["core"])
    mask_loss = (each * weight).mean()
    inside = batch["inside"]
    count = inside.sum() + 1
    turned = ((geometry[:, :2] - batch["direction"]) ** 2).sum(1)
    turn_loss = (turned * inside).sum() / count
    pitch_loss = ((geometry[:, 2] - batch["pitch"]).abs() * inside).sum() / count
    parts = {"core": mask_loss.item(), "turn": turn_loss.item(), "pitch": pitch_loss.item()}
    return 8 * mask_loss + 0.6 * turn_loss + 0.6 * pitch_loss, parts
