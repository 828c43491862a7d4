from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from cohort import texture
from stroma_trainer.pixels import MEAN, STD, area_matrix, area_resize
from stroma_trainer.seeds import generator
from stroma_trainer.views import (
    GLOBAL_1,
    GLOBAL_2,
    LOCAL,
    SIMIL,
    SIMIL_STRENGTHS,
    Colour,
    Draws,
    Framing,
    Transform,
    augment,
    blur,
    draw,
    random_boxes,
    render,
    restain,
    turn_hue,
)

PLAIN = Transform(blur=0.0, solarize=0.0)


def test_global_and_local_transforms_are_dinos() -> None:
    assert (GLOBAL_1.blur, GLOBAL_1.solarize) == (1.0, 0.0)
    assert (GLOBAL_2.blur, GLOBAL_2.solarize) == (0.1, 0.2)
    assert (LOCAL.blur, LOCAL.solarize) == (0.5, 0.0)


def drawn(count: int, side: int, **changes: torch.Tensor) -> Draws:
    """Draws that change nothing: the whole crop, no flip, turn, jitter, gray, blur or solarize."""
    no, zeros = torch.zeros(count, dtype=torch.bool), torch.zeros(count)
    whole = torch.tensor([[0.0, 0.0, side, side]]).expand(count, 4)
    order = torch.arange(4).expand(count, 4)
    nothing = Draws(whole, no, no, no.long(), order, torch.zeros(count, 4), no, zeros, no, torch.zeros(count, 2, 3))
    return replace(nothing, **changes)


def picture(seed: int = 0, side: int = 64) -> Image.Image:
    return texture(np.random.default_rng(seed), side, 20)


def pixels_of(image: Image.Image) -> torch.Tensor:
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).unsqueeze(0)


def rendered(image: Image.Image, view_px: int, **changes: torch.Tensor) -> torch.Tensor:
    """Grey levels, float [3, view_px, view_px]."""
    return 255 * render(pixels_of(image), view_px, drawn(1, image.width, **changes))[0]


def levels_apart(view: torch.Tensor, expected: Image.Image) -> torch.Tensor:
    return (view - pixels_of(expected)[0]).abs()


@pytest.mark.parametrize("size", [32, 96])
def test_resized_crops_are_pillows(size: int) -> None:
    """To one grey level: both round between their two passes, at other digits."""
    image, box = picture(side=128), (5, 9, 5 + 81, 9 + 60)
    view = rendered(image, size, box=torch.tensor([[5.0, 9.0, 81.0, 60.0]]))
    expected = image.crop(box).resize((size, size), Image.Resampling.BICUBIC)
    assert float(levels_apart(view, expected).max()) <= 1.01


def test_flips_and_turns_by_hand() -> None:
    image = picture()
    for changes, expected in (
        ({"mirrored": torch.tensor([True])}, Image.Transpose.FLIP_LEFT_RIGHT),
        ({"upended": torch.tensor([True])}, Image.Transpose.FLIP_TOP_BOTTOM),
        ({"turns": torch.tensor([1])}, Image.Transpose.ROTATE_90),
        ({"turns": torch.tensor([3])}, Image.Transpose.ROTATE_270),
    ):
        assert float(levels_apart(rendered(image, 64, **changes), image.transpose(expected)).max()) < 0.01


@pytest.mark.parametrize(
    ("operation", "enhance"), [(0, ImageEnhance.Brightness), (1, ImageEnhance.Contrast), (2, ImageEnhance.Color)]
)
@pytest.mark.parametrize("strength", [-0.35, 0.3])
def test_jitter_is_pillows(operation: int, enhance: Any, strength: float) -> None:
    """To two levels: Pillow rounds the luma and its mean to whole levels first."""
    change = torch.zeros(1, 4)
    change[0, operation] = strength
    view = rendered(picture(), 64, strength=change)
    assert float(levels_apart(view, enhance(picture()).enhance(1 + strength)).max()) < 2


def test_hue_is_pillows() -> None:
    """Pillow keeps hue and saturation as bytes: single pixels differ by some levels, the picture does not."""
    circle, image = 0.08, picture()
    bands = list(image.convert("HSV").split())
    bands[0] = bands[0].point(lambda value: (value + round(circle * 255)) % 256)
    apart = levels_apart(
        rendered(image, 64, strength=torch.tensor([[0, 0, 0, circle]])), Image.merge("HSV", bands).convert("RGB")
    )
    assert float(apart.mean()) < 1.5
    assert float(apart.max()) < 8


