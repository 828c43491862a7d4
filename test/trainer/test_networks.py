from collections.abc import Callable
from types import SimpleNamespace
from unittest.mock import patch

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stroma_trainer import eldm, encoder, presets
from stroma_trainer.abmil import Abmil
from stroma_trainer.autoencoder import PoolCodec, VqCodec, with_flips
from stroma_trainer.dino_head import DinoHead
from stroma_trainer.train_eldm import velocity_loss
from stroma_trainer.unet import ConditionedUnet
from stroma_trainer.vit import Block, VisionTransformer


def count(module: nn.Module, trainable: bool = False) -> int:
    return sum(p.numel() for p in module.parameters() if p.requires_grad or not trainable)


@pytest.mark.parametrize("preset", ["panda", "bright"])
def test_full_presets_build_the_papers_networks(preset: str) -> None:
    dino = SimpleNamespace(**presets.settings("train_dino", preset, {}))
    ldm = eldm.architecture(SimpleNamespace(**presets.settings("train_eldm", preset, {})), dino.dim)
    with torch.device("meta"):
        vit = VisionTransformer(**encoder.architecture(dino))
        head = DinoHead(dino.dim, dino.head_hidden, dino.head_bottleneck, dino.prototypes, dino.norm_last_layer)
        codec = VqCodec(**ldm["codec"])
        unet = ConditionedUnet(**ldm["unet"])
    assert count(vit) == 21_665_664
    assert len(vit.state_dict()) == 150
    assert (count(head), count(head, trainable=True)) == (22_352_128, 22_286_592)
    assert count(codec) == 55_322_782
    assert count(unet.unet) == 400_920_579
    assert count(unet.embedder) == 384 * 512 + 512
    assert ldm["unet"]["latent_px"] == 64


def test_vit_tiny_has_its_parameters() -> None:
    with torch.device("meta"):
        assert count(VisionTransformer(224, 16, 192, 12, 3)) == 5_524_416


def test_vit_names_are_dinos() -> None:
    names = VisionTransformer(16, 8, 8, 1, 2).state_dict().keys()
    assert {"cls_token", "pos_embed", "patch_embed.proj.weight", "blocks.0.attn.qkv.weight"} <= set(names)
    assert {"blocks.0.norm1.weight", "blocks.0.mlp.fc1.bias", "blocks.0.mlp.fc2.weight", "norm.weight"} <= set(names)


def test_position_embedding_follows_the_grid_and_its_weights() -> None:
    vit = VisionTransformer(32, 8, 8, 1, 2).eval()
    assert vit.positions(4) is vit.pos_embed
    square = vit.pos_embed[:, 1:].reshape(1, 4, 4, 8).permute(0, 3, 1, 2)
    expected = F.interpolate(square, scale_factor=(2.1 / 4, 2.1 / 4), mode="bicubic").flatten(2).transpose(1, 2)
    with torch.no_grad():
        first = vit.positions(2)
        torch.testing.assert_close(first[:, 1:], expected)
        assert vit.positions(2) is first  # kept
        vit.pos_embed.mul_(2)
        torch.testing.assert_close(vit.positions(2), 2 * first)  # and made anew when the weights move
    assert vit.positions(2).requires_grad


def test_drop_path_is_for_training_only_and_keeps_the_mean() -> None:
    block = Block(8, 2, drop_path=0.5)
    branch = torch.ones(4000, 1, 1)
    dropped = block.train()._drop(branch)
    assert set(dropped.flatten().tolist()) == {0.0, 2.0}
    assert abs(float(dropped.mean()) - 1) < 0.06
    assert torch.equal(block.eval()._drop(branch), branch)


def test_cls_needs_no_patches_after_the_last_block() -> None:
    """The shortcut of the last block gives what all of its tokens' computation gives, and the same gradients."""
    network, images = VisionTransformer(32, 8, 16, 3, 2, drop_path=0.3), torch.randn(6, 3, 32, 32)

    def gradients(by: Callable[[torch.Tensor], torch.Tensor]) -> list[torch.Tensor]:
        torch.manual_seed(5)  # for drop path
        network.zero_grad()
        by(images).square().sum().backward()
        return [parameter.grad.clone() for parameter in network.parameters() if parameter.grad is not None]

    torch.testing.assert_close(gradients(network), gradients(lambda x: network.tokens(x)[:, 0]), atol=1e-4, rtol=1e-4)
    network.eval()
    torch.testing.assert_close(network(images), network.tokens(images)[:, 0], atol=1e-6, rtol=1e-5)


