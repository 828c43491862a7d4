import math

import torch

from stroma_trainer.dino_head import DinoHead
from stroma_trainer.dino_loss import DinoLoss, entropy, mix


def test_pairs_every_teacher_view_with_every_other_student_view() -> None:
    calls = []

    class Counting(DinoLoss):
        def cross_entropy(self, target: torch.Tensor, student: torch.Tensor) -> torch.Tensor:
            calls.append(1)
            return super().cross_entropy(target, student)

    Counting(4, 0.1, 0.9)([torch.randn(3, 4) for _ in range(10)], [torch.randn(3, 4) for _ in range(2)], 0.04)
    assert len(calls) == 18


def test_skips_the_same_view() -> None:
    """With two global views only, each teacher view meets the other student view alone."""
    loss = DinoLoss(2, student_temp=1.0, center_momentum=0.9)
    same, opposite = torch.tensor([[50.0, -50.0]]), torch.tensor([[-50.0, 50.0]])
    assert float(loss([same, opposite], [same, opposite], 1.0)) == 100.0
    assert float(loss([opposite, same], [same, opposite], 1.0)) < 1e-6


def test_cross_entropy_by_hand() -> None:
    """Teacher softmax([0, ln 3]) = [1/4, 3/4]; student log softmax([0, 0]) = −ln 2."""
    loss = DinoLoss(2, student_temp=0.1, center_momentum=0.9)
    target = loss.target(torch.tensor([[0.0, math.log(3)]]), 1.0)
    torch.testing.assert_close(target, torch.tensor([[0.25, 0.75]]))
    assert math.isclose(float(loss.cross_entropy(target, torch.zeros(1, 2))), math.log(2), rel_tol=1e-6)
    student = torch.tensor([[0.0, 0.1 * math.log(3)]])  # / 0.1 → [1/4, 3/4]
    expected = -(0.25 * math.log(0.25) + 0.75 * math.log(0.75))
    assert math.isclose(float(loss.cross_entropy(target, student)), expected, rel_tol=1e-6)


def test_center_is_subtracted_before_the_temperature() -> None:
    loss = DinoLoss(2, 0.1, 0.9)
    loss.center.copy_(torch.tensor([[1.0, 0.0]]))
    logits = torch.tensor([[1.0, 0.04]])
    torch.testing.assert_close(loss.target(logits, 0.04), torch.softmax(torch.tensor([[0.0, 1.0]]), -1))


def test_center_moves_by_the_mean_raw_logit_after_the_loss() -> None:
    loss = DinoLoss(2, 0.1, center_momentum=0.9)
    loss([torch.zeros(2, 2)] * 2, [torch.ones(2, 2)] * 2, 0.04)
    assert loss.center.tolist() == [[0.0, 0.0]]  # the loss itself leaves it alone
    loss.update_center(torch.tensor([[1.0, 2.0], [3.0, 6.0]]))
    torch.testing.assert_close(loss.center, torch.tensor([[0.2, 0.4]]))


def test_center_may_start_at_the_first_batch() -> None:
    loss = DinoLoss(2, 0.1, center_momentum=0.9)
    loss.start_center(torch.tensor([[1.0, 2.0], [3.0, 6.0]]))
    assert loss.center.tolist() == [[2.0, 4.0]]


def test_teacher_gets_no_gradient_and_student_does() -> None:
    loss = DinoLoss(4, 0.1, 0.9)
    teacher, student = torch.randn(2, 4, requires_grad=True), torch.randn(2, 4, requires_grad=True)
    loss.disentangle([student], mix(teacher, teacher, torch.full((2, 1), 0.6)), 0.04).backward()
    assert teacher.grad is None
    assert student.grad is not None


def test_mixed_target_at_the_ends_and_under_a_swap() -> None:
    """alpha 1 is the primary crop, 0 the secondary; swapping the crops and alpha → 1 − alpha changes nothing."""
    z1, z2, student = torch.randn(3, 5), torch.randn(3, 5), torch.randn(3, 5)
    one, zero = torch.ones(3, 1), torch.zeros(3, 1)
    assert torch.equal(mix(z1, z2, one), z1)
    assert torch.equal(mix(z1, z2, zero), z2)
    loss = DinoLoss(5, 0.1, 0.9)
    alpha = torch.tensor([[0.2], [0.6], [0.8]])
    torch.testing.assert_close(
        loss.disentangle([student], mix(z1, z2, alpha), 0.04), loss.disentangle([student], mix(z2, z1, 1 - alpha), 0.04)
    )


def test_several_views_of_the_interpolated_crop_share_one_target() -> None:
    loss = DinoLoss(5, 0.1, 0.9)
    mixed, a, b = torch.randn(3, 5), torch.randn(3, 5), torch.randn(3, 5)
    one, other = (loss.disentangle([student], mixed, 0.04) for student in (a, b))
    torch.testing.assert_close(loss.disentangle([a, b], mixed, 0.04), (one + other) / 2)


def test_mixes_raw_logits_and_not_probabilities() -> None:
    """softmax((½·[2,0] + ½·[0,0]) / 1) = softmax([1, 0]), which the mean of the two softmaxes is not."""
    loss = DinoLoss(2, 1.0, 0.9)
    z1, z2 = torch.tensor([[2.0, 0.0]]), torch.zeros(1, 2)
    target = loss.target(mix(z1, z2, torch.full((1, 1), 0.5)), 1.0)
    torch.testing.assert_close(target, torch.softmax(torch.tensor([[1.0, 0.0]]), -1))


def test_alpha_is_per_sample() -> None:
    mixed = mix(torch.ones(2, 1), torch.zeros(2, 1), torch.tensor([[0.2], [0.8]]))
    torch.testing.assert_close(mixed, torch.tensor([[0.2], [0.8]]))


def test_entropy_of_uniform_and_of_one_prototype() -> None:
    assert math.isclose(float(entropy(torch.full((2, 8), 1 / 8))), math.log(8), rel_tol=1e-6)
    assert float(entropy(torch.eye(4))) == 0.0


def test_last_layer_rows_have_norm_one() -> None:
    head = DinoHead(8, 16, 4, 10, norm_last_layer=True)
    layer = head.last_layer
    weight = layer.weight_v * (layer.weight_g / layer.weight_v.norm(dim=1, keepdim=True))
    torch.testing.assert_close(weight.norm(dim=1), torch.ones(10))
    assert not layer.weight_g.requires_grad
    assert DinoHead(8, 16, 4, 10, norm_last_layer=False).last_layer.weight_g.requires_grad