def test_jitter_follows_the_drawn_order() -> None:
    strength = torch.tensor([[0.3, -0.4, 0.2, 0.0]])
    for order in ([0, 1, 2, 3], [2, 1, 0, 3], [3, 1, 2, 0]):
        expected = picture()
        for operation in order:
            if operation < 3:
                enhance = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)[operation]
                expected = enhance(expected).enhance(1 + float(strength[0, operation]))
        view = rendered(picture(), 64, strength=strength, order=torch.tensor([order]))
        assert float(levels_apart(view, expected).max()) < 4


def test_gray_and_solarize_are_pillows() -> None:
    yes = torch.tensor([True])
    assert float(levels_apart(rendered(picture(), 64, gray=yes), picture().convert("L").convert("RGB")).max()) < 1
    assert float(levels_apart(rendered(picture(), 64, solarized=yes), ImageOps.solarize(picture())).max()) < 0.01


@pytest.mark.parametrize("sigma", [0.3, 1.0, 2.0])
def test_blur_is_near_pillows_boxes(sigma: float) -> None:
    """Pillow takes three boxes for the Gaussian and repeats the border's pixels; here it is the Gaussian itself."""
    apart = levels_apart(
        rendered(picture(), 64, sigma=torch.tensor([sigma])), picture().filter(ImageFilter.GaussianBlur(sigma))
    )
    assert float(apart[:, 8:-8, 8:-8].mean()) < 0.6
    assert float(apart[:, 8:-8, 8:-8].max()) < 8


@pytest.mark.parametrize("side", [40, 64, 96])
def test_blur_in_blocks_is_the_whole_product(side: int) -> None:
    x, sigma = torch.rand(3, 3, side, side), torch.tensor([0.1, 0.9, 2.0])
    distance = (torch.arange(side)[None, :] - torch.arange(side)[:, None]) / sigma.view(-1, 1, 1)
    weight = torch.exp(-0.5 * distance**2)
    weight = (weight / weight.sum(dim=2, keepdim=True)).unsqueeze(1)
    torch.testing.assert_close(blur(x, sigma), weight @ x @ weight.transpose(2, 3), atol=1e-6, rtol=0)


def test_stains_change_as_beer_and_lambert_say() -> None:
    """Twice the amount of every stain is the square of the transmitted light; no change leaves the view."""
    x = torch.rand(2, 3, 8, 8) * 0.9 + 0.05
    torch.testing.assert_close(restain(x, torch.zeros(2, 2, 3)), x, atol=1e-5, rtol=0)
    doubled = torch.tensor([[[1.0] * 3, [0.0] * 3]] * 2)
    torch.testing.assert_close(restain(x, doubled), x**2, atol=1e-5, rtol=1e-4)


def test_boxes_keep_area_and_ratio() -> None:
    x0, y0, width, height = random_boxes(2000, 256, (0.05, 0.4), generator(0, "boxes")).T
    share, ratio = width * height / 256**2, width / height
    assert float(share.min()) > 0.045
    assert float(share.max()) < 0.41
    assert float(ratio.min()) > 0.72
    assert float(ratio.max()) < 1.38
    assert float((x0 + width).max()) <= 256
    assert float((y0 + height).max()) <= 256
    assert float(x0.min()) >= 0


def test_other_strengths_and_stains_are_drawn_when_asked_for() -> None:
    colour = Colour(strengths=SIMIL_STRENGTHS, stain=0.05)
    draws = draw(256, Framing(224, (0.08, 1.0), vertical_flip=0.5), [SIMIL] * 20000, generator(0, "p"), colour)
    assert draws.strength.abs().max(0).values.tolist() == pytest.approx([0.8, 0.8, 0.8, 0.2], rel=0.01)
    assert float((draws.sigma > 0).float().mean()) == pytest.approx(0.5, abs=0.011)
    assert float(draws.upended.float().mean()) == pytest.approx(0.5, abs=0.011)
    assert not draws.solarized.any()
    assert float(draws.stain.abs().max()) == pytest.approx(0.05, rel=0.01)


