"""Linear probe on frozen features (official eval_linear.py).

As DINO: SGD with momentum 0.9, no weight decay, lr · batch / 256, cosine to 0, weights N(0, 0.01), bias 0. Not as DINO:
features are computed once, so training crops are not augmented; the learning rate, which the paper searches (§11.3), is
chosen on held-out training crops and never on the test crops; the last epoch is reported, not the best one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from stroma_trainer.errors import TrainerError
from stroma_trainer.evaluation.features import require_features, require_labels
from stroma_trainer.seeds import generator

LEARNING_RATES = (1e-3, 1e-2, 1e-1, 1.0)  # per 256 crops; the first is DINO's
LR_REFERENCE_BATCH = 256
BATCH_SIZE = 128
EPOCHS = 100
MOMENTUM = 0.9
INITIAL_STD = 0.01
HELD_OUT = 0.2  # share of the training groups on which the rate is chosen


@dataclass(frozen=True)
class Probe:
    weight: Tensor  # [C, F]
    bias: Tensor  # [C]
    lr: float  # chosen, per 256 crops
    searched: dict[str, float]  # accuracy on the held-out training crops by rate; empty when nothing could be held out

    def probabilities(self, features: Tensor) -> Tensor:
        """[T, F] → float64 [T, C]"""
        require_features("the test crops'", features, self.weight.shape[1])
        return torch.softmax((features @ self.weight.T + self.bias).double(), dim=1)


def linear_probe(
    features: Tensor,
    labels: Tensor,
    classes: int,
    seed: int,
    groups: Tensor | None = None,
    learning_rates: Sequence[float] = LEARNING_RATES,
    epochs: int = EPOCHS,
    batch_size: int = BATCH_SIZE,
) -> Probe:
    """features float32 [N, F], labels int64 [N]; groups int64 [N] (slide or patient) are held out whole.

    Raises what require_features and require_labels do, bad_learning_rates. With one group, or when the held-out part
    would leave one class, the first learning rate is used unsearched.
    """
    require_features("the training crops'", features)
    require_labels(labels, len(features), classes)
    rates = list(learning_rates)
    if not rates or not all(math.isfinite(rate) and rate > 0 for rate in rates):
        raise TrainerError("bad_learning_rates", "the linear probe needs learning rates", expected="numbers above 0")
    searched: dict[str, float] = {}
    chosen = rates[0]
    held = _held_out(labels, groups if groups is not None else torch.arange(len(labels)), seed)
    if len(rates) > 1 and held is not None:
        weight, bias = fit(features[~held], labels[~held], classes, rates, epochs, batch_size, seed)
        logits = torch.einsum("nf,lcf->lnc", features[held], weight) + bias.unsqueeze(1)
        accuracy = (logits.argmax(2) == labels[held]).double().mean(dim=1)
        accuracy[~torch.isfinite(logits).all(dim=2).all(dim=1)] = -1.0  # too high a rate diverges: not chosen
        searched = {f"{rate:g}": float(value) for rate, value in zip(rates, accuracy, strict=True) if value >= 0}
        chosen = rates[int(accuracy.argmax())]  # the lowest of equals
    weight, bias = fit(features, labels, classes, [chosen], epochs, batch_size, seed)
    return Probe(weight[0], bias[0], chosen, searched)


def fit(
    features: Tensor,
    labels: Tensor,
    classes: int,
    learning_rates: Sequence[float],
    epochs: int,
    batch_size: int,
    seed: int,
) -> tuple[Tensor, Tensor]:
    """One probe a learning rate, all on the same batches: weight [L, C, F], bias [L, C]."""
    count = len(features)
    batch = min(batch_size, count)
    draws = generator(seed, "probe weights")
    one = torch.randn(classes, features.shape[1], generator=draws) * INITIAL_STD
    weights = [one.clone().requires_grad_() for _ in learning_rates]
    biases = [torch.zeros(classes, requires_grad=True) for _ in learning_rates]
    optimizer = torch.optim.SGD(
        [{"params": pair, "lr": 0.0} for pair in zip(weights, biases, strict=True)], momentum=MOMENTUM, weight_decay=0.0
    )
    for epoch in range(epochs):
        share = 0.5 * (1 + math.cos(math.pi * epoch / epochs))  # by epoch, as DINO's scheduler
        for group, rate in zip(optimizer.param_groups, learning_rates, strict=True):
            group["lr"] = rate * batch / LR_REFERENCE_BATCH * share
        for rows in torch.randperm(count, generator=generator(seed, "probe order", epoch)).split(batch):
            logits = torch.einsum("nf,lcf->lnc", features[rows], torch.stack(weights)) + torch.stack(biases)[:, None]
            # a sum over probes: each one's gradient is its own mean's
            losses = F.cross_entropy(logits.flatten(0, 1), labels[rows].repeat(len(weights)), reduction="sum")
            optimizer.zero_grad(set_to_none=True)
            (losses / len(rows)).backward()
            optimizer.step()
    return torch.stack(weights).detach(), torch.stack(biases).detach()


def _held_out(labels: Tensor, groups: Tensor, seed: int) -> Tensor | None:
    """A fifth of the groups, at least one, as a mask [N]; None if the rest would not hold every class that there is."""
    names = groups.unique()
    if len(names) < 2:
        return None
    count = max(1, round(HELD_OUT * len(names)))
    chosen = names[torch.randperm(len(names), generator=generator(seed, "probe held out"))[:count]]
    mask = torch.isin(groups, chosen)
    return mask if len(labels[~mask].unique()) == len(labels.unique()) else None
