import numpy as np
import torch
from PIL import Image

from stroma_trainer.pixels import MEAN, STD, area_matrix, area_resize
from stroma_trainer.seeds import generator
from stroma_trainer.views import (
    GLOBAL_1,
    GLOBAL_2,
    LOCAL,
    Colour,
    Framing,
    Transform,
    _hue,
    augment,
    random_boxes,
    reframe,
    resampling_matrix,
)


def test_global_and_local_transforms_are_dinos() -> None:
    assert (GLOBAL_1.blur, GLOBAL_1.solarize) == (1.0, 0.0)
    assert (GLOBAL_2.blur, GLOBAL_2.solarize) == (0.1, 0.2)
    assert (LOCAL.blur, LOCAL.solarize) == (0.5, 0.0)


def test_resampling_is_pillows_bicubic() -> None:
    """In Pillow's float mode, which neither rounds nor clips between its two passes."""
    pixels = np.random.default_rng(0).uniform(0, 255, (64, 64)).astype(np.float32)
    for size in (32, 96):
        box = (5, 9, 5 + 41, 9 + 50)
        expected = np.asarray(Image.fromarray(pixels).crop(box).resize((size, size), Image.Resampling.BICUBIC))
        rows = resampling_matrix(torch.tensor([9.0]), torch.tensor([50.0]), size, 64)[0]
        columns = resampling_matrix(torch.tensor([5.0]), torch.tensor([41.0]), size, 64)[0]
        np.testing.assert_allclose((rows @ torch.from_numpy(pixels) @ columns.T).numpy(), expected, atol=2e-3)


def test_boxes_keep_area_and_ratio() -> None:
    x0, y0, width, height = random_boxes(2000, 256, (0.05, 0.4), generator(0, "boxes"))
    share, ratio = width * height / 256**2, width / height
    assert float(share.min()) > 0.045
    assert float(share.max()) < 0.41
    assert float(ratio.min()) > 0.72
    assert float(ratio.max()) < 1.38
    assert float((x0 + width).max()) <= 256
    assert float((y0 + height).max()) <= 256
    assert float(x0.min()) >= 0


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
    views = reframe(crops, Framing(8, (1.0, 1.0)), generator(0, "flip"))
    assert abs(float((views[..., 0].mean(dim=(1, 2)) > 0.5).float().mean()) - 0.5) < 0.06


def test_hue_turns_red_to_green_and_back() -> None:
    red = torch.tensor([0.8, 0.2, 0.2]).view(1, 3, 1, 1)
    third = torch.full((1, 1, 1, 1), 1 / 3)
    green = _hue(red, third)
    torch.testing.assert_close(green.flatten(), torch.tensor([0.2, 0.8, 0.2]), atol=1e-5, rtol=0)
    torch.testing.assert_close(_hue(green, -third), red, atol=1e-5, rtol=0)


def test_area_average_by_hand() -> None:
    image = torch.tensor([[0.0, 2.0, 10.0, 10.0], [4.0, 6.0, 10.0, 10.0]]).repeat_interleave(2, 0)
    torch.testing.assert_close(area_resize(image, area_matrix(4, 2)), torch.tensor([[1.0, 10.0], [5.0, 10.0]]))


def test_area_average_of_a_fraction_weighs_by_overlap() -> None:
    torch.testing.assert_close(area_matrix(3, 2), torch.tensor([[2 / 3, 1 / 3, 0], [0, 1 / 3, 2 / 3]]))


def test_colours_leave_the_crop_by_the_share_that_is_asked_for() -> None:
    crops = torch.randint(60, 200, (1, 3, 1, 1), dtype=torch.uint8).expand(400, 3, 8, 8).contiguous()
    framing, plain = Framing(8, (1.0, 1.0)), [Transform(blur=0.0, solarize=0.0)] * 400

    def spread(colour: Colour) -> float:
        return float(augment(crops, framing, plain, generator(0, "colour"), colour).mean(dim=(2, 3)).std(dim=0).mean())

    assert spread(Colour(jitter=0.0, gray=0.0)) < 1e-5
    assert 0.1 < spread(Colour(jitter=0.25, gray=0.0)) / spread(Colour(jitter=1.0, gray=0.0)) < 0.5
    assert spread(Colour(jitter=0.0, gray=0.5)) > 0.01
