"""How the frames of one interval voted, in the few words that are kept beside a plate: bounded, however long
the vehicle stood there."""

from collections.abc import Sequence

from anpr.readings import Agreed, Ballot
from lane_controller.messages.parts import FrameVote, PlateVote, VotedText
from lane_controller.messages.words import Side, VoteWhen, VoteWhy

TEXTS_MAX = 5
OTHERS_MAX = 3
FRAMES_MAX = 8


def vote_of(
    side: Side, plates: Sequence[Agreed], when: VoteWhen, why: VoteWhy, parked: Sequence[Agreed] = ()
) -> PlateVote | None:
    """The vote on the first of `plates`, the others beside it and those that were left out as `parked`; None
    where no frame spoke."""
    if not plates:
        return None
    best, *others = plates
    return PlateVote(
        side=side,
        frames=best.frames,
        texts=_texts(best)[:TEXTS_MAX],
        others=tuple(_texts(other)[0] for other in others[:OTHERS_MAX]),
        parked=tuple(_texts(other)[0] for other in parked[:OTHERS_MAX]),
        each=_each(best),
        when=when,
        why=why,
    )


def ballots_told(plate: Agreed) -> tuple[Ballot, ...]:
    """The frames that a vote tells of."""
    return plate.ballots[-FRAMES_MAX:]


def _each(plate: Agreed) -> tuple[FrameVote, ...]:
    first_s = min((one.at_s for one in plate.ballots), default=0.0)
    return tuple(
        FrameVote(after_s=round(one.at_s - first_s, 2), text=one.text, probability=round(one.probability, 4))
        for one in ballots_told(plate)
    )


def _texts(plate: Agreed) -> tuple[VotedText, ...]:
    return tuple(
        VotedText(text=text, probability=round(share, 4), frames=frames)
        for (text, share), frames in zip(plate.alternatives, plate.named, strict=True)
    )
