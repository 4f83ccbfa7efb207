"""The network that says which country a plate looks to be of: a flat plate in, a logit a country out.

Where a band or a flag stands matters as much as its colour, so nothing is averaged over the plate.
"""

import torch
from blocks import block
from torch import nn
from torch.nn import functional

from anpr.looks import COUNTRIES, HEIGHT, WIDTH


class PlateCountry(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            block(3, 16, (3, 3), (2, 2)),
            block(16, 24, (3, 3), (2, 2)),
            block(24, 40),
            block(40, 48, (3, 3), (2, 2)),
            block(48, 24, (1, 1)),
        )
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(24 * (HEIGHT // 8) * (WIDTH // 8), len(COUNTRIES))

    def forward(self, look: torch.Tensor) -> torch.Tensor:
        """(batch, 3, HEIGHT, WIDTH) to (batch, countries)."""
        return self.head(self.drop(self.body(look).flatten(1)))


def loss_of(logits: torch.Tensor, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, float]]:
    """Cross entropy, smoothed: no look proves a country."""
    loss = functional.cross_entropy(logits.float(), batch["country"].long(), label_smoothing=0.02)
    return loss, {"entropy": loss.item()}
