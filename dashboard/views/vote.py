"""How a camera's frames voted on a plate: each text with its weight, and the decision in words."""

from dashboard.views.language import Speaker
from dashboard.views.models import FrameShown, VotedShown, VoteShown
from lane_controller.messages.parts import FrameVote, PlateVote, VotedText


def vote_shown(speaker: Speaker, lane: str, facts: PlateVote) -> VoteShown:
    return VoteShown(
        side=speaker.coded("side", facts.side),
        frames=facts.frames,
        texts=tuple(_text(speaker, one) for one in facts.texts),
        others=tuple(_text(speaker, one) for one in facts.others),
        parked=tuple(_text(speaker, one) for one in facts.parked),
        each=tuple(_frame(speaker, lane, one) for one in facts.each),
        when=speaker.coded("vote_when", facts.when),
        why=speaker.coded("vote_why", facts.why),
    )


def _text(speaker: Speaker, one: VotedText) -> VotedShown:
    weight = f"{speaker.number(100 * one.probability, 1)} %"
    return VotedShown(text=one.text, probability=one.probability, weight=weight, frames=one.frames)


def _frame(speaker: Speaker, lane: str, one: FrameVote) -> FrameShown:
    return FrameShown(
        after=f"+{speaker.number(one.after_s, 1)} {speaker.say('s')}",
        text=one.text,
        sure=f"{speaker.number(100 * one.probability, 1)} %",
        crop=f"/media/{lane}/{one.crop}" if one.crop else None,
    )
