"""Measures of an encoder and a generator against numbers by hand and against public implementations."""

import importlib.metadata
import importlib.util
import math
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from stroma_trainer.encoder import Encoder, card
from stroma_trainer.errors import TrainerError
from stroma_trainer.evaluation.alpha_curve import alpha_curve, rising_pairs
from stroma_trainer.evaluation.attention import attention_maps, mass_mask, overlay
from stroma_trainer.evaluation.descriptor import copy_descriptor, gem
from stroma_trainer.evaluation.features import Features, extract, require_features
from stroma_trainer.evaluation.frechet import frechet_distance, frechet_report, halves, rank_warning
from stroma_trainer.evaluation.groups import parts, spread_over
from stroma_trainer.evaluation.knn import knn_shares
from stroma_trainer.evaluation.label_scores import held_out_scores, transfer_scores
from stroma_trainer.evaluation.linear_probe import fit, linear_probe
from stroma_trainer.evaluation.memorisation import memorisation, nearest
from stroma_trainer.vit import VisionTransformer


@pytest.fixture
def encoder() -> Encoder:
    architecture = {"image_px": 32, "patch_px": 8, "dim": 24, "depth": 5, "heads": 3}
    encoder = Encoder(architecture, card(32, 32, 24, 0.5))
    for parameter in encoder.vit.parameters():  # as initialised, attention is uniform to 1e-3
        parameter.data += 0.3 * torch.randn_like(parameter)
    return encoder


def refusal(code: str) -> pytest.RaisesExc[TrainerError]:
    return pytest.RaisesExc(TrainerError, check=lambda error: error.code == code)


def at_angles(*degrees: float) -> Tensor:
    angles = torch.tensor(degrees).deg2rad()
    return torch.stack([angles.cos(), angles.sin()], dim=1)


# k-NN


def test_knn_votes_by_hand() -> None:
    train, labels = at_angles(10, 20, 60, 170), torch.tensor([0, 1, 1, 0])
    shares = knn_shares(train * torch.tensor([[1.0], [5.0], [0.1], [2.0]]), labels, at_angles(0) * 7, 2, k=3)
    a, b, c = (math.exp(math.cos(math.radians(angle)) / 0.07) for angle in (10, 20, 60))
    assert shares[0].tolist() == pytest.approx([a / (a + b + c), (b + c) / (a + b + c)], abs=1e-6)
    assert knn_shares(train, labels, at_angles(0), 2, k=1).tolist() == [[1.0, 0.0]]


def test_knn_takes_the_neighbours_that_there_are() -> None:
    train, labels = at_angles(0, 90), torch.tensor([0, 1])
    assert torch.equal(
        knn_shares(train, labels, at_angles(30), 2, k=200), knn_shares(train, labels, at_angles(30), 2, k=2)
    )


def test_knn_leaves_the_own_group_out() -> None:
    """Each crop's twin lies in its own slide with its own label; all other slides have the other label near by."""
    crops, labels = at_angles(0, 1, 5, 90, 91, 85), torch.tensor([0, 0, 1, 1, 1, 0])
    slides = torch.tensor([7, 7, 8, 9, 9, 10])
    assert knn_shares(crops, labels, crops, 2, k=1).argmax(1).tolist() == labels.tolist()
    apart = knn_shares(crops, labels, crops, 2, k=1, train_groups=slides, test_groups=slides)
    assert apart.argmax(1).tolist() == [1, 1, 0, 0, 0, 1]
    # k beyond the other groups' crops: those of the own group still have no vote
    every = knn_shares(crops, labels, crops, 2, k=6, train_groups=slides, test_groups=slides)
    by_hand = torch.tensor([math.exp(math.cos(math.radians(angle)) / 0.07) for angle in (5, 90, 91, 85)])
    assert float(every[0, 1]) == pytest.approx(float(by_hand[:3].sum() / by_hand.sum()), abs=1e-5)


@pytest.mark.parametrize("chunk", [1, 7, 1024])
def test_knn_does_not_depend_on_its_chunks(chunk: int) -> None:
    train, test, labels = torch.randn(40, 6), torch.randn(23, 6), torch.arange(40) % 3
    torch.testing.assert_close(
        knn_shares(train, labels, test, 3, k=10, chunk=chunk),
        knn_shares(train, labels, test, 3, k=10),
        atol=1e-6,
        rtol=0,
    )


