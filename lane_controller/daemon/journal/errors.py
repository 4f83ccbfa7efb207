"""What may go wrong with a journal."""


class JournalError(Exception):
    """Base.  The message says which file, what was found and what a person can do."""


class JournalLost(JournalError):
    """A row could not be committed (disk full, disk gone): the lane stops, safely."""


class JournalForeign(JournalError):
    """The file is no journal, or of a newer format; it was left untouched."""


class JournalDamaged(JournalError):
    """The file's content is not what was committed."""


class JournalInUse(JournalError):
    """Another process holds the journal."""
