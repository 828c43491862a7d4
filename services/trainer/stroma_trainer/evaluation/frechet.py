"""Fréchet distance between two sets of features, as between two normal distributions.

‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½), in float64. No Inception: the features are one of our own encoders', so the
numbers compare with one another and with the real-to-real floor, and with no published one. The encoder that
conditioned the generator judges what it asked for, which is optimistic; a second encoder did not ask.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stroma_trainer.errors import TrainerError
from stroma_trainer.evaluation.features import require_features
from stroma_trainer.evaluation.groups import parts
from stroma_trainer.seeds import generator

CROPS_PER_DIMENSION = 10  # below, the covariance is poorly known and the distance biased upwards


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """[N, D], [M, D] → distance, at least 0. Raises what require_features does, too_few_crops below 2 rows."""
    require_features("the first set's", a)
    require_features("the second set's", b, a.shape[1])
    for rows in (a, b):
        if len(rows) < 2:
            raise TrainerError(
                "too_few_crops", "a Fréchet distance needs a covariance", expected="at least 2 crops", found="1"
            )
    x, y = a.double().numpy(), b.double().numpy()
    root_x, root_y = _root(x), _root(y)
    # tr((Σ₁Σ₂)^½) with Σ = RᵀR is the sum of the singular values of R₁R₂ᵀ: no covariance is squared or inverted,
    # so fewer crops than dimensions give an exact result too
    shared = np.linalg.svd(root_x @ root_y.T, compute_uv=False).sum()
    means = ((x.mean(axis=0) - y.mean(axis=0)) ** 2).sum()
    return max(0.0, float(means + (root_x**2).sum() + (root_y**2).sum() - 2 * shared))


def _root(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """R with RᵀR = the unbiased covariance"""
    root: NDArray[np.float64] = np.linalg.qr(rows - rows.mean(axis=0), mode="r") / np.sqrt(len(rows) - 1)
    return root


def equal_parts(seed: int, *parts: Tensor) -> list[Tensor]:
    """The parts at the size of the smallest, rows drawn without replacement: distances compare at equal N only."""
    count = min(len(part) for part in parts)
    return [
        part[torch.randperm(len(part), generator=generator(seed, "equal", ix))[:count].sort().values]
        for ix, part in enumerate(parts)
    ]


def rank_warning(count: int, dim: int) -> str | None:
    """What limits a distance of `count` crops in `dim` dimensions, in words; None when there are enough."""
    if count >= CROPS_PER_DIMENSION * dim:
        return None
    words = (
        f"{count} crops for {dim} dimensions: fewer than {CROPS_PER_DIMENSION} a dimension, so the distance is too high"
    )
    if count <= dim:
        words += " and the covariance does not have full rank"
    return words + ". Compare it only with distances at the same number of crops."


def halves(groups: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Indices of two halves that share no slide. groups: int64 [N], the crop's slide. Raises one_slide."""
    sides = parts(groups, 2, seed)
    if len(sides) < 2:
        raise TrainerError(
            "one_slide",
            "the real-to-real floor needs two halves of different slides",
            expected="crops of at least 2 slides",
            found="1 slide",
            remedy="add a slide",
        )
    return sides[0], sides[1]


def frechet_report(real: Tensor, synthetic: dict[str, Tensor], slides: Tensor, seed: int) -> dict[str, Any]:
    """real [N, D] and, by kind, the synthetic crop of each real crop in the same order; slides int64 [N].

    `paired`: all real against all synthetic crops, N each. `across`: half A's real crops against the synthetic crops of
    half B, and `floor`: half A's real crops against half B's, both at `half_n` crops a side: above the floor is what
    generation, and not the difference between slides, brings in.
    """
    first, second = halves(slides, seed)
    a, b = equal_parts(seed, first, second)
    report: dict[str, Any] = {
        "n": len(real),
        "half_n": len(a),
        "dim": real.shape[1],
        "floor": frechet_distance(real[a], real[b]),
        "paired": {kind: frechet_distance(real, rows) for kind, rows in synthetic.items()},
        "across": {kind: frechet_distance(real[a], rows[b]) for kind, rows in synthetic.items()},
    }
    report["warning"] = rank_warning(len(a), real.shape[1])
    return report
