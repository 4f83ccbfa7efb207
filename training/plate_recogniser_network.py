"""The plate recogniser: a strip in, at every fourth column the logits of blank and the plate alphabet out.

It sees about two characters to each side: enough for a Chinese province or a Persian letter, too little to
learn formats by heart; those are for the decoder.
"""

import torch
from blocks import Residual, block
from torch import nn
from torch.nn import functional

from anpr.alphabet import ALPHABET

BLANK = 0
OUTPUTS = 1 + len(ALPHABET)


class PlateRecogniser(nn.Module):
    """`deeper`: residual blocks more than the first network has."""

    def __init__(self, deeper: int = 0) -> None:
        super().__init__()
        self.body = nn.Sequential(
            block(1, 24, (5, 5), (2, 2)),  # 24 rows, a column for 2 px
            block(24, 40, (3, 3)),
            block(40, 64, (3, 3), (2, 2)),  # 12 rows, a column for 4 px
            Residual(64),
            block(64, 80, (3, 3), (2, 1)),  # 6 rows
            Residual(80),
            *(Residual(80) for _ in range(deeper)),
        )
        # One kernel over all rows: code letters under a flag and low letters stand elsewhere than digits.
        self.collapse = nn.Sequential(
            nn.Conv2d(80, 160, (6, 1), bias=False), nn.BatchNorm2d(160), nn.ReLU(inplace=True)
        )
        self.head = nn.Sequential(
            block(160, 128, (1, 5)), block(128, 128, (1, 3)), nn.Conv2d(128, OUTPUTS, 1)
        )

    def forward(self, strip: torch.Tensor) -> torch.Tensor:
        """(batch, 1, 48, width) to (batch, OUTPUTS, width / 4)."""
        return self.head(self.collapse(self.body(strip))).squeeze(2)


def loss_of(logits: torch.Tensor, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, float]]:
    """CTC over `text` (batch x longest, `length` of them); a strip without text teaches blank."""
    likely = functional.log_softmax(logits.float(), dim=1).permute(2, 0, 1)
    frames = torch.full((logits.shape[0],), likely.shape[0], dtype=torch.long)
    length = batch["length"].long()
    loss = functional.ctc_loss(
        likely, batch["text"].long(), frames, length, blank=BLANK, reduction="none", zero_infinity=True
    )
    loss = (loss / (length + 2)).mean()
    return loss, {"ctc": loss.item()}
