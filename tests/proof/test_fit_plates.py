"""How far a plate reading is trusted is fitted on candidates of known truth."""

import math

import numpy as np
import pytest
from proof import fit_plates, plate_cases
from proof.plate_cases import Case


def drawn(count: int) -> list[Case]:
    """Candidates whose shares are as right as they say, but for what the finder says of them."""
    rng = np.random.default_rng(3)
    made: list[Case] = []
    for number in range(count):
        odds, finder = rng.normal(0.5, 2), rng.uniform(0.3, 0.99)
        chance = 1 / (1 + math.exp(-(odds + 0.5 * math.log(finder / (1 - finder)) - 1)))
        right = rng.random() < chance
        true = "581FNA01" if right else str(rng.choice(["581FNA07", ""]))
        # Half of what speaks against the text is another text, half is that there is no plate.
        against = -odds - math.log(2)
        width = float(rng.uniform(30, 300))
        lines, in_word = 1 + number % 2, number % 50 == 0
        made.append(Case(number, finder, lines, width, "581FNA01", true, False, against, against, in_word))
    return made


def test_a_share_is_that_of_the_likeliest_text_among_all_there_is() -> None:
    of = fit_plates.columns(
        [Case(1, 0.9, 1, 200.0, "581FNA01", "", False, math.log(0.5), math.log(0.5), in_word=False)]
    )
    assert of.share() == pytest.approx(0.5)
    assert of.share(math.log(5)) == pytest.approx(1 / 4)


def test_what_shares_and_the_finder_are_worth_is_found_again() -> None:
    of = fit_plates.columns(drawn(4000))
    features = dict(fit_plates.MODELS)["a + b share + c finder"](of)
    weights, errors = fit_plates.logistic(features, of.right)
    assert np.all(np.abs(weights - (-1, 1, 0.5)) < 4 * errors)
    assert np.all(errors < 0.1)
    plain, fitted = of.share(), fit_plates.held_out(dict(fit_plates.MODELS)["a + b share + c finder"], of)
    assert fit_plates.loss(fitted, of.right) < fit_plates.loss(plain, of.right)


def test_the_report_says_all_there_is_of_any_cases(capsys: pytest.CaptureFixture[str]) -> None:
    every = drawn(300)
    every += [Case(400, 0.8, 1, 200.0, "TOYOTA7", "", True, -3.0, -3.0, in_word=True)]
    fit_plates.report(every)
    said = capsys.readouterr().out
    assert "301 candidates of 301 scenes" in said
    assert "1 texts fit catch-alls alone, of which right: 0" in said
    for name, _ in fit_plates.MODELS:
        assert name in said
    assert "nan" not in said


def test_candidates_of_scenes_are_judged_by_the_plates_they_lie_on() -> None:
    found = list(plate_cases.cases(6))
    assert any(each.right for each in found)
    assert all(each.true or not each.right for each in found)
    assert all(0.3 <= each.finder <= 1 and each.read for each in found)
    assert {each.scene for each in found} <= set(range(plate_cases.FIRST_SEED, plate_cases.FIRST_SEED + 6))
