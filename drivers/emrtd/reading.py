"""What came of reading one chip: its files as they stand there, what it refused, and what it proved.

Nothing here is judged: whether the keys that the chip proved are the issuer's, and whether the files are,
is said by passive authentication and the verdict."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.elementary_files import ElementaryFile


class Phase(StrEnum):
    """The steps of an inspection in their order.  Those that a chip has no part in are left out."""

    CARD_ACCESS = "card_access"
    ACCESS_CONTROL = "access_control"
    CARD_SECURITY = "card_security"
    SECURITY_OBJECT = "security_object"
    MACHINE_READABLE_ZONE = "machine_readable_zone"
    CHIP_AUTHENTICATION = "chip_authentication"
    ACTIVE_AUTHENTICATION = "active_authentication"
    OTHER_FILES = "other_files"
    TERMINAL_AUTHENTICATION = "terminal_authentication"
    FACE = "face"


@dataclass(frozen=True, slots=True)
class Progress:
    """`phase` has begun, or goes on in `file`, of which `done` bytes of `total` are there."""

    phase: Phase
    file: ElementaryFile | None = None
    done: int = 0
    total: int = 0


OnProgress = Callable[[Progress], None]


class AccessProtocol(StrEnum):
    """How the chip was opened, strongest first."""

    PACE_CAM = "pace_cam"
    PACE_IM = "pace_im"
    PACE_GM = "pace_gm"
    BAC = "bac"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Access:
    """How the session came about.

    `pace_offered` are the identifiers in EF.CardAccess.  `pace_not_taken` says why the best way of PACE that
    was offered was not taken, as a code: a fall to a weaker one, or to BAC, that no old chip explains is a
    downgrade, and so is an EF.CardAccess that nobody can read."""

    protocol: AccessProtocol
    cipher: str | None = None
    domain: str | None = None
    by_can: bool = False
    pace_offered: tuple[str, ...] = ()
    pace_not_taken: str | None = None


class RefusalReason(StrEnum):
    """Why a file is not here."""

    ABSENT = "absent"
    NO_RIGHT = "no_right"
    STATUS = "status"
    BROKEN = "broken"
    """A length that lies, another tag, no end."""
    SESSION_LOST = "session_lost"
    """The chip gives the session up when asked for it: what it says of the file is not authenticated."""


@dataclass(frozen=True, slots=True)
class Refusal:
    reason: RefusalReason
    status: int | None = None


class Interruption(StrEnum):
    """What ended a reading before its end."""

    TAG_LOST = "tag_lost"
    KEY_REFUSED = "key_refused"
    PROTOCOL_BROKEN = "protocol_broken"
    """An answer that is not the chip's own, or that the standard forbids; or another chip came."""
    NO_WAY_IN = "no_way_in"
    """No eMRTD, or none that this key opens."""
    STOPPED = "stopped"
    """By whoever had it read, or a fault of ours."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a phase took, over all its sessions."""

    duration_ms: float = 0.0
    apdus: int = 0


def _not_performed(name: str) -> Check:
    return Check(name, Outcome.NOT_PERFORMED, "not_reached")


@dataclass(slots=True)
class Reading:
    """It grows while the chip is read, file by file; DG3 and DG4 never come into it.

    `biometrics` says of DG3 and DG4, where they were read for `purpose`, whether their hash is the listed
    one."""

    access: Access | None = None
    files: dict[ElementaryFile, bytes] = field(default_factory=dict[ElementaryFile, bytes], repr=False)
    refused: dict[ElementaryFile, Refusal] = field(default_factory=dict[ElementaryFile, Refusal])
    chip_authentication_mapping: Check = field(
        default_factory=lambda: _not_performed("chip_authentication_mapping")
    )
    chip_authentication: Check = field(default_factory=lambda: _not_performed("chip_authentication"))
    active_authentication: Check = field(default_factory=lambda: _not_performed("active_authentication"))
    terminal_authentication: Check = field(default_factory=lambda: _not_performed("terminal_authentication"))
    purpose: str | None = None
    biometrics: dict[int, bool | None] = field(default_factory=dict[int, bool | None])
    steps: dict[Phase, Step] = field(default_factory=dict[Phase, Step])
    sessions: int = 0
    """Sessions that were begun: 1, and one for each time that the chip was lost or had given one up."""
    interrupted: Interruption | None = None
    """Why the reading ended before all was read; None where it did not."""
    apdus: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
