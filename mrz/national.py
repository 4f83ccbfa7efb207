"""National personal numbers that some states print in the optional data, cross-checked with birth and sex.

None of these rules is in ICAO Doc 9303: each is national, and `verified` says whether a public source was
seen (`docs/sources.md`, documents of the region) or the rule is unverified general knowledge.  What a number
says is therefore a remark for a person, never a reason to refuse by itself: since 2013 a Kazakh IIN need not
follow its holder's birth and sex any more.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """`kind` is `KZ-IIN`, `UZ-PINFL` or `KG-PIN`.  Each of the three comparisons is True (agrees), False
    (contradicts) or None (can't be told)."""

    kind: str
    value: str
    birth_agrees: bool | None
    sex_agrees: bool | None
    control_holds: bool | None
    verified: bool

    @property
    def contradictions(self) -> tuple[str, ...]:
        """What it disagrees with: `birth`, `sex`, its own `control` digit."""
        compared = {"birth": self.birth_agrees, "sex": self.sex_agrees, "control": self.control_holds}
        return tuple(name for name, agrees in compared.items() if agrees is False)

    @property
    def contradicts(self) -> bool:
        return bool(self.contradictions)


def personal_numbers(
    issuer: str, optional: tuple[str, ...], birth: str, sex: str
) -> tuple[PersonalNumber, ...]:
    """The numbers that `issuer` prints at the beginning of one of its optional data fields.

    `birth` is YYMMDD as printed, `sex` `M`, `F` or "".
    """
    rule = _RULES.get(issuer)
    if rule is None:
        return ()
    length, read = rule
    return tuple(
        read(text[:length], birth, sex)
        for text in optional
        if text[:length].isdigit()
        and len(text[:length]) == length
        and not text[length : length + 1].isdigit()
    )


def _sex_agrees(sex: str, says_male: bool | None) -> bool | None:
    if not sex or says_male is None:
        return None
    return (sex == "M") == says_male


def _birth_agrees(birth: str, number_says: str) -> bool | None:
    if not birth.isdigit():
        return None
    return birth == number_says


def kz_iin_control(digits: str) -> int | None:
    """The 12th digit of a Kazakh IIN from the first eleven; None for a number that is never issued.

    Sum of digit times place modulo 11; where that is 10, a second sum with the weights moved by two.
    """
    for weights in ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        control = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11
        if control < 10:
            return control
    return None


def _kz_iin(value: str, birth: str, sex: str) -> PersonalNumber:
    # YYMMDD, then century and sex: 1 and 2 the 19th century, 3 and 4 the 20th, 5 and 6 the 21st, odd male.
    seventh = int(value[6])
    return PersonalNumber(
        "KZ-IIN",
        value,
        _birth_agrees(birth, value[:6]),
        _sex_agrees(sex, seventh % 2 == 1 if 1 <= seventh <= 6 else None),
        kz_iin_control(value[:11]) == int(value[11]),
        verified=True,
    )


def _uz_pinfl(value: str, birth: str, sex: str) -> PersonalNumber:
    # Sex and century (odd male), then DDMMYY.  Public code computes the last digit with weights 7, 3, 1; no
    # source says that it is so, and a wrong rule would cast doubt on every card: it is not judged.
    first = int(value[0])
    return PersonalNumber(
        "UZ-PINFL",
        value,
        _birth_agrees(birth, value[5:7] + value[3:5] + value[1:3]),
        _sex_agrees(sex, first % 2 == 1 if 1 <= first <= 6 else None),
        None,
        verified=False,
    )


def _kg_pin(value: str, birth: str, sex: str) -> PersonalNumber:
    # Sex (1 female, 2 male), then DDMMYYYY.
    return PersonalNumber(
        "KG-PIN",
        value,
        _birth_agrees(birth, value[7:9] + value[3:5] + value[1:3]),
        _sex_agrees(sex, {"1": False, "2": True}.get(value[0])),
        None,
        verified=False,
    )


_RULES: dict[str, tuple[int, Callable[[str, str, str], PersonalNumber]]] = {
    "KAZ": (12, _kz_iin),
    "UZB": (14, _uz_pinfl),
    "KGZ": (14, _kg_pin),
}