def lightly_knn() -> ModuleType:
    """The one file: its package needs pytorch-lightning."""
    pytest.importorskip("lightly", reason="the public k-NN to compare with")
    file = importlib.metadata.distribution("lightly").locate_file("lightly/utils/benchmarking/knn.py")
    spec = importlib.util.spec_from_file_location("lightly_knn", Path(str(file)))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_knn_agrees_with_lightlys() -> None:
    labels = torch.arange(300) % 4
    train = torch.randn(300, 12) + labels.unsqueeze(1) * 0.15
    test = torch.randn(200, 12) + (torch.arange(200) % 4).unsqueeze(1) * 0.15
    for k in (10, 20):
        found = knn_shares(train, labels, test, 4, k).argmax(1)
        bank = F.normalize(train, dim=1).T
        theirs = lightly_knn().knn_predict(F.normalize(test, dim=1), bank, labels, 4, knn_k=k, knn_t=0.07)[:, 0]
        assert torch.equal(found, theirs)
        assert len(found.unique()) == 4


def test_knn_refuses() -> None:
    train, labels = at_angles(0, 90, 45), torch.tensor([0, 1, 1])
    one = torch.zeros(3, dtype=torch.long)
    with refusal("one_class"):
        knn_shares(train, one, train, 2, 1)
    with refusal("labels_mismatch"):
        knn_shares(train, labels[:2], train, 2, 1)
    with refusal("labels_mismatch"):
        knn_shares(train, labels + 1, train, 2, 1)
    with refusal("features_not_finite"):
        knn_shares(train / 0, labels, train, 2, 1)
    with refusal("features_shape"):
        knn_shares(train, labels, torch.ones(1, 3), 2, 1)
    with refusal("too_few_crops"):
        knn_shares(train, labels, train[:0], 2, 1)
    with refusal("bad_k"):
        knn_shares(train, labels, train, 2, 0)
    with refusal("no_other_group"):
        knn_shares(train, labels, train, 2, 1, train_groups=one, test_groups=one)


# Linear probe


def test_linear_probe_is_dinos_sgd_by_hand() -> None:
    """Two full batches by momentum SGD, gradients of the cross-entropy written out, lr cosine by epoch."""
    features, labels, lr = torch.randn(6, 3), torch.tensor([0, 1, 2, 0, 1, 2]), 4.0
    weight, bias = (value[0] for value in fit(features, labels, 3, [lr], epochs=0, batch_size=6, seed=5))
    assert float(weight.std()) == pytest.approx(0.01, rel=0.6)
    assert torch.equal(bias, torch.zeros(3))
    velocity = [torch.zeros(3, 3), torch.zeros(3)]
    for rate in (lr * 6 / 256, lr * 6 / 256 / 2):
        slope = torch.softmax(features @ weight.T + bias, dim=1) - F.one_hot(labels, 3)
        velocity = [0.9 * velocity[0] + slope.T @ features / 6, 0.9 * velocity[1] + slope.mean(0)]
        weight, bias = weight - rate * velocity[0], bias - rate * velocity[1]
    found, offset = fit(features, labels, 3, [lr], epochs=2, batch_size=6, seed=5)
    torch.testing.assert_close(found[0], weight)
    torch.testing.assert_close(offset[0], bias)


def test_probes_of_several_rates_do_not_touch_one_another() -> None:
    features, labels = torch.randn(20, 4), torch.arange(20) % 2
    together, _ = fit(features, labels, 2, [0.1, 1.0], epochs=3, batch_size=8, seed=1)
    for ix, rate in enumerate((0.1, 1.0)):
        torch.testing.assert_close(together[ix], fit(features, labels, 2, [rate], epochs=3, batch_size=8, seed=1)[0][0])


def test_linear_probe_learns_what_is_linear_and_searches_its_rate() -> None:
    labels = torch.arange(120) % 3
    features = torch.randn(120, 8) + 3 * F.one_hot(labels, 8)
    groups = torch.arange(120) // 6
    probe = linear_probe(features, labels, 3, seed=1, groups=groups)
    again = torch.randn(300, 8) + 3 * F.one_hot(torch.arange(300) % 3, 8)
    assert float((probe.probabilities(again).argmax(1) == torch.arange(300) % 3).double().mean()) > 0.9
    assert set(probe.searched) == {"0.001", "0.01", "0.1", "1"}
    assert probe.searched[f"{probe.lr:g}"] == max(probe.searched.values())
    torch.testing.assert_close(probe.probabilities(again).sum(1), torch.ones(300, dtype=torch.float64))


