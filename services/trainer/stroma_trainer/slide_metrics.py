"""Slide-level metrics over pooled out-of-fold predictions, with confidence intervals by patient."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Probabilities = NDArray[np.float64]


def metrics(labels: Labels, probabilities: Probabilities) -> dict[str, float]:
    """labels [S], probabilities [S, C]. Classes absent from labels and predictions do not count in the macro means."""
    confusion = confusion_matrix(labels, probabilities)
    hits, true, said = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    present, seen = true > 0, (true + said) > 0
    areas = auc_by_class(labels, probabilities)
    return {
        "accuracy": float(hits.sum() / true.sum()),
        "balanced_accuracy": float((hits[present] / true[present]).mean()),
        "macro_f1": float((2 * hits[seen] / (true + said)[seen]).mean()),
        "macro_auc": float(np.nanmean(areas)) if np.isfinite(areas).any() else float("nan"),
        "kappa": quadratic_kappa(confusion),
    }


def confusion_matrix(labels: Labels, probabilities: Probabilities) -> NDArray[np.float64]:
    """[C, C] slides: row = label, column = most probable class, the first of equals."""
    classes = probabilities.shape[1]
    confusion = np.zeros((classes, classes))
    np.add.at(confusion, (labels, probabilities.argmax(axis=1)), 1)
    return confusion


def auc_by_class(labels: Labels, probabilities: Probabilities) -> NDArray[np.float64]:
    """Area under the ROC curve, one class against the rest, ties counted half; NaN where one side is empty."""
    areas = np.full(probabilities.shape[1], np.nan)
    for k in range(probabilities.shape[1]):
        positive = labels == k
        count = int(positive.sum())
        if 0 < count < len(labels):
            _, inverse, ties = np.unique(probabilities[:, k], return_inverse=True, return_counts=True)
            rank = (np.cumsum(ties) - (ties - 1) / 2)[inverse]  # mean rank of equal scores, from 1
            areas[k] = (rank[positive].sum() - count * (count + 1) / 2) / (count * (len(labels) - count))
    return areas


def quadratic_kappa(confusion: NDArray[np.float64]) -> float:
    """1 − Σ w·observed / Σ w·expected with w = (i − j)²; NaN when labels and predictions are one same class."""
    ix = np.arange(len(confusion))
    weight = (ix[:, None] - ix[None, :]) ** 2
    expected = np.outer(confusion.sum(axis=1), confusion.sum(axis=0)) / confusion.sum()
    denominator = (weight * expected).sum()
    return float(1 - (weight * confusion).sum() / denominator) if denominator > 0 else float("nan")


def confidence_intervals(
    labels: Labels, probabilities: Probabilities, patients: Sequence[str], resamples: int, seed: int
) -> dict[str, tuple[float, float]]:
    """2.5th and 97.5th percentiles over resamples of whole patients, drawn with replacement."""
    generator = np.random.default_rng(seed)
    _, owner = np.unique(np.asarray(patients), return_inverse=True)
    slides = [np.flatnonzero(owner == patient) for patient in range(int(owner.max()) + 1)]
    draws: dict[str, list[float]] = {}
    for _ in range(resamples):
        chosen = np.concatenate([slides[ix] for ix in generator.integers(len(slides), size=len(slides))])
        for name, value in metrics(labels[chosen], probabilities[chosen]).items():
            draws.setdefault(name, []).append(value)
    intervals = {}
    for name, values in draws.items():
        defined = np.asarray(values)[np.isfinite(values)]
        low, high = np.percentile(defined, [2.5, 97.5]) if len(defined) else (np.nan, np.nan)
        intervals[name] = (float(low), float(high))
    return intervals
