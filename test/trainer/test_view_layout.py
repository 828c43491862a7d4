"""Which image each view shows, in every mode: images of one colour stand for their source."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from stroma_trainer import presets
from stroma_trainer.crops import Crop, Entry
from stroma_trainer.dino_head import DinoHead
from stroma_trainer.errors import TrainerError
from stroma_trainer.part import Part
from stroma_trainer.pixels import normalise
from stroma_trainer.synthetic import SyntheticCrops, pairing
from stroma_trainer.train_dino import entangle
from stroma_trainer.view_layout import Sources, Views, interpolations, lay_out, make_views

REAL, GENERATED, INTERPOLATED = 0, 1, 2  # red, green and blue channel; the crop's number is its brightness
BRIGHTNESS = (60, 120, 180, 240)
ALPHAS = (0.2, 0.8)
WHOLE = Part(0, 4, 4)


class Store:
    """Crop or row i is an image of one colour."""

    def __init__(self, colours: list[tuple[int, int]]) -> None:
        self.images = torch.zeros(len(colours), 3, 16, 16, dtype=torch.uint8)
        for ix, (channel, value) in enumerate(colours):
            self.images[ix, channel] = value

    def read(self, indices: Tensor) -> Tensor:
        return self.images[indices]


CROPS: Any = Store([(REAL, value) for value in BRIGHTNESS])
NAMES = [Crop(f"{ix % 2}:{ix}", f"slide-{ix % 2}", 0, 0, Entry(None, 0, 0)) for ix in range(4)]  # type: ignore[arg-type]


def synthetic() -> SyntheticCrops:
    """One generated and two interpolated crops for each; the secondary is the next crop."""
    images: Any = Store([(GENERATED, v) for v in BRIGHTNESS] + [(INTERPOLATED, v) for v in BRIGHTNESS for _ in ALPHAS])
    rows = {"generated": [[ix] for ix in range(4)], "interpolated": [[4 + 2 * ix, 5 + 2 * ix] for ix in range(4)]}
    secondary = torch.tensor([-1] * 4 + [(ix + 1) % 4 for ix in range(4) for _ in ALPHAS])
    return SyntheticCrops(images, rows, torch.tensor([1.0] * 4 + list(ALPHAS) * 4), secondary)


def settings(stage: str, **changes: Any) -> Any:
    plain = {"jitter_strength": 0.0, "gray_probability": 0.0, "global_px": 16, "local_px": 8, "local_count": 4}
    return SimpleNamespace(**presets.settings(stage, "smoke", plain | changes))


def views(
    stage: str, monkeypatch: pytest.MonkeyPatch, part: Part = WHOLE, step: int = 0, **changes: Any
) -> tuple[Views, list[Any]]:
    """A step's views and the transforms of the global ones."""
    from stroma_trainer import view_layout

    seen: list[Any] = []

    def augment(crops: Tensor, framing: Any, transforms: Any, *_: Any) -> Tensor:
        seen.append(transforms)
        return normalise(crops.float() / 255)[..., : framing.view_px, : framing.view_px]

    monkeypatch.setattr(view_layout, "augment", augment)
    c = settings(stage, **changes)
    set_ = synthetic() if stage == "train_gen_dino" else None
    sources = Sources(CROPS, set_, interpolations(c, NAMES, CROPS, set_, seed=1))
    layout = lay_out(c, sources, torch.arange(4), part, 1, step)
    return make_views(c, layout, part, torch.device("cpu")), seen[0]


def shown(images: Tensor) -> list[list[int]]:
    """Four views at a time: [channel, brightness of each]; −1 for a mixture of several brightnesses."""
    zero = normalise(torch.zeros(1, 3, 1, 1))
    out = []
    for view in images.split(4):
        value = ((view - zero) * torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1) * 255)[..., 0, 0].round()
        channel = int(value[0].argmax())
        out.append([channel, *value[:, channel].int().tolist()])
    return out


def every(kind: int) -> list[int]:
    return [kind, *BRIGHTNESS]


SECONDARY = [REAL, 120, 180, 240, 60]


def test_dino_sees_real_crops_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = views("train_dino", monkeypatch)
    assert shown(found.student_global) == shown(found.teacher_global) == [every(REAL)] * 2
    assert shown(found.local) == [every(REAL)] * 4
    assert found.alpha_primary is None


