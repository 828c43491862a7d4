"""The same inputs and weights through public implementations of DINO's loss, its head and the vision transformer."""

import torch
from torch import nn

from public_peers import imported
from stroma_trainer.dino_head import DinoHead
from stroma_trainer.dino_loss import DinoLoss
from stroma_trainer.vit import VisionTransformer


def test_loss_and_center_are_lightlys() -> None:
    """Two global and eight local views, step after step, so that the center of one step enters the next."""
    peer = imported("lightly.loss.dino_loss").DINOLoss(output_dim=64, teacher_temp=0.04, student_temp=0.1)
    ours = DinoLoss(64, student_temp=0.1, center_momentum=0.9)
    for step in range(5):
        teacher = [0.1 * torch.randn(6, 64) for _ in range(2)]
        student = [0.1 * torch.randn(6, 64).requires_grad_() for _ in range(10)]
        temperature = 0.04 + 0.01 * step
        expected = peer(teacher, student, teacher_temp=temperature)
        found = ours(student, teacher, temperature)
        ours.update_center(torch.cat(teacher))
        torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-6)
        torch.testing.assert_close(ours.center, peer.center[0], atol=1e-7, rtol=0)
        gradients = [torch.autograd.grad(loss, student, retain_graph=True) for loss in (expected, found)]
        torch.testing.assert_close(*gradients, atol=1e-6, rtol=1e-5)


def test_head_is_lightlys() -> None:
    peer = imported("lightly.models.modules.heads").DINOProjectionHead(16, 32, 8, 40, norm_last_layer=True).eval()
    ours = DinoHead(16, 32, 8, 40, norm_last_layer=True)
    theirs = [layer for layer in peer.layers if isinstance(layer, nn.Linear)]
    for layer, other in zip([layer for layer in ours.mlp if isinstance(layer, nn.Linear)], theirs, strict=True):
        other.load_state_dict(layer.state_dict())
    peer.last_layer.load_state_dict(ours.last_layer.state_dict())
    x = torch.randn(5, 16)
    torch.testing.assert_close(ours(x), peer(x), atol=1e-6, rtol=1e-6)


def test_vit_small_is_timms_at_224_px() -> None:
    peer = imported("timm").create_model("vit_small_patch16_224", num_classes=0).eval()
    ours = VisionTransformer(image_px=224, patch_px=16, dim=384, depth=12, heads=6).eval()
    for parameter in ours.parameters():  # weights of a trained net's size, so that every part of it matters
        parameter.data += 0.05 * torch.randn_like(parameter)
    peer.load_state_dict(ours.state_dict())
    images = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        found = ours(images)
        torch.testing.assert_close(found, peer(images), atol=1e-4, rtol=0)
        torch.testing.assert_close(ours.tokens(images), peer.forward_features(images), atol=1e-4, rtol=0)
    assert found.std() > 0.1


def test_attention_of_the_last_block_is_timms() -> None:
    """The first row of what timm's last block weighs the tokens by, as DINO's get_last_selfattention returns it."""
    peer = imported("timm").create_model("vit_small_patch16_224", num_classes=0).eval()
    ours = VisionTransformer(image_px=224, patch_px=16, dim=384, depth=12, heads=6).eval()
    for parameter in ours.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    peer.load_state_dict(ours.state_dict())
    last = peer.blocks[-1].attn
    last.fused_attn = False  # then the softmax is a step of its own, and what drops out of it can be looked at
    kept: list[torch.Tensor] = []
    last.attn_drop.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
    images = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        peer.forward_features(images)
        embedding, found = ours.with_attention(images)
        torch.testing.assert_close(embedding, ours(images), atol=1e-4, rtol=0)
    torch.testing.assert_close(found, kept[0][:, :, 0], atol=1e-5, rtol=0)
    assert found.std() > 1e-3  # not the even share of 1/197
