"""The first drives of `plate_drives` as a network camera sends them: as H.264 over RTSP, and of a hundred
packets one is lost.

A simulated camera plays each film once, the driver's own source takes its pictures, and what a lane would
read of them (one each 0.4 s while the vehicle's plate is whole) is read and voted on as there: 8 drives, with
FULL=1 40.  The same without loss stands beside.  Torn is a picture that was taken and is not, to the last
pixel, the one that a decoder makes of the whole stream at the same time.
"""

from measures import Figure, Measurement, at_least, at_most, shown
from measures.rigs.plate_lossy import LOSS, Play, plays

DRIVES, DRIVES_SHORT = 40, 8
EXACT_MIN = 0.95
NAMES = ("plate-drives-h264-exact", "plate-drives-h264-taken", "plate-drives-h264-torn")


def run(full: bool) -> list[Figure]:
    played = list(plays(DRIVES if full else DRIVES_SHORT, keep=full))
    clean, lossy = [one for one, _ in played], [one for _, one in played]
    torn, count = sum(one.torn for one in lossy), sum(one.taken for one in lossy)
    missed = ", ".join(one.driven.miss for one in lossy if not one.driven.exact)
    return [
        at_least(
            NAMES[0], _exact(lossy), f"of {len(lossy)} drives, {LOSS:.0%} of packets lost", EXACT_MIN,
            f"without loss {_exact(clean):.3g}, pictures read {_read(lossy)}, without loss {_read(clean)}"
            + (missed and f", missed {missed}"),
        ),
        shown(
            NAMES[1], _taken(lossy), f"of {sum(one.sent for one in lossy)} pictures sent",
            f"without loss {_taken(clean):.3g}",
        ),
        at_most(
            NAMES[2], torn, f"of {count} pictures taken", 0,
            f"without loss {sum(one.torn for one in clean)} of {sum(one.taken for one in clean)}",
        ),
    ]  # fmt: skip


def _exact(played: list[Play]) -> float:
    return sum(one.driven.exact for one in played) / max(1, len(played))


def _read(played: list[Play]) -> int:
    return sum(len(one.driven.frames) for one in played)


def _taken(played: list[Play]) -> float:
    return sum(one.taken for one in played) / max(1, sum(one.sent for one in played))


MEASUREMENTS = [Measurement(NAMES, run)]
