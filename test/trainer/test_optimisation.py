import math

import pytest
import torch
from torch import nn

from stroma_trainer.dino_head import DinoHead
from stroma_trainer.optimisation import clip_each, moving_average, parameter_groups
from stroma_trainer.schedules import (
    average_momentum,
    cosine,
    teacher_temperature,
    total_steps,
    warmup_constant,
    warmup_cosine,
)
from stroma_trainer.vit import VisionTransformer


def test_warmup_cosine_by_hand() -> None:
    values = [warmup_cosine(step, 7, 3, 2.0, 0.0) for step in range(7)]
    assert values[:3] == [0.0, 1.0, 2.0]
    half = [1 + math.cos(math.pi * k / 4) for k in range(4)]  # 0.5·2·(1 + cos)
    assert values[3:] == pytest.approx(half)


def test_cosine_reaches_its_ends() -> None:
    assert cosine(0, 10, 0.04, 0.4) == pytest.approx(0.04)
    assert cosine(5, 10, 0.04, 0.4) == pytest.approx(0.22)
    assert cosine(10, 10, 0.04, 0.4) == pytest.approx(0.4)
    assert cosine(0, 10, 0.996, 1.0) == pytest.approx(0.996)


def test_warmup_constant() -> None:
    assert warmup_constant(0, 1000, 1e-4) == pytest.approx(1e-10)
    assert warmup_constant(500, 1000, 1e-4) == pytest.approx(0.5e-4, rel=1e-5)
    assert warmup_constant(1000, 1000, 1e-4) == 1e-4


def test_the_average_follows_quickly_at_first() -> None:
    assert [average_momentum(step, 0.9999) for step in range(3)] == pytest.approx([2 / 11, 3 / 12, 4 / 13])
    assert average_momentum(10**6, 0.9999) == 0.9999
    assert average_momentum(5, 0.0) == 0.0


def test_teacher_temperature_rises_per_epoch() -> None:
    assert [teacher_temperature(e, 0.04, 0.07, 4) for e in range(6)] == pytest.approx(
        [0.04, 0.05, 0.06, 0.07, 0.07, 0.07]
    )
    assert teacher_temperature(0, 0.04, 0.04, 0) == 0.04


def test_total_steps_drops_the_remainder_and_caps() -> None:
    assert total_steps(100, 32, 2, 0) == 6
    assert total_steps(1000, 16, 2, 1024) == 64
    assert total_steps(100, 16, 2, 1024) == 12


def test_clips_every_tensor_on_its_own() -> None:
    """Norms 5 and 1 with limit 3: the first is scaled by 3/5, the second stays; global clipping would scale both."""
    a, b = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(1))
    a.grad, b.grad = torch.tensor([3.0, 4.0]), torch.tensor([1.0])
    norm = clip_each([a, b, nn.Parameter(torch.zeros(1))], 3.0)
    torch.testing.assert_close(a.grad, torch.tensor([1.8, 2.4]))
    assert b.grad.tolist() == [1.0]
    assert float(norm) == pytest.approx(math.sqrt(26))


def test_no_limit_leaves_gradients_alone() -> None:
    parameter = nn.Parameter(torch.zeros(2))
    parameter.grad = torch.tensor([30.0, 40.0])
    assert float(clip_each([parameter], 0.0)) == 50.0
    assert parameter.grad.tolist() == [30.0, 40.0]


def test_moving_average_by_hand() -> None:
    teacher, student = nn.Linear(1, 1), nn.Linear(1, 1)
    nn.init.constant_(teacher.weight, 1.0)
    nn.init.constant_(student.weight, 2.0)
    moving_average(teacher, student, 0.9)
    assert float(teacher.weight) == pytest.approx(1.1)
    assert float(student.weight) == 2.0


def test_tokens_and_weights_start_truncated_normal_and_the_last_layer_as_torchs_linear() -> None:
    """As DINO's: 0.02 for tokens and every Linear, biases 0, LayerNorm 1 and 0, the patch convolution torch's own."""
    vit, head = VisionTransformer(64, 8, 192, 2, 3), DinoHead(192, 256, 64, 1024, norm_last_layer=True)
    wide = [vit.pos_embed, vit.cls_token, vit.blocks[0].attn.qkv.weight, vit.blocks[1].mlp.fc2.weight]  # type: ignore
    for parameter in (*wide, head.mlp[0].weight, head.mlp[4].weight):
        assert float(parameter.std()) == pytest.approx(0.02, rel=0.15)
    for name, parameter in [*vit.named_parameters(), *head.named_parameters()]:
        if name.endswith("bias") and "patch_embed" not in name:
            assert not parameter.any()
    assert (vit.norm.weight == 1).all()
    for weight, inputs in ((vit.patch_embed.proj.weight, 3 * 8 * 8), (head.last_layer.weight_v, 64)):
        assert float(weight.abs().max()) == pytest.approx(inputs**-0.5, rel=0.02)  # uniform to ± 1/√inputs
        assert float(weight.std()) == pytest.approx((3 * inputs) ** -0.5, rel=0.05)
    assert (head.last_layer.weight_g == 1).all()


def test_biases_and_1d_tensors_are_not_decayed_but_tokens_are() -> None:
    vit = VisionTransformer(image_px=16, patch_px=8, dim=8, depth=1, heads=2)
    names = {id(parameter): name for name, parameter in vit.named_parameters()}
    decayed, plain = ({names[id(p)] for p in group["params"]} for group in parameter_groups(vit))
    assert {"cls_token", "pos_embed", "patch_embed.proj.weight"} <= decayed
    assert {"norm.weight", "norm.bias", "blocks.0.attn.qkv.bias"} <= plain
    assert parameter_groups(vit)[1]["weight_decay"] == 0.0
