"""The autoencoder's losses by hand, and its training with and without a discriminator."""

import json
import shutil
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from cohort import events, make_run, result, start
from conftest import VQ, finish
from stroma_trainer.autoencoder import VqCodec
from stroma_trainer.autoencoder_training import Adversary
from stroma_trainer.discriminator import PatchDiscriminator, adaptive_weight, hinge_loss
from stroma_trainer.eldm import load_eldm
from stroma_trainer.validation import due, split_by_slide

GAN = VQ | {"discriminator_weight": 0.75, "discriminator_channels": 4, "discriminator_start": 2, "epochs": 1}


def test_hinge_loss_by_hand() -> None:
    real = torch.tensor([2.0, 0.5, -1.0])  # lack 0, 0.5, 2 to +1
    fake = torch.tensor([-3.0, -0.5, 1.0])  # lack 0, 0.5, 2 to −1
    assert hinge_loss(real, fake).item() == pytest.approx(0.5 * (2.5 / 3 + 2.5 / 3))


def test_adaptive_weight_by_hand() -> None:
    last = nn.Parameter(torch.tensor([1.0, 2.0]))
    reconstruction = (last * torch.tensor([3.0, 4.0])).sum()  # gradient of norm 5
    adversarial = 0.5 * last[0]  # of norm 0.5
    weight = adaptive_weight(reconstruction, adversarial, last)
    assert weight.item() == pytest.approx(5 / (0.5 + 1e-4))
    assert not weight.requires_grad
    assert adaptive_weight(reconstruction, 1e-9 * adversarial, last).item() == 1e4
    assert last.grad is None


@pytest.mark.parametrize(("legacy", "by_code", "by_latent"), [(True, 0.25, 1.0), (False, 1.0, 0.25)])
def test_codebook_loss_by_hand(legacy: bool, by_code: float, by_latent: float) -> None:
    """Latent 0.5 in each channel, nearest code 0.3: the squared distance is 0.04, beta weighs one of its two terms."""
    codec = VqCodec([8, 8, 8], 1, 8, 2, 3, 32)
    codec.set_codebook_loss(0.25, legacy)
    codes = codec.vq.quantize.embedding.weight
    with torch.no_grad():
        codes.copy_(torch.tensor([[0.3] * 3, [-1.0] * 3]))
    latents = torch.full((1, 3, 2, 2), 0.5, requires_grad=True)
    _, loss, _ = codec.vq.quantize(latents)
    assert loss.item() == pytest.approx(0.04 * 1.25, rel=1e-5)
    loss.backward()
    # d/de mean((z − e)²) over 4 places × 3 channels: each code component is met 4 times
    assert codes.grad is not None
    assert codes.grad[0].tolist() == pytest.approx([by_code * 2 * -0.2 * 4 / 12] * 3, rel=1e-4)
    assert latents.grad is not None
    assert latents.grad.flatten().tolist() == pytest.approx([by_latent * 2 * 0.2 / 12] * 12, rel=1e-4)


def test_the_codebook_starts_as_latents_of_the_first_batch() -> None:
    codec = VqCodec([8, 8, 8], 1, 8, 40, 3, 16)
    before = codec.vq.quantize.embedding.weight.detach().clone()
    images = torch.rand(2, 3, 16, 16) * 2 - 1
    codec.start_codebook(images, torch.Generator().manual_seed(3))
    after = codec.vq.quantize.embedding.weight
    latents = codec.encode(images).permute(0, 2, 3, 1).flatten(0, 2)  # 32 of them for 40 codes
    torch.testing.assert_close(after[:32].sort(dim=0).values, latents.sort(dim=0).values)
    assert torch.equal(after[32:], before[32:])