def test_a_rate_that_diverges_is_not_chosen() -> None:
    labels = torch.arange(60) % 2
    probe = linear_probe(torch.randn(60, 4) * 1e4, labels, 2, seed=1, learning_rates=[1e-3, 1e36])
    assert probe.lr == 1e-3


def test_one_group_leaves_nothing_to_search_on() -> None:
    labels = torch.arange(10) % 2
    probe = linear_probe(torch.randn(10, 4), labels, 2, seed=1, groups=torch.zeros(10, dtype=torch.long))
    assert (probe.lr, probe.searched) == (1e-3, {})


def test_linear_probe_refuses() -> None:
    features, labels = torch.randn(4, 3), torch.tensor([0, 1, 0, 1])
    with refusal("one_class"):
        linear_probe(features, labels * 0, 2, seed=1)
    with refusal("features_not_finite"):
        linear_probe(features * torch.nan, labels, 2, seed=1)
    with refusal("bad_learning_rates"):
        linear_probe(features, labels, 2, seed=1, learning_rates=[0.1, -1.0])
    with refusal("features_shape"):
        linear_probe(features, labels, 2, seed=1).probabilities(torch.randn(2, 4))


# Labels

SETTINGS = SimpleNamespace(
    knn_k=[10], knn_temperature=0.07, probe_folds=5, probe_epochs=30, probe_learning_rates=[1.0], bootstrap_resamples=50
)


def test_labels_are_judged_by_other_patients_only() -> None:
    """Every patient's crops lie at a place of their own: nothing is learnt from them, though crops would tell crops."""
    patients = torch.arange(120) // 10
    labels = patients % 2
    places = 5 * torch.randn(12, 16)[patients] + 0.1 * torch.randn(120, 16)
    told = held_out_scores(Features(places, places, places), labels, 2, patients, SETTINGS, seed=1)
    assert told["knn"]["10"]["accuracy"] < 0.8
    seen = knn_shares(places, labels, places, 2, k=10).argmax(1)
    assert float((seen == labels).double().mean()) == 1.0
    places = places / 10 + 3 * F.one_hot(labels, 16)
    told = held_out_scores(Features(places, places, places), labels, 2, patients, SETTINGS, seed=1)
    for score in (told["knn"]["10"], told["probe"]):
        assert score["accuracy"] > 0.95
        assert (score["n"], score["n_groups"]) == (120, 12)
        assert score["ci"]["accuracy"][0] <= score["accuracy"] <= score["ci"]["accuracy"][1]
    assert told["probe"]["folds"] == 5


def test_a_probe_without_two_classes_is_left_out_and_says_why() -> None:
    features = torch.randn(20, 4)
    patients = torch.arange(20) // 10
    told = held_out_scores(Features(features, features, features), patients, 2, patients, SETTINGS, seed=1)
    assert told["probe"] is None
    assert "one class" in told["probe_left_out"]


def test_test_crops_are_judged_by_training_crops() -> None:
    labels, groups = torch.arange(60) % 3, torch.arange(60)
    train, test = (torch.randn(60, 8) + 4 * F.one_hot(labels, 8) for _ in range(2))
    told = transfer_scores(
        Features(train, train, train), labels, Features(test, test, test), labels, 3, groups, SETTINGS, seed=1
    )
    assert min(told["knn"]["10"]["accuracy"], told["probe"]["accuracy"]) > 0.9
    assert told["probe"]["learning_rate"] == 1.0


# Features


def test_features_are_the_encoders_embedding_and_its_last_four_blocks(encoder: Encoder) -> None:
    images = torch.randint(256, (5, 3, 32, 32), dtype=torch.uint8)
    seen: list[int] = []
    features = extract(encoder, iter(images.split(2)), torch.device("cpu"), after_each=seen.append)
    assert seen == [2, 2, 1]
    torch.testing.assert_close(features.cls, encoder.embed(images))
    assert (features.last_blocks.shape, features.descriptor.shape) == ((5, 4 * 24), (5, 2 * 24))
    torch.testing.assert_close(features.last_blocks[:, -24:], features.cls)
    shorter = VisionTransformer(32, 8, 24, 4, 3).eval()
    weights = encoder.vit.state_dict()
    shorter.load_state_dict({name: value for name, value in weights.items() if not name.startswith("blocks.4.")})
    encoder.vit = shorter
    torch.testing.assert_close(encoder.embed(images), features.last_blocks[:, 2 * 24 : 3 * 24])


