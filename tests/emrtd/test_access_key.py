"""Access keys, against the examples of Doc 9303-11 (4.3.2 and appendix D) and 9303-3."""

import pytest

from drivers.emrtd.access_key import CanKey, MrzKey, check_digit
from drivers.emrtd.errors import MalformedError


@pytest.mark.parametrize(
    ("number", "birth", "expiry", "information"),
    [
        ("L898902C", "690806", "940623", "L898902C<369080619406236"),
        ("D23145890734", "340712", "950712", "D23145890734934071279507122"),
        ("T22000129", "640812", "101031", "T22000129364081251010318"),
    ],
    ids=["appendix D, TD3", "appendix D, TD1 with a long number", "appendix G.1"],
)
def test_mrz_information_of_the_standard(number: str, birth: str, expiry: str, information: str) -> None:
    assert MrzKey(number, birth, expiry).information == information.encode()


def test_seeds_of_the_standard() -> None:
    key = MrzKey("L898902C<", "690806", "940623")
    assert key.bac_seed().hex().upper() == "239AB9CB282DAF66231DC5A4DF6BFBAE"
    assert key.document_number == b"L898902C<3"
    assert MrzKey("T22000129", "640812", "101031").pace_password().hex() == (
        "7e2d2a41c74ea0b38cd36f863939bfa8e9032aad"
    )
    assert CanKey("123456").pace_password() == b"123456"


def test_check_digits_of_doc_9303_3() -> None:
    assert [check_digit(text) for text in ("D23145890", "520727", "AB2134<<<")] == ["7", "3", "5"]


@pytest.mark.parametrize(
    ("number", "birth", "expiry"),
    [
        ("", "690806", "940623"),
        ("<<<<", "690806", "940623"),
        ("l898902c", "690806", "940623"),
        ("L898902C\n", "690806", "940623"),
        ("L" * 23, "690806", "940623"),
        ("L898902C", "69080", "940623"),
        ("L898902C", "690806", "94O623"),
        ("L898902C", "690806", "٩٤٠٦٢٣"),
    ],
)
def test_characters_that_no_zone_has_are_refused_and_not_repeated(
    number: str, birth: str, expiry: str
) -> None:
    with pytest.raises(MalformedError) as caught:
        MrzKey(number, birth, expiry)
    assert not number or number not in str(caught.value)


@pytest.mark.parametrize("can", ["", "12345", "1234567", "12345a", "12345\n", "١٢٣٤٥٦"])
def test_a_can_is_six_digits(can: str) -> None:
    with pytest.raises(MalformedError, match="six digits"):
        CanKey(can)


def test_keys_do_not_show_and_can_be_forgotten() -> None:
    for key in (MrzKey("L898902C", "690806", "940623"), CanKey("500540")):
        before = key.pace_password()
        assert "898902" not in repr(key)
        assert "500540" not in repr(key)
        key.forget()
        assert key.pace_password() != before
