"""Training the VQ-f4 autoencoder as latent-diffusion does (configs of vq-f4; taming's vqperceptual.py):

    L1 + feature_weight · features + codebook_weight · codebook + lambda · discriminator_weight · adversarial

Two things differ. `features`, the cosine distance of our own encoder's patch tokens, stands in for LPIPS, whose weights
would have to be downloaded: the numbers are not those of a VQ-f4 with LPIPS. And the discriminator learns from the
reconstructions of the same pass, where taming decodes again after the autoencoder's step.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stroma_trainer import world
from stroma_trainer.alarms import Alarms
from stroma_trainer.autoencoder import VqCodec, to_signed
from stroma_trainer.crops import ImageStore, batch_of
from stroma_trainer.device import autocast
from stroma_trainer.discriminator import PatchDiscriminator, adaptive_weight, hinge_loss
from stroma_trainer.encoder import Encoder
from stroma_trainer.loading import Feed, ahead
from stroma_trainer.optimisation import gradient_norm
from stroma_trainer.part import WHOLE, Part
from stroma_trainer.run_directory import RunDirectory, require_finite
from stroma_trainer.schedules import total_steps
from stroma_trainer.seeds import derive, generator
from stroma_trainer.validation import Split, due
from stroma_trainer.watching import Pace

BETAS = (0.5, 0.9)  # Adam's, of both networks


class Objective:
    """The loss without its adversarial part, and its terms."""

    def __init__(self, codec: VqCodec, encoder: Encoder, c: Any) -> None:
        self.codec = codec
        self.encoder = encoder
        self.c = c
        codec.set_codebook_loss(c.codebook_beta, c.codebook_legacy)

    def __call__(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor, dict[str, Tensor]]:
        """[B, 3, H, W] in −1…1 → decoded images, reconstruction loss, the whole without the adversarial part, terms."""
        with autocast(images.device, self.c.precision):
            decoded, codebook = self.codec.reconstruct(images)
            features = torch.zeros((), device=images.device)
            if self.c.feature_weight:
                tokens = [self.encoder.patch_tokens((x + 1) / 2) for x in (images, decoded)]
                features = 1 - F.cosine_similarity(tokens[0].float(), tokens[1].float(), dim=-1).mean()
        l1 = (decoded.float() - images).abs().mean()
        reconstruction = l1 + self.c.feature_weight * features
        terms = {"l1": l1, "features": features, "codebook": codebook.float()}
        return decoded, reconstruction, reconstruction + self.c.codebook_weight * terms["codebook"], terms


class Adversary:
    """The discriminator with its optimiser; it works from step `discriminator_start` on (taming's adopt_weight)."""

    def __init__(self, c: Any, device: torch.device) -> None:
        self.c = c
        self.network = PatchDiscriminator(c.discriminator_channels, c.discriminator_layers).to(device).train()
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=c.codec_lr, betas=BETAS)

    def oppose(
        self, decoded: Tensor, reconstruction: Tensor, last: nn.Parameter, part: Part = WHOLE
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """What the autoencoder's loss gains. last: the weights of the decoder's last layer."""
        self.network.requires_grad_(False)
        with autocast(decoded.device, self.c.precision):
            adversarial = -self.network(decoded).float().mean()
        weight = adaptive_weight(world.weigh(reconstruction, part), world.weigh(adversarial, part), last)
        terms = {"adversarial": adversarial, "adaptive_weight": weight}
        return weight * self.c.discriminator_weight * adversarial, terms

    def learn(self, images: Tensor, decoded: Tensor, part: Part = WHOLE) -> Tensor:
        """One step of its own; returns its loss. Of several processes each normalises its own part of the batch."""
        self.network.requires_grad_(True)
        with autocast(images.device, self.c.precision):
            real, fake = self.network(images), self.network(decoded.detach())
        loss = hinge_loss(real.float(), fake.float())
        self.optimizer.zero_grad(set_to_none=True)
        world.weigh(loss, part).backward()
        world.average_gradients(self.network)
        self.optimizer.step()
        return loss.detach()

    def state_dict(self) -> dict[str, Any]:
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])