def test_an_encoder_with_damaged_weights_is_refused(encoder: Encoder) -> None:
    encoder.vit.norm.bias.data[0] = torch.nan
    images = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    with refusal("features_not_finite"):
        extract(encoder, iter([images]), torch.device("cpu"))
    with refusal("features_shape"):
        require_features("these", torch.zeros(3))


def test_gem_by_hand() -> None:
    patches = torch.tensor([[[1.0, -5.0], [2.0, 3.0]]])
    assert gem(patches)[0].tolist() == pytest.approx([((1 + 16) / 2) ** 0.25, (81 / 2) ** 0.25])
    assert gem(patches, power=1.0)[0].tolist() == pytest.approx([1.5, 1.5])


def test_copy_descriptor_is_dinos(encoder: Encoder) -> None:
    """As eval_copy_detection.py pools: patches as an image, clamped, to the fourth power, averaged, fourth root."""
    tokens = torch.randn(3, 17, 24)
    square = tokens[:, 1:].reshape(3, 4, 4, 24).clamp(min=1e-6).permute(0, 3, 1, 2)
    pooled = F.avg_pool2d(square.pow(4), (4, 4)).pow(1 / 4).reshape(3, -1)
    expected = F.normalize(torch.cat([tokens[:, 0], pooled], dim=1), dim=1)
    torch.testing.assert_close(copy_descriptor(tokens), expected)
    assert copy_descriptor(torch.randn(1, 197, 384)).shape == (1, 768)


# Attention


def test_attention_by_hand_is_the_one_that_the_embedding_is_made_with(encoder: Encoder) -> None:
    """Three heads of 8: q·kᵀ / √8 for the first token alone, softmax over it and the 16 patches, with loops and no
    fused kernel; weighing the values by it gives what the block gives [CLS]."""
    attn, x = encoder.vit.blocks[-1].attn, torch.randn(1, 17, 24)
    found, weights = attn.of_cls_and_weights(x)
    qkv = x[0] @ attn.qkv.weight.T + attn.qkv.bias
    heads = []
    for head in range(3):
        q, k, v = (qkv[:, 24 * part + 8 * head : 24 * part + 8 * head + 8] for part in range(3))
        raised = torch.tensor([math.exp(float(q[0] @ k[token]) / math.sqrt(8)) for token in range(17)])
        torch.testing.assert_close(weights[0, head, 0], raised / raised.sum(), atol=1e-6, rtol=1e-4)
        heads.append(raised / raised.sum() @ v)
    by_hand = torch.cat(heads) @ attn.proj.weight.T + attn.proj.bias
    torch.testing.assert_close(found[0, 0], by_hand, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(found, attn(x)[:, :1])


def test_attention_maps_are_the_cls_row_of_the_last_block(encoder: Encoder) -> None:
    images = torch.randint(256, (2, 3, 32, 32), dtype=torch.uint8)
    encoder.card |= {"mean": [0.7, 0.5, 0.6], "std": [0.1, 0.2, 0.3]}  # an imported encoder's own
    kept: list[Tensor] = []
    encoder.vit.blocks[-1].norm1.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
    encoder.embed(images)
    maps = attention_maps(encoder, images)
    assert maps.shape == (2, 3, 4, 4)
    weights = encoder.vit.blocks[-1].attn.of_cls_and_weights(kept[0])[1][:, :, 0]
    torch.testing.assert_close(maps.flatten(2), weights[:, :, 1:])
    torch.testing.assert_close(maps.sum((2, 3)), 1 - weights[:, :, 0])
    assert float(maps.std()) > 1e-3


def test_what_is_served_is_the_embedding_and_the_map_of_a_report(encoder: Encoder) -> None:
    crops = torch.randint(256, (2, 32, 32, 3), dtype=torch.uint8)
    with torch.no_grad():
        embedding, attention = encoder.with_attention(crops)
        torch.testing.assert_close(embedding, encoder(crops))
    torch.testing.assert_close(attention.unflatten(2, (4, 4)), attention_maps(encoder, crops.permute(0, 3, 1, 2)))


def test_mass_mask_keeps_the_fewest_patches() -> None:
    attention = torch.tensor([[0.1, 0.4], [0.2, 0.3]])
    assert mass_mask(attention, 0.6).tolist() == [[False, True], [False, True]]
    assert mass_mask(attention, 0.75).tolist() == [[False, True], [True, True]]


def test_overlay_colours_whole_patches_from_none_to_most() -> None:
    images = torch.full((1, 3, 8, 8), 100, dtype=torch.uint8)
    drawn = overlay(images, torch.tensor([[[0.0, 0.4], [0.1, 0.2]]]), opacity=1.0)[0]
    none, middle, most = (drawn[:, y, x].tolist() for y, x in ((0, 0), (7, 7), (3, 4)))
    assert (none, middle, most) == ([0, 0, 4], [183, 55, 121], [252, 253, 191])
    assert torch.equal(drawn[:, :4, :4], drawn[:, :1, :1].expand(3, 4, 4))
    assert torch.equal(overlay(images, torch.ones(1, 2, 2), opacity=0.0), images)


# Fréchet distance


def with_moments(mean: Tensor, root: Tensor, count: int) -> Tensor:
    """Rows whose mean and unbiased covariance are exactly `mean` and root·rootᵀ."""
    rows = torch.randn(count, len(mean), dtype=torch.float64)
    rows = rows - rows.mean(0)
    rows = rows @ torch.linalg.inv(torch.linalg.cholesky(rows.T @ rows / (count - 1))).T
    return rows @ root.T + mean


def test_frechet_distance_in_closed_form() -> None:
    """With commuting covariances it is Σ (mean difference)² + Σ (s₁ − s₂)², s the standard deviations."""
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64)).Q
    deviations = torch.tensor([[1.0, 2.0, 0.5], [3.0, 1.0, 0.5]], dtype=torch.float64)
    means = torch.tensor([[0.0, 1.0, 2.0], [1.0, 1.0, 4.0]], dtype=torch.float64)
    a, b = (with_moments(mean, turn @ s.diag(), 50) for mean, s in zip(means, deviations, strict=True))
    assert frechet_distance(a, b) == pytest.approx((1 + 4) + (4 + 1), abs=1e-9)
    assert frechet_distance(b, a) == pytest.approx(10, abs=1e-9)


