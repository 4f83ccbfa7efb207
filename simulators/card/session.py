"""What a chip remembers: for good, and from power on to power off."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from simulators.card.behaviour import Behaviour
from simulators.card.cv_certificates import CvCertificate
from simulators.card.domain import Random
from simulators.card.file_content import FileContent
from simulators.card.pace import PaceRun
from simulators.card.personalisation import MASTER_FILE, ChipAuthenticationKey, FileKey, Personalisation
from simulators.card.secure_messaging import SecureMessaging


@dataclass(slots=True)
class Memory:
    """What survives power off: files, trust points, the chip's date, and its counters of wrong keys."""

    files: dict[FileKey, bytes] = field(repr=False)
    trust_points: list[CvCertificate] = field(default_factory=list[CvCertificate])
    today: date = date.min
    wrong_keys: int = 0
    can_tries_left: int = 0


@dataclass(slots=True)
class TerminalRun:
    """Terminal authentication on its way: `keys` are the certificates imported for this session, by holder;
    `verifier` the one that MSE:Set DST chose, `terminal` the one of MSE:Set AT."""

    keys: dict[bytes, CvCertificate] = field(default_factory=dict[bytes, CvCertificate])
    verifier: CvCertificate | None = None
    terminal: CvCertificate | None = None


@dataclass(slots=True)
class Session:
    """What power off clears.

    `messaging` protects the command at hand; `next_messaging` takes its place once that is answered.
    `chip_identifier` and `terminal_key` are ID_IC and Comp(PK_IFD) of terminal authentication.
    """

    directory: str = MASTER_FILE
    file: FileKey | None = None
    access: Literal["none", "bac", "pace"] = "none"
    messaging: SecureMessaging | None = None
    next_messaging: SecureMessaging | None = None
    challenge: bytes | None = field(default=None, repr=False)
    pace: PaceRun | None = None
    chip_key: ChipAuthenticationKey | None = None
    terminal: TerminalRun = field(default_factory=TerminalRun)
    chip_identifier: bytes = b""
    terminal_key: bytes = b""
    rights: int = 0
    chained: bytes = b""
    slips: bool = False
    """The counter goes out of step once the command at hand is answered."""
    resumed: bool = False
    """The MRZ has opened the chip since power on, so that a suspended CAN may be tried."""

    @property
    def chip_authenticated(self) -> bool:
        """Whether chip authentication was done, so that terminal authentication may begin."""
        return bool(self.terminal_key)

    def end(self) -> "Session":
        """What is left when the keys are forgotten: the place in the file system."""
        return Session(self.directory, self.file)


@dataclass(slots=True)
class State:
    """One chip, whole."""

    personalisation: Personalisation
    behaviour: Behaviour
    random: Random
    memory: Memory
    session: Session = field(default_factory=Session)
    room: int = 0
    """Plain bytes that fit the answer to the command at hand."""
    view: Callable[[bytes], FileContent] = FileContent
    """How the file of the command at hand reads."""