def train_autoencoder(
    run: RunDirectory,
    codec: VqCodec,
    encoder: Encoder,
    crops: ImageStore,
    split: Split,
    history: dict[str, list[float]],
    saved: dict[str, Any] | None,
    device: torch.device,
) -> None:
    """Goes on from `saved`, a state of this phase. Adds to history `autoencoder` and, with a discriminator,
    `discriminator`."""
    c = run.c
    objective = Objective(codec, encoder, c)
    total = total_steps(len(split.training), c.codec_batch_size, c.codec_epochs, c.codec_max_samples)
    optimizer = torch.optim.Adam(codec.parameters(), lr=c.codec_lr, betas=BETAS)
    adversary = Adversary(c, device) if c.discriminator_weight else None
    start = 0
    if saved is not None:
        optimizer.load_state_dict(saved["optimizer"])
        start = saved["step"]
        if adversary is not None:
            adversary.load_state_dict(saved["adversary"])
    alarms, pace = Alarms(run, total), Pace(c.codec_batch_size)
    part = world.part(c.codec_batch_size)
    seed = derive(run.seed, "autoencoder")

    def batch(step: int) -> Tensor:
        return split.training[batch_of(step, len(split.training), c.codec_batch_size, seed, c.shuffle_window)]

    begins = start == 0 and not run.has_input("autoencoder")
    if begins and c.codebook_start == "first_batch":  # every process reads the whole batch: all have the same codes
        first = to_signed(crops.read(batch(0)).to(device))
        codec.start_codebook(first, generator(run.seed, "codebook"))
    feed = Feed(
        lambda step: crops.read(part.of(batch(step))),
        range(start, total),
        ahead(c.prefetch_batches, crops),
        run.data_clock,
    )
    codec.train()
    run.progress("autoencoder", start, total, "step")
    for step in range(start, total):
        draws = generator(run.seed, "autoencoder", step)
        images = to_signed(flip_at_random(feed.take(step).to(device), draws, part))
        decoded, reconstruction, loss, terms = objective(images)
        opposed = adversary is not None and step >= c.discriminator_start
        if adversary is not None and opposed:
            gain, more = adversary.oppose(decoded, reconstruction, codec.vq.decoder.conv_out.weight, part)
            loss, terms = loss + gain, terms | more
        values = dict(zip(["loss", *terms], world.average([loss, *terms.values()], part), strict=True))
        require_finite(values["loss"], "autoencoder", step)
        optimizer.zero_grad(set_to_none=True)
        world.weigh(loss, part).backward()
        world.average_gradients(codec)
        grad_norm = gradient_norm(codec)
        require_finite(grad_norm, "autoencoder", step, "gradient norm")
        optimizer.step()
        history["autoencoder"].append(values["loss"])
        if adversary is not None and opposed:
            (values["discriminator"],) = world.average([adversary.learn(images, decoded, part)], part)
            require_finite(values["discriminator"], "discriminator", step)
            history.setdefault("discriminator", []).append(values["discriminator"])
        done = step + 1
        if len(split.validation) and due(done, total):
            validated = validate(objective, crops, split.validation)
            history.setdefault("autoencoder_validation", []).append(validated)
            run.metric("autoencoder", step, {"validation_loss": validated})
        if run.metric_due(last=done == total):
            values |= {"lr": c.codec_lr, "grad_norm": grad_norm, **pace.since_last(done), **run.data_clock.share()}
            run.metric("autoencoder", step, values)
            run.progress("autoencoder", done, total, "step")
        run.save_if_due(
            lambda done=done: {  # type: ignore[misc]
                "phase": "autoencoder",
                "step": done,
                "codec": codec.state_dict(),
                "optimizer": optimizer.state_dict(),
                "history": history,
                "adversary": None if adversary is None else adversary.state_dict(),
            },
            last=done == total,
            alarm=alarms.of_data(),
        )


@torch.no_grad()
def validate(objective: Objective, crops: ImageStore, indices: Tensor) -> float:
    """Mean loss of held-out crops, without flips and without the adversarial part."""
    device = next(objective.codec.parameters()).device
    total = 0.0
    for part in indices.split(objective.c.codec_batch_size):
        total += float(objective(to_signed(crops.read(part).to(device)))[2]) * len(part)
    return total / len(indices)


def flip_at_random(images: Tensor, draws: torch.Generator, part: Part = WHOLE) -> Tensor:
    """[B, 3, H, W]: left-right and up-down, each with probability 0.5."""
    for axis in (-1, -2):
        chosen = (part.of(torch.rand(part.whole(len(images)), 1, 1, 1, generator=draws)) < 0.5).to(images.device)
        images = torch.where(chosen, images.flip(axis), images)
    return images