def test_frechet_distance_is_that_of_the_eigenvalues() -> None:
    """Full rank, covariances that do not commute: tr((Σ₁Σ₂)^½) by the eigenvalues of the product."""
    a, b = (torch.randn(60, 5, dtype=torch.float64) @ torch.randn(5, 5, dtype=torch.float64) + ix for ix in (0, 1))
    first, second = np.cov(a.numpy(), rowvar=False), np.cov(b.numpy(), rowvar=False)
    root = np.sqrt(np.linalg.eigvals(first @ second).real).sum()
    means = ((a.mean(0) - b.mean(0)) ** 2).sum()
    assert frechet_distance(a, b) == pytest.approx(float(means) + np.trace(first + second) - 2 * root, rel=1e-9)


def test_frechet_distance_with_fewer_crops_than_dimensions() -> None:
    rows = torch.randn(8, 50)
    assert frechet_distance(rows, rows) < 1e-12
    assert frechet_distance(rows, rows + 1) == pytest.approx(50, rel=1e-6)  # float32 rows


def test_the_floor_compares_halves_of_different_slides_at_equal_n() -> None:
    slides = torch.tensor([0] * 9 + [1] * 5 + [2] * 4 + [3] * 2)
    first, second = halves(slides, seed=1)
    assert sorted([*first.tolist(), *second.tolist()]) == list(range(20))
    assert not set(slides[first].tolist()) & set(slides[second].tolist())
    assert abs(len(first) - len(second)) <= 2
    real = torch.randn(20, 3)
    report = frechet_report(real, {"generated": real, "interpolated": real + 5}, slides, seed=1)
    assert (report["n"], report["half_n"], report["dim"]) == (20, min(len(first), len(second)), 3)
    assert report["paired"]["generated"] < 1e-12
    assert report["across"]["generated"] == report["floor"] > 0
    assert report["paired"]["interpolated"] == pytest.approx(75, rel=1e-4)
    assert "fewer than 10 a dimension" in report["warning"]


def test_the_rank_is_told() -> None:
    assert rank_warning(3840, 384) is None
    assert "full rank" not in str(rank_warning(3839, 384))
    assert "full rank" in str(rank_warning(384, 384))


def test_frechet_distance_refuses() -> None:
    rows = torch.randn(5, 3)
    with refusal("too_few_crops"):
        frechet_distance(rows, rows[:1])
    with refusal("features_shape"):
        frechet_distance(rows, rows[:, :2])
    with refusal("features_not_finite"):
        frechet_distance(rows, rows / 0)
    with refusal("one_slide"):
        halves(torch.zeros(5, dtype=torch.long), seed=1)


# Slides


