"""The pictures that a passage's plates were read in, by side of the vehicle."""

from collections.abc import Collection, Iterator

from dashboard.store.fold import Registers
from dashboard.views.facts import read_as
from dashboard.views.language import Speaker
from dashboard.views.models import SeenPlate
from dashboard.views.parts import said
from lane_controller.messages.parts import Plate, Reason


def seen_plates(
    speaker: Speaker, lane: str, registers: Registers, pictures: Collection[str]
) -> Iterator[SeenPlate]:
    """Front before rear.  Of the pictures only those in `pictures`, which came."""
    for name in sorted(registers):
        if not name.startswith("plate."):
            continue
        value = registers[name][1]
        plate = read_as(Plate, value.get("plate"))
        reason = read_as(Reason, value.get("reason"))
        picture, crop = (
            f"/media/{lane}/{named}" if (named := value.get(key)) in pictures else None
            for key in ("picture", "crop")
        )
        if plate is None and reason is None and picture is None and crop is None:
            continue  # erased
        yield SeenPlate(
            side=speaker.coded("side", str(value["side"])),
            display=plate.display if plate else None,
            reason=said(speaker, reason) if reason else None,
            picture=picture,
            crop=crop,
        )
