"""How a plate is spelled where it is searched: as the lanes spell it, with what the eye confuses made one.

The lanes' canonical spelling is upper case without separators, Cyrillic and umlaut look-alikes in Latin,
Persian and Arabic digits in Western ones (a test holds it against the reader's own).  Beyond that O and 0, I
and 1, B and 8 are one character here: who looks for what he saw finds what the camera took it for.
"""

import unicodedata

_LOOK_ALIKES = str.maketrans("АВЕКМНОРСТУХІÄÖÜ", "ABEKMHOPCTYXIAOU")
_PERSIAN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩يك", "01234567890123456789یک")
_CONFUSED = str.maketrans("OIB", "018")

WILDCARDS = frozenset("*?")
TERM_MAX = 64


def canonical(text: str, keep: frozenset[str] = frozenset()) -> str:
    """The lanes' spelling; whatever is neither letter nor digit goes, but for `keep`."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(_LOOK_ALIKES).translate(_PERSIAN)
    return "".join(one for one in plain if one.isalnum() or one in keep)


def searched(text: str, keep: frozenset[str] = frozenset()) -> str:
    """The spelling that is searched: canonical, and what the eye confuses is one.  At most `TERM_MAX`."""
    return canonical(text, keep).translate(_CONFUSED)[:TERM_MAX]