def test_bf16_training_attends_as_the_fused_kernel() -> None:
    """On a CPU the products are spelled out when a gradient is needed; both round to bf16, at other places."""
    network, images = VisionTransformer(32, 8, 16, 3, 2), torch.randn(6, 3, 32, 32)
    with torch.autocast("cpu", torch.bfloat16):
        trained = network(images)
        with torch.no_grad():
            fused = network(images)
    torch.testing.assert_close(trained.detach(), fused, atol=0.03, rtol=0.03)
    assert trained.requires_grad


def test_teacher_has_no_drop_path() -> None:
    c = SimpleNamespace(**presets.settings("train_dino", "panda", {}))
    assert c.drop_path == 0.1
    assert "drop_path" not in encoder.architecture(c)


def test_codecs_divide_the_side_by_four() -> None:
    images = torch.rand(2, 3, 32, 32) * 2 - 1
    for codec in (PoolCodec(), VqCodec([8, 8, 8], 1, 8, 16, 3, 32)):
        latents = codec.encode(images)
        assert latents.shape == (2, 3, 8, 8)
        assert codec.decode(latents).shape == images.shape


def test_vq_decoding_quantises_as_the_library_does() -> None:
    codec = VqCodec([8, 8, 8], 1, 8, 16, 3, 32).eval()
    nn.init.normal_(codec.vq.quantize.embedding.weight)
    latents = torch.randn(2, 3, 8, 8)
    torch.testing.assert_close(codec.decode(latents), codec.vq.decode(latents).sample, atol=1e-5, rtol=1e-4)
    assert not torch.allclose(codec.decode(latents), codec.vq.decode(latents, force_not_quantize=True).sample)


def test_flips_are_the_four_mirror_images() -> None:
    x = torch.arange(4.0).view(1, 1, 2, 2)
    assert with_flips(x).flatten(1).tolist() == [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]]


def test_embedding_length_does_not_matter_and_zero_is_unconditional() -> None:
    unet = ConditionedUnet([16, 16], 1, 1, 8, 8, 3, 8, embedding_dim=6).eval()
    x, t, e = torch.randn(2, 3, 8, 8), torch.tensor([5, 900]), torch.randn(2, 6)
    torch.testing.assert_close(unet(x, t, e), unet(x, t, 7 * e))
    zero = unet(x, t, torch.zeros(2, 6))
    assert torch.isfinite(zero).all()
    assert not torch.allclose(zero, unet(x, t, e))


def test_a_whitened_embedder_gives_tokens_of_unit_variance_and_keeps_the_unconditional_at_their_mean() -> None:
    unet = ConditionedUnet([8, 16], 1, 2, 8, 12, 3, 8, 10)
    embeddings = torch.randn(500, 10) * torch.tensor([3.0, 1.0, 0.3] + [0.01] * 7) + torch.tensor([2.0] * 10)
    unet.start_embedder(embeddings)
    tokens = unet.embedder(F.normalize(embeddings, dim=1)).detach()[:, :9]
    torch.testing.assert_close(tokens[:, :2].std(dim=0, correction=0), torch.ones(2), atol=1e-3, rtol=0)
    assert float(tokens.std(dim=0).max()) < 1.01
    torch.testing.assert_close(tokens.mean(dim=0), torch.zeros(9), atol=1e-3, rtol=0)
    covariance = tokens.T @ tokens / len(tokens)
    torch.testing.assert_close(covariance, covariance.diag().diag(), atol=1e-3, rtol=0)
    assert not unet.embedder(torch.zeros(10)).any()


