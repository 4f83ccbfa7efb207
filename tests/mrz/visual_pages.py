"""Pages with print for people above their zone, drawn with what was written where: for the tests alone."""

import random
from dataclasses import dataclass, replace
from datetime import date

import pytest
from PIL import Image, ImageDraw, ImageFont

import mrz
from mrz.reading import Quad, Reading, reading_of_text
from mrz.visual import recognising
from tests.mrz.test_reading import page

DPI = 200
MM = DPI / 25.4
DAY = date(2026, 6, 1)
FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
)


@dataclass(frozen=True)
class Person:
    """What is printed: names in national letters and in Latin ones, as the state writes them."""

    issuer: str
    number: str
    national: str
    surname: str
    given_names: str
    birth: date
    sex: str
    expiry: date


PEOPLE = (
    Person("KAZ", "N12345678", "Қасымов Әлихан", "KASYMOV", "ALIKHAN",
           date(1985, 3, 17), "M", date(2031, 4, 11)),
    Person("KGZ", "PE1234567", "Жаңыл Өмүрбекова", "OMURBEKOVA", "JANYL",
           date(1992, 11, 5), "F", date(2029, 2, 21)),
    Person("UZB", "FA1357924", "Gʻulomov Sherzod", "GULOMOV", "SHERZOD",
           date(1978, 7, 30), "M", date(2030, 9, 2)),
    Person("TJK", "402468135", "Ҳакимов Рустам", "HAKIMOV", "RUSTAM",
           date(1969, 1, 23), "M", date(2027, 12, 19)),
    Person("TKM", "A9753186", "Çaryýew Merdan", "CHARYYEW", "MERDAN",
           date(1999, 5, 8), "M", date(2028, 6, 14)),
    Person("RUS", "753186420", "Щукина Юлия", "SHCHUKINA", "IULIIA",
           date(1988, 10, 12), "F", date(2032, 8, 25)),
)  # fmt: skip


def zone(person: Person) -> tuple[str, ...]:
    return mrz.format(
        mrz.Fields(
            mrz.Format.TD3, "P", person.issuer, person.number, person.issuer, person.surname,
            person.given_names, person.birth, person.sex, person.expiry,
        )
    )  # fmt: skip


def cells(lines: tuple[str, ...]) -> tuple[tuple[Quad, ...], ...]:
    """Where `tests.mrz.test_reading.page` puts each character."""

    def quad(row: int, column: int) -> Quad:
        x, y, pitch = (6 + column * 2.54) * MM, (75 + row * 6.35) * MM, 2.54 * MM
        return ((x, y - pitch), (x + pitch, y - pitch), (x + pitch, y + 0.3 * pitch), (x, y + 0.3 * pitch))

    return tuple(tuple(quad(row, column) for column in range(len(line))) for row, line in enumerate(lines))


def drawn(person: Person, printed: Person | None = None, *, seed: int = 0) -> tuple[Image.Image, Reading]:
    """The page of `person`, and the reading of its zone; `printed` is what its visual zone says instead."""
    lines = zone(person)
    picture = page(lines, DPI)
    pen = ImageDraw.Draw(picture)
    chance = random.Random(seed)
    font = chance.choice(FONTS)
    for wave in range(0, picture.height, 14):  # security print, pale
        pen.line([(x, wave + 5 * ((x // 9) % 3)) for x in range(0, picture.width, 9)], fill=215)
    shown = printed or person
    small, large = ImageFont.truetype(font, 14), ImageFont.truetype(font, chance.randint(22, 27))
    issued = shown.expiry.replace(year=shown.expiry.year - 10)
    rows = (
        ("Passport No.", shown.number),
        ("Surname, given names", shown.national.upper()),
        ("Surname", shown.surname),
        ("Given names", shown.given_names),
        ("Date of birth", _date(shown.birth, seed)),
        ("Date of issue", _date(issued, seed)),
        ("Date of expiry", _date(shown.expiry, seed)),
    )
    for row, (label, value) in enumerate(rows):
        x, y = 42 * MM, (6 + row * 8.8) * MM
        pen.text((x, y), label, font=small, fill=90)
        pen.text((x, y + 2.2 * MM), value, font=large, fill=30)
    reading = reading_of_text(mrz.parse(lines, reference=DAY))
    return picture, replace(reading, cells=cells(lines))


def _date(day: date, seed: int) -> str:
    return day.strftime(("%d.%m.%Y", "%d %b %Y", "%d/%m/%Y")[seed % 3])


def with_time_for_tesseract(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread, as a lane's reader has, and no limit that a busy machine could reach."""
    monkeypatch.setenv("OMP_THREAD_LIMIT", "1")
    monkeypatch.setattr(recognising, "LIMIT_S", 300)
