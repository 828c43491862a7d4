"""The objective of DINO and Gen-DINO (paper Eq. 1–7), in fp32."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stroma_trainer import world


class DinoLoss(nn.Module):
    """Holds the center c, [1, K]: an average of raw teacher logits that keeps one prototype from winning always."""

    center: Tensor

    def __init__(self, prototypes: int, student_temp: float, center_momentum: float) -> None:
        super().__init__()
        self.student_temp = student_temp
        self.center_momentum = center_momentum
        self.register_buffer("center", torch.zeros(1, prototypes))

    def forward(self, student: Sequence[Tensor], teacher: Sequence[Tensor], teacher_temp: float) -> Tensor:
        """Mean over all pairs of a teacher view and another student view (Eq. 1–3).

        student: raw logits [B, K] of every view, the teacher's views first and in the same order;
        teacher: raw logits [B, K] of the global views.
        """
        targets = [self.target(logits, teacher_temp) for logits in teacher]
        terms = [
            self.cross_entropy(target, logits)
            for i, target in enumerate(targets)
            for j, logits in enumerate(student)
            if i != j
        ]
        return torch.stack(terms).mean()

    def disentangle(self, student: Sequence[Tensor], mixed: Tensor, teacher_temp: float) -> Tensor:
        """Eq. 6–7, mean over the views. student: raw logits [B, K] of views of the interpolated crop; mixed: L_ent of
        Eq. 5, [B, K], see `mix`."""
        target = self.target(mixed, teacher_temp)
        return torch.stack([self.cross_entropy(target, logits) for logits in student]).mean()

    def target(self, logits: Tensor, teacher_temp: float) -> Tensor:
        """Raw teacher logits → probabilities without gradient (Eq. 2, Eq. 6)."""
        return F.softmax((logits.float() - self.center) / teacher_temp, dim=-1).detach()

    def cross_entropy(self, target: Tensor, student: Tensor) -> Tensor:
        """Mean over the batch of −Σ target·log softmax(student / τs)."""
        return -(target * F.log_softmax(student.float() / self.student_temp, dim=-1)).sum(dim=-1).mean()

    @torch.no_grad()
    def start_center(self, logits: Tensor) -> None:
        """Before the first loss of a short run: from 0 the average would take some 20 steps to arrive."""
        self.center.copy_(world.mean(logits))

    @torch.no_grad()
    def update_center(self, logits: Tensor) -> None:
        """Call after the loss. logits: this process's raw logits of single images [N, K], never mixed ones."""
        self.center.mul_(self.center_momentum).add_(world.mean(logits), alpha=1 - self.center_momentum)


def mix(primary: Tensor, secondary: Tensor, alpha_primary: Tensor) -> Tensor:
    """Eq. 5, before center and temperature: alpha 1 is the primary crop, alpha 0 the secondary. Logits [B, K] (Tab. 7:
    "after proj. head") or features [B, dim]; alpha_primary [B, 1]."""
    return alpha_primary * primary.float() + (1 - alpha_primary) * secondary.float()


def entropy(probabilities: Tensor) -> Tensor:
    """Mean entropy in nats, between 0 (one prototype) and ln K (uniform)."""
    per_sample: Tensor = -torch.special.xlogy(probabilities, probabilities).sum(dim=-1)
    return per_sample.mean()
