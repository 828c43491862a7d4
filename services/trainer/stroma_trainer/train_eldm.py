"""The embedding-conditioned latent diffusion model (paper §4.1, §5.1): autoencoder first, then the U-Net.

    python -m stroma_trainer train_eldm --run DIR    # inputs: manifest, encoder; optional: autoencoder, unet

The autoencoder is trained (autoencoder_training.py), or taken from the run `autoencoder`: an import or another E-LDM.
The U-Net starts from the run `unet`, if there is one.
"""

import math
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stroma_trainer import world
from stroma_trainer.alarms import Alarms
from stroma_trainer.autoencoder import VqCodec, to_signed, with_flips
from stroma_trainer.autoencoder_training import train_autoencoder
from stroma_trainer.crops import Crop, ImageStore, batch_of
from stroma_trainer.device import autocast, prepare
from stroma_trainer.eldm import Eldm, architecture, begin_codec, begin_unet, card, save_eldm
from stroma_trainer.encoder import Encoder, check_crops, encoder_sha256, load_encoder
from stroma_trainer.errors import TrainerError
from stroma_trainer.loading import Feed, ahead
from stroma_trainer.optimisation import gradient_norm, moving_average
from stroma_trainer.run_directory import RunDirectory, first_and_last, require_finite
from stroma_trainer.sampler import add_noise, alpha_bars
from stroma_trainer.schedules import average_momentum, total_steps, warmup_constant
from stroma_trainer.seeds import derive, generator, seed_everything
from stroma_trainer.validation import Split, due, split_by_slide
from stroma_trainer.watching import EldmWatch, Pace

ENCODE_BATCH = 64  # crops a pass when the whole cohort is encoded
SCALE_SAMPLES = 1024  # crops that the latents' standard deviation is measured on


def train(run: RunDirectory) -> tuple[dict[str, tuple[float, float]], dict[str, Any]]:
    c = run.c
    device = prepare(c.device, c.threads)
    world.join(device, c.rank_silence_s, run.log)
    encoder = load_encoder(run.input("encoder")).to(device)
    manifest = run.manifest(encoder.card["crop_px"])
    check_crops(encoder, manifest.crop_px, c.input_px)
    embedding_dim = encoder.card["embedding_dim"]
    crops = manifest.store(c.input_px, c.crop_memory_gb)
    split = split_by_slide([crop.slide_id for crop in manifest.crops], c.validation_share, run.seed)
    trains_codec = c.codec == "vq" and (c.codec_finetune or not run.has_input("autoencoder"))
    batch_of(0, len(split.training), max(c.batch_size, c.codec_batch_size if trains_codec else 1), run.seed)

    seed_everything(run.seed, "weights")
    sha256 = encoder_sha256(run.input("encoder"))
    eldm = Eldm(architecture(c, embedding_dim), card(c, embedding_dim, c.latent_scale, sha256)).to(device)
    if run.has_input("autoencoder"):
        begin_codec(eldm, run.input("autoencoder"))
    if c.unet_zero_start:
        eldm.unet.start_at_zero()
    if run.has_input("unet"):
        begin_unet(eldm, run.input("unet"))
    saved = run.restore()
    history: dict[str, list[float]] = {"autoencoder": [], "eps_mse": []}
    if saved is not None:
        eldm.codec.load_state_dict(saved["codec"])
        history = saved["history"]

    if isinstance(eldm.codec, VqCodec) and trains_codec and (saved is None or saved["phase"] == "autoencoder"):
        train_autoencoder(run, eldm.codec, encoder, crops, split, history, saved, device)
        saved = None
    eldm.codec.eval().requires_grad_(False)
    if isinstance(eldm.codec, VqCodec) and c.latent_standardise and saved is None:
        eldm.codec.standardise(some_latents(eldm, crops, split.training, device))

    deviation = saved["latent_std"] if saved is not None else latent_std(eldm, crops, split.training, device)
    if c.latent_scale == 0.0:
        eldm.card["latent_scale"] = 1.0 / deviation
    unet = train_unet(run, eldm, encoder, manifest.crops, crops, split, deviation, history, saved, device)
    if not world.leads():
        return {}, {}
    eldm.unet.load_state_dict(unet.state_dict())
    save_eldm(run.model, eldm)

    losses = {name: first_and_last(values) for name, values in history.items() if values}
    metrics = {"crops": len(crops), "latent_scale": eldm.card["latent_scale"], "latent_std": deviation}
    metrics["validation_crops"] = len(split.validation)
    if isinstance(eldm.codec, VqCodec):
        metrics |= reconstruction(eldm.codec, crops, device)
    return losses, metrics


