"""DINO and Gen-DINO (paper §3, §4.2, Algorithm 1). Run as a stage:

    python -m stroma_trainer train_dino     --run DIR    # inputs: manifest
    python -m stroma_trainer train_gen_dino --run DIR    # inputs: manifest, synthetic

One step serves four modes:
    DINO             both global views and all local views from the real crop
    pixel mix        the same, plus the disentanglement of two real crops' blended pixels (interpolated "pixels")
    generated only   second global view and half of the local views from the generated crop (disentangle_weight 0)
    Gen-DINO         the same, plus the disentanglement of an interpolated crop

Everything random in a step is derived from the seed and the step, so a resumed run repeats an uninterrupted one.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

from stroma_trainer import world
from stroma_trainer.alarms import Alarms
from stroma_trainer.crops import batch_of
from stroma_trainer.device import autocast, prepare
from stroma_trainer.dino_head import DinoHead
from stroma_trainer.dino_loss import DinoLoss, entropy, mix
from stroma_trainer.encoder import Encoder, architecture, card, save_encoder
from stroma_trainer.loading import Feed, ahead
from stroma_trainer.optimisation import clip_each, moving_average, parameter_groups
from stroma_trainer.part import Part
from stroma_trainer.run_directory import RunDirectory, first_and_last, require_finite
from stroma_trainer.schedules import cosine, teacher_temperature, total_steps, warmup_cosine
from stroma_trainer.seeds import seed_everything
from stroma_trainer.synthetic import read_synthetic
from stroma_trainer.view_layout import Layout, Sources, interpolations, lay_out, make_views
from stroma_trainer.vit import VisionTransformer
from stroma_trainer.watching import DinoWatch, Pace

PHASE = "dino"
COLLAPSED = 0.01  # share of ln K within which the teacher's entropy counts as 0, or as ln K


class Network(nn.Module):
    def __init__(self, c: Any, drop_path: float, part: Part) -> None:
        super().__init__()
        self.backbone = VisionTransformer(**architecture(c), drop_path=drop_path, part=part)
        self.head = DinoHead(c.dim, c.head_hidden, c.head_bottleneck, c.prototypes, c.norm_last_layer)

    def forward(self, *views: Tensor) -> Tensor:
        """Views of one resolution each, [N_i, 3, H_i, W_i] → raw logits [ΣN_i, K]; the head sees all at once."""
        logits: Tensor = self.head(torch.cat([self.backbone(batch) for batch in views]))
        return logits


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
    sources = Sources(crops, synthetic, interpolations(c, manifest.crops, crops, synthetic, run.seed))
    batch_of(0, len(crops), c.batch_size, run.seed)  # refuses a batch larger than the cohort before anything is built
    total = total_steps(len(crops), c.batch_size, c.epochs, c.max_samples)
    steps_per_epoch = len(crops) // c.batch_size
    warmup = min(round(c.warmup_epochs * steps_per_epoch), total)
    frozen = c.freeze_last_layer_epochs * steps_per_epoch
    lr = c.lr * c.batch_size / c.lr_reference_batch if c.lr_reference_batch else c.lr

    # Networks
    student = Network(c, c.drop_path, part).to(device)
    teacher = Network(c, 0.0, part).to(device)
    teacher.load_state_dict(student.state_dict())
    teacher.eval().requires_grad_(False)
    objective = DinoLoss(c.prototypes, c.student_temp, c.center_momentum).to(device)
    optimizer = torch.optim.AdamW(parameter_groups(student), lr=lr, fused=True)
    history: dict[str, list[float]] = {"loss": [], "dino": [], "disentangle": []}
    entropies: list[float] = []
    start = 0
    encoder = Encoder(architecture(c), card(manifest.crop_px, c.input_px, c.dim, manifest.mpp)).to(device)
    watch = DinoWatch(run, manifest, crops, encoder, total, steps_per_epoch)
    alarms, pace = Alarms(run, total, math.log(c.prototypes)), Pace(c.batch_size)

    saved = run.restore()
    if saved is not None:
        student.load_state_dict(saved["student"])
        teacher.load_state_dict(saved["teacher"])
        objective.load_state_dict(saved["objective"])
        optimizer.load_state_dict(saved["optimizer"])
        history, entropies, start = saved["history"], saved["entropies"], saved["step"]
    trained = world.distribute(student)

    def read(step: int) -> Layout:
        indices = batch_of(step, len(crops), c.batch_size, run.seed, c.shuffle_window)
        return lay_out(c, sources, indices, part, run.seed, step)

    feed = Feed(
        read,
        range(start, total),
        ahead(c.prefetch_batches, crops, synthetic.images if synthetic is not None else None),
        run.data_clock,
    )
    run.progress(PHASE, start, total, "step")
    if start == 0:
        watch.after(0, teacher.backbone)

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

        layout = feed.take(step)
        views = make_views(c, layout, part, device)
        if step == 0:
            watch.first(layout.indices, views.student_global, views.local)
        with autocast(device, c.precision):
            with torch.no_grad():
                features = teacher.backbone(views.teacher_global)
                teacher_logits = teacher.head(features).float()
            resolutions = [views.student_global] + ([views.local] if len(views.local) else [])
            student_logits = trained(*resolutions).float()
        g1, g2 = teacher_logits[: 2 * len(part)].chunk(2)
        centered = torch.cat([g1, g2]) if c.center_from == "globals" else teacher_logits
        if step == 0 and c.center_start == "first_batch":
            objective.start_center(centered)
        s1, s2, *others = student_logits.split(len(part))
        dis = torch.zeros((), device=device)
        if views.alpha_primary is not None:
            interpolated, others = others[: c.interpolated_views], others[c.interpolated_views :]
            with autocast(device, c.precision), torch.no_grad():
                mixed = entangle(c.mixing, teacher.head, features, teacher_logits, views.alpha_primary)
            dis = objective.disentangle(interpolated, mixed, temperature)
        dino = objective([s1, s2, *others], [g1, g2], temperature)
        loss = dino + c.disentangle_weight * dis
        uncertainty = entropy(objective.target(torch.cat([g1, g2]), temperature))
        *terms, teacher_entropy = world.average([loss, dino, dis, uncertainty], part)
        require_finite(terms[0], PHASE, step)
        objective.update_center(centered)

        optimizer.zero_grad(set_to_none=True)
        world.weigh(loss, part).backward()
        grad_norm = clip_each(student.parameters(), c.clip_norm)
        require_finite(float(grad_norm), PHASE, step, "gradient norm")
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
                **pace.since_last(done),
                **run.data_clock.share(),
            }
            if views.alpha_primary is not None:
                values["disentangle"] = history["disentangle"][-1]
            run.metric(PHASE, step, values)
            run.progress(PHASE, done, total, "step")
        watch.after(done, teacher.backbone)
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
            alarm=alarms.of_dino(history["dino"], entropies) or alarms.of_data(),
        )

    if not world.leads():
        return {}, {}
    for message in closing_words(entropies, c.prototypes):
        run.log(message)
    encoder.vit.load_state_dict(teacher.backbone.state_dict())
    save_encoder(run.model, encoder)
    several = synthetic is not None or sources.interpolations is not None
    used = {name: values for name, values in history.items() if name == "loss" or (several and any(values))}
    losses = {name: first_and_last(values) for name, values in used.items()}
    metrics = {"steps": total, "crops": len(crops), "teacher_entropy": first_and_last(entropies)}
    return losses, metrics


def entangle(mixing: str, head: DinoHead, features: Tensor, logits: Tensor, alpha_primary: Tensor) -> Tensor:
    """L_ent of Eq. 5, [B, K]. features [N, dim], logits [N, K]: the teacher's of g1, g2, the secondary crop and, with
    primary_view "own", the primary crop; else g1, which shows the real primary crop, stands for it."""
    z = features if mixing == "before_head" else logits
    first, _, secondary, *own = z.split(len(alpha_primary))
    mixed = mix(own[0] if own else first, secondary, alpha_primary)
    return head(mixed).float() if mixing == "before_head" else mixed


def closing_words(entropies: list[float], prototypes: int) -> list[str]:
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
