"""The plate format table and the canonical spelling."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anpr import formats
from anpr.canonical import TEXT_MAX, canonical


@pytest.mark.parametrize(
    ("printed", "country", "display"),
    [
        ("123 ABC 02", "KZ", "123 ABC 02"),
        ("P 945 HNM", "KZ", "P 945 HNM"),
        ("01 A 123 BC", "UZ", "01 A 123 BC"),
        ("10 123 ABC", "UZ", "10 123 ABC"),
        ("AB 1234 AG", "TM", "AB 1234 AG"),
        ("а123вс 77", "RU", "A123BC 77"),
        ("О956ВА174", "RU", "O956BA 174"),
        ("新A·12345", "CN", "新A·12345"),
        ("۱۲ ب ۳۴۵ ۶۷", "IR", "12 ب 345 67"),
        ("99-AA-123", None, "99-AA-123"),
    ],
)
def test_a_printed_plate_names_its_country_where_only_one_has_the_form(
    printed: str, country: str | None, display: str
) -> None:
    found = formats.match(canonical(printed))
    assert found.known
    assert found.country == country
    assert found.display == display


@pytest.mark.parametrize(
    ("text", "countries"),
    [
        ("01123ABC", {"KG", "UZ"}),
        ("37GM947", {"TR", "AZ", "AM"}),
        ("123AB02", {"KZ", "TJ", "AM", "UZ"}),
        ("AB123CD", {"GE", "EU"}),
    ],
)
def test_a_form_of_two_countries_names_neither(text: str, countries: set[str]) -> None:
    found = formats.match(text)
    assert found.known
    assert found.country is None
    assert set(found.countries) == countries


def test_the_code_letters_the_lines_and_the_colour_narrow_an_ambiguous_form() -> None:
    assert formats.match("01123ABC", codes=frozenset({"KG"})).country == "KG"
    assert formats.match("1234AB01", lines=1, ground="white").country == "TJ"
    assert formats.match("123ABC02", codes=frozenset({"KG"})).country == "KZ"


@pytest.mark.parametrize("text", ["", "TOYOTA", "000", "SCANIA", "१२३ABC02", "A" * 400, "123ABC99"])
def test_what_no_country_issues_is_not_a_known_format(text: str) -> None:
    assert not formats.match(text).known


def test_every_country_of_the_region_and_its_neighbours_has_a_series() -> None:
    wanted = {"KZ", "KG", "TJ", "TM", "UZ", "RU", "CN", "AF", "IR", "TR", "AZ", "GE", "AM", "BY", "UA", "MN"}
    assert wanted | {"EU"} <= {form.country for form in formats.table().formats if form.specific}


def test_a_catch_all_never_makes_a_text_known() -> None:
    found = formats.match("A1B2C3D4E")
    assert found.formats
    assert not found.known
    assert found.country is None


def test_a_broken_table_is_refused_with_all_its_mistakes_at_once() -> None:
    block = """
        [[format]]
        country = "Kazakhstan"
        series = "x"
        kind = "nonsense"
        regex = '<NONE>{2}'
        lines = [3]
        ground = ["pink"]
        digits = "roman"
        prior = -1
        source = "hearsay"
    """
    with pytest.raises(formats.FormatTableError) as raised:
        formats.parse('edition = "soon"\n' + block)
    for word in (
        "edition",
        "capital",
        "nonsense",
        "hearsay",
        "lines",
        "ground",
        "roman",
        "alphabet",
        "prior",
        "line 8: Kazakhstan x",
    ):
        assert word in str(raised.value)
    with pytest.raises(formats.FormatTableError, match="not TOML"):
        formats.parse("[[format")


@given(st.text(max_size=20))
def test_the_canonical_spelling_is_stable_and_holds_letters_and_digits_only(text: str) -> None:
    spelled = canonical(text)[:TEXT_MAX]
    assert canonical(spelled)[:TEXT_MAX] == spelled
    assert all(character.isalnum() for character in spelled)


def test_an_endless_text_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 64"):
        canonical("1" * 65)


@given(st.data())
def test_every_text_of_a_series_matches_it_and_its_display_spells_the_same(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from([form for form in formats.table().formats if form.specific]))
    text = data.draw(st.from_regex(re.compile(f"(?:{form.pattern.pattern})", re.ASCII), fullmatch=True))
    found = formats.match(text)
    assert form in found.formats
    assert canonical(found.display) == canonical(text)


def test_importing_anpr_loads_neither_opencv_nor_numpy() -> None:
    code = "import sys, anpr, anpr.formats; print({'cv2', 'numpy', 'pytesseract', 'PIL'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"


def test_a_site_that_knows_its_traffic_changes_the_priors_and_no_code() -> None:
    table = formats.table()
    plain = {form.name: form.prior for form in table.formats}
    site = {form.name: form.prior for form in table.with_priors({"TJ": 4, "KZ 1993 private": 0}).formats}
    assert site["TJ 2009 person"] == 4 * plain["TJ 2009 person"]
    assert site["KZ 1993 private"] == 0
    assert site["KZ 2012 private"] == plain["KZ 2012 private"]
    with pytest.raises(formats.FormatTableError, match="KZ 1893"):
        table.with_priors({"KZ 1893 private": 1})
    with pytest.raises(formats.FormatTableError, match="0 or more"):
        table.with_priors({"KZ": -1})


def test_a_new_country_is_a_block_of_the_table() -> None:
    table = formats.parse(
        """
        edition = "2026-11-24"
        [priors]
        XX = 0.5
        [[format]]
        country = "XX"
        series = "any"
        kind = "private"
        regex = '([XYZ]{3})(\\d{2})'
        lines = [2]
        two_line = "2 / 1"
        ground = ["white"]
        prior = 1
        source = "unverified"
        """
    )
    assert table.match("XYZ12").country == "XX"
    assert table.formats[0].two_line == ((2,), (1,))


def test_no_block_is_lost_for_how_its_header_is_written() -> None:
    block = """
        country = "XX"
        series = "any"
        kind = "private"
        regex = '([XYZ]{3})'
        lines = [1]
        ground = ["white"]
        prior = 1
        source = "unverified"
    """
    head = 'edition = "2026-11-24"\npriors.XX = 1\n'
    assert formats.parse(f"{head}[[ format ]]  # the only one\n{block}").match("XYZ").known
    with pytest.raises(formats.FormatTableError, match=r"under \[\[format\]\]"):
        formats.parse(f'{head}format = [{{country = "XX"}}]')


def test_a_marking_is_a_block_of_the_table_and_checked_like_a_series() -> None:
    known = {one.what: one for one in formats.table().markings}
    assert known["UN number of dangerous goods"].pattern.fullmatch("UN1268")
    block = """
        [[marking]]
        what = "a number"
        regex = '(UN)(x'
        prior = "often"
        source = "hearsay"
        colour = "orange"
    """
    with pytest.raises(formats.FormatTableError, match="line 8: a number: colour: unknown key"):
        formats.parse('edition = "2026-11-24"\n' + block)
    with pytest.raises(formats.FormatTableError) as raised:
        formats.parse('edition = "2026-11-24"\n' + block.replace('colour = "orange"', ""))
    for word in ("line 5: a number: regex", "line 6: a number: prior", "line 7: a number: source"):
        assert word in str(raised.value)


def test_a_series_of_two_lines_says_what_stands_on_which() -> None:
    assert all((form.two_line is None) == (2 not in form.lines) for form in formats.table().formats)
