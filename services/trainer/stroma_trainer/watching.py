"""What people see of a training while it runs: k-NN accuracy, attention maps, views, crops as the E-LDM draws them.

Nothing here may change what is trained: networks are used without gradients and left in the mode they were in, and no
global random generator is drawn from. What it costs is bounded by watch_crops, watch_rows, watch_ddim_steps, and by
looking at most LOOKS times a run.
"""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from stroma_trainer import world
from stroma_trainer.crops import Crop, ImageStore, Manifest
from stroma_trainer.eldm import Eldm
from stroma_trainer.encoder import Encoder
from stroma_trainer.evaluation.attention import attention_maps, overlay
from stroma_trainer.evaluation.knn import TEMPERATURE, knn_shares
from stroma_trainer.noise import noise, noise_key
from stroma_trainer.pictures import Tile, draw, spread, to_bytes
from stroma_trainer.pixels import MEAN, STD
from stroma_trainer.run_directory import RunDirectory
from stroma_trainer.sampler import ddim_sample
from stroma_trainer.slerp import interpolate

LOOKS = 10  # a run
KNN_K = 10
EMBED_BATCH = 64
HEADS_SHOWN = 6
OPACITY = 0.8  # of the attention over its crop
VIEWS_SHOWN = 8


def looks(total: int, steps_per_epoch: int, every_epochs: int) -> set[int]:
    """Numbers of steps done at which to look; the last step's is always one. every_epochs: watch_every_epochs. Of
    several processes only the first looks."""
    if every_epochs < 0 or not world.leads():
        return set()
    if every_epochs > 0:
        interval = every_epochs * steps_per_epoch
    else:
        # each epoch, or as seldom as LOOKS allow; a run of less than two epochs is looked at halfway
        interval = max(math.ceil(total / LOOKS), min(steps_per_epoch, math.ceil(total / 2)))
        if interval > steps_per_epoch:
            interval = math.ceil(interval / steps_per_epoch) * steps_per_epoch
    return {*range(interval, total, interval), total}


class Pace:
    """Crops a second since the last report."""

    def __init__(self, crops_per_step: int) -> None:
        self.crops_per_step = crops_per_step
        self._at: float | None = None
        self._done = 0

    def since_last(self, done: int) -> dict[str, float]:
        """{images_per_s}; nothing at the first report, which has none before it."""
        now = time.monotonic()
        before, count = self._at, done - self._done
        self._at, self._done = now, done
        return {"images_per_s": count * self.crops_per_step / (now - before)} if before is not None else {}


