"""The one spelling of a plate that is compared, voted on and searched.

Upper case, no separators, Cyrillic look-alikes in Latin, Persian and Arabic digits in Western ones; letters
without a Latin look-alike (Persian letters, Chinese provinces, Mongolian Cyrillic) stay as they are.  The 12
letters that Russia allows are those with a Latin twin (GOST R 50577-93); Ukraine and Belarus add one.
"""

import unicodedata

# German plates have three letters more; no other country's plate differs by the dots alone.
_LOOK_ALIKES = str.maketrans("АВЕКМНОРСТУХІÄÖÜ", "ABEKMHOPCTYXIAOU")
# Two forms of each digit (Arabic-Indic and Persian), and the Arabic forms of two Persian letters.
_PERSIAN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩يك", "01234567890123456789یک")

TEXT_MAX = 64
"""Characters; nothing longer is a plate, whoever sends it."""


def canonical(text: str) -> str:
    """The canonical spelling of a plate as printed or typed, in the one-line order of its country.

    Anything but letters and digits is dropped.  Idempotent.  The result may be empty and need not be a legal
    plate: `anpr.formats.match` says that.  Raises ValueError for text over `TEXT_MAX` characters.
    """
    if len(text) > TEXT_MAX:
        raise ValueError(f"a plate text of {len(text)} characters; at most {TEXT_MAX} are read")
    folded = unicodedata.normalize("NFKC", text).upper().translate(_LOOK_ALIKES).translate(_PERSIAN)
    return "".join(character for character in folded if character.isalnum())