def train_unet(
    run: RunDirectory,
    eldm: Eldm,
    encoder: Encoder,
    named: list[Crop],
    crops: ImageStore,
    split: Split,
    deviation: float,
    history: dict[str, list[float]],
    saved: dict[str, Any] | None,
    device: torch.device,
) -> nn.Module:
    """Returns the weights to sample with: the moving average, or the U-Net itself when ema_decay is 0."""
    c = run.c
    unet, scale = eldm.unet, eldm.card["latent_scale"]
    embeddings = embed_all(encoder, crops, device)
    if saved is None and c.embedder_start == "whitened" and not run.has_input("unet"):
        unet.start_embedder(embeddings[split.training].to(device))
    average = Eldm(eldm.architecture, eldm.card).unet.to(device).requires_grad_(False)
    average.load_state_dict(unet.state_dict())
    optimizer = torch.optim.AdamW(unet.parameters(), lr=c.lr, weight_decay=c.weight_decay, fused=True)
    total = total_steps(len(split.training), c.batch_size, c.epochs, c.max_samples)
    start = 0
    if saved is not None:
        unet.load_state_dict(saved["unet"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        start = saved["step"]
    latents = encode_all(eldm, crops, device, c.crop_memory_gb)
    alphas_bar = alpha_bars(c.train_timesteps, c.beta_start, c.beta_end)
    bars = torch.from_numpy(alphas_bar).float().to(device)
    watch = EldmWatch(run, named, crops, embeddings, total, len(split.training) // c.batch_size)
    alarms, pace = Alarms(run, total), Pace(c.batch_size)
    unet.train()
    if c.unet_checkpointing:
        unet.unet.enable_gradient_checkpointing()
    part = world.part(c.batch_size)
    seed = derive(run.seed, "unet")

    def chosen(step: int) -> Tensor:
        return part.of(split.training[batch_of(step, len(split.training), c.batch_size, seed, c.shuffle_window)])

    steps = range(start, total) if latents is None else range(0)
    feed = Feed(lambda step: crops.read(chosen(step)), steps, ahead(c.prefetch_batches, crops), run.data_clock)
    trained = world.distribute(unet)
    run.progress("unet", start, total, "step")
    for step in range(start, total):
        draws = generator(run.seed, "unet", step)
        indices = chosen(step)
        flips = part.of(torch.randint(4, (c.batch_size,), generator=draws))  # as with_flips orders them
        if latents is not None:
            x0 = latents[flips, indices].to(device) * scale
        else:
            images = with_flips(feed.take(step)).unflatten(0, (4, -1))[flips, torch.arange(len(part))]
            with torch.no_grad():
                x0 = eldm.codec.encode(to_signed(images.to(device))) * scale
        t = part.of(torch.randint(c.train_timesteps, (c.batch_size,), generator=draws)).to(device)
        eps = part.of(torch.randn((c.batch_size, *x0.shape[1:]), generator=draws)).to(device)
        dropped = part.of(torch.rand(c.batch_size, 1, generator=draws)) < c.unconditional_probability
        e = embeddings[indices].masked_fill(dropped, 0.0).to(device)
        rate = warmup_constant(step, c.warmup_steps, c.lr)
        for group in optimizer.param_groups:
            group["lr"] = rate
        with autocast(device, c.precision):
            predicted = trained(add_noise(x0, eps, bars[t]), t, e)
        eps_loss = F.mse_loss(predicted.float(), eps)
        loss = velocity_loss(predicted.float(), eps, bars[t]) if c.prediction == "v" else eps_loss
        minimised, eps_mse = world.average([loss, eps_loss], part)
        require_finite(minimised, "unet", step)
        optimizer.zero_grad(set_to_none=True)
        world.weigh(loss, part).backward()
        grad_norm = gradient_norm(unet)
        require_finite(grad_norm, "unet", step, "gradient norm")
        optimizer.step()
        moving_average(average, unet, average_momentum(step, c.ema_decay))
        history["eps_mse"].append(eps_mse)
        if c.prediction == "v":
            history.setdefault("velocity_mse", []).append(minimised)
        done = step + 1
        if len(split.validation) and due(done, total):
            validated = validate(average, eldm, embeddings, crops, split.validation, bars, device)
            history.setdefault("eps_mse_validation", []).append(validated)
            run.metric("unet", step, {"validation_loss": validated})
        if run.metric_due(last=done == total):
            values = {"loss": minimised, "lr": rate, "grad_norm": grad_norm}
            run.metric("unet", step, values | pace.since_last(done) | run.data_clock.share())
            run.progress("unet", done, total, "step")
        watch.after(done, eldm, average, alphas_bar)
        run.save_if_due(
            lambda done=done: {  # type: ignore[misc]
                "phase": "unet",
                "step": done,
                "codec": eldm.codec.state_dict(),
                "latent_std": deviation,
                "unet": unet.state_dict(),
                "average": average.state_dict(),
                "optimizer": optimizer.state_dict(),
                "history": history,
            },
            last=done == total,
            alarm=alarms.of_data(),
        )
    learned = history.get("velocity_mse", history["eps_mse"])
    if learned and first_and_last(learned)[1] >= 1.0:
        run.log("Nothing was learned: the U-Net predicts no better than by zero (an MSE of 1). Train longer.")
    return average


def velocity_loss(predicted: Tensor, eps: Tensor, alpha_bar: Tensor) -> Tensor:
    """MSE of v = sqrt(ā)·eps − sqrt(1 − ā)·x_0 by predicted eps [B, c, h, w]; alpha_bar [B]. With x_t given, v's error
    is that of eps by sqrt(ā): in much noise, where eps hardly depends on x_0, x_0 counts in full."""
    return ((predicted - eps).square() / alpha_bar.view(-1, 1, 1, 1)).mean()


def batches(crops: ImageStore) -> list[Tensor]:
    return list(torch.arange(len(crops)).split(ENCODE_BATCH))


@torch.no_grad()
def embed_all(encoder: Encoder, crops: ImageStore, device: torch.device) -> Tensor:
    """Raw embeddings of the unflipped crops, float32 [N, D], in main memory."""
    return world.union(batches(crops), lambda indices: encoder.embed(crops.read(indices).to(device)).cpu())


@torch.no_grad()
def encode_all(eldm: Eldm, crops: ImageStore, device: torch.device, memory_gb: float) -> Tensor | None:
    """Unscaled latents of every crop under the four flips, [4, N, c, h, w]; None when they would not fit."""
    if 4 * len(crops) * math.prod(eldm.card["latent_shape"]) * 4 > memory_gb * 1e9:
        return None

    def encode(indices: Tensor) -> Tensor:
        images = with_flips(to_signed(crops.read(indices).to(device)))
        latents = torch.cat([eldm.codec.encode(part) for part in images.split(ENCODE_BATCH)]).cpu()
        return cast(Tensor, latents.unflatten(0, (4, -1)).transpose(0, 1))

    return world.union(batches(crops), encode).transpose(0, 1)


@torch.no_grad()
def some_latents(eldm: Eldm, crops: ImageStore, indices: Tensor, device: torch.device) -> Tensor:
    """Unscaled latents of crops spread evenly over those given, [SCALE_SAMPLES at most, c, h, w]"""
    chosen = indices[torch.linspace(0, len(indices) - 1, min(len(indices), SCALE_SAMPLES)).long()]
    return torch.cat([eldm.codec.encode(to_signed(crops.read(part).to(device))) for part in chosen.split(ENCODE_BATCH)])


def latent_std(eldm: Eldm, crops: ImageStore, indices: Tensor, device: torch.device) -> float:
    """Standard deviation of the unscaled latents. Raises latents_constant."""
    deviation = float(some_latents(eldm, crops, indices, device).float().std())
    if deviation < 1e-6:
        raise TrainerError(
            "latents_constant",
            "every crop has the same latent",
            expected="a standard deviation above 0",
            found=str(deviation),
            remedy="look at the crops: they may all be blank; else train the autoencoder longer",
        )
    return deviation


@torch.no_grad()
def validate(
    unet: nn.Module,
    eldm: Eldm,
    embeddings: Tensor,
    crops: ImageStore,
    indices: Tensor,
    bars: Tensor,
    device: torch.device,
) -> float:
    """eps-MSE of held-out crops, unflipped and with their embeddings; noise and timesteps are the same every time."""
    draws = generator(0, "validation")
    timesteps = torch.linspace(0, len(bars) - 1, len(indices)).long()
    total = 0.0
    for part, t in zip(indices.split(ENCODE_BATCH), timesteps.split(ENCODE_BATCH), strict=True):
        x0 = eldm.codec.encode(to_signed(crops.read(part).to(device))) * eldm.card["latent_scale"]
        eps = torch.randn(x0.shape, generator=draws).to(device)
        t = t.to(device)
        predicted = unet(add_noise(x0, eps, bars[t]), t, embeddings[part].to(device))
        total += float(F.mse_loss(predicted.float(), eps)) * len(part)
    return total / len(indices)


@torch.no_grad()
def reconstruction(codec: VqCodec, crops: ImageStore, device: torch.device) -> dict[str, float]:
    """L1 of decoded crops, and of their mean colour as the floor to beat, in −1…1."""
    images = to_signed(crops.read(batches(crops)[0]).to(device))
    baseline = (images - images.mean(dim=(2, 3), keepdim=True)).abs().mean()
    decoded = codec.decode(codec.encode(images))
    return {"l1": float((decoded - images).abs().mean()), "l1_mean_color": float(baseline)}
