"""Which image each of a step's views shows: the real crop, its generated crop, an interpolated or its secondary crop.

DINO, pixel mix, generated only and Gen-DINO (see train_dino.py) differ in nothing else.
"""

from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from stroma_trainer.crops import Crop, ImageStore
from stroma_trainer.errors import TrainerError
from stroma_trainer.part import Part
from stroma_trainer.seeds import generator
from stroma_trainer.synthetic import SyntheticCrops, check_alphas, pairing
from stroma_trainer.views import (
    GLOBAL_1,
    GLOBAL_2,
    LOCAL,
    SIMIL,
    SIMIL_STRENGTHS,
    Colour,
    Framing,
    Transform,
    augment,
)


class Interpolations(Protocol):
    def interpolated(self, indices: Tensor, part: Part, draws: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Crop indices of the whole batch → of the part's B crops: images uint8 [B, 3, S, S], indices of the secondary
        crops [B], alpha_primary [B]."""
        ...


@dataclass(frozen=True)
class PixelMixes:
    """alpha·I_1 + (1 − alpha)·I_2 in pixels (paper §10, Tab. 11): no diffusion model is needed. The secondary crop is
    the one that `synthesize` would choose with the same seed; alpha is drawn at each use."""

    crops: ImageStore
    secondary: Tensor
    alphas: Tensor

    def interpolated(self, indices: Tensor, part: Part, draws: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        alpha = part.of(self.alphas[torch.randint(len(self.alphas), (len(indices),), generator=draws)])
        primary = part.of(indices)
        secondary, weight = self.secondary[primary], alpha.view(-1, 1, 1, 1)
        mixed = weight * self.crops.read(primary).float() + (1 - weight) * self.crops.read(secondary).float()
        return mixed.round().to(torch.uint8), secondary, alpha


@dataclass(frozen=True)
class Sources:
    crops: ImageStore
    synthetic: SyntheticCrops | None
    interpolations: Interpolations | None


def interpolations(
    c: Any, crops: list[Crop], store: ImageStore, synthetic: SyntheticCrops | None, seed: int
) -> Interpolations | None:
    """By the settings `interpolated` and `disentangle_weight`. Raises wrong_value, alpha_missing, one_slide."""
    if c.interpolated == "none" or c.disentangle_weight == 0:
        return None
    check_alphas(c.alphas)
    if c.interpolated == "pixels":
        return PixelMixes(store, torch.tensor(pairing(crops, seed)), torch.tensor(c.alphas, dtype=torch.float32))
    if synthetic is None:
        raise TrainerError(
            "wrong_value",
            "train_dino has no synthetic crops to interpolate with",
            expected="interpolated = none or pixels",
            found=c.interpolated,
            remedy="start train_gen_dino, which takes a synthetic set, or choose another value",
        )
    return synthetic.with_alphas(c.alphas)


@dataclass
class Views:
    """student_global: B views of g1, of g2 and, if crops are interpolated, interpolated_views × B of the interpolated;
    teacher_global: g1, g2 and, if so, the secondary crop and, with primary_view "own", the primary crop;
    local: B of each local view."""

    student_global: Tensor
    teacher_global: Tensor
    local: Tensor
    alpha_primary: Tensor | None  # [B, 1]


@dataclass(frozen=True)
class Layout:
    """A step's crops as they are read, before augmentation: uint8 [B, 3, S, S] each, of this process's part."""

    indices: Tensor  # of the part's crops [B]
    global_: list[Tensor]  # g1, g2, then those of the student, then those of the teacher alone
    local: list[Tensor]
    transforms: list[Transform]  # of the whole batch's global views
    alpha_primary: Tensor | None  # [B, 1]
    draws: torch.Generator  # goes on with the augmentation


def lay_out(c: Any, sources: Sources, indices: Tensor, part: Part, seed: int, step: int) -> Layout:
    """indices: of the whole batch [batch_size]. May run in another thread than the training."""
    draws = generator(seed, "views", step)
    batch = len(indices)
    global_2 = replace(GLOBAL_2, solarize=c.solarize_probability)
    real = sources.crops.read(part.of(indices))
    second, transforms = real, [GLOBAL_1] * batch + [global_2] * batch
    locals_ = [real] * c.local_count
    if sources.synthetic is not None and c.second_view == "generated":
        second = sources.synthetic.generated(indices, part, draws)
        if c.generated_share < 1:
            stays_real = part.of(torch.rand(batch, 1, 1, 1, generator=draws) >= c.generated_share)
            second = torch.where(stays_real, real, second)
        from_second = {"real": 0, "both": c.local_count // 2, "generated": c.local_count}[c.local_source]
        locals_ = [real] * (c.local_count - from_second) + [second] * from_second
        if c.swap_transforms:  # else solarize would tell the synthetic view from the real one
            heads = (torch.rand(batch, generator=draws) < 0.5).tolist()
            transforms = [global_2 if head else GLOBAL_1 for head in heads]
            transforms += [GLOBAL_1 if head else global_2 for head in heads]
    extra: list[Tensor] = []  # global views beside the pair: those of the student first
    alpha = None
    if sources.interpolations is not None:
        interpolated, secondary, weights = sources.interpolations.interpolated(indices, part, draws)
        alpha = weights.unsqueeze(1)
        extra = [interpolated] * c.interpolated_views + [sources.crops.read(secondary)]
        extra += [real] if c.primary_view == "own" else []
        either = (torch.rand(len(extra) * batch, generator=draws) < 0.5).tolist()
        transforms += [GLOBAL_1 if head else global_2 for head in either]
    return Layout(part.of(indices), [real, second, *extra], locals_, transforms, alpha, draws)


def make_views(c: Any, layout: Layout, part: Part, device: torch.device) -> Views:
    """Takes up the layout's draws, so that a layout gives its views once."""
    draws = layout.draws
    framing = {"vertical_flip": c.vertical_flip, "quarter_turn": c.quarter_turn}
    transforms, local_transform = layout.transforms, LOCAL
    colour = Colour(c.jitter_strength, c.gray_probability, stain=c.hed_jitter)
    if c.aug == "simil":
        transforms, local_transform = [SIMIL] * len(transforms), SIMIL
        colour = replace(colour, strengths=SIMIL_STRENGTHS)
    globals_ = torch.cat(layout.global_).to(device)
    framed = Framing(c.global_px, tuple(c.global_scale), **framing)
    globals_ = augment(globals_, framed, part.pick(transforms), draws, colour, part)
    local = torch.cat(layout.local).to(device) if layout.local else globals_[:0]
    if layout.local:
        framed = Framing(c.local_px, tuple(c.local_scale), **framing)
        local = augment(local, framed, [local_transform] * len(local), draws, colour, part)
    if layout.alpha_primary is None:
        return Views(globals_, globals_, local, None)
    for_both, for_student = 2 * len(part), (2 + c.interpolated_views) * len(part)
    teacher = torch.cat([globals_[:for_both], globals_[for_student:]])
    return Views(globals_[:for_student], teacher, local, layout.alpha_primary.to(device))
