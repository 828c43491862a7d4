import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler

from stroma_trainer.noise import noise, noise_key
from stroma_trainer.sampler import add_noise, alpha_bars, ddim_sample, ddim_timesteps, draw_latents, guide
from stroma_trainer.slerp import interpolate, slerp
from stroma_trainer.unet import ConditionedUnet

VECTOR = json.loads((Path(__file__).parent / "noise_vector.json").read_text())


def test_timesteps_are_those_of_latent_diffusion() -> None:
    assert ddim_timesteps(1000, 50)[:2] == [981, 961]
    assert ddim_timesteps(1000, 50)[-1] == 1
    assert ddim_timesteps(1000, 4) == [751, 501, 251, 1]


def test_alpha_bars_are_linear_in_the_root_of_beta() -> None:
    bars = alpha_bars(1000, 0.0015, 0.0195)
    assert bars[0] == pytest.approx(1 - 0.0015)
    middle = (math.sqrt(0.0015) + (math.sqrt(0.0195) - math.sqrt(0.0015)) * 1 / 999) ** 2
    assert bars[1] == pytest.approx((1 - 0.0015) * (1 - middle))


@pytest.mark.parametrize("steps", [10, 50])
def test_trajectory_is_the_librarys(steps: int) -> None:
    """What the denoiser is shown at every step, and the end."""
    scheduler = DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.0015,
        beta_end=0.0195,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type="epsilon",
        timestep_spacing="leading",
    )
    scheduler.set_timesteps(steps)
    start, embedding = torch.randn(2, 3, 4, 4), torch.randn(2, 8)
    shown: list[torch.Tensor] = []

    def denoise(x: torch.Tensor, t: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        shown.append(x[:2])
        return torch.tanh(x + e.mean(dim=1).view(-1, 1, 1, 1)) * (1 + t.view(-1, 1, 1, 1) / 1000)

    expected = [start]
    for t in scheduler.timesteps:
        times, x = t.repeat(2), expected[-1]
        eps = guide(denoise(x, times, torch.zeros_like(embedding)), denoise(x, times, embedding), 1.75)
        expected.append(scheduler.step(eps, t, x, eta=0.0).prev_sample)
    shown.clear()
    end = ddim_sample(denoise, start, embedding, alpha_bars(1000, 0.0015, 0.0195), steps, 1.75)
    found = torch.stack([*shown, end])
    assert len(found) == steps + 1
    torch.testing.assert_close(found, torch.stack(expected), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("sampler", ["dpmpp", "unipc"])
def test_ten_steps_of_a_solver_are_nearer_to_the_end_than_ten_of_ddim(sampler: str) -> None:
    """Against 1000 DDIM steps, with the exact noise predictor of data that are normal around the embedding."""
    bars = alpha_bars(1000, 0.0015, 0.0195)

    def denoise(x: torch.Tensor, t: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        a = torch.from_numpy(bars)[t].float().view(-1, 1, 1, 1)
        mean = e.mean(dim=1).view(-1, 1, 1, 1)
        return (1 - a).sqrt() * (x - a.sqrt() * mean) / (a * 0.05 + 1 - a)

    start, embedding = torch.randn(4, 3, 4, 4), torch.randn(4, 8)
    exact = ddim_sample(denoise, start, embedding, bars, 1000, 1.0)
    apart = {
        name: float((draw_latents(name, denoise, start, embedding, bars, 10, 1.0) - exact).abs().mean())
        for name in ("ddim", sampler)
    }
    assert apart[sampler] < 0.25 * apart["ddim"]
    assert torch.equal(*[draw_latents(sampler, denoise, start, embedding, bars, 10, 1.75) for _ in range(2)])


@pytest.mark.parametrize("velocity", [None, {"train_timesteps": 1000, "beta_start": 0.0015, "beta_end": 0.0195}])
@pytest.mark.parametrize("side", [16, 18])  # 18 halves to 9 and 5: what is upsampled does not double
def test_a_guided_trajectory_is_that_of_two_passes(velocity: dict[str, float] | None, side: int) -> None:
    unet = ConditionedUnet([16, 32, 32], 2, 2, 8, 32, 3, side, 24, velocity)
    for parameter in unet.parameters():  # so large that the embedding is heard through all layers
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.7 * parameter[0].numel() ** -0.5)
    start, embedding = torch.randn(2, 3, side, side), torch.randn(2, 24)
    shown: list[torch.Tensor] = []

    def two_passes(x: torch.Tensor, t: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        shown.append(x)
        return torch.cat([unet(x[:2], t[:2], e[:2]), unet(x[2:], t[2:], e[2:])])

    with torch.no_grad():
        predict = unet.guided(embedding, 1.75)
        for t in (981, 500, 1):
            times = torch.full((2,), t)
            expected = guide(unet(start, times, 0 * embedding), unet(start, times, embedding), 1.75)
            assert float((expected - unet(start, times, embedding)).abs().max()) > 1e-4
            torch.testing.assert_close(predict(start, t), expected, atol=1e-5, rtol=1e-5)
    bars = alpha_bars(1000, 0.0015, 0.0195)
    expected = ddim_sample(two_passes, start, embedding, bars, 10, 1.75)
    assert len(shown) == 10
    # the first step divides rounding errors of the noise by √ā, 1/34
    torch.testing.assert_close(ddim_sample(unet, start, embedding, bars, 10, 1.75), expected, atol=1e-4, rtol=1e-5)


def test_guidance_by_hand() -> None:
    assert guide(torch.tensor(1.0), torch.tensor(3.0), 1.75).item() == 4.5
    assert guide(torch.tensor(1.0), torch.tensor(3.0), 1.0).item() == 3.0


def test_forward_process_by_hand() -> None:
    x = add_noise(torch.full((1, 1, 1, 1), 2.0), torch.full((1, 1, 1, 1), 1.0), torch.tensor([0.64]))
    assert x.item() == pytest.approx(0.8 * 2 + 0.6)


def test_interpolation_at_the_ends_is_one_of_the_crops() -> None:
    """alpha 1 → parallel to the primary embedding, alpha 0 → to the secondary."""
    e1, e2 = torch.randn(4, 16), 3 * torch.randn(4, 16)
    for alpha, end in ((1.0, e1), (0.0, e2)):
        between = interpolate(e1, e2, torch.full((4, 1), alpha))
        torch.testing.assert_close(torch.cosine_similarity(between, end), torch.ones(4))


def test_interpolation_nears_the_primary_as_alpha_grows() -> None:
    e1, e2 = torch.randn(1, 16), torch.randn(1, 16)
    cosines = [torch.cosine_similarity(interpolate(e1, e2, torch.tensor([[a / 10]])), e1).item() for a in range(11)]
    assert cosines == sorted(cosines)
    assert cosines[-1] > cosines[0]


def test_interpolation_under_a_swap() -> None:
    e1, e2, alpha = torch.randn(3, 16), torch.randn(3, 16), torch.tensor([[0.2], [0.4], [0.8]])
    torch.testing.assert_close(interpolate(e1, e2, alpha), interpolate(e2, e1, 1 - alpha))


def test_slerp_by_hand() -> None:
    v = slerp(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]), torch.tensor([[1 / 3]]))
    torch.testing.assert_close(v, torch.tensor([[math.cos(math.pi / 6), math.sin(math.pi / 6)]]))


def test_slerp_of_parallel_vectors_is_straight() -> None:
    v = torch.tensor([[2.0, 0.0]])
    torch.testing.assert_close(slerp(v, 2 * v, torch.tensor([[0.5]])), torch.tensor([[3.0, 0.0]]))


def test_unit_and_raw_slerp_differ_when_lengths_do() -> None:
    e1, e2, alpha = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 2.0]]), torch.tensor([[0.5]])
    raw = torch.cosine_similarity(interpolate(e1, e2, alpha, unit=False), interpolate(e1, e2, alpha)).item()
    assert raw < 0.96


