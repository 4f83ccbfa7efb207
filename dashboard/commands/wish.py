"""What an operator asks for, and why the dashboard does not send it."""

from pydantic import BaseModel, ConfigDict, Field

from lane_controller.messages.parts import Reason
from lane_controller.messages.words import CommandKind, Mode


class Wish(BaseModel):
    """What an operator asks a lane for.  `seen` is the token of the screen that the wish rests on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: CommandKind
    passage: int | None = Field(default=None, ge=0, le=2**53 - 1)
    seen: str = Field(default="", max_length=200, description="not needed to acknowledge and for shifts")
    reason: str = Field(max_length=64, description="a code; `other` needs a text")
    text: str = Field(default="", max_length=500)
    mode: Mode | None = None
    persons: int | None = Field(default=None, ge=0, le=100)
    alarm: str | None = Field(default=None, max_length=128)
    shift: str | None = Field(default=None, pattern="^(begin|end)$")
    seen_clear: bool = False

    @property
    def given(self) -> Reason:
        """The operator's own reason."""
        text = self.text.strip()
        return Reason(code=self.reason, parameters={"text": text} if text else {})


class WishRefused(Exception):
    """The dashboard did not send it: the reasons why."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons
