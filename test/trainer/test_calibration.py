import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from stroma_trainer.calibration import (
    abstain_threshold,
    calibrated,
    calibration,
    coverage_curve,
    fit_temperature,
    reliability,
)
from stroma_trainer.slide_metrics import Labels, Probabilities


def drawn(slides: int, sharpness: float, seed: int = 3) -> tuple[Labels, Probabilities]:
    """Labels drawn from the true probabilities; what is returned is those, sharpened."""
    rng = np.random.default_rng(seed)
    true = rng.dirichlet([1, 1, 1], slides)
    labels = np.array([rng.choice(3, p=row) for row in true])
    sharp = true**sharpness
    return labels, sharp / sharp.sum(axis=1, keepdims=True)


def test_temperature_by_hand() -> None:
    """Four slides at 0.9, three of them right: the likelihood is greatest at 0.75 = sigmoid(ln 9 / T)."""
    labels = np.array([0, 0, 0, 1])
    probabilities = np.array([[0.9, 0.1]] * 4)
    found = fit_temperature(labels, probabilities)
    assert found == pytest.approx(math.log(9) / math.log(3))
    assert calibrated(probabilities, found)[0] == pytest.approx([0.75, 0.25])


def test_a_temperature_undoes_what_sharpened_the_probabilities() -> None:
    labels, probabilities = drawn(20_000, 3.0)
    assert fit_temperature(labels, probabilities) == pytest.approx(3.0, rel=0.05)


def test_temperature_is_what_an_optimiser_finds() -> None:
    labels, probabilities = drawn(200, 2.0)
    logits, target = torch.tensor(probabilities).log(), torch.tensor(labels)
    log_temperature = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [log_temperature], max_iter=100, tolerance_grad=1e-12, tolerance_change=0, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(logits / log_temperature.exp(), target)
        loss.backward()
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    assert fit_temperature(labels, probabilities) == pytest.approx(float(log_temperature.detach().exp()), rel=1e-6)


def test_temperatures_end_where_all_are_right_or_all_are_wrong() -> None:
    probabilities = np.array([[0.6, 0.4], [0.3, 0.7]])
    assert fit_temperature(np.array([0, 1]), probabilities) == 0.05
    assert fit_temperature(np.array([1, 0]), probabilities) == 20
    assert fit_temperature(np.array([], dtype=np.int64), np.empty((0, 2))) == 1


def test_a_probability_of_nothing_stays_finite() -> None:
    labels, probabilities = np.array([1, 0, 0]), np.array([[1.0, 0.0], [1.0, 0.0], [0.8, 0.2]])
    found = fit_temperature(labels, probabilities)
    assert np.isfinite(calibrated(probabilities, found)).all()
    assert math.isfinite(reliability(labels, probabilities)["nll"])


def test_reliability_by_hand() -> None:
    """Bins 0.6-0.7 (0.62 right, 0.66 wrong) and 0.9-1 (0.95 and 1.0 right): ECE = ½·|.5−.64| + ½·|1−.975|."""
    labels = np.array([0, 1, 0, 1])
    probabilities = np.array([[0.62, 0.38], [0.66, 0.34], [0.95, 0.05], [0.0, 1.0]])
    found = reliability(labels, probabilities)
    assert [(b["low"], b["slides"], b["accuracy"]) for b in found["bins"]] == [(0.6, 2, 0.5), (0.9, 2, 1.0)]
    assert [b["confidence"] for b in found["bins"]] == pytest.approx([0.64, 0.975])
    assert found["ece"] == pytest.approx(0.5 * 0.14 + 0.5 * 0.025)
    assert found["nll"] == pytest.approx(-(math.log(0.62) + math.log(0.34) + math.log(0.95)) / 4)


def test_coverage_and_threshold_by_hand() -> None:
    labels = np.array([0, 0, 1, 0, 1])
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.8, 0.2], [0.7, 0.3], [0.45, 0.55]])
    curve = coverage_curve(labels, probabilities)
    assert [(p["threshold"], p["slides"]) for p in curve] == [(0.9, 1), (0.8, 3), (0.7, 4), (0.55, 5)]  # equals at once
    assert [p["accuracy"] for p in curve] == pytest.approx([1, 2 / 3, 3 / 4, 4 / 5])
    assert [p["coverage"] for p in curve] == pytest.approx([0.2, 0.6, 0.8, 1])
    assert abstain_threshold(labels, probabilities, 0.75, 1) == 0.55
    assert abstain_threshold(labels, probabilities, 0.9, 1) == 0.9
    assert abstain_threshold(labels, probabilities, 0.9, 2) is None


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    labels, probabilities = drawn(5000, 1.0)
    curve = coverage_curve(labels, probabilities)
    assert len(curve) <= 101
    assert (curve[0]["slides"], curve[-1]["slides"]) == (1, 5000)


def test_a_folds_labels_take_no_part_in_its_own_calibration() -> None:
    labels, probabilities = drawn(90, 2.0)
    folds = [ix % 3 for ix in range(90)]
    before, honest, abstains = calibration(labels, probabilities, folds, 0.6, 10)
    turned = np.array([(label + 1) % 3 if fold == 0 else label for label, fold in zip(labels, folds, strict=True)])
    after, honest_turned, abstains_turned = calibration(turned, probabilities, folds, 0.6, 10)
    own = np.array(folds) == 0
    assert np.array_equal(honest[own], honest_turned[own])
    assert [a for a, mine in zip(abstains, own, strict=True) if mine] == [
        a for a, mine in zip(abstains_turned, own, strict=True) if mine
    ]
    assert before["by_fold"][0] == after["by_fold"][0]
    assert before["by_fold"][1] != after["by_fold"][1]
    assert before["all"] != after["all"]
    assert [one["slides"] for one in before["by_fold"]] == [60, 60, 60]


def test_the_band_leaves_grades_that_are_right_more_often() -> None:
    labels, probabilities = drawn(3000, 2.0)
    found, honest, abstains = calibration(labels, probabilities, [ix % 5 for ix in range(3000)], 0.8, 10)
    right = honest.argmax(axis=1) == labels
    kept = ~np.array(abstains)
    assert found["abstain"]["answered"] == kept.sum()
    assert found["abstain"]["right"] == right[kept].sum()
    assert 0.1 < kept.mean() < 0.9
    assert right[kept].mean() == pytest.approx(0.8, abs=0.03)  # honest: near the target, not above it by choice
    assert found["after"]["ece"] < 0.03 < found["before"]["ece"]
