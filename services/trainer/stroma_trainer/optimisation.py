"""Parameter groups, gradient clipping and the exponential moving average of DINO."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn


def parameter_groups(module: nn.Module) -> list[dict[str, Any]]:
    """First group: decayed; second: biases and 1-D tensors, not decayed. cls_token and pos_embed are decayed."""
    decayed: list[nn.Parameter] = []
    plain: list[nn.Parameter] = []
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            (plain if name.endswith(".bias") or parameter.ndim == 1 else decayed).append(parameter)
    return [{"params": decayed}, {"params": plain, "weight_decay": 0.0}]


def clip_each(parameters: Iterable[nn.Parameter], limit: float) -> Tensor:
    """Clips every tensor's gradient to the norm `limit` (0 = none) on its own; returns the norm of all before."""
    norms: list[Tensor] = []
    for parameter in parameters:
        if parameter.grad is not None:
            norm = parameter.grad.norm()
            if limit:
                parameter.grad.mul_((limit / (norm + 1e-6)).clamp(max=1.0))
            norms.append(norm)
    return torch.stack(norms).square().sum().sqrt()


def gradient_norm(module: nn.Module) -> float:
    """Of all parameters' gradients together."""
    return float(nn.utils.get_total_norm([p.grad for p in module.parameters() if p.grad is not None]))


@torch.no_grad()
def moving_average(average: nn.Module, current: nn.Module, momentum: float) -> None:
    """average ← momentum·average + (1 − momentum)·current, parameters only."""
    for kept, new in zip(average.parameters(), current.parameters(), strict=True):
        kept.lerp_(new, 1.0 - momentum)
