"""The PatchGAN of latent-diffusion's autoencoders and its losses (VQGAN, Esser et al. 2021, §3.1)."""

from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stroma_trainer import world


class PatchDiscriminator(nn.Module):
    """Images [B, 3, H, W] in −1…1 → a logit for every patch, [B, 1, h, w]; above 0 = real."""

    def __init__(self, channels: int, layers: int) -> None:
        """channels: of the first layer, doubled up to 8 times that; layers: those of stride 2."""
        super().__init__()
        widths = [channels * min(2**n, 8) for n in range(layers + 1)]
        blocks: list[nn.Module] = [nn.Conv2d(3, channels, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        for n, (before, after) in enumerate(pairwise(widths), start=1):
            stride = 2 if n < layers else 1
            blocks += [
                nn.Conv2d(before, after, 4, stride=stride, padding=1, bias=False),  # BatchNorm has one
                nn.BatchNorm2d(after),
                nn.LeakyReLU(0.2),
            ]
        blocks.append(nn.Conv2d(widths[-1], 1, 4, padding=1))
        self.main = nn.Sequential(*blocks)
        self.apply(_initialise)

    def forward(self, images: Tensor) -> Tensor:
        return cast(Tensor, self.main(images))


def _initialise(module: nn.Module) -> None:
    """Biases keep torch's default in the convolutions, as in taming-transformers."""
    if isinstance(module, nn.Conv2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


def hinge_loss(real: Tensor, fake: Tensor) -> Tensor:
    """The discriminator's: half the sum of what real logits lack to +1 and fake ones to −1."""
    return 0.5 * (F.relu(1 - real).mean() + F.relu(1 + fake).mean())


def adaptive_weight(reconstruction: Tensor, adversarial: Tensor, last: nn.Parameter) -> Tensor:
    """lambda of VQGAN (eq. 7): how much stronger the reconstruction loss pulls at the decoder's last layer than the
    adversarial one, at most 10⁴; detached."""
    (by_reconstruction,) = torch.autograd.grad(reconstruction, last, retain_graph=True)
    (by_adversarial,) = torch.autograd.grad(adversarial, last, retain_graph=True)
    by_reconstruction, by_adversarial = (
        world.total(pull) / world.size() for pull in (by_reconstruction, by_adversarial)
    )
    ratio: Tensor = by_reconstruction.norm() / (by_adversarial.norm() + 1e-4)
    return ratio.clamp(0, 1e4).detach()