def test_noise_is_the_fixed_vector() -> None:
    assert noise_key(1, "1:0", "interpolated", 0.2) == VECTOR["key"]
    np.testing.assert_array_equal(noise(VECTOR["key"], 8), np.array(VECTOR["values"], dtype=np.float32))


def test_noise_agrees_with_whole_numbers_by_hand() -> None:
    """The first value of the fixed vector by Python's own integers, to catch a wrap-around that went wrong."""
    import hashlib

    seed = int.from_bytes(hashlib.sha256(VECTOR["key"].encode()).digest()[:8], "big")
    uniform = []
    for counter in (1, 2):
        z = (seed + counter * 0x9E3779B97F4A7C15) % 2**64
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        uniform.append((((z ^ z >> 31) >> 11) + 0.5) * 2**-53)
    first = math.sqrt(-2 * math.log(uniform[0])) * math.cos(2 * math.pi * uniform[1])
    assert np.float32(first) == np.float32(VECTOR["values"][0])


def test_noise_is_normal_and_differs_by_key() -> None:
    a, b = noise("1|1:0|generated|1|0", 20001), noise("1|1:1|generated|1|0", 20001)
    assert len(a) == 20001
    assert abs(a.mean()) < 0.03
    assert abs(a.std() - 1) < 0.03
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.03


def test_key_of_a_generated_crop_has_alpha_one() -> None:
    assert noise_key(7, "3:4", "generated", 1.0) == "7|3:4|generated|1|0"