def test_gen_dino_pairs_real_with_generated_and_disentangles(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = views("train_gen_dino", monkeypatch)
    assert shown(found.student_global) == [every(REAL), every(GENERATED), every(INTERPOLATED)]
    assert shown(found.teacher_global) == [every(REAL), every(GENERATED), SECONDARY]
    assert shown(found.local) == [every(REAL)] * 2 + [every(GENERATED)] * 2
    assert found.alpha_primary is not None
    assert found.alpha_primary.shape == (4, 1)
    assert set(found.alpha_primary.flatten().tolist()) <= set(torch.tensor(ALPHAS).tolist())


def test_without_disentanglement_only_generated_crops_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    for changes in ({"disentangle_weight": 0.0}, {"interpolated": "none"}):
        found, _ = views("train_gen_dino", monkeypatch, **changes)
        assert shown(found.student_global) == shown(found.teacher_global) == [every(REAL), every(GENERATED)]
        assert found.alpha_primary is None


def test_pixel_mix_needs_no_synthetic_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """alpha is the primary crop's weight, and the secondary crop is on the other slide, as synthesize pairs them."""
    found, _ = views("train_dino", monkeypatch, interpolated="pixels", alphas=[0.25])
    secondary = [BRIGHTNESS[ix] for ix in pairing(NAMES, seed=1)]
    mixed = [round(0.25 * one + 0.75 * two) for one, two in zip(BRIGHTNESS, secondary, strict=True)]
    assert shown(found.student_global) == [every(REAL), every(REAL), [REAL, *mixed]]
    assert shown(found.teacher_global) == [every(REAL), every(REAL), [REAL, *secondary]]
    assert found.alpha_primary is not None
    assert found.alpha_primary.flatten().tolist() == [0.25] * 4


def test_algorithm_1_with_a_view_of_its_own_and_two_student_views(monkeypatch: pytest.MonkeyPatch) -> None:
    found, transforms = views("train_gen_dino", monkeypatch, primary_view="own", interpolated_views=2)
    assert shown(found.student_global)[2:] == [every(INTERPOLATED)] * 2
    assert shown(found.teacher_global)[2:] == [SECONDARY, every(REAL)]
    assert len(transforms) == 4 * (2 + 2 + 1 + 1)


@pytest.mark.parametrize("stage", ["train_dino", "train_gen_dino"])
def test_two_processes_see_what_one_would(monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    changes = {"primary_view": "own", "interpolated": "pixels" if stage == "train_dino" else "synthetic"}
    whole, _ = views(stage, monkeypatch, **changes)
    parts = [Part(0, 1, 4), Part(1, 4, 4)]
    halves = [views(stage, monkeypatch, part, **changes)[0] for part in parts]
    for name in ("student_global", "teacher_global", "local", "alpha_primary"):
        for part, half in zip(parts, halves, strict=True):
            assert torch.equal(getattr(half, name), part.of(getattr(whole, name)))


@pytest.mark.parametrize(("source", "generated"), [("real", 0), ("both", 2), ("generated", 4)])
def test_source_of_local_views(monkeypatch: pytest.MonkeyPatch, source: str, generated: int) -> None:
    found, _ = views("train_gen_dino", monkeypatch, local_source=source)
    assert shown(found.local) == [every(REAL)] * (4 - generated) + [every(GENERATED)] * generated


def test_global_views_only(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = views("train_gen_dino", monkeypatch, local_count=0)
    assert len(found.local) == 0
    assert shown(found.student_global) == [every(REAL), every(GENERATED), every(INTERPOLATED)]


def test_second_view_may_stay_real(monkeypatch: pytest.MonkeyPatch) -> None:
    found, transforms = views("train_gen_dino", monkeypatch, second_view="real")
    assert shown(found.student_global) == [every(REAL), every(REAL), every(INTERPOLATED)]
    assert shown(found.local) == [every(REAL)] * 4
    assert [transform.solarize for transform in transforms[:8]] == [0.0] * 4 + [0.2] * 4


def test_a_share_of_the_second_views_is_generated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Crop by crop, its local views with it; 0 is the pair of real views, 1 draws as if there were no share."""
    found, _ = views("train_gen_dino", monkeypatch, generated_share=0.0)
    assert shown(found.student_global)[:2] == [every(REAL)] * 2
    kinds = set()
    for step in range(8):
        found, _ = views("train_gen_dino", monkeypatch, step=step, generated_share=0.5)
        second, local = found.student_global[4:8], found.local[8:]
        channels = second.mean(dim=(2, 3)).argmax(dim=1)
        assert torch.equal(local.mean(dim=(2, 3)).argmax(dim=1), channels.repeat(2))
        kinds.add(tuple(channels.tolist()))
    assert len(kinds) > 2
    assert {REAL, GENERATED} == {kind for four in kinds for kind in four}


def test_a_coin_decides_who_gets_solarize_and_never_both(monkeypatch: pytest.MonkeyPatch) -> None:
    _, transforms = views("train_gen_dino", monkeypatch)
    first, second = ([transform.solarize for transform in transforms[at : at + 4]] for at in (0, 4))
    assert all(sorted(pair) == [0.0, 0.2] for pair in zip(first, second, strict=True))
    _, fixed = views("train_gen_dino", monkeypatch, swap_transforms=False)
    assert [transform.solarize for transform in fixed[:8]] == [0.0] * 4 + [0.2] * 4


def test_solarize_may_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    _, transforms = views("train_gen_dino", monkeypatch, solarize_probability=0.0)
    assert {(transform.blur, transform.solarize) for transform in transforms} == {(1.0, 0.0), (0.1, 0.0)}


def test_alphas_choose_among_the_interpolated_crops(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = views("train_gen_dino", monkeypatch, alphas=[0.8])
    assert found.alpha_primary is not None
    assert found.alpha_primary.flatten().tolist() == pytest.approx([0.8] * 4)


def test_refuses_alphas_that_the_set_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TrainerError) as caught:
        views("train_gen_dino", monkeypatch, alphas=[0.5])
    assert caught.value.code == "alpha_missing"
    assert "0.2" in str(caught.value.details["found"])


def test_refuses_interpolated_crops_without_a_synthetic_set(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TrainerError, match="wrong_value"):
        views("train_dino", monkeypatch, interpolated="synthetic")


def test_mixing_before_and_after_the_head() -> None:
    """Tab. 7, two crops, alpha ¼: mixed [CLS] through the head, or mixed logits. g1 or an own view is the primary."""
    head = DinoHead(4, 8, 4, 6, norm_last_layer=True).eval()
    g1, g2, secondary, own = torch.randn(4, 2, 4)
    alpha = torch.full((2, 1), 0.25)
    with torch.no_grad():
        for extra, primary in (([], g1), ([own], own)):
            features = torch.cat([g1, g2, secondary, *extra])
            before = entangle("before_head", head, features, head(features), alpha)
            torch.testing.assert_close(before, head(0.25 * primary + 0.75 * secondary))
            after = entangle("after_head", head, features, head(features), alpha)
            torch.testing.assert_close(after, 0.25 * head(primary) + 0.75 * head(secondary))
        assert not torch.allclose(before, after)