def test_parts_share_no_group_and_are_near_equal() -> None:
    groups = torch.tensor([0] * 9 + [1] * 5 + [2] * 4 + [3] * 2)
    found = parts(groups, 3, seed=1)
    assert [len(part) for part in found] == [9, 5, 6]
    assert torch.cat(found).sort().values.tolist() == list(range(20))
    assert len({int(group) for part in found for group in groups[part].unique()}) == sum(
        len(groups[part].unique()) for part in found
    )
    assert len(parts(groups, 9, seed=1)) == 4


def test_rows_are_spread_over_the_slides() -> None:
    groups = torch.tensor([0] * 50 + [1] * 3 + [2] * 20)
    chosen = spread_over(groups, 15, seed=4)
    assert groups[chosen].bincount().tolist() == [6, 3, 6]
    assert chosen.tolist() == sorted(set(chosen.tolist()))
    assert not torch.equal(chosen, spread_over(groups, 15, seed=5))
    assert spread_over(groups, 100, seed=4).tolist() == list(range(73))


# Along alpha


def test_alpha_curve_by_hand() -> None:
    primary, secondary = at_angles(*[0] * 4), at_angles(*[90] * 4)
    alphas = torch.tensor([0.8, 0.2, 0.8, 0.2])
    curve = alpha_curve(at_angles(10, 60, 20, 70), primary, secondary, alphas)
    assert (curve["alpha_primary"], curve["n"]) == ([0.2, 0.8], [2, 2])
    cosine = [math.cos(math.radians(angle)) for angle in (10, 20, 60, 70)]
    assert curve["to_primary"] == pytest.approx([(cosine[2] + cosine[3]) / 2, (cosine[0] + cosine[1]) / 2], abs=1e-6)
    assert curve["between_ends"] == pytest.approx(0, abs=1e-6)
    assert curve["monotone"]
    # alpha as the weight of the other crop: the curve falls
    assert not alpha_curve(at_angles(10, 60, 20, 70), primary, secondary, 1 - alphas)["monotone"]
    # nearer to both ends with alpha is no walk between them
    assert not alpha_curve(at_angles(60, 130, 60, 130), primary, secondary, alphas)["monotone"]


def test_pairs_that_rise_are_counted() -> None:
    assert rising_pairs(torch.tensor([[0.1, 0.2, 0.3], [0.1, 0.3, 0.2]])) == 0.5


def test_alpha_curve_refuses() -> None:
    rows = at_angles(0, 10)
    with refusal("one_alpha"):
        alpha_curve(rows, rows, rows, torch.tensor([0.4, 0.4]))
    with refusal("features_shape"):
        alpha_curve(rows, torch.randn(2, 3), rows, torch.tensor([0.4, 0.6]))


# Memorisation


def test_nearest_by_hand() -> None:
    bank, groups = at_angles(0, 10, 90), torch.tensor([1, 1, 2])
    found = nearest(at_angles(4), bank)
    assert found.row.tolist() == [0]
    assert float(found.distance) == pytest.approx(1 - math.cos(math.radians(4)), abs=1e-6)
    assert nearest(bank, bank, groups, groups).row.tolist() == [2, 2, 1]


def test_a_copied_crop_is_found_and_honest_ones_are_not() -> None:
    slides = torch.arange(60) // 10
    real = F.normalize(torch.randn(60, 16), dim=1)
    generated = F.normalize(torch.randn(60, 16), dim=1)
    honest = memorisation(real, generated, slides)
    assert honest.report()["nearer_than_real_to_another"] <= 2  # a hundredth of real crops come as near, by definition
    generated[17] = real[42]
    found = memorisation(real, generated, slides)
    assert found.report()["nearer_than_real_to_another"] == honest.report()["nearer_than_real_to_another"] + 1
    own = memorisation(real, real, slides).report()
    assert (own["nearer_than_real"], own["nearer_than_real_to_another"], own["nearest_is_own"]) == (60, 0, 1.0)
    assert found.closest(2)[0] == 17
    assert int(found.generated.row[17]) == 42
    assert found.report()["generated_to_nearest"]["min"] == pytest.approx(0, abs=1e-6)
    assert float(found.own[17]) == pytest.approx(1 - float(real[17] @ real[42]), abs=1e-5)


def test_memorisation_refuses_one_slide() -> None:
    rows = F.normalize(torch.randn(4, 3), dim=1)
    with refusal("no_other_group"):
        memorisation(rows, rows, torch.zeros(4, dtype=torch.long))
