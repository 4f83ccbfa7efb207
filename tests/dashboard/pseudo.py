"""A language that nobody speaks: `[!!Làñéš ~~~~!!]` for `Lanes`.  What stands on a page outside such brackets
was not said through a catalogue; what fits has room for any language, being 40 % longer than English."""

import gettext
import re

from dashboard.views.catalogues import SOURCE, catalogue

PLACE = re.compile(r"(\{\w+\})")
LETTERS = str.maketrans("aceginosuyzACEGINOSUYZ", "àçéğîñöšûýžÀÇÉĞÎÑÖŠÛÝŽ")
SAID = re.compile(r"\[!!(?:(?!\[!!|!!\]).)*!!\]", re.DOTALL)


def accented(text: str) -> str:
    said = "".join(part if PLACE.fullmatch(part) else part.translate(LETTERS) for part in PLACE.split(text))
    longer = " ~~~~" * max(1, round(len(text) * 0.4 / 5))
    return f"[!!{said}{longer if len(text) > 3 else ''}!!]"


def rest(text: str) -> str:
    """What of a text no catalogue said: brackets may stand in brackets."""
    while (shorter := SAID.sub(" ", text)) != text:
        text = shorter
    return text


class Pseudo(gettext.NullTranslations):
    """English in brackets; a code that no catalogue knows stays a code."""

    def __init__(self) -> None:
        super().__init__()
        self._english = catalogue(SOURCE)

    def gettext(self, message: str) -> str:
        return accented(self._english.gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return accented(self._english.ngettext(msgid1, msgid2, n))

    def pgettext(self, context: str, message: str) -> str:
        said = self._english.pgettext(context, message)
        known = said != message or f"{context}\x04{message}" in self._english._catalog  # pyright: ignore
        return accented(said) if known else said

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        said = self._english.npgettext(context, msgid1, msgid2, n)
        return said if said in (msgid1, msgid2) else accented(said)
