"""What came of one drive, held against the vehicle that drove."""

from dataclasses import dataclass

from lane_controller.daemon.sensing import plates
from measures.rigs.plate_pictures import Picture


@dataclass(frozen=True, slots=True)
class Vote:
    """A plate agreed over so many frames."""

    text: str
    country: str | None
    confidence: float
    frames: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a lane is told of a passage: a text at a confidence, or None; `why` it is not sure, "" where it
    is."""

    text: str | None
    confidence: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Driven:
    """One drive: the text of the vehicle that comes, all texts that are there (a parked vehicle's too), what
    was agreed over the frames, best supported first, what the lane was told in turn (a text and how sure, or
    None and why none), the texts that each frame said alone, and some of the frames for peers."""

    name: str
    true: str
    country: str
    lines: int
    there: frozenset[str]
    agreed: tuple[Vote, ...]
    told: tuple[Told, ...]
    frames: tuple[tuple[str, ...], ...]
    cpu_s: float
    shots: tuple[Picture, ...] = ()

    @property
    def kept(self) -> Told | None:
        """What the lane goes by: what it was told for sure last, or last of all (`lane/readings.py`)."""
        sure = [each for each in self.told if not each.why]
        return (sure or [*self.told] or [None])[-1]

    @property
    def exact(self) -> bool:
        """Whether that is the vehicle's plate."""
        return self.kept is not None and self.kept.text == self.true

    @property
    def miss(self) -> str:
        """What was agreed on in its place; numbers are synthetic: they may be told."""
        agreed = " ".join(f"{each.text} {each.confidence:.2f} of {each.frames}" for each in self.agreed[:2])
        why = f" ({self.kept.why})" if self.kept and self.kept.why else ""
        return f"{self.name} {self.country}: {self.true} as {agreed or 'nothing'}{why}"

    @property
    def may_be_told(self) -> list[Vote]:
        """What enough frames spoke for to be told by a lane."""
        return [each for each in self.agreed if each.frames >= plates.FRAMES_MIN]

    @property
    def confidences(self) -> list[tuple[float, bool]]:
        """Of each plate that may be told, and whether it is there; a parked vehicle's is read rightly."""
        return [(each.confidence, each.text in self.there) for each in self.may_be_told]

    def wrong(self, at: float) -> list[str]:
        """Texts agreed at this confidence or more that are not there, and those that the lane was told and
        are not the vehicle's."""
        absent = [
            each.text for each in self.may_be_told if each.confidence >= at and each.text not in self.there
        ]
        taken = [
            each.text for each in self.told if each.text and each.confidence >= at and each.text != self.true
        ]
        return list(dict.fromkeys(absent + taken))
