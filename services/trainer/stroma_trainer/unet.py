"""The E-LDM's denoiser: diffusers' U-Net with one cross-attention token made from the crop's embedding."""

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stroma_trainer.diffusers_networks import UNet2DConditionModel
from stroma_trainer.guided_unet import guided_prediction
from stroma_trainer.sampler import alpha_bars


class ConditionedUnet(nn.Module):
    """Raw embedding → length 1 → Linear → one token. The all-zero embedding is "unconditional" and stays zero in
    the first step, so that its token is the Linear's bias, which is learned."""

    alpha_bar: Tensor | None

    def __init__(
        self,
        channels: list[int],
        layers: int,
        heads: int,
        groups: int,
        context_dim: int,
        latent_channels: int,
        latent_px: int,
        embedding_dim: int,
        velocity: dict[str, Any] | None = None,
    ) -> None:
        """velocity: alpha_bars' arguments, when the network inside predicts v = sqrt(ā)·eps − sqrt(1 − ā)·x_0 (Salimans
        and Ho 2022, §4); None: it predicts eps, as the paper's."""
        super().__init__()
        attended = len(channels) - 1  # no attention at the finest resolution
        self.embedder = nn.Linear(embedding_dim, context_dim)
        bars = torch.from_numpy(alpha_bars(**velocity)).float() if velocity else None
        self.register_buffer("alpha_bar", bars, persistent=False)
        self.unet: Any = UNet2DConditionModel(
            sample_size=latent_px,
            in_channels=latent_channels,
            out_channels=latent_channels,
            flip_sin_to_cos=True,
            freq_shift=0,
            down_block_types=("DownBlock2D",) + ("CrossAttnDownBlock2D",) * attended,
            mid_block_type="UNetMidBlock2DCrossAttn",
            up_block_types=("CrossAttnUpBlock2D",) * attended + ("UpBlock2D",),
            block_out_channels=tuple(channels),
            layers_per_block=layers,
            cross_attention_dim=context_dim,
            attention_head_dim=heads,  # diffusers' name; it means the number of heads
            transformer_layers_per_block=1,
            norm_num_groups=groups,
            norm_eps=1e-5,
            act_fn="silu",
            use_linear_projection=False,
        )

    def forward(self, latent: Tensor, timestep: Tensor, embedding: Tensor) -> Tensor:
        """[B, c, h, w], int64 [B], [B, D] → predicted noise [B, c, h, w]"""
        predicted = cast(Tensor, self.unet(latent, timestep, encoder_hidden_states=self._token(embedding)).sample)
        return self._as_noise(predicted, latent, timestep)

    def guided(self, embedding: Tensor, scale: float) -> Callable[[Tensor, int], Tensor]:
        """For a whole trajectory of raw embeddings [B, D], without gradients: (latents [B, c, h, w], timestep) → guided
        noise, fp32, as two passes of `forward` give it, to rounding."""
        both = torch.cat([torch.zeros_like(embedding), embedding])
        predict = guided_prediction(self.unet, self._token(both), scale)

        def noise(latent: Tensor, t: int) -> Tensor:
            # v's halves share the latent, so that guided v is guided noise, too
            return self._as_noise(predict(latent, t), latent, torch.tensor([t], device=latent.device))

        return noise

    def _token(self, embedding: Tensor) -> Tensor:
        return cast(Tensor, self.embedder(F.normalize(embedding, dim=-1))).unsqueeze(1)

    def _as_noise(self, predicted: Tensor, latent: Tensor, timestep: Tensor) -> Tensor:
        if self.alpha_bar is None:
            return predicted
        a = self.alpha_bar[timestep].view(-1, 1, 1, 1)
        return a.sqrt() * predicted + (1 - a).sqrt() * latent

    @torch.no_grad()
    def start_embedder(self, embeddings: Tensor) -> None:
        """[N, D] of the cohort: its Linear begins as their principal components, each of variance 1 but for those below
        a fiftieth of the first, so that what sets crops apart is seen from the first step. Encoders of short runs vary
        along few directions. What lies along the mean is left out: "unconditional" keeps the token of the mean."""
        unit = F.normalize(embeddings.float(), dim=1)
        mean = unit.mean(dim=0)
        along = F.normalize(mean, dim=0)
        rest = unit - mean
        rest = rest - (rest @ along).unsqueeze(1) * along
        _, singular, directions = torch.linalg.svd(rest, full_matrices=False)
        deviations = (singular / len(unit) ** 0.5).clamp_min(max(float(singular[0]) / len(unit) ** 0.5 / 50, 1e-6))
        rows = min(len(directions) - 1, self.embedder.out_features)  # the last is the mean's own
        self.embedder.weight[:rows] = directions[:rows] / deviations[:rows].unsqueeze(1)
        self.embedder.bias.zero_()

    def start_at_zero(self) -> None:
        """latent-diffusion's start, which diffusers lacks: the last layer of every residual block, of every attention
        block and of the whole is 0, so that each block passes its input on and the noise is predicted as 0."""
        for name, parameter in self.unet.named_parameters():
            if name.rpartition(".")[0].endswith(("conv2", "proj_out", "conv_out")):
                nn.init.zeros_(parameter)
