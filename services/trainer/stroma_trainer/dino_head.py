"""DINO's projection head: backbone [CLS] → logits over K prototypes (official names of the parameters)."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class WeightNormLinear(nn.Module):
    """Linear without bias whose rows have norm weight_g (1 at the start)."""

    def __init__(self, in_dim: int, out_dim: int, train_norm: bool) -> None:
        super().__init__()
        self.weight_g = nn.Parameter(torch.ones(out_dim, 1), requires_grad=train_norm)
        self.weight_v = nn.Parameter(torch.empty(out_dim, in_dim))
        nn.init.kaiming_uniform_(self.weight_v, a=5**0.5)  # torch's default for Linear

    def forward(self, x: Tensor) -> Tensor:
        # torch.nn.utils.weight_norm's own product: one pass over the largest tensor there is
        return F.linear(x, torch._weight_norm(self.weight_v, self.weight_g, 0))


class DinoHead(nn.Module):
    """[N, dim] → [N, prototypes]"""

    def __init__(self, dim: int, hidden: int, bottleneck: int, prototypes: int, norm_last_layer: bool) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(dim, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, bottleneck)
        )
        for layer in self.mlp:
            if isinstance(layer, nn.Linear):
                nn.init.trunc_normal_(layer.weight, std=0.02)
                nn.init.zeros_(layer.bias)
        self.last_layer = WeightNormLinear(bottleneck, prototypes, train_norm=not norm_last_layer)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.last_layer(F.normalize(self.mlp(x), dim=-1)))
