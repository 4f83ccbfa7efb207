"""A look through a lane's camera, in words."""

from typing import Literal

from pydantic import Field

from dashboard.commands.live import cameras
from dashboard.ingest.stills import Look
from dashboard.users.accounts import User
from dashboard.views.facts import LaneFacts
from dashboard.views.language import Coded, Speaker
from dashboard.views.models import LiveOffer
from dashboard.views.parts import all_said
from dashboard.views.tile_models import Shown


class LookShown(Shown):
    """Stills are fetched one after another at `still`, each when it comes, until `state` is over."""

    id: str
    lane: str
    camera: str
    state: Literal["going_on", "refused", "over"]
    reasons: tuple[Coded, ...]
    left_s: int = Field(description="seconds until it ends by itself")
    still: str = Field(description="address of the next still; 204 when there will be none any more")


def live_offers(speaker: Speaker, facts: LaneFacts, user: User) -> tuple[LiveOffer, ...]:
    return tuple(
        LiveOffer(camera=one.name, offered=not one.reasons, reasons=all_said(speaker, one.reasons))
        for one in cameras(facts, user)
    )


def look_shown(speaker: Speaker, look: Look) -> LookShown:
    return LookShown(
        id=look.id,
        lane=look.lane,
        camera=look.camera,
        state="refused" if look.refused else "going_on" if look.left_s > 0 else "over",
        reasons=all_said(speaker, look.refused),
        left_s=round(look.left_s),
        still=f"/api/v1/lanes/{look.lane}/live/{look.id}/still",
    )
