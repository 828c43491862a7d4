import math

import numpy as np
import pytest

from stroma_trainer.slide_metrics import auc_by_class, confidence_intervals, metrics, quadratic_kappa

LABELS = np.array([0, 0, 1, 1, 2, 2])
# predicted: 0, 1, 1, 1, 2, 0
PROBABILITIES = np.array(
    [[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.1, 0.8, 0.1], [0.2, 0.6, 0.2], [0.1, 0.3, 0.6], [0.4, 0.3, 0.3]]
)


def test_metrics_by_hand() -> None:
    found = metrics(LABELS, PROBABILITIES)
    assert found["accuracy"] == pytest.approx(4 / 6)
    assert found["balanced_accuracy"] == pytest.approx((1 / 2 + 1 + 1 / 2) / 3)
    assert found["macro_f1"] == pytest.approx((2 * 1 / (2 + 2) + 2 * 2 / (2 + 3) + 2 * 1 / (2 + 1)) / 3)
    # class 0: .7 and .3 against .1 .2 .1 .4 → 7 of 8; class 1: .8 .6 against .2 .5 .3 .3 → 8; class 2: 8 of 8
    assert auc_by_class(LABELS, PROBABILITIES) == pytest.approx([7 / 8, 1, 1])
    assert found["macro_auc"] == pytest.approx((7 / 8 + 2) / 3)


def test_quadratic_kappa_by_hand() -> None:
    """Disagreements: one by 1, one by 2 → Σ w·observed = 5. Expected: rows (2,2,2), columns (2,3,1) over 6:
    Σ w·expected = (2·3·1 + 2·1·4 + 2·2·1 + 2·1·1 + 2·2·4 + 2·3·1) / 6 = 7."""
    confusion = np.array([[1.0, 1, 0], [0, 2, 0], [1, 0, 1]])
    assert quadratic_kappa(confusion) == pytest.approx(1 - 5 / 7)
    assert metrics(LABELS, PROBABILITIES)["kappa"] == pytest.approx(1 - 5 / 7)


def test_ties_count_half() -> None:
    assert auc_by_class(np.array([0, 1]), np.array([[0.5, 0.5], [0.5, 0.5]])) == pytest.approx([0.5, 0.5])


def test_an_absent_class_has_no_auc_and_no_share_in_the_means() -> None:
    labels, probabilities = np.array([0, 1, 0]), np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]])
    areas = auc_by_class(labels, probabilities)
    assert areas[:2] == pytest.approx([1, 1])
    assert math.isnan(areas[2])
    found = metrics(labels, probabilities)
    assert (found["balanced_accuracy"], found["macro_f1"], found["macro_auc"]) == (1, 1, 1)


def test_one_class_alone_has_no_auc_or_kappa() -> None:
    found = metrics(np.array([0, 0]), np.array([[0.9, 0.1], [0.8, 0.2]]))
    assert found["accuracy"] == 1
    assert math.isnan(found["macro_auc"])
    assert math.isnan(found["kappa"])


def test_intervals_hold_the_value_and_follow_the_seed() -> None:
    patients = [str(ix) for ix in range(6)]
    first = confidence_intervals(LABELS, PROBABILITIES, patients, 200, seed=1)
    assert first == confidence_intervals(LABELS, PROBABILITIES, patients, 200, seed=1)
    low, high = first["accuracy"]
    assert low <= 4 / 6 <= high
    assert low < high


def test_slides_of_one_patient_are_drawn_together() -> None:
    """With a single patient every resample is the whole set, so the interval has no width."""
    intervals = confidence_intervals(LABELS, PROBABILITIES, ["one"] * 6, 50, seed=1)
    assert intervals["accuracy"] == pytest.approx((4 / 6, 4 / 6))
