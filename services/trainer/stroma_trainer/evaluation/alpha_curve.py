"""How an interpolated crop's embedding moves with alpha_primary (recipe F, C.3)."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from stroma_trainer.errors import TrainerError
from stroma_trainer.evaluation.features import require_features


def alpha_curve(embeddings: Tensor, primary: Tensor, secondary: Tensor, alphas: Tensor) -> dict[str, Any]:
    """Mean cosine of interpolated crops [N, D] to their primary and secondary crops' embeddings [N, D], by alpha [N].

    `monotone`: the mean to the primary rises with every alpha and that to the secondary falls. Raises what
    require_features does, one_alpha.
    """
    require_features("the interpolated crops'", embeddings)
    require_features("the primary crops'", primary, embeddings.shape[1])
    require_features("the secondary crops'", secondary, embeddings.shape[1])
    steps = alphas.unique()
    if len(steps) < 2:
        raise TrainerError(
            "one_alpha",
            "a curve along alpha needs several alphas",
            expected="at least 2 values of alpha_primary",
            found=str(len(steps)),
            remedy="synthesize with several alphas",
        )
    to_primary = F.cosine_similarity(embeddings.double(), primary.double())
    to_secondary = F.cosine_similarity(embeddings.double(), secondary.double())
    rising = [float(to_primary[alphas == alpha].mean()) for alpha in steps]
    falling = [float(to_secondary[alphas == alpha].mean()) for alpha in steps]
    return {
        "alpha_primary": [round(float(alpha), 6) for alpha in steps],
        "n": [int((alphas == alpha).sum()) for alpha in steps],
        "to_primary": rising,
        "to_secondary": falling,
        "between_ends": float(F.cosine_similarity(primary.double(), secondary.double()).mean()),
        "monotone": _rises(rising) and _rises(falling[::-1]),
    }


def rising_pairs(cosines: Tensor) -> float:
    """[pairs, alphas in rising order] → share of pairs whose cosine rises at every step."""
    return float((cosines.diff(dim=1) > 0).all(dim=1).double().mean())


def _rises(values: list[float]) -> bool:
    return bool((torch.tensor(values).diff() > 0).all())
