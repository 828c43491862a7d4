"""Vision transformer with the state-dict names of DINO and timm (paper §5.1: ViT-S/16)."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stroma_trainer.part import WHOLE, Part


class PatchEmbed(nn.Module):
    def __init__(self, patch_px: int, dim: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, dim, kernel_size=patch_px, stride=patch_px)

    def forward(self, images: Tensor) -> Tensor:
        """[B, 3, H, W] → [B, patches, dim]"""
        return cast(Tensor, self.proj(images)).flatten(2).transpose(1, 2)


class Attention(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        return self._attend(*self._heads(x))

    def of_cls(self, x: Tensor) -> Tensor:
        """[B, tokens, dim] → what `forward` gives the first token, [B, 1, dim]"""
        return self._attend(*self._cls_heads(x))

    def of_cls_and_weights(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """`of_cls`, and what it weighs the tokens by: softmax(q·kᵀ / √head dim) over all of them, the first included,
        [B, heads, 1, tokens]. The fused kernel keeps no weights."""
        q, k, v = self._cls_heads(x)
        weights = torch.softmax(q * q.shape[-1] ** -0.5 @ k.transpose(-2, -1), dim=-1)
        return self._joined(weights @ v), weights

    def _attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Each [B, heads, tokens, head dim] → [B, queries, dim]"""
        if q.requires_grad and q.device.type == "cpu" and q.dtype == torch.bfloat16:
            # the fused kernel's backward is two to five times slower than the plain products there
            attended = torch.softmax(q * q.shape[-1] ** -0.5 @ k.transpose(-2, -1), dim=-1) @ v
        else:
            attended = F.scaled_dot_product_attention(q, k, v)
        return self._joined(attended)

    def _joined(self, attended: Tensor) -> Tensor:
        """[B, heads, queries, head dim] → [B, queries, dim]"""
        return cast(Tensor, self.proj(attended.transpose(1, 2).flatten(2)))

    def _heads(self, x: Tensor) -> Tensor:
        """Queries, keys and values, [3, B, heads, tokens, head dim]"""
        batch, tokens, dim = x.shape
        qkv = self.qkv(x).reshape(batch, tokens, 3, self.heads, dim // self.heads)
        return cast(Tensor, qkv.permute(2, 0, 3, 1, 4))

    def _cls_heads(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The first token's query, [B, heads, 1, head dim], and all keys and values"""
        batch, tokens, dim = x.shape
        q = F.linear(x[:, :1], self.qkv.weight[:dim], self.qkv.bias[:dim])
        kv = F.linear(x, self.qkv.weight[dim:], self.qkv.bias[dim:])
        k, v = kv.reshape(batch, tokens, 2, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        return q.reshape(batch, 1, self.heads, dim // self.heads).transpose(1, 2), k, v


class Mlp(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.fc2 = nn.Linear(4 * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.fc2(F.gelu(self.fc1(x))))


class Block(nn.Module):
    def __init__(self, dim: int, heads: int, drop_path: float, part: Part = WHOLE) -> None:
        super().__init__()
        self.drop_path = drop_path
        self.part = part
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = Mlp(dim)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self._drop(self.attn(self.norm1(x)))
        return x + self._drop(self.mlp(self.norm2(x)))

    def cls(self, x: Tensor) -> Tensor:
        """[B, tokens, dim] → the first token of `forward`, [B, 1, dim], without computing the others."""
        first = x[:, :1] + self._drop(self.attn.of_cls(self.norm1(x)))
        return first + self._drop(self.mlp(self.norm2(first)))

    def cls_and_weights(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """`cls` in evaluation, and its attention over the tokens, [B, heads, 1, tokens]"""
        attended, weights = self.attn.of_cls_and_weights(self.norm1(x))
        first = x[:, :1] + attended
        return first + self.mlp(self.norm2(first)), weights

    def _drop(self, branch: Tensor) -> Tensor:
        """Stochastic depth, per sample; the kept branches are scaled up so that the mean stays."""
        if self.drop_path == 0.0 or not self.training:
            return branch
        keep = 1.0 - self.drop_path
        kept = torch.empty(self.part.whole(branch.shape[0]), 1, 1, device=branch.device).bernoulli_(keep)
        return branch * (self.part.of(kept) / keep).to(branch.dtype)


class VisionTransformer(nn.Module):
    """Normalised images [B, 3, H, W], H and W multiples of patch_px → [CLS] after the final LayerNorm, [B, dim]."""

    def __init__(
        self,
        image_px: int,
        patch_px: int,
        dim: int,
        depth: int,
        heads: int,
        drop_path: float = 0.0,
        part: Part = WHOLE,
    ) -> None:
        """image_px: side the position embedding is made for; other sides interpolate it.
        part: the rows of a batch that are passed, for stochastic depth."""
        super().__init__()
        self.patch_px = patch_px
        self.grid = image_px // patch_px
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, self.grid**2 + 1, dim))
        self.patch_embed = PatchEmbed(patch_px, dim)
        rates = torch.linspace(0, drop_path, depth, device="cpu").tolist()
        self.blocks = nn.ModuleList(Block(dim, heads, rate, part) for rate in rates)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self._positions: tuple[tuple[int, int], Tensor] | None = None  # (grid, version of pos_embed), result
        nn.init.trunc_normal_(self.cls_token, std=0.02)
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        self.apply(_initialise)

    def forward(self, images: Tensor) -> Tensor:
        x = cast(Block, self.blocks[-1]).cls(self._before_last(images))  # nothing reads the patches after it
        return cast(Tensor, self.norm(x))[:, 0]

    def with_attention(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """`forward` in evaluation, and where its [CLS] looks in the last block, [B, heads, 1 + patches]: the first row
        of DINO's get_last_selfattention. Rows sum to 1 over [CLS] itself and the patches, row by row."""
        x, weights = cast(Block, self.blocks[-1]).cls_and_weights(self._before_last(images))
        return cast(Tensor, self.norm(x))[:, 0], weights[:, :, 0]

    def tokens(self, images: Tensor) -> Tensor:
        """[B, 1 + patches, dim]: [CLS] first, then the patches row by row."""
        x = self._embedded(images)
        for block in self.blocks:
            x = block(x)
        return cast(Tensor, self.norm(x))

    def last_tokens(self, images: Tensor, blocks: int) -> list[Tensor]:
        """Tokens after each of the last `blocks` blocks and the final LayerNorm, the last block's last; DINO's
        get_intermediate_layers. Fewer when the network has fewer."""
        x = self._embedded(images)
        kept = []
        for ix, block in enumerate(self.blocks):
            x = block(x)
            if len(self.blocks) - ix <= blocks:
                kept.append(cast(Tensor, self.norm(x)))
        return kept

    def _before_last(self, images: Tensor) -> Tensor:
        x = self._embedded(images)
        for block in self.blocks[:-1]:
            x = block(x)
        return x

    def _embedded(self, images: Tensor) -> Tensor:
        x = self.patch_embed(images)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], dim=1)
        return x + self.positions(images.shape[-1] // self.patch_px)

    def positions(self, grid: int) -> Tensor:
        """Position embedding for grid × grid patches; kept between calls while no gradient is needed."""
        if grid == self.grid:
            return self.pos_embed
        key = (grid, self.pos_embed._version)
        if not torch.is_grad_enabled() and self._positions is not None and self._positions[0] == key:
            return self._positions[1]
        cls, patches = self.pos_embed[:, :1], self.pos_embed[:, 1:]
        square = patches.reshape(1, self.grid, self.grid, -1).permute(0, 3, 1, 2)
        # DINO resizes by a factor with 0.1 added, so that rounding down cannot lose a row
        factor = (grid + 0.1) / self.grid
        square = F.interpolate(square, scale_factor=(factor, factor), mode="bicubic")
        positions = torch.cat([cls, square.flatten(2).transpose(1, 2)], dim=1)
        if not torch.is_grad_enabled():
            self._positions = (key, positions)
        return positions


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
