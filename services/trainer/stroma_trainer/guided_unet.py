"""The denoiser along a trajectory with classifier-free guidance: the same weights as ConditionedUnet's two passes, to
rounding the same results, and less work.

Both halves of guidance see the same x_t and t, so that all before the first cross-attention is computed once for both.
What depends on the embedding alone is computed once a trajectory. Upsampling to the nearest pixel and the convolution
behind it are one transposed convolution, of 4 taps a pixel in place of 9.
"""

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional as F

from stroma_trainer.sampler import guide

# By tap of a transposed convolution of stride 2: the taps of three, behind upsampling by 2, that see its pixel.
UPSAMPLED_TAPS = ((0.0, 0.0, 1.0), (0.0, 1.0, 1.0), (1.0, 1.0, 0.0), (1.0, 0.0, 0.0))


def guided_prediction(unet: Any, tokens: Tensor, scale: float) -> Callable[[Tensor, int], Tensor]:
    """unet: diffusers' U-Net as ConditionedUnet makes it; tokens: [2·B, 1, context dim], the unconditional half first.
    → (latents [B, c, h, w], timestep) → what the U-Net predicts, guided, [B, c, h, w] fp32"""
    # A softmax over one token is 1: every query gets the token's value, and neither queries nor keys are needed.
    told = {
        block: block.attn2.to_out[0](block.attn2.to_v(tokens))
        for name, block in unet.named_modules()
        if name.endswith("transformer_blocks.0")
    }
    doubling = {up: doubling_weight(up.conv.weight) for block in unet.up_blocks for up in block.upsamplers or []}

    def predict(x: Tensor, t: int) -> Tensor:
        time = F.silu(unet.time_embedding(unet.time_proj(torch.tensor([t], device=x.device))))
        x = unet.conv_in(x)
        skips = [x]
        for block in unet.down_blocks:
            for resnet, attention in layers(block):
                x = residual(resnet, x, time)
                x = attend(attention, x, told) if attention else x
                skips.append(x)
            for down in block.downsamplers or []:
                x = down(x)
                skips.append(x)
        middle = unet.mid_block
        x = attend(middle.attentions[0], residual(middle.resnets[0], x, time), told)
        x = residual(middle.resnets[1], x, time)
        for block in unet.up_blocks:
            for resnet, attention in layers(block):
                skip = skips.pop()
                x = torch.cat([x, skip if len(skip) == len(x) else torch.cat([skip, skip])], dim=1)
                x = residual(resnet, x, time)
                x = attend(attention, x, told) if attention else x
            for up in block.upsamplers or []:
                x = upsample(up, x, doubling[up], skips[-1].shape[2:])
        without, within = F.silu(unet.conv_norm_out(x)).float().chunk(2)
        # The last convolution is linear, so that guidance before it is guidance behind it.
        return cast(Tensor, unet.conv_out(guide(without, within, scale))).float()

    return predict


def layers(block: Any) -> list[tuple[Any, Any]]:
    """Residual blocks, each with the attention behind it; None at the finest resolution, which has no attention."""
    attentions = getattr(block, "attentions", [None] * len(block.resnets))
    return list(zip(block.resnets, attentions, strict=True))


def residual(block: Any, x: Tensor, time: Tensor) -> Tensor:
    """time [1, dim]: every row has the same timestep."""
    y = block.conv1(F.silu(block.norm1(x), inplace=True))
    y += block.time_emb_proj(time)[:, :, None, None]
    y = block.conv2(F.silu(block.norm2(y), inplace=True))
    y += x if block.conv_shortcut is None else block.conv_shortcut(x)
    return cast(Tensor, y)


def attend(transformer: Any, x: Tensor, told: dict[Any, Tensor]) -> Tensor:
    """Self-attention, what the token tells, feed-forward. x of B rows, which both halves share, leaves with 2·B."""
    block = transformer.transformer_blocks[0]
    attn = block.attn1
    y = transformer.proj_in(transformer.norm(x)).permute(0, 2, 3, 1)
    height, width = y.shape[1:3]
    y = y.flatten(1, 2)
    normed = block.norm1(y)
    q, k, v = (
        part(normed).unflatten(2, (attn.heads, -1)).transpose(1, 2) for part in (attn.to_q, attn.to_k, attn.to_v)
    )
    y = y + attn.to_out[0](F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
    if len(y) < len(told[block]):
        x, y = torch.cat([x, x]), torch.cat([y, y])
    y = y + told[block]
    y = y + block.ff(block.norm3(y))
    return x + cast(Tensor, transformer.proj_out(y.unflatten(1, (height, width)).permute(0, 3, 1, 2)))


def upsample(up: Any, x: Tensor, doubling: Tensor, size: torch.Size) -> Tensor:
    """To the size of what skipped: twice x's, unless the latents' side is no multiple of the U-Net's whole factor."""
    if size != (2 * x.shape[2], 2 * x.shape[3]):
        return cast(Tensor, up(x, size))
    return F.conv_transpose2d(x, doubling, up.conv.bias, stride=2, padding=1)


def doubling_weight(weight: Tensor) -> Tensor:
    """[out, in, 3, 3] of a convolution behind upsampling to the nearest pixel by 2 → [in, out, 4, 4] of the transposed
    convolution, stride 2, padding 1, that does both"""
    taps = torch.tensor(UPSAMPLED_TAPS, dtype=weight.dtype, device=weight.device)
    return torch.einsum("yi,oxij,zj->xoyz", taps, weight, taps)