def test_a_unet_that_predicts_v_tells_eps() -> None:
    """v = sqrt(ā)·eps − sqrt(1 − ā)·x_0, by hand: ā 0.64, x_0 2, eps 1 → x_t 2.2, v −0.4."""
    velocity = {"train_timesteps": 2, "beta_start": 0.36, "beta_end": 0.36}  # ā 0.64, then 0.4096
    unet = ConditionedUnet([16, 16], 1, 1, 8, 8, 3, 8, 6, velocity)
    told: list[int] = []

    def known(_: Tensor, timestep: Tensor, **__: Tensor) -> SimpleNamespace:
        told.extend(timestep.tolist())
        return SimpleNamespace(sample=torch.tensor([-0.4, 0.0]).view(2, 1, 1, 1).expand(2, 3, 8, 8))

    x = torch.tensor([2.2, 1.0]).view(2, 1, 1, 1).expand(2, 3, 8, 8)
    with patch.object(unet.unet, "forward", known):
        eps = unet(x, torch.tensor([0, 1]), torch.randn(2, 6))
    assert told == [0, 1]
    torch.testing.assert_close(eps[0], torch.ones(3, 8, 8))
    torch.testing.assert_close(eps[1], torch.full((3, 8, 8), (1 - 0.4096) ** 0.5))
    assert "alpha_bar" not in unet.state_dict()


def test_the_loss_of_v_by_hand() -> None:
    """x_t 2.2, eps 1, ā 0.64: v predicted as 0 where it is −0.4 is eps of 0.6·2.2."""
    predicted = torch.full((1, 1, 1, 1), 0.6 * 2.2)
    assert velocity_loss(predicted, torch.ones(1, 1, 1, 1), torch.tensor([0.64])).item() == pytest.approx(0.16)


def test_starting_at_zero_predicts_no_noise_and_passes_gradients() -> None:
    unet = ConditionedUnet([16, 16], 1, 1, 8, 8, 3, 8, embedding_dim=6)
    x, t, e = torch.randn(2, 3, 8, 8), torch.tensor([5, 900]), torch.randn(2, 6)
    assert unet(x, t, e).abs().max() > 0
    unet.start_at_zero()
    assert not unet(x, t, e).any()
    unet(x, t, e).sum().backward()
    assert unet.unet.conv_out.weight.grad.any()


def test_checkpointing_changes_no_gradient() -> None:
    plain, checkpointed = (ConditionedUnet([16, 16], 1, 1, 8, 8, 3, 8, embedding_dim=6).train() for _ in range(2))
    checkpointed.load_state_dict(plain.state_dict())
    checkpointed.unet.enable_gradient_checkpointing()
    x, t, e = torch.randn(2, 3, 8, 8), torch.tensor([5, 900]), torch.randn(2, 6)
    for unet in (plain, checkpointed):
        unet(x, t, e).square().sum().backward()
    for one, other in zip(plain.parameters(), checkpointed.parameters(), strict=True):
        assert torch.equal(one.grad, other.grad)  # type: ignore[arg-type]


def test_abmil_pools_by_attention() -> None:
    model = Abmil(4, 3, att_dim=5, gated=False, proj_dim=0, dropout=0.0)
    bag = torch.randn(7, 4)
    logits, attention_logits = model(bag)
    assert (logits.shape, attention_logits.shape) == ((3,), (7,))
    weights = torch.softmax(attention_logits, 0)
    torch.testing.assert_close(logits, model.classifier((weights[:, None] * bag).sum(0)))


@pytest.mark.parametrize(("gated", "proj_dim"), [(False, 0), (True, 3)])
def test_a_bags_logits_are_its_instances_class_logits_weighted_by_attention(gated: bool, proj_dim: int) -> None:
    model = Abmil(4, 3, att_dim=5, gated=gated, proj_dim=proj_dim, dropout=0.0)
    bag = torch.randn(7, 4)
    logits, attention_logits, class_logits = model.by_instance(bag)
    assert torch.equal(logits, model(bag)[0])
    assert torch.equal(attention_logits, model(bag)[1])
    assert class_logits.shape == (7, 3)
    for instance, own in zip(bag, class_logits, strict=True):  # a bag of one crop
        torch.testing.assert_close(model(instance[None])[0], own)
    torch.testing.assert_close(logits, torch.softmax(attention_logits, 0) @ class_logits)


def test_abmil_options_change_the_network() -> None:
    plain = Abmil(8, 3, 5, gated=False, proj_dim=0, dropout=0.0)
    assert count(plain) == (8 * 5 + 5) + (5 + 1) + (8 * 3 + 3)
    assert count(Abmil(8, 3, 5, gated=True, proj_dim=0, dropout=0.0)) == count(plain) + 8 * 5 + 5
    assert Abmil(8, 3, 5, gated=False, proj_dim=6, dropout=0.25)(torch.randn(2, 8))[0].shape == (3,)
