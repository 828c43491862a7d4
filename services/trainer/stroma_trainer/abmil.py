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
        instances = self.dropout(self.projection(embeddings))
        hidden = torch.tanh(self.attention(instances))
        if self.gate is not None:
            hidden = hidden * torch.sigmoid(self.gate(instances))
        attention_logits = self.score(hidden).squeeze(-1)
        bag = torch.softmax(attention_logits, dim=0) @ instances
        return cast(Tensor, self.classifier(bag)), attention_logits
