"""Stated probabilities are measured, and what is fitted from truth makes them hold."""

from dataclasses import replace

import numpy as np
import pytest

from mrz.decoding.calibration import (
    Calibration,
    calibration,
    calibration_error,
    reliability,
)
from mrz.decoding.fitting import Judged, fit_cells, fit_doubt, fit_fields, trades

PLAIN = Calibration(1.0, 1e-5, 0.01, 1.0, 0.0, 0.98, 0.98)


def boasting(count: int, temperature: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Log probabilities of cells that are surer than they are right, and the truth."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(size=(count, 37)) * 3
    chances = np.exp(honest - honest.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    truth = np.array([rng.choice(37, p=row) for row in chances])
    told = np.log(chances) * temperature
    return told - np.log(np.exp(told).sum(axis=1, keepdims=True)), truth


def test_the_committed_figures_are_for_one_frame_and_for_several():
    assert min(calibration(1).doubt_below, calibration(1).doubt_below_covered) >= 0.9
    assert calibration(2) == calibration(30)


def test_the_temperature_of_a_boasting_recogniser_is_found():
    pages = [boasting(88, 2.0, seed) for seed in range(12)]
    assert fit_cells(PLAIN, pages).temperature == pytest.approx(2.0, rel=0.2)


def test_fitted_fields_hold_what_they_state():
    rng = np.random.default_rng(0)
    honest = 1 / (1 + np.exp(-rng.normal(3.0, 2.0, 20_000)))
    right = rng.random(20_000) < honest
    odds = np.log(honest) - np.log1p(-honest)
    boast = 1 / (1 + np.exp(-(1.8 * odds + 0.7)))
    before = calibration_error(reliability(boast, right))
    fitted = fit_fields(PLAIN, boast[:10_000], right[:10_000])
    mapped = np.array([fitted.field(chance) for chance in boast[10_000:]])
    after = calibration_error(reliability(mapped, right[10_000:]))
    assert after < 0.01 < before
    assert fitted.slope == pytest.approx(1 / 1.8, rel=0.1)


def test_a_few_hundred_fields_that_are_all_right_do_not_make_everything_sure():
    fitted = fit_fields(PLAIN, np.full(300, 0.99), np.ones(300, dtype=bool))
    assert fitted.field(0.5) < 0.9


def documents(stated: np.ndarray, wrong_below: float) -> list[Judged]:
    """Each has an open field, and every other one below `wrong_below` is wrong; and a sure covered field."""
    right = (stated >= wrong_below) | (np.arange(len(stated)) % 2 == 0)
    return [
        Judged(((chance, good),), ((0.9999, True),), False, good)
        for chance, good in zip(stated.tolist(), right.tolist(), strict=True)
    ]


def test_of_thresholds_that_doubt_few_the_one_that_accepts_least_wrongly_is_taken():
    stated = np.concatenate([np.full(9000, 0.99999), np.linspace(0.9, 0.999, 600)])
    fitted = fit_doubt(PLAIN, documents(stated, 0.945))
    at = next(each for each in trades(documents(stated, 0.945)) if each.below == fitted.doubt_below)
    assert fitted.doubt_below >= 0.95, "what is wrong is not accepted"
    assert 0.03 < at.doubted <= 0.05, "the doubts that are allowed are spent on safety"


def test_where_few_doubts_cost_too_many_wrong_ones_more_are_doubtful():
    stated = np.concatenate([np.full(1000, 0.99999), np.linspace(0.9, 0.999, 600)])
    read = documents(stated, 0.9605)
    fitted = fit_doubt(PLAIN, read)
    assert fitted.doubt_below == 0.96
    assert next(each for each in trades(read) if each.below == 0.96).doubted > 0.05


def test_what_is_told_anyway_costs_nothing_and_a_wrong_covered_field_much():
    read = documents(np.full(1000, 0.99999), 0.0)
    sure = [Judged(((0.99999, True),), ((chance, True),), False, True) for chance in (0.93,) * 20]
    wrong = Judged(((0.9999, True),), ((0.965, False),), told=False, exact=False)
    assert fit_doubt(PLAIN, [*read, *sure, wrong]).doubt_below_covered > 0.965
    assert fit_doubt(PLAIN, [*read, replace(wrong, told=True)]) == fit_doubt(PLAIN, read)


def test_where_no_threshold_is_good_enough_nearly_all_is_doubtful():
    hopeless = [Judged(((0.9999, place % 2 == 0),), (), told=False, exact=False) for place in range(100)]
    assert fit_doubt(PLAIN, hopeless).doubt_below == 0.999


def test_the_diagram_counts_every_field_once():
    stated = np.array([0.0, 0.2, 0.85, 0.999, 1.0])
    bins = reliability(stated, np.array([False, False, True, True, True]))
    assert sum(each.count for each in bins) == 5
    assert [each.right for each in bins] == [0.0, 1.0, 1.0]
    assert calibration_error(()) == 0.0


def test_a_page_of_unsure_cells_trusts_its_sure_ones_less():
    figures = replace(PLAIN, outlier_share=0.05)
    sure = np.log(np.full((10, 37), 1e-12))
    sure[:, 0] = 0.0
    unsure = np.log(np.full((10, 37), 1 / 37))
    alone = figures.tempered(sure)[0, 0]
    beside = figures.tempered(np.concatenate([sure, unsure]))[0, 0]
    assert beside < alone < 1