class DinoWatch:
    """A copy of the teacher as an encoder, and the crops that it is looked at with."""

    def __init__(
        self, run: RunDirectory, manifest: Manifest, crops: ImageStore, encoder: Encoder, total: int, per_epoch: int
    ) -> None:
        """encoder: of the teacher's architecture; its weights are replaced at each look."""
        self.run, self.crops, self.encoder = run, crops, encoder
        self.steps = looks(total, per_epoch, run.c.watch_every_epochs)
        self.steps |= {0} if self.steps else set()  # the untrained encoder, to compare with
        self.epochs, self.per_epoch = total / per_epoch, per_epoch
        self.shown = torch.tensor(spread(run.c.watch_rows, len(crops)))
        self.labels = WeakLabels(manifest, run.c.watch_crops)

    def first(self, indices: Tensor, student_global: Tensor, local: Tensor) -> None:
        """At the first step: what the augmentation makes of crops. indices [B]: the batch; its normalised views as the
        student sees them are [k·B, 3, H, W], B of each view."""
        if not self.steps:
            return
        if self.labels.usable:
            self.run.log(self.labels.words)
        batch, rows = len(indices), min(self.run.c.watch_rows, len(indices))
        views = [*student_global.split(batch), *(local.split(batch) if len(local) else ())]
        names = named_views(self.run.c, self.run.stage == "train_gen_dino", len(student_global) // batch)
        columns = [Column("crop", False, self.crops.read(indices[:rows]))]
        shown = spread(VIEWS_SHOWN, len(views))  # the first and last of many local views
        for name, synthetic, view in [(*names[ix], views[ix]) for ix in shown]:
            columns.append(Column(name, synthetic, to_bytes(denormalised(view[:rows]))))
        grid = [[Tile(column.images[row], column.synthetic) for column in columns] for row in range(rows)]
        caption = "Views of crops of the first batch, as the networks see them."
        self.run.picture("dino", 0, 0.0, "views", draw(grid, [column.name for column in columns], caption))

    def after(self, done: int, backbone: nn.Module) -> None:
        """Call with the number of steps done and the teacher's backbone."""
        if done not in self.steps:
            return
        self.encoder.vit.load_state_dict(backbone.state_dict())
        epoch = done / self.per_epoch
        if self.labels.usable:
            accuracy = self.labels.accuracy(embedded(self.encoder, self.crops, self.labels.indices))
            if accuracy is not None:
                values = {"knn_accuracy": accuracy, "knn_majority": self.labels.majority}
                self.run.metric("dino", done, values)
        images = self.crops.read(self.shown)
        maps = attention_maps(self.encoder, images.to(next(self.encoder.parameters()).device))
        heads = min(maps.shape[1], HEADS_SHOWN)
        shown = [overlay(images, one, OPACITY) for one in (maps.mean(dim=1), *maps[:, :heads].unbind(dim=1))]
        grid = [[Tile(image), *(Tile(over[row]) for over in shown)] for row, image in enumerate(images)]
        names = ["crop", "mean of heads", *(f"head {head + 1}" for head in range(heads))]
        caption = (
            f"Attention of the teacher's [CLS] in its last block, after epoch {epoch:.4g} of {self.epochs:.4g}. "
            "Each map runs from its least (black) to its most attended patch (yellow)."
        )
        self.run.picture("dino", done, epoch, "attention", draw(grid, names, caption))


class EldmWatch:
    """Pairs of crops between which the E-LDM draws; their noise stays the same from look to look."""

    def __init__(
        self, run: RunDirectory, crops: list[Crop], images: ImageStore, embeddings: Tensor, total: int, per_epoch: int
    ) -> None:
        """embeddings: raw, float32 [N, D], of every crop."""
        self.run = run
        self.steps = looks(total, per_epoch, run.c.watch_every_epochs)
        self.epochs, self.per_epoch = total / per_epoch, per_epoch
        primary = spread(run.c.watch_rows, len(images))
        # half the cohort away lies another slide wherever there are two: crops come slide by slide
        secondary = [(ix + len(images) // 2) % len(images) for ix in primary]
        self.keys = [crops[ix].crop_id for ix in primary]
        self.real = [images.read(torch.tensor(ixs)) for ixs in (primary, secondary)]
        self.embeddings = [embeddings[ixs] for ixs in (primary, secondary)]

    def after(self, done: int, eldm: Eldm, unet: nn.Module, bars: NDArray[np.float64]) -> None:
        """unet: the one that would be kept if training ended here."""
        c = self.run.c
        if done not in self.steps:
            return
        device = next(unet.parameters()).device
        first, second = (part.to(device) for part in self.embeddings)
        columns = [("generated", 1.0, first)]
        for alpha in c.watch_alphas:
            weight = torch.full((len(first), 1), alpha, device=device)
            columns.append((f"alpha {alpha:g}", alpha, interpolate(first, second, weight)))
        shape = eldm.card["latent_shape"]
        keys = [
            noise_key(self.run.seed, crop, "generated" if ix == 0 else "interpolated", alpha)
            for ix, (_, alpha, _) in enumerate(columns)
            for crop in self.keys
        ]
        start = np.stack([noise(key, math.prod(shape)).reshape(shape) for key in keys])
        with looking(unet, eldm.codec):
            latents = ddim_sample(
                unet,
                torch.from_numpy(start).to(device),
                torch.cat([e for *_, e in columns]),
                bars,
                c.watch_ddim_steps,
                c.guidance_scale,
            )
            drawn = to_bytes(eldm.decode(latents)).unflatten(0, (len(columns), -1))
        grid = [
            [Tile(self.real[0][row]), *(Tile(column[row], True) for column in drawn), Tile(self.real[1][row])]
            for row in range(len(first))
        ]
        epoch = done / self.per_epoch
        caption = (
            f"Between two real crops, synthetic ones by the E-LDM after epoch {epoch:.4g} of {self.epochs:.4g}: "
            "generated from the left crop, and interpolated by alpha_primary. "
            f"{c.watch_ddim_steps} DDIM steps, guidance {c.guidance_scale:g}."
        )
        names = ["real, primary", *(name for name, *_ in columns), "real, secondary"]
        self.run.picture("unet", done, epoch, "samples", draw(grid, names, caption))


@dataclass(frozen=True)
class Column:
    name: str
    synthetic: bool
    images: Tensor  # uint8 [rows, 3, H, W]


def named_views(c: Any, generated: bool, globals_: int) -> list[tuple[str, bool]]:
    """Names of the student's views, global ones first, and whether they show a synthetic crop (`generated`: the run has
    some). Of the local views the last ones come from the generated crop."""
    second = generated and c.second_view == "generated"
    from_second = {"real": 0, "both": c.local_count // 2, "generated": c.local_count}[c.local_source] if second else 0
    names = [("global 1", False), ("global 2", second), *[("interpolated", True)] * (globals_ - 2)]
    names += [(f"local {ix + 1}", ix >= c.local_count - from_second) for ix in range(c.local_count)]
    return names


class WeakLabels:
    """The slides' classes as labels of their crops: enough to see an encoder get better, not to say how good it is."""

    def __init__(self, manifest: Manifest, most: int) -> None:
        labelled = [ix for ix, crop in enumerate(manifest.crops) if crop.slide_id in manifest.labels]
        chosen = [labelled[place] for place in spread(most, len(labelled))]
        slides = [manifest.crops[ix].slide_id for ix in chosen]
        names = sorted({manifest.labels[slide] for slide in slides})
        groups = sorted(set(slides))
        self.usable = len(names) >= 2
        self.indices = torch.tensor(chosen, dtype=torch.int64)
        self.classes = torch.tensor([names.index(manifest.labels[slide]) for slide in slides], dtype=torch.int64)
        self.groups = torch.tensor([groups.index(slide) for slide in slides], dtype=torch.int64)
        self.majority = float(torch.bincount(self.classes).max()) / len(chosen) if chosen else 0.0
        self.words = (
            f"k-NN accuracy (k {KNN_K}, T {TEMPERATURE}) is on the slides' labels {', '.join(names)}, of {len(chosen)} "
            f"crops of {len(groups)} slides; a crop's own slide does not vote. "
            f"The most common label has {self.majority:.0%} of the crops."
        )

    def accuracy(self, features: Tensor) -> float | None:
        """Share of crops given their slide's label; None while the features are not finite."""
        if not bool(torch.isfinite(features).all()):
            return None
        classes, slides = int(self.classes.max()) + 1, self.groups
        shares = knn_shares(features, self.classes, features, classes, KNN_K, train_groups=slides, test_groups=slides)
        return float((shares.argmax(dim=1) == self.classes).double().mean())


def embedded(encoder: Encoder, crops: ImageStore, indices: Tensor) -> Tensor:
    """float32 [N, D], in main memory"""
    device = next(encoder.parameters()).device
    return torch.cat([encoder.embed(crops.read(part).to(device)).float().cpu() for part in indices.split(EMBED_BATCH)])


def denormalised(images: Tensor) -> Tensor:
    """What the networks see → 0…1"""
    mean, std = (torch.tensor(values, device=images.device).view(1, 3, 1, 1) for values in (MEAN, STD))
    return images * std + mean


@contextmanager
def looking(*networks: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; each network's own mode is restored."""
    modules: Sequence[nn.Module] = [module for network in networks for module in network.modules()]
    before = [module.training for module in modules]
    try:
        for module in modules:
            module.training = False
        with torch.no_grad():
            yield
    finally:
        for module, mode in zip(modules, before, strict=True):
            module.training = mode
