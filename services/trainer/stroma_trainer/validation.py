"""Slides held out of the E-LDM's training, so that its losses are known on tissue it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from stroma_trainer.seeds import generator

MOST_CROPS = 512  # that one validation looks at
VALIDATIONS = 20  # a phase


@dataclass(frozen=True)
class Split:
    training: Tensor  # int64, indices of crops
    validation: Tensor  # int64, at most MOST_CROPS, spread over the slides held out


def split_by_slide(slide_ids: Sequence[str], share: float, seed: int) -> Split:
    """share: of the slides, rounded to whole ones, so that few slides give none; at least one is left to train on."""
    slides = sorted(set(slide_ids))
    count = min(round(share * len(slides)), len(slides) - 1)
    order = torch.randperm(len(slides), generator=generator(seed, "validation"))
    held_out = {slides[ix] for ix in order[:count].tolist()}
    held = torch.tensor([slide in held_out for slide in slide_ids])
    validation = held.nonzero().flatten()
    spread = torch.linspace(0, len(validation) - 1, min(len(validation), MOST_CROPS)).long()
    return Split((~held).nonzero().flatten(), validation[spread])


def due(done: int, total: int) -> bool:
    """After a step: VALIDATIONS times a phase, the last time at its end."""
    return done * VALIDATIONS // total > (done - 1) * VALIDATIONS // total
