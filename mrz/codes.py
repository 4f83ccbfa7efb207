"""State and document codes, from the dated lists in `mrz/data/`.

An unknown code is a remark and never an error: lists age, and specimens carry invented codes.
"""

from functools import cache
from typing import Any

from mrz.layouts import Format


@cache
def _table(name: str) -> dict[str, Any]:
    # Imported here so that `import mrz` stays light.
    import tomllib
    from pathlib import Path

    with Path(__file__).with_name("data").joinpath(f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def source(name: str) -> str:
    """Date and source of the list `states` or `document_codes`, for people."""
    table = _table(name)
    return f"{table['source']}, as of {table['dated']}"


def state_name(code: str) -> str | None:
    """English name of a state or organisation code (without fillers); None when it is in no list."""
    for group in ("iso", "icao", "in_use", "former", "specimen"):
        name = _table("states")[group].get(code)
        if name is not None:
            return str(name)
    return None


def is_former_state(code: str) -> bool:
    """Whether the code is no longer given to new documents."""
    return code in _table("states")["former"]


def is_specimen(code: str) -> bool:
    """Whether the code is one that no real document carries."""
    return code in _table("states")["specimen"]


def document_name(code: str) -> str | None:
    """What a document code (without fillers) means, by its first letter where the second is not listed; None
    when the first is unknown too."""
    table = _table("document_codes")
    for known in (code, code[:1]):
        for group in ("passport", "visa", "card"):
            name = table[group].get(known)
            if name is not None:
                return str(name)
    return None


def fits_layout(code: str, layout: Format) -> bool:
    """Whether a document code (without fillers) may stand in a zone of this format.

    Passports: a P with any second letter, national ones are in use.  Cards: A, C or I, then anything but V
    (Doc 9303-5 and -6).  Visas: a V.
    """
    if layout is Format.TD3:
        return code.startswith("P")
    if layout in (Format.MRV_A, Format.MRV_B):
        return code.startswith("V")
    return code[:1] in ("A", "C", "I") and code[1:] != "V"


def state_codes() -> tuple[str, ...]:
    """All listed state and organisation codes, without fillers."""
    return tuple(
        code for group in ("iso", "icao", "in_use", "former", "specimen") for code in _table("states")[group]
    )


def document_codes() -> tuple[str, ...]:
    """All listed document codes, without fillers."""
    return tuple(code for group in ("passport", "visa", "card") for code in _table("document_codes")[group])
