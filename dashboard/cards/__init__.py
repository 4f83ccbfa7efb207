"""The referral card that a traveller is handed, in his language."""

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

OF_NATIONALITY = {
    "KAZ": "kk",
    "KGZ": "ky",
    "RUS": "ru",
    "BLR": "ru",
    "UZB": "uz",
    "TJK": "tg",
    "TKM": "tk",
    "CHN": "zh",
    "AFG": "fa",
    "IRN": "fa",
}
"""The language that a card begins with; whoever hands it over asks and chooses."""


class Card(BaseModel):
    """One language's words.  `direction` is how its letters run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    reviewed_by: str
    direction: str = "ltr"
    title: str
    calm: str
    now: tuple[str, str, str]
    next: tuple[str, str, str]
    rights_title: str
    rights: tuple[str, str, str, str, str, str]
    protection: str
    complaint: str
    lane: str
    passage: str
    time: str


@cache
def cards() -> dict[str, Card]:
    """By language code."""
    text = (files(__name__) / "cards.toml").read_text("utf-8")
    return {code: Card.model_validate(words) for code, words in tomllib.loads(text).items()}


def language_for(nationality: str) -> str:
    return OF_NATIONALITY.get(nationality, "en")
