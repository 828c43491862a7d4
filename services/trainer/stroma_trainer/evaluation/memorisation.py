"""Does the generator return its training crops? Distances in the copy-detection descriptor's space (recipe F).

A generated crop is asked to resemble its own real crop, so being near it is no sign by itself. The yardstick is how
near real crops of different slides come to one another: a generated crop that is nearer than nearly all of those, above
all to a crop that is not its own, is one to look at.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from stroma_trainer.errors import TrainerError
from stroma_trainer.evaluation.features import require_features

CHUNK = 1024
BINS = 40
NEAR_QUANTILE = 0.01  # of real-to-real distances between slides


@dataclass(frozen=True)
class Nearest:
    distance: Tensor  # 1 − cosine, float32 [T]
    row: Tensor  # of the bank, int64 [T]


def nearest(
    queries: Tensor,
    bank: Tensor,
    query_groups: Tensor | None = None,
    bank_groups: Tensor | None = None,
    chunk: int = CHUNK,
) -> Nearest:
    """The bank's most similar row for each query; descriptors of length 1, [T, F] and [N, F].

    With groups, rows of the query's own group are passed over. Raises what require_features does, no_other_group.
    """
    require_features("the bank's", bank)
    require_features("the queries'", queries, bank.shape[1])
    values, rows = [], []
    for start in range(0, len(queries), chunk):
        cosine = queries[start : start + chunk] @ bank.T
        if query_groups is not None and bank_groups is not None:
            own = query_groups[start : start + chunk].unsqueeze(1) == bank_groups.unsqueeze(0)
            cosine = cosine.masked_fill(own, -torch.inf)
        best, ix = cosine.max(dim=1)
        if bool(torch.isneginf(best).any()):
            raise TrainerError(
                "no_other_group",
                "a crop cannot be compared with crops of other slides",
                expected="crops of at least 2 slides",
                found="1 slide",
                remedy="add crops of another slide",
            )
        values.append(1 - best)
        rows.append(ix)
    return Nearest(torch.cat(values).clamp(min=0), torch.cat(rows))


@dataclass(frozen=True)
class Memorisation:
    generated: Nearest  # nearest training crop of every generated crop
    real: Nearest  # nearest training crop of another slide, of every training crop
    own: Tensor  # distance of a generated crop to the real crop it was made from, [N]
    threshold: float  # below it, nearer than real crops of different slides come

    def report(self) -> dict[str, Any]:
        near, is_own = self.generated.distance < self.threshold, self.generated.row == torch.arange(len(self.own))
        return {
            "n": len(self.own),
            "threshold": self.threshold,
            "nearer_than_real": int(near.sum()),
            "nearer_than_real_to_another": int((near & ~is_own).sum()),
            "nearest_is_own": float(is_own.double().mean()),
            "generated_to_nearest": quantiles(self.generated.distance),
            "generated_to_own": quantiles(self.own),
            "real_to_other_slide": quantiles(self.real.distance),
            "histogram": self.histogram(),
        }

    def histogram(self) -> dict[str, list[float]]:
        """Counts in bins of the same width, and the bins' edges."""
        series = {
            "generated_to_nearest": self.generated.distance,
            "generated_to_own": self.own,
            "real_to_other_slide": self.real.distance,
        }
        edges = torch.linspace(0, max(float(values.max()) for values in series.values()) or 1.0, BINS + 1)
        counts = {name: torch.histogram(values, edges).hist.tolist() for name, values in series.items()}
        return {"edges": edges.tolist(), **counts}

    def closest(self, count: int) -> list[int]:
        """The generated crops nearest to any training crop, nearest first."""
        return self.generated.distance.argsort(stable=True)[:count].tolist()


def memorisation(real: Tensor, generated: Tensor, slides: Tensor) -> Memorisation:
    """Descriptors [N, F] of the training crops and, in the same order, of a generated crop of each; slides [N]."""
    require_features("the generated crops'", generated, real.shape[1])
    apart = nearest(real, real, slides, slides)
    own = (1 - (real * generated).sum(dim=1)).clamp(min=0)
    return Memorisation(nearest(generated, real), apart, own, float(apart.distance.quantile(NEAR_QUANTILE)))


def quantiles(values: Tensor) -> dict[str, float]:
    """Least, 5th, 50th, 95th percentile, most."""
    points = values.double().quantile(torch.tensor([0.0, 0.05, 0.5, 0.95, 1.0], dtype=torch.float64)).tolist()
    return dict(zip(("min", "p5", "median", "p95", "max"), points, strict=True))
