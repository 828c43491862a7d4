"""Temperature, reliability and the abstain band of slide grades, from out-of-fold probabilities.

A temperature T divides the logarithms of the probabilities (Guo et al. 2017, On Calibration of Modern Neural Networks,
§4.2): p_c ∝ p_c^(1/T). Of one model that is its logits over T; of a mean of several it is defined all the same.

Cross-fitting: what a fold's slides are judged by was fitted on the other folds' slides. Their models had this fold's
slides in training, as any two folds' have; no slide's own grade takes part in its own calibration.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stroma_trainer.slide_metrics import Labels, Probabilities

LEAST_PROBABILITY = 1e-38  # a stored prediction is float32: less than this is 0 there, and 0 has no logarithm
TEMPERATURES = (0.05, 20.0)  # beyond, all grades are either certain or even; separable classes would go on to 0
HALVINGS = 60
BINS = 10  # of the top probability, equally wide
CURVE_POINTS = 101  # at most so many of the coverage curve


def fit_temperature(labels: Labels, probabilities: Probabilities) -> float:
    """The T of least negative log-likelihood; 1 without slides. It is convex in 1/T, so its slope has one zero."""
    if len(labels) == 0:
        return 1.0
    logits = np.log(np.maximum(probabilities, LEAST_PROBABILITY))
    own = logits[np.arange(len(labels)), labels]

    def slope(sharpness: float) -> float:
        return float((own - (softmax(sharpness * logits) * logits).sum(axis=1)).sum())

    low, high = 1 / TEMPERATURES[1], 1 / TEMPERATURES[0]
    if slope(low) <= 0:
        return TEMPERATURES[1]
    if slope(high) >= 0:
        return TEMPERATURES[0]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return 2 / (low + high)


def calibrated(probabilities: Probabilities, temperature: float) -> Probabilities:
    """[..., C] → [..., C], each row sums to 1."""
    return softmax(np.log(np.maximum(probabilities, LEAST_PROBABILITY)) / temperature)


def softmax(logits: NDArray[np.float64]) -> Probabilities:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float64)


def reliability(labels: Labels, probabilities: Probabilities) -> dict[str, Any]:
    """Top probability against the share of right grades: bins that hold slides, the expected calibration error
    Σ n_b/n · |accuracy_b − confidence_b|, and the mean negative log-likelihood in nats."""
    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    place = np.minimum((top * BINS).astype(np.int64), BINS - 1)
    bins = [
        {
            "low": b / BINS,
            "high": (b + 1) / BINS,
            "slides": int((place == b).sum()),
            "confidence": float(top[place == b].mean()),
            "accuracy": float(right[place == b].mean()),
        }
        for b in np.unique(place).tolist()
    ]
    own = np.maximum(probabilities[np.arange(len(labels)), labels], LEAST_PROBABILITY)
    return {
        "ece": sum(b["slides"] / len(labels) * abs(b["accuracy"] - b["confidence"]) for b in bins),
        "nll": float(-np.log(own).mean()),
        "bins": bins,
    }


def abstain_threshold(labels: Labels, probabilities: Probabilities, target: float, least_slides: int) -> float | None:
    """The smallest top probability from which on, over at least `least_slides` slides, the share of right grades is the
    target or more; None where there is none."""
    found = None
    for point in coverage_curve(labels, probabilities, thin=False):
        if point["slides"] >= least_slides and point["accuracy"] >= target:
            found = float(point["threshold"])
    return found


def coverage_curve(labels: Labels, probabilities: Probabilities, *, thin: bool = True) -> list[dict[str, Any]]:
    """For falling thresholds of the top probability: how many slides are at it or above, and how many of those are
    right."""
    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    order = np.argsort(-top, kind="stable")
    last = np.flatnonzero(np.append(np.diff(top[order]) != 0, True))  # equal ones are answered together
    hits = np.cumsum(right[order])
    if thin and len(last) > CURVE_POINTS:
        last = last[np.unique(np.linspace(0, len(last) - 1, CURVE_POINTS).round().astype(np.int64))]
    return [
        {
            "threshold": float(top[order[ix]]),
            "slides": int(ix) + 1,
            "coverage": (int(ix) + 1) / len(labels),
            "accuracy": float(hits[ix] / (ix + 1)),
        }
        for ix in last.tolist()
    ]


def calibration(
    labels: Labels, probabilities: Probabilities, folds: Sequence[int], target: float, least_slides: int
) -> tuple[dict[str, Any], Probabilities, list[bool]]:
    """→ what result.json says of it, the cross-fitted probabilities [S, C], and whether each slide's grade abstains.

    labels [S], probabilities [S, C] out of fold, folds [S]. `all`: fitted on every slide, for slides of no fold.
    """
    fold_of = np.asarray(folds)
    honest = np.empty_like(probabilities)
    answers = np.zeros(len(labels), dtype=bool)
    by_fold = []
    for fold in np.unique(fold_of).tolist():
        here = fold_of == fold
        fitted = _fit(labels[~here], probabilities[~here], target, least_slides)
        by_fold.append({"fold": fold, **fitted})
        honest[here] = calibrated(probabilities[here], fitted["temperature"])
        answers[here] = honest[here].max(axis=1) >= (fitted["abstain_below"] or math.inf)
    right = honest.argmax(axis=1) == labels
    answered = int(answers.sum())
    found = {
        "all": _fit(labels, probabilities, target, least_slides),
        "by_fold": by_fold,
        "before": reliability(labels, probabilities),
        "after": reliability(labels, honest),
        "coverage": coverage_curve(labels, honest),
        "abstain": {
            "target_accuracy": target,
            "least_slides": least_slides,
            "answered": answered,
            "right": int((right & answers).sum()),
            "slides": len(labels),
        },
    }
    return found, honest, (~answers).tolist()


def _fit(labels: Labels, probabilities: Probabilities, target: float, least_slides: int) -> dict[str, Any]:
    temperature = fit_temperature(labels, probabilities)
    threshold = abstain_threshold(labels, calibrated(probabilities, temperature), target, least_slides)
    return {"temperature": temperature, "abstain_below": threshold, "slides": len(labels)}
