"""Attention-based multiple-instance learning (paper §6.1, §11.3; Ilse et al. 2018)."""

from typing import cast

import torch
from torch import Tensor, nn


class Abmil(nn.Module):
    """One bag of embeddings [N, D] → class logits [C] and attention logits [N] (before softmax).

    Ungated as PromptMIL's abmil by default: attention by Linear, tanh, Linear; the bag is the weighted mean.
    """

    def __init__(
        self, embedding_dim: int, classes: int, att_dim: int, gated: bool, proj_dim: int, dropout: float
    ) -> None:
        """gated: × sigmoid branch; proj_dim: width of Linear + ReLU before pooling, 0 = none; dropout: of instances."""
        super().__init__()
        width = proj_dim or embedding_dim
        self.projection = nn.Sequential(nn.Linear(embedding_dim, proj_dim), nn.ReLU()) if proj_dim else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.attention = nn.Linear(width, att_dim)
        self.gate = nn.Linear(width, att_dim) if gated else None
        self.score = nn.Linear(att_dim, 1)
        self.classifier = nn.Linear(width, classes)

    def forward(self, embeddings: Tensor) -> tuple[Tensor, Tensor]:
        instances, attention_logits = self.attend(embeddings)
        return self.pooled_logits(instances, attention_logits), attention_logits

    def by_instance(self, embeddings: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What `forward` gives, and the class logits [N, C] of every instance taken for a bag of its own.

        The classifier is affine and attention sums to 1, so a bag's logits are its instances' class logits weighted by
        attention: each instance's share of every logit is known exactly.
        """
        instances, attention_logits = self.attend(embeddings)
        return self.pooled_logits(instances, attention_logits), attention_logits, self.classifier(instances)

    def attend(self, embeddings: Tensor) -> tuple[Tensor, Tensor]:
        """Instances [N, width] as they are pooled, and their attention logits [N]."""
        instances = self.dropout(self.projection(embeddings))
        hidden = torch.tanh(self.attention(instances))
        if self.gate is not None:
            hidden = hidden * torch.sigmoid(self.gate(instances))
        return instances, self.score(hidden).squeeze(-1)

    def pooled_logits(self, instances: Tensor, attention_logits: Tensor) -> Tensor:
        return cast(Tensor, self.classifier(torch.softmax(attention_logits, dim=0) @ instances))
