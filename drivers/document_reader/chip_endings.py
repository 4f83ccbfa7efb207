"""What a reading that did not come to its end comes to: one table of codes and words."""

from dataclasses import dataclass

from drivers.document_reader.chip_print import NoKey
from drivers.document_reader.pcsc_slot import ReaderLost, TooSlow, TwoCards, Withdrawn
from drivers.emrtd.errors import AccessRefused, EmrtdError, LibraryMissing, ProtocolError, TagLost


@dataclass(frozen=True, slots=True)
class Ending:
    """`reason` is a lane's (`ChipUnread` has them), `reading` that of the verdict's check `reading`; `words`
    are for who stands at the reader, and hold nothing that a chip said but status words."""

    reason: str
    reading: str
    words: str


_TABLE: tuple[tuple[type[Exception], Ending], ...] = (
    (NoKey, Ending("chip_no_key", "key_refused", "this page states no key: it has no date of expiry")),
    (TwoCards, Ending("two_cards", "two_cards", "{error}: leave one document on the reader")),
    (TooSlow, Ending("chip_too_slow", "too_slow", "the chip was not read in time")),
    (Withdrawn, Ending("chip_too_slow", "too_slow", "nobody waits for the chip any more")),
    (ReaderLost, Ending("chip_reader_lost", "reader_lost", "PC/SC: {error}")),
    (
        AccessRefused,
        Ending(
            "chip_refused_page",
            "key_refused",
            "the chip does not take this key{tries}: it is another document's, or was typed wrongly",
        ),
    ),
    (
        TagLost,
        Ending(
            "chip_lost",
            "tag_lost",
            "the document was taken away, or its chip does not answer: lay it on again and leave it there",
        ),
    ),
    (
        ProtocolError,
        Ending("chip_protocol_broken", "protocol_broken", "the chip broke the protocol: {error}"),
    ),
    (LibraryMissing, Ending("chip_library_missing", "stopped", "{error}")),
    (
        EmrtdError,
        Ending("chip_unsupported", "no_way_in", "no travel document that this key opens: {error}"),
    ),
)
"""The first that fits counts."""

ENDINGS = tuple(kind for kind, _ in _TABLE)
"""What may end a reading; anything else is a bug."""


def ending_of(error: Exception) -> Ending:
    """The ending that `error`, one of ENDINGS, is."""
    found = next(ending for kind, ending in _TABLE if isinstance(error, kind))
    left = error.tries_left if isinstance(error, AccessRefused) else None
    tries = f" ({left} tries left)" if left is not None else ""
    return Ending(found.reason, found.reading, found.words.format(error=error, tries=tries))
