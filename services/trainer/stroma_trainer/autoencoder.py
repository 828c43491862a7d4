"""Codecs between images and latents: VQ-f4 (paper §5.1) and a fixed one for smoke runs. Both divide the side by 4."""

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stroma_trainer.diffusers_networks import VQModel

FACTOR = 4


class VqCodec(nn.Module):
    """Latents are taken before quantisation; decoding quantises (latent-diffusion's order)."""

    def __init__(
        self,
        channels: list[int],
        blocks: int,
        groups: int,
        codebook_size: int,
        latent_channels: int,
        image_px: int,
        mid_attention: bool = True,
    ) -> None:
        """mid_attention: one attention between encoder and decoder halves, as vq-f4; vq-f4-noattn has none."""
        super().__init__()
        self.vq: Any = VQModel(
            in_channels=3,
            out_channels=3,
            down_block_types=("DownEncoderBlock2D",) * len(channels),
            up_block_types=("UpDecoderBlock2D",) * len(channels),
            block_out_channels=tuple(channels),
            layers_per_block=blocks,
            act_fn="silu",
            latent_channels=latent_channels,
            sample_size=image_px,
            num_vq_embeddings=codebook_size,
            norm_num_groups=groups,
            vq_embed_dim=latent_channels,
            scaling_factor=1.0,  # diffusers' default 0.18215 belongs to another autoencoder
            norm_type="group",
            mid_block_add_attention=mid_attention,
        )

    def encode(self, images: Tensor) -> Tensor:
        """[B, 3, H, W] in −1…1 → [B, c, H/4, W/4]"""
        return cast(Tensor, self.vq.encode(images).latents)

    def set_codebook_loss(self, beta: float, legacy: bool) -> None:
        """legacy: beta weighs the codebook's term |sg(z) − e|², taming's default by mistake, with which the published
        VQ-f4 was trained; else the encoder's commitment |z − sg(e)|², as in the VQ-VAE paper."""
        self.vq.quantize.beta = beta
        self.vq.quantize.legacy = legacy

    @torch.no_grad()
    def start_codebook(self, images: Tensor, draws: torch.Generator) -> None:
        """Codes become latents of the images, [B, 3, H, W] in −1…1, drawn without replacement; codes beyond their
        number stay. From near 0, where taming starts them, codes first pull all latents together."""
        codes = self.vq.quantize.embedding.weight
        latents = self.encode(images).float().permute(0, 2, 3, 1).flatten(0, 2)
        chosen = torch.randperm(len(latents), generator=draws)[: len(codes)].to(latents.device)
        codes[: len(chosen)] = latents[chosen]

    @torch.no_grad()
    def standardise(self, latents: Tensor) -> None:
        """Latents become (z − their mean) / their standard deviation, the mean by channel, and reconstructions stay as
        they are: the codes and the 1×1 convolutions before and after them take it up. latents: [N, c, h, w]."""
        mean, deviation = latents.float().mean(dim=(0, 2, 3)), latents.float().std()
        before, after, codes = self.vq.quant_conv, self.vq.post_quant_conv, self.vq.quantize.embedding.weight
        before.weight.div_(deviation)
        before.bias.sub_(mean).div_(deviation)
        codes.sub_(mean).div_(deviation)
        after.bias.add_(after.weight.flatten(1) @ mean)
        after.weight.mul_(deviation)

    def reconstruct(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Images → their reconstruction and the codebook loss."""
        decoded = self.vq.decode(self.vq.encode(images).latents)
        return cast(Tensor, decoded.sample), cast(Tensor, decoded.commit_loss)

    def decode(self, latents: Tensor) -> Tensor:
        """Nearest code by |e|² − 2·z·e (the term |z|² does not change which is nearest), then the decoder."""
        codes = self.vq.quantize.embedding.weight
        flat = latents.permute(0, 2, 3, 1)
        nearest = ((codes**2).sum(dim=1) - 2 * flat @ codes.T).argmin(dim=-1)
        quantised = F.embedding(nearest, codes).permute(0, 3, 1, 2)
        return cast(Tensor, self.vq.decoder(self.vq.post_quant_conv(quantised)))


class PoolCodec(nn.Module):
    """4× area average down, bicubic up; nothing to train."""

    def encode(self, images: Tensor) -> Tensor:
        return F.avg_pool2d(images, FACTOR)

    def decode(self, latents: Tensor) -> Tensor:
        return F.interpolate(latents, scale_factor=float(FACTOR), mode="bicubic", align_corners=False)


Codec = VqCodec | PoolCodec


def build_codec(architecture: dict[str, Any]) -> Codec:
    return VqCodec(**architecture) if architecture else PoolCodec()


def to_signed(images: Tensor) -> Tensor:
    """uint8 0…255 → float −1…1"""
    return images.float() / 127.5 - 1


def with_flips(images: Tensor) -> Tensor:
    """[B, …, H, W] → [4·B, …]: as is, mirrored left-right, up-down, both."""
    return torch.cat([images, images.flip(-1), images.flip(-2), images.flip(-1, -2)])