def test_every_operation_has_its_probability() -> None:
    """RECIPE A.3, for each of the three transforms; 20,000 draws leave 1 % of room."""
    for transform, blurred, solarized in ((GLOBAL_1, 1.0, 0.0), (GLOBAL_2, 0.1, 0.2), (LOCAL, 0.5, 0.0)):
        draws = draw(256, Framing(224, (0.4, 1.0)), [transform] * 20000, generator(0, "p"))
        found = (draws.mirrored, draws.strength.abs().sum(1) > 0, draws.gray, draws.sigma > 0, draws.solarized)
        expected = (0.5, 0.8, 0.2, blurred, solarized)
        assert [round(float(happened.float().mean()), 2) for happened in found] == pytest.approx(expected, abs=0.011)
        assert not draws.upended.any()
        assert not draws.turns.any()
        assert not draws.stain.any()
        assert draws.strength.abs().max(0).values.tolist() == pytest.approx([0.4, 0.4, 0.2, 0.1], rel=0.01)
        orders = draws.order[:, 0].bincount() / 20000
        assert orders.tolist() == pytest.approx([0.25] * 4, abs=0.015)


def test_views_have_the_views_size_and_follow_the_seed() -> None:
    crops = torch.randint(256, (4, 3, 40, 40), dtype=torch.uint8)
    framing = Framing(32, (0.4, 1.0), vertical_flip=0.5, quarter_turn=0.5)
    views = [augment(crops, framing, [GLOBAL_2] * 4, generator(seed, "views")) for seed in (1, 1, 2)]
    assert views[0].shape == (4, 3, 32, 32)
    assert torch.equal(views[0], views[1])
    assert not torch.equal(views[0], views[2])
    assert torch.isfinite(views[0]).all()


def test_solarize_and_blur_happen_with_their_probabilities() -> None:
    """A flat bright crop stays bright unless solarized, whatever the jitter's brightness above 0.6."""
    crops = torch.full((3000, 3, 8, 8), 250, dtype=torch.uint8)
    views = augment(crops, Framing(8, (1.0, 1.0)), [GLOBAL_2] * 3000, generator(0, "p"))
    pixels = views * torch.tensor(STD).view(1, 3, 1, 1) + torch.tensor(MEAN).view(1, 3, 1, 1)
    solarized = (pixels.mean(dim=(1, 2, 3)) < 0.45).float().mean()
    assert abs(float(solarized) - 0.2) < 0.03


def test_half_of_the_views_are_mirrored() -> None:
    crops = torch.zeros(1000, 3, 8, 8, dtype=torch.uint8)
    crops[..., :4] = 255
    views = render(crops, 8, draw(8, Framing(8, (1.0, 1.0)), [PLAIN] * 1000, generator(0, "flip"), Colour(0.0, 0.0)))
    assert abs(float((views[..., 0].mean(dim=(1, 2)) > 0.5).float().mean()) - 0.5) < 0.06


def test_hue_turns_red_to_green_and_back() -> None:
    red = torch.tensor([0.8, 0.2, 0.2]).view(1, 3, 1, 1)
    third = torch.full((1, 1, 1, 1), 1 / 3)
    green = turn_hue(red, third)
    torch.testing.assert_close(green.flatten(), torch.tensor([0.2, 0.8, 0.2]), atol=1e-5, rtol=0)
    torch.testing.assert_close(turn_hue(green, -third), red, atol=1e-5, rtol=0)


def test_area_average_by_hand() -> None:
    image = torch.tensor([[0.0, 2.0, 10.0, 10.0], [4.0, 6.0, 10.0, 10.0]]).repeat_interleave(2, 0)
    torch.testing.assert_close(area_resize(image, area_matrix(4, 2)), torch.tensor([[1.0, 10.0], [5.0, 10.0]]))
    assert torch.equal(area_resize(image + 0.6, area_matrix(4, 4)), image + 1)


def test_area_average_of_a_fraction_weighs_by_overlap() -> None:
    torch.testing.assert_close(area_matrix(3, 2), torch.tensor([[2 / 3, 1 / 3, 0], [0, 1 / 3, 2 / 3]]))


def test_colours_leave_the_crop_by_the_share_that_is_asked_for() -> None:
    crops = torch.randint(60, 200, (1, 3, 1, 1), dtype=torch.uint8).expand(400, 3, 8, 8).contiguous()
    framing, plain = Framing(8, (1.0, 1.0)), [PLAIN] * 400

    def spread(colour: Colour) -> float:
        return float(augment(crops, framing, plain, generator(0, "colour"), colour).mean(dim=(2, 3)).std(dim=0).mean())

    assert spread(Colour(jitter=0.0, gray=0.0)) < 1e-5
    assert 0.1 < spread(Colour(jitter=0.25, gray=0.0)) / spread(Colour(jitter=1.0, gray=0.0)) < 0.5
    assert spread(Colour(jitter=0.0, gray=0.5)) > 0.01