def test_standardised_latents_have_mean_0_and_deviation_1_and_decode_to_the_same() -> None:
    codec = VqCodec([8, 8, 8], 1, 8, 16, 3, 16)
    images = torch.rand(4, 3, 16, 16) * 2 - 1
    codec.start_codebook(images, torch.Generator().manual_seed(3))
    with torch.no_grad():
        codec.vq.quant_conv.bias.add_(torch.tensor([1.0, -2.0, 0.5]))
        codec.vq.quantize.embedding.weight.add_(torch.tensor([1.0, -2.0, 0.5]))
        before, latents = codec.decode(codec.encode(images)), codec.encode(images)
        codec.standardise(latents)
        after = codec.encode(images)
        torch.testing.assert_close(after.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
        reference = (latents - latents.mean(dim=(0, 2, 3), keepdim=True)) / latents.std()
        torch.testing.assert_close(after, reference, atol=1e-5, rtol=0)
        torch.testing.assert_close(codec.decode(after), before, atol=1e-5, rtol=0)


def test_the_discriminator_is_that_of_latent_diffusion() -> None:
    network = PatchDiscriminator(64, 3)
    convolutions = [(3, 64, 1), (64, 128, 0), (128, 256, 0), (256, 512, 0), (512, 1, 1)]
    weights = sum(before * after * 16 + bias * after for before, after, bias in convolutions)
    assert sum(p.numel() for p in network.parameters()) == weights + 2 * (128 + 256 + 512) == 2_765_633
    assert network(torch.zeros(2, 3, 256, 256)).shape == (2, 1, 30, 30)  # patches of 70 px
    assert network.main[2].weight.std().item() == pytest.approx(0.02, rel=0.05)


def test_an_adversary_pushes_the_decoder_and_learns_to_tell() -> None:
    c = SimpleNamespace(
        discriminator_channels=4, discriminator_layers=2, discriminator_weight=0.75, codec_lr=1e-2, precision="fp32"
    )
    adversary = Adversary(c, torch.device("cpu"))
    last = nn.Parameter(torch.full((1,), 0.1))
    images, decoded = torch.rand(4, 3, 32, 32) * 2 - 1, last * torch.ones(4, 3, 32, 32)
    reconstruction = (decoded - images).abs().mean()
    gain, terms = adversary.oppose(decoded, reconstruction, last)
    assert gain.item() == pytest.approx((0.75 * terms["adaptive_weight"] * terms["adversarial"]).item())
    gain.backward()
    assert last.grad is not None
    assert all(parameter.grad is None for parameter in adversary.network.parameters())  # only the codec moves here
    losses = [adversary.learn(images, decoded).item() for _ in range(20)]
    assert losses[-1] < 0.5 * losses[0]


def test_whole_slides_are_held_out() -> None:
    slides = [f"s{ix // 10}" for ix in range(200)]
    split = split_by_slide(slides, 0.1, seed=1)
    held = {slides[ix] for ix in split.validation.tolist()}
    assert len(held) == 2
    assert held.isdisjoint(slides[ix] for ix in split.training.tolist())
    assert len(split.training) + len(split.validation) == 200
    assert torch.equal(split_by_slide(slides, 0.1, seed=1).validation, split.validation)
    assert len(split_by_slide(slides, 0.02, seed=1).validation) == 0  # less than half a slide
    assert len(split_by_slide(slides, 1.0, seed=1).training) == 10
    assert len(split_by_slide(["a"] * 3, 0.9, seed=1).training) == 3
    assert len(split_by_slide(["a"] * 9 + ["b"] * 2000, 0.5, seed=1).validation) in (9, 512)


def test_a_phase_is_validated_twenty_times_and_at_its_end() -> None:
    assert sum(due(done, 1000) for done in range(1, 1001)) == 20
    assert due(1000, 1000)
    assert all(due(done, 7) for done in range(1, 8))


# Whole stages


def history(run: Path) -> Any:
    return torch.load(run / "checkpoint.pt", weights_only=True)["state"]["stage"]["history"]


def test_adversarial_training_resumes_bit_for_bit(runs: Path, manifest: Path, tmp_path: Path) -> None:
    inputs = {"manifest": manifest, "encoder": runs / "dino"}
    settings = GAN | {"codec_epochs": 6, "validation_share": 0.34, "codebook_start": "first_batch"}
    settings |= {"latent_standardise": True, "embedder_start": "whitened"}
    whole = make_run(tmp_path / "whole", "train_eldm", inputs, **settings)
    finish(whole)
    stopped = tmp_path / "stopped"
    stopped.mkdir()
    shutil.copy(whole / "config.json", stopped)
    process = start(stopped)
    while process.poll() is None and len(events(stopped, "metric")) < 5:
        pass
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 75
    finish(stopped)
    assert history(stopped) == history(whole)
    assert (stopped / "model/eldm.safetensors").read_bytes() == (whole / "model/eldm.safetensors").read_bytes()

    found = result(whole)
    assert len(history(whole)["autoencoder"]) == 12  # 16 of 24 crops, those of 2 of 3 slides
    assert len(history(whole)["discriminator"]) == 10  # from step 2 on
    assert found["losses"].keys() == {
        "autoencoder", "discriminator", "autoencoder_validation", "eps_mse", "eps_mse_validation"
    }  # fmt: skip
    assert found["metrics"]["validation_crops"] == 8
    assert found["metrics"]["latent_std"] > 0
    values = [event["values"] for event in events(whole, "metric") if event["phase"] == "autoencoder"]
    steps = [value for value in values if "loss" in value]
    assert "adversarial" not in steps[1]
    for value in steps[2:]:
        expected = value["l1"] + value["features"] + value["codebook"]
        expected += 0.75 * value["adaptive_weight"] * value["adversarial"]
        assert value["loss"] == pytest.approx(expected, rel=1e-5)
    assert [value for value in values if "validation_loss" in value]


def test_another_runs_autoencoder_and_unet_are_taken(runs: Path, manifest: Path, tmp_path: Path) -> None:
    inputs = {"manifest": manifest, "encoder": runs / "dino", "autoencoder": runs / "eldm", "unet": runs / "eldm"}
    run = make_run(tmp_path / "run", "train_eldm", inputs, **VQ | {"epochs": 1, "lr": 1e-12, "ema_decay": 0.0})
    finish(run)
    assert set(result(run)["losses"]) == {"eps_mse"}
    expected, found = (load_file(folder / "model/eldm.safetensors") for folder in (runs / "eldm", run))
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, atol=1e-6 if name.startswith("unet.") else 0, rtol=0)
    assert load_eldm(run).card["latent_scale"] == pytest.approx(1 / result(run)["metrics"]["latent_std"])

    tuned = make_run(tmp_path / "tuned", "train_eldm", inputs, **VQ | {"epochs": 1, "codec_finetune": True})
    finish(tuned)
    assert set(result(tuned)["losses"]) == {"autoencoder", "eps_mse"}
    first, before = result(tuned)["losses"]["autoencoder"][0], result(runs / "eldm")["losses"]["autoencoder"]
    assert abs(first - before[1]) < abs(first - before[0])  # goes on where the other ended


@pytest.mark.parametrize(("changes", "named"), [({"codec_blocks": 2}, "blocks"), ({"unet_heads": 1}, "heads")])
def test_an_input_of_another_size_is_refused(
    runs: Path, manifest: Path, tmp_path: Path, changes: dict[str, int], named: str
) -> None:
    from stroma_trainer.__main__ import main

    inputs = {"manifest": manifest, "encoder": runs / "dino", "autoencoder": runs / "eldm", "unet": runs / "eldm"}
    run = make_run(tmp_path / "run", "train_eldm", inputs, **VQ | changes)
    assert main(["train_eldm", "--run", str(run)]) == 1
    (error,) = events(run, "error")
    assert (error["code"], error["expected"].split()[0]) == ("input_mismatch", named)
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps(config | {"inputs": config["inputs"] | {"unets": "x"}}))
    assert main(["train_eldm", "--run", str(run)]) == 1
    assert events(run, "error")[-1]["code"] == "inputs_mismatch"
