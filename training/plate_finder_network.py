"""The plate finder's network: a small fully convolutional hourglass over a colour frame.

In: batch x 3 x height x width, blue-green-red of -0.5 to 0.5, both sides multiples of 16.  Out, at
a quarter of the size, ten planes: the logit of lying in the core of a plate; the logit that the plate has two
lines; and the way to the plate's four corners (top left, clockwise as one reads it), x and y, in units of
`plate_labels.REACH` pixels.
"""

import torch
from blocks import block, doubled
from torch import nn
from torch.nn import functional

CORE, TWO_LINES, CORNERS = 0, 1, slice(2, 10)


class PlateFinder(nn.Module):
    def __init__(self, half: int = 20, quarter: int = 32, eighth: int = 64, sixteenth: int = 96) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            block(3, half, (5, 5), (2, 2)), block(half, quarter, stride=(2, 2)), block(quarter, quarter)
        )
        self.down = nn.Sequential(block(quarter, eighth, stride=(2, 2)), block(eighth, eighth))
        self.bottom = block(eighth, sixteenth, stride=(2, 2))
        self.context = nn.ModuleList(block(sixteenth, sixteenth, dilation=each) for each in (1, 2, 3, 1))
        self.up_eighth, self.join_eighth = nn.Conv2d(sixteenth, eighth, 1), block(eighth, eighth)
        self.up_quarter, self.join_quarter = nn.Conv2d(eighth, 32, 1), block(32, 32)
        self.across = nn.Conv2d(quarter, 32, 1)
        self.out = nn.Conv2d(32, 10, 1)
        with torch.no_grad():
            assert self.out.bias is not None
            self.out.bias[CORE] = -4.0  # plates are few

    def forward(self, frame: torch.Tensor) -> torch.Tensor:
        quarter = self.stem(frame)
        eighth = self.down(quarter)
        sixteenth = self.bottom(eighth)
        for each in self.context:
            sixteenth = sixteenth + each(sixteenth)
        eighth = self.join_eighth(eighth + doubled(self.up_eighth(sixteenth)))
        joined = self.join_quarter(self.across(quarter) + doubled(self.up_quarter(eighth)))
        return self.out(joined)


def loss_of(planes: torch.Tensor, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, float]]:
    """Focal cross entropy of the core; corners in shares of the plate's height; cross entropy of the lines.

    `core` (0 or 1), `weight` (0 where a cell is neither), `corners` (8 planes, REACH px), `height` of the
    plate in REACH px, `two` lines: each batch x (planes x) height / 4 x width / 4.
    """
    planes = planes.float()
    core = batch["core"].float()
    logit = planes[:, CORE]
    each = functional.binary_cross_entropy_with_logits(logit, core, reduction="none")
    likely = torch.sigmoid(logit)
    missed = torch.where(core > 0.5, 1 - likely, likely)
    plates = core.sum() + 8
    core_loss = (each * missed.detach() ** 1.5 * batch["weight"].float() * (1 + 2 * core)).sum() / plates
    away = functional.smooth_l1_loss(
        planes[:, CORNERS], batch["corners"].float(), reduction="none", beta=0.05
    ).mean(1)
    corner_loss = (away / (0.1 + batch["height"].float()) * core).sum() / plates
    line = functional.binary_cross_entropy_with_logits(
        planes[:, TWO_LINES], batch["two"].float(), reduction="none"
    )
    line_loss = (line * core).sum() / plates
    parts = {"core": core_loss.item(), "corners": corner_loss.item(), "lines": line_loss.item()}
    return core_loss + corner_loss + 0.3 * line_loss, parts
