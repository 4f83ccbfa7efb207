"""What is shown of a shelf."""

from dashboard.store.shelves import Shelf
from dashboard.users.accounts import User
from dashboard.users.roles import SHELVE
from dashboard.views.language import Coded, Speaker, iso
from dashboard.views.tile_models import Moment, ShelfShown


def shelf(speaker: Speaker, facts: Shelf, user: User) -> ShelfShown:
    word = speaker.word("shelve_reason", facts.reason)
    return ShelfShown(
        id=facts.id,
        lane=facts.lane,
        kind=speaker.coded("alarm", facts.kind),
        device=facts.device or None,
        alarm=facts.alarm or None,
        by=facts.by,
        reason=Coded(code=facts.reason, text=f"{word}: {facts.text}" if facts.text else word),
        until=Moment(
            at=iso(facts.until_us), clock=speaker.clock(facts.until_us), text=speaker.moment(facts.until_us)
        ),
        may_take_back=user.role in SHELVE,
    )
