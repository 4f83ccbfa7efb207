"""The recogniser: a strip in, at every fourth column the logits of 37 characters and "between" out.

It sees about one cell to each side and nothing of the language: what a zone may hold is for the decoder.
"""

import torch
from ink import CHARACTERS
from torch import nn

OUTPUTS = len(CHARACTERS) + 1


def _block(before: int, after: int, size: tuple[int, int], stride: tuple[int, int] = (1, 1)) -> nn.Sequential:
    padding = (size[0] // 2, size[1] // 2)
    return nn.Sequential(
        nn.Conv2d(before, after, size, stride, padding, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _block(width, width, (3, 3))
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.second(self.first(x)))


class Recogniser(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _block(1, 24, (5, 5), (2, 2)),  # 20 rows, a column for 2 px
            _block(24, 32, (3, 3)),
            _block(32, 48, (3, 3), (2, 2)),  # 10 rows, a column for 4 px
            _Residual(48),
            _block(48, 64, (3, 3), (2, 1)),  # 5 rows
            _block(64, 64, (3, 3)),
        )
        # One kernel over all rows: where in its cell a stroke stands, and how high, is kept.
        self.collapse = nn.Sequential(
            nn.Conv2d(64, 128, (5, 1), bias=False), nn.BatchNorm2d(128), nn.ReLU(inplace=True)
        )
        self.head = nn.Sequential(_block(128, 96, (1, 3)), nn.Conv2d(96, OUTPUTS, 1))

    def forward(self, strip: torch.Tensor) -> torch.Tensor:
        """(batch, 1, 40, width) to (batch, 38, width / 4)."""
        return self.head(self.collapse(self.body(strip))).squeeze(2)
