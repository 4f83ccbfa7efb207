"""Stated probabilities are measured, and what is fitted from truth makes them hold."""

from dataclasses import replace

import numpy as np
import pytest

from mrz.decoding.calibration import (
    Calibration,
    calibration,
    calibration_error,
    fit_cells,
    fit_fields,
    reliability,
)

PLAIN = Calibration(1.0, 1e-5, 0.01, 1.0, 0.0, 0.98, 200.0)


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
    assert calibration(1).doubt_below >= 0.9
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
    fitted = fit_fields(PLAIN, boast[:10_000], right[:10_000], wrong_accepted=0.005)
    mapped = np.array([fitted.field(chance) for chance in boast[10_000:]])
    after = calibration_error(reliability(mapped, right[10_000:]))
    assert after < 0.01 < before
    assert fitted.slope == pytest.approx(1 / 1.8, rel=0.1)
    accepted = mapped >= fitted.doubt_below
    assert accepted.mean() > 0.1
    assert (~right[10_000:][accepted]).mean() <= 0.01


def test_a_few_hundred_fields_that_are_all_right_do_not_make_everything_sure():
    fitted = fit_fields(PLAIN, np.full(300, 0.99), np.ones(300, dtype=bool))
    assert fitted.field(0.5) < 0.9
    assert 0.9 <= fitted.doubt_below <= 0.9995


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
