"""DINO and Gen-DINO (paper §3, §4.2, Algorithm 1). Run as a stage:

    python -m stroma_trainer train_dino     --run DIR    # inputs: manifest
    python -m stroma_trainer train_gen_dino --run DIR    # inputs: manifest, synthetic

One step serves three modes:
    DINO             both global views and all local views from the real crop
    generated only   second global view and half of the local views from the generated crop (disentangle_weight 0)
    Gen-DINO         the same, plus the disentanglement of an interpolated crop

Everything random in a step is derived from the seed and the step, so a resumed run repeats an uninterrupted one.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from stroma_trainer import world
from stroma_trainer.crops import ImageStore, batch_of
from stroma_trainer.device import autocast, prepare
from stroma_trainer.dino_head import DinoHead
from stroma_trainer.dino_loss import DinoLoss, entropy
from stroma_trainer.encoder import Encoder, architecture, card, save_encoder
from stroma_trainer.optimisation import clip_each, moving_average, parameter_groups
from stroma_trainer.part import Part
from stroma_trainer.run_directory import RunDirectory, first_and_last, require_finite
from stroma_trainer.schedules import cosine, teacher_temperature, total_steps, warmup_cosine
from stroma_trainer.seeds import generator, seed_everything
from stroma_trainer.synthetic import SyntheticCrops, read_synthetic
from stroma_trainer.views import GLOBAL_1, GLOBAL_2, LOCAL, Colour, Framing, augment
from stroma_trainer.vit import VisionTransformer

PHASE = "dino"
COLLAPSED = 0.01  # share of ln K within which the teacher's entropy counts as 0, or as ln K


class Network(nn.Module):
    def __init__(self, c: Any, drop_path: float, part: Part) -> None:
        super().__init__()
        self.backbone = VisionTransformer(**architecture(c), drop_path=drop_path, part=part)
        self.head = DinoHead(c.dim, c.head_hidden, c.head_bottleneck, c.prototypes, c.norm_last_layer)

    def forward(self, *views: Tensor) -> Tensor:
        """Views of one resolution each, [N_i, 3, H_i, W_i] → raw logits [ΣN_i, K]; the head sees all at once."""
        features: Tensor = torch.cat([self.backbone(batch) for batch in views])
        logits: Tensor = self.head(features)
        return logits


@dataclass
class Views:
    """student_global: B views of g1, then g2, then (Gen-DINO) of the interpolated crop;
    teacher_global: g1, g2, then (Gen-DINO) the secondary crop; local: B of each local view."""

    student_global: Tensor
    teacher_global: Tensor
    local: Tensor
    alpha_primary: Tensor | None  # [B, 1]


def make_views(
    c: Any,
    crops: ImageStore,
    synthetic: SyntheticCrops | None,
    indices: Tensor,
    part: Part,
    seed: int,
    step: int,
    device: torch.device,
) -> Views:
    """indices: of the whole batch [batch_size]; the views are of this process's part, B crops."""
    draws = generator(seed, "views", step)
    batch = len(indices)
    real = crops.read(part.of(indices))
    second, extra, alpha = real, [], None
    locals_ = [real] * c.local_count
    transforms = [GLOBAL_1] * batch + [GLOBAL_2] * batch
    if synthetic is not None:
        second = synthetic.images.read(part.of(synthetic.draw("generated", indices, draws)))
        if c.local_source == "both":
            locals_[(c.local_count + 1) // 2 :] = [second] * (c.local_count // 2)
        if c.swap_transforms:  # else solarize would tell the synthetic view from the real one
            heads = (torch.rand(batch, generator=draws) < 0.5).tolist()
            transforms = [GLOBAL_2 if head else GLOBAL_1 for head in heads]
            transforms += [GLOBAL_1 if head else GLOBAL_2 for head in heads]
        if c.disentangle_weight > 0:
            rows = part.of(synthetic.draw("interpolated", indices, draws))
            extra = [synthetic.images.read(rows), crops.read(synthetic.secondary[rows])]
            alpha = synthetic.alpha_primary[rows].unsqueeze(1).to(device)
            either = (torch.rand(2 * batch, generator=draws) < 0.5).tolist()
            transforms += [GLOBAL_1 if head else GLOBAL_2 for head in either]
    framing = {"vertical_flip": c.vertical_flip, "quarter_turn": c.quarter_turn}
    colour = Colour(c.jitter_strength, c.gray_probability)
    globals_ = torch.cat([real, second, *extra]).to(device)
    framed = Framing(c.global_px, tuple(c.global_scale), **framing)
    globals_ = augment(globals_, framed, part.pick(transforms), draws, colour, part)
    local = torch.cat(locals_).to(device) if locals_ else globals_[:0]
    if locals_:
        framed = Framing(c.local_px, tuple(c.local_scale), **framing)
        local = augment(local, framed, [LOCAL] * len(local), draws, colour, part)
    pair = globals_[: 2 * len(part)]
    if alpha is None:
        return Views(pair, pair, local, None)
    interpolated, secondary = globals_[2 * len(part) :].chunk(2)
    return Views(torch.cat([pair, interpolated]), torch.cat([pair, secondary]), local, alpha)


def train(run: RunDirectory) -> tuple[dict[str, tuple[float, float]], dict[str, Any]]:
    c = run.c
    device = prepare(c.device, c.threads)
    world.join(device, c.rank_silence_s, run.log)
    part = world.part(c.batch_size)
    seed_everything(run.seed, "weights")

    # Data
    manifest = run.manifest()
    synthetic = None
    if run.stage == "train_gen_dino":
        synthetic = read_synthetic(run.input("synthetic"), manifest.crops, c.input_px, c.crop_memory_gb)
    crops = manifest.store(c.input_px, c.crop_memory_gb)
    batch_of(0, len(crops), c.batch_size, run.seed)  # refuses a batch larger than the cohort before anything is built
    total = total_steps(len(crops), c.batch_size, c.epochs, c.max_samples)
    steps_per_epoch = len(crops) // c.batch_size
    warmup = min(round(c.warmup_epochs * steps_per_epoch), total)
    frozen = c.freeze_last_layer_epochs * steps_per_epoch
    weight = c.disentangle_weight if synthetic is not None else 0.0
    lr = c.lr * c.batch_size / c.lr_reference_batch if c.lr_reference_batch else c.lr

    # Networks
    student = Network(c, c.drop_path, part).to(device)
    teacher = Network(c, 0.0, part).to(device)
    teacher.load_state_dict(student.state_dict())
    teacher.eval().requires_grad_(False)
    objective = DinoLoss(c.prototypes, c.student_temp, c.center_momentum).to(device)
    optimizer = torch.optim.AdamW(parameter_groups(student), lr=lr)
    history: dict[str, list[float]] = {"loss": [], "dino": [], "disentangle": []}
    entropies: list[float] = []
    start = 0

    saved = run.restore()
    if saved is not None:
        student.load_state_dict(saved["student"])
        teacher.load_state_dict(saved["teacher"])
        objective.load_state_dict(saved["objective"])
        optimizer.load_state_dict(saved["optimizer"])
        history, entropies, start = saved["history"], saved["entropies"], saved["step"]
    trained = world.distribute(student)
    run.progress(PHASE, start, total, "step")

    for step in range(start, total):
        seed_everything(run.seed, "step", step)
        rate = warmup_cosine(step, total, warmup, lr, c.lr_end)
        decay = cosine(step, total, c.weight_decay, c.weight_decay_end)
        momentum = cosine(step, total, c.momentum, 1.0)
        epoch = step // steps_per_epoch
        temperature = teacher_temperature(epoch, c.teacher_temp_start, c.teacher_temp, c.teacher_temp_warmup_epochs)
        for ix, group in enumerate(optimizer.param_groups):
            group["lr"] = rate
            group["weight_decay"] = decay if ix == 0 else 0.0

        indices = batch_of(step, len(crops), c.batch_size, run.seed)
        views = make_views(c, crops, synthetic, indices, part, run.seed, step, device)
        with autocast(device, c.precision):
            with torch.no_grad():
                teacher_logits = teacher(views.teacher_global).float()
            resolutions = [views.student_global] + ([views.local] if len(views.local) else [])
            student_logits = trained(*resolutions).float()
        g1, g2, *secondary = teacher_logits.split(len(part))
        only_globals = synthetic is not None and c.center_from == "globals"
        centered = torch.cat([g1, g2]) if only_globals else teacher_logits
        if step == 0 and c.center_start == "first_batch":
            objective.start_center(centered)
        s1, s2, *others = student_logits.split(len(part))
        dis = torch.zeros((), device=device)
        if views.alpha_primary is not None:
            interpolated, *others = others
            # the primary crop's target reuses g1, whose view shows the real primary crop
            dis = objective.disentangle(interpolated, g1, secondary[0], views.alpha_primary, temperature)
        dino = objective([s1, s2, *others], [g1, g2], temperature)
        loss = dino + weight * dis
        uncertainty = entropy(objective.target(torch.cat([g1, g2]), temperature))
        *terms, teacher_entropy = world.average([loss, dino, dis, uncertainty], part)
        require_finite(terms[0], PHASE, step)
        objective.update_center(centered)

        optimizer.zero_grad(set_to_none=True)
        world.weigh(loss, part).backward()
        grad_norm = clip_each(student.parameters(), c.clip_norm)
        if step < frozen:
            for parameter in student.head.last_layer.parameters():
                parameter.grad = None
        optimizer.step()
        moving_average(teacher, student, momentum)

        for name, value in zip(("loss", "dino", "disentangle"), terms, strict=True):
            history[name].append(value)
        entropies.append(teacher_entropy)
        done = step + 1
        if run.metric_due(last=done == total):
            values = {
                "loss": history["loss"][-1],
                "dino": history["dino"][-1],
                "lr": rate,
                "weight_decay": decay,
                "momentum": momentum,
                "teacher_entropy": teacher_entropy,
                "center_norm": float(objective.center.norm()),
                "grad_norm": float(grad_norm),
                "ln_k": math.log(c.prototypes),
            }
            if views.alpha_primary is not None:
                values["disentangle"] = history["disentangle"][-1]
            run.metric(PHASE, step, values)
            run.progress(PHASE, done, total, "step")
        run.save_if_due(
            lambda done=done: {  # type: ignore[misc]
                "step": done,
                "student": student.state_dict(),
                "teacher": teacher.state_dict(),
                "objective": objective.state_dict(),
                "optimizer": optimizer.state_dict(),
                "history": history,
                "entropies": entropies,
            },
            last=done == total,
        )

    if not world.leads():
        return {}, {}
    for message in alarms(entropies, c.prototypes):
        run.log(message)
    encoder = Encoder(architecture(c), card(manifest.crop_px, c.input_px, c.dim, manifest.mpp))
    encoder.vit.load_state_dict(teacher.backbone.state_dict())
    save_encoder(run.model, encoder)
    used = {name: values for name, values in history.items() if name == "loss" or (synthetic and any(values))}
    losses = {name: first_and_last(values) for name, values in used.items()}
    metrics = {"steps": total, "crops": len(crops), "teacher_entropy": first_and_last(entropies)}
    return losses, metrics


def alarms(entropies: list[float], prototypes: int) -> list[str]:
    """What went wrong by the numbers of the whole run, in words."""
    uniform = math.log(prototypes)
    out = []
    if first_and_last(entropies)[1] < COLLAPSED * uniform:
        out.append(
            "Collapse: the teacher puts every crop on one prototype (its entropy is near 0). "
            "Lower lr or raise teacher_temp."
        )
    if first_and_last(entropies)[1] > (1 - COLLAPSED) * uniform:
        out.append(
            f"Little was learned: in the end the teacher is nearly uniform (entropy near ln K = {uniform:.4f}). "
            "Train longer, on more crops, or lower teacher_temp."
        )
    return out
