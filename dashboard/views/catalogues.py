"""The gettext catalogues, one a language, compiled from their .po when first used.

English is what the pages are written in; the other languages are translations, and none of them counts as
checked before a person who speaks it has put a name into its header (`X-Reviewed-By`).
"""

import gettext
import io
import re
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent.parent / "locale"
SOURCE = "en"
"""The language of the sentences in the program, which needs no review."""
NAMES = {
    "en": "English",
    "ru": "Русский",
    "kk": "Қазақша",
    "ky": "Кыргызча",
    "uz": "Oʻzbekcha",
    "tg": "Тоҷикӣ",
    "tk": "Türkmençe",
}
"""Each language as its speakers write it."""
_REVIEWED_BY = re.compile(r'^"X-Reviewed-By:[ \t]*(.*?)(?:\\n)?"$', re.MULTILINE)


def po_file(language: str) -> Path:
    return LOCALES / language / "dashboard.po"


@cache
def catalogue(language: str) -> gettext.GNUTranslations:
    """The language's catalogue; English says what it does not."""
    with po_file(language).open("rb") as file:
        template = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, template)
    compiled.seek(0)
    translations = gettext.GNUTranslations(compiled)
    if language != SOURCE:
        translations.add_fallback(catalogue(SOURCE))
    return translations


@cache
def reviewed_by(language: str) -> str:
    """Who signed the translation; empty while nobody has."""
    head = po_file(language).read_text("utf-8").split("\n\n", 1)[0]
    found = _REVIEWED_BY.search(head)
    return found.group(1).strip() if found else ""


def is_unreviewed(language: str) -> bool:
    """Whether the pages must say that nobody has checked this translation."""
    return language != SOURCE and not reviewed_by(language)


@cache
def codes(context: str) -> frozenset[str]:
    """All codes that have words under a context."""
    with po_file(SOURCE).open("rb") as file:
        return frozenset(str(one.id) for one in read_po(file, locale=SOURCE) if one.context == context)
