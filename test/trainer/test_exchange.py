"""Our networks opened in timm and diffusers, and theirs in ours: the same numbers on both sides."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import DDIMScheduler, UNet2DConditionModel, VQModel
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from cohort import events, make_run, result
from conftest import VQ, finish
from public_peers import imported
from stroma_trainer.__main__ import main
from stroma_trainer.eldm import Eldm, load_eldm, save_eldm
from stroma_trainer.encoder import Encoder, card, encoder_sha256, load_encoder, save_encoder
from stroma_trainer.import_diffusers import CODEC, UNET, arguments, read_vq
from stroma_trainer.import_run import Imported
from stroma_trainer.sampler import alpha_bars, ddim_sample

SMALL_VQ = {
    "down_block_types": ("DownEncoderBlock2D",) * 3,
    "up_block_types": ("UpDecoderBlock2D",) * 3,
    "block_out_channels": (8, 16, 16),
    "layers_per_block": 1,
    "sample_size": 64,
    "num_vq_embeddings": 32,
    "norm_num_groups": 8,
    "scaling_factor": 0.7,
}
SMALL_UNET = {
    "sample_size": 16,
    "in_channels": 3,
    "out_channels": 3,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    "block_out_channels": (16, 32),
    "layers_per_block": 1,
    "cross_attention_dim": 32,
    "attention_head_dim": 2,
    "norm_num_groups": 8,
}
OURS = {"codec_channels": [8, 16, 16], "unet_channels": [16, 32], "unet_heads": 2}  # as smoke and VQ have it


def command(*words: object) -> int:
    return main([str(word) for word in words])


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert command(*words) == 1
    return capsys.readouterr().err


def encoder_of(folder: Path, **sizes: int) -> Encoder:
    """A run of random weights, with everything moved away from its start."""
    encoder = Encoder(sizes, card(256, 224, sizes["dim"], 0.5))
    for parameter in encoder.vit.parameters():
        parameter.add_(0.02 * torch.randn_like(parameter))
    save_encoder(Imported(folder).model, encoder)
    return encoder


# timm


def test_timm_opens_our_encoder(tmp_path: Path) -> None:
    """ViT-S/16: equal at 224 px; at 256 timm resizes the position embedding with antialiasing, all else is the same."""
    timm = imported("timm")
    ours = encoder_of(tmp_path / "run", image_px=224, patch_px=16, dim=384, depth=12, heads=6).vit
    assert command("export", "--run", tmp_path / "run", "--format", "timm", "--out", tmp_path / "timm") == 0
    theirs = timm.create_model(f"local-dir:{tmp_path / 'timm'}", pretrained=True).eval()
    assert theirs.default_cfg["architecture"] == "vit_small_patch16_224"
    with torch.no_grad():
        images = torch.randn(2, 3, 224, 224)
        torch.testing.assert_close(theirs(images), ours(images), atol=1e-4, rtol=0)
        larger = torch.randn(1, 3, 256, 256)
        expected, found = ours(larger), theirs(larger)
        assert 1e-4 < (found - expected).abs().max() < 0.5
        assert F.cosine_similarity(found, expected).item() > 0.999
        exact = timm.create_model("vit_small_patch16_224", num_classes=0, img_size=256).eval()
        exact.load_state_dict(ours.state_dict() | {"pos_embed": ours.positions(16)})
        torch.testing.assert_close(exact(larger), expected, atol=1e-4, rtol=0)


def test_timm_opens_an_encoder_of_other_sizes(tmp_path: Path) -> None:
    timm = imported("timm")
    ours = encoder_of(tmp_path / "run", image_px=32, patch_px=8, dim=48, depth=2, heads=4).vit
    assert command("export", "--run", tmp_path / "run", "--format", "timm", "--out", tmp_path / "timm") == 0
    theirs = timm.create_model(f"local-dir:{tmp_path / 'timm'}", pretrained=True).eval()
    images = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(theirs(images), ours(images), atol=1e-4, rtol=0)


@pytest.mark.parametrize("classes", [0, 10])
def test_timms_weights_open_in_ours(tmp_path: Path, classes: int) -> None:
    timm = imported("timm")
    theirs = timm.create_model("vit_tiny_patch16_224", num_classes=classes).eval()
    save_file(theirs.state_dict(), tmp_path / "x.safetensors")
    options = ["--mpp", 0.5, "--input-px", 224]
    words = ["import", "--kind", "timm", "--from", tmp_path / "x.safetensors", "--out", tmp_path / "run", *options]
    assert command(*words) == 0
    ours = load_encoder(tmp_path / "run")
    images = torch.randint(256, (2, 3, 224, 224), dtype=torch.uint8)
    theirs.reset_classifier(0)
    with torch.no_grad():
        expected = theirs(ours.normalised(images / 255))
    torch.testing.assert_close(ours.embed(images), expected, atol=1e-4, rtol=0)


def test_a_network_that_is_not_dinos_vit_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """DINOv2's has layer scale, timm's average-pooled ones fc_norm."""
    timm = imported("timm")
    for name, named in (("vit_small_patch14_reg4_dinov2", "positions"), ("vit_tiny_patch16_224", "fc_norm.weight")):
        pool = {"global_pool": "avg"} if "tiny" in name else {"img_size": 224}
        save_file(timm.create_model(name, num_classes=0, **pool).state_dict(), tmp_path / "x.safetensors")
        words = [
            "import",
            "--kind",
            "timm",
            "--from",
            tmp_path / "x.safetensors",
            "--mpp",
            1,
            "--out",
            tmp_path / "run",
        ]
        message = refused(capsys, *words)
        assert message.startswith("weights_mismatch")
        assert named in message


# DINO's own scripts


def test_dinos_checkpoint_comes_back_as_the_same_encoder(runs: Path, tmp_path: Path) -> None:
    assert command("export", "--run", runs / "dino", "--format", "dino", "--out", tmp_path / "dino") == 0
    # as utils.load_pretrained_weights reads it
    weights = torch.load(tmp_path / "dino" / "checkpoint.pth", weights_only=True)["teacher"]
    weights = {name.replace("module.", "").replace("backbone.", ""): tensor for name, tensor in weights.items()}
    for name, tensor in load_encoder(runs / "dino").vit.state_dict().items():
        assert torch.equal(weights[name], tensor)
    file = tmp_path / "x.safetensors"
    assert command("convert", "--from", tmp_path / "dino" / "checkpoint.pth", "--out", file) == 0
    options = ["--mpp", 0.5, "--crop-px", 128, "--input-px", 64, "--heads", 4]
    assert command("import", "--kind", "dino", "--from", file, "--out", tmp_path / "run", *options) == 0
    assert encoder_sha256(tmp_path / "run") == encoder_sha256(runs / "dino")


# diffusers


@torch.no_grad()
def test_diffusers_opens_our_eldm(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert command("export", "--run", runs / "eldm", "--format", "diffusers", "--out", out) == 0
    ours = load_eldm(runs / "eldm")
    vq = VQModel.from_pretrained(out / "vqvae").eval()
    images = torch.rand(2, 3, 64, 64) * 2 - 1
    latents = vq.encode(images).latents
    assert torch.equal(latents, ours.codec.encode(images))
    codes = vq.quantize.embedding(vq.quantize(latents)[2][2].view(2, 16, 16)).permute(0, 3, 1, 2)
    assert torch.equal(vq.decode(codes, force_not_quantize=True).sample, ours.codec.decode(latents))
    # diffusers' z + (e − z) rounds the codes e
    torch.testing.assert_close(vq.decode(latents).sample, ours.codec.decode(latents), atol=1e-5, rtol=0)
    assert vq.config.scaling_factor == ours.card["latent_scale"]

    unet = UNet2DConditionModel.from_pretrained(out / "unet").eval()
    embedder = nn.Linear(128, 32)
    embedder.load_state_dict(load_file(out / "embedder" / "model.safetensors"))
    x, t, e = torch.randn(2, 3, 16, 16), torch.tensor([3, 900]), torch.randn(2, 128)
    token = embedder(F.normalize(e, dim=-1)).unsqueeze(1)
    assert torch.equal(unet(x, t, encoder_hidden_states=token).sample, ours.unet(x, t, e))

    scheduler = DDIMScheduler.from_pretrained(out / "scheduler")
    scheduler.set_timesteps(50)
    assert scheduler.timesteps[:2].tolist() == [981, 961]
    bars = torch.from_numpy(alpha_bars(1000, ours.card["beta_start"], ours.card["beta_end"])).float()
    torch.testing.assert_close(scheduler.alphas_cumprod, bars, atol=1e-6, rtol=0)


def test_an_eldm_comes_back_and_draws_the_same_crops(runs: Path, manifest: Path, tmp_path: Path) -> None:
    assert command("export", "--run", runs / "eldm", "--format", "diffusers", "--out", tmp_path / "out") == 0
    words = ["import", "--kind", "eldm", "--from", tmp_path / "out", "--encoder", runs / "dino", "--ddim-steps", 4]
    assert command(*words, "--out", tmp_path / "eldm") == 0
    before, after = result(runs / "eldm")["checkpoints"][0]["card"], result(tmp_path / "eldm")["checkpoints"][0]["card"]
    assert {name: value for name, value in after.items() if name != "source"} == before
    assert after["source"]["kind"] == "eldm"
    inputs = {"manifest": manifest, "encoder": runs / "dino", "eldm": tmp_path / "eldm"}
    run = make_run(tmp_path / "synthetic", "synthesize", inputs, threads=1, batch_size=10)
    finish(run)
    for file in sorted((runs / "synthetic" / "synthetic").iterdir()):
        assert (run / "synthetic" / file.name).read_bytes() == file.read_bytes()


@torch.no_grad()
def test_an_eldm_that_predicts_v_draws_in_diffusers_what_it_draws_here(
    runs: Path, manifest: Path, tmp_path: Path
) -> None:
    inputs = {"manifest": manifest, "encoder": runs / "dino"}
    run = make_run(tmp_path / "v", "train_eldm", inputs, **VQ | {"epochs": 1, "prediction": "v"})
    with torch.enable_grad():
        finish(run)
    assert {"eps_mse", "velocity_mse"} <= result(run)["losses"].keys()
    assert command("export", "--run", run, "--format", "diffusers", "--out", tmp_path / "out") == 0
    words = ["--from", tmp_path / "out", "--encoder", runs / "dino", "--out", tmp_path / "back"]
    assert command("import", "--kind", "eldm", *words) == 0

    ours, back = load_eldm(run), load_eldm(tmp_path / "back")
    start, embedding = torch.randn(2, 3, 16, 16), torch.randn(2, 128)
    bars = alpha_bars(1000, ours.card["beta_start"], ours.card["beta_end"])
    drawn = ddim_sample(ours.unet, start, embedding, bars, 5, 1.0)
    assert torch.equal(ddim_sample(back.unet, start, embedding, bars, 5, 1.0), drawn)

    unet = UNet2DConditionModel.from_pretrained(tmp_path / "out" / "unet").eval()
    scheduler = DDIMScheduler.from_pretrained(tmp_path / "out" / "scheduler")
    scheduler.set_timesteps(5)
    token, x = ours.unet.embedder(F.normalize(embedding, dim=-1)).unsqueeze(1), start
    for t in scheduler.timesteps:
        x = scheduler.step(unet(x, t, encoder_hidden_states=token).sample, t, x).prev_sample
    torch.testing.assert_close(drawn, x, atol=1e-4, rtol=1e-4)

    assert command("import", "--kind", "unet", "--from", tmp_path / "out" / "unet", "--out", tmp_path / "unet") == 0
    started = make_run(tmp_path / "eps", "train_eldm", inputs | {"unet": tmp_path / "unet"}, **VQ | {"epochs": 1})
    assert main(["train_eldm", "--run", str(started)]) == 1
    assert "velocity" in events(started, "error")[0]["found"]


@torch.no_grad()
def test_diffusers_networks_open_in_ours_and_train(runs: Path, manifest: Path, tmp_path: Path) -> None:
    """Saved by diffusers itself; the embedder of a U-Net that comes without one is new."""
    vq, unet = VQModel(**SMALL_VQ).eval(), UNet2DConditionModel(**SMALL_UNET).eval()
    vq.save_pretrained(tmp_path / "vq")
    unet.save_pretrained(tmp_path / "unet")
    for kind in ("vq", "unet"):
        words = ["--from", tmp_path / kind, "--out", tmp_path / f"{kind}-run"]
        assert command("import", "--kind", kind, *words) == 0
    (imported_vq,) = result(tmp_path / "vq-run")["checkpoints"]
    assert (imported_vq["kind"], imported_vq["card"]["latent_shape"]) == ("autoencoder", [3, 16, 16])
    inputs = {"manifest": manifest, "encoder": runs / "dino"}
    inputs |= {"autoencoder": tmp_path / "vq-run", "unet": tmp_path / "unet-run"}
    run = make_run(tmp_path / "eldm", "train_eldm", inputs, **VQ | {"epochs": 1, "lr": 1e-12, "ema_decay": 0.0})
    with torch.enable_grad():
        finish(run)
    ours = load_eldm(run)
    images = torch.rand(2, 3, 64, 64) * 2 - 1
    assert torch.equal(ours.codec.encode(images), vq.encode(images).latents)
    x, t, token = torch.randn(2, 3, 16, 16), torch.tensor([3, 900]), torch.randn(2, 1, 32)
    expected = unet(x, t, encoder_hidden_states=token).sample
    torch.testing.assert_close(ours.unet.unet(x, t, encoder_hidden_states=token).sample, expected, atol=1e-5, rtol=0)


def test_attention_names_of_old_diffusers_and_no_attention_are_understood(tmp_path: Path) -> None:
    vq = VQModel(**SMALL_VQ)
    vq.save_pretrained(tmp_path / "vq")
    file = tmp_path / "vq" / "diffusion_pytorch_model.safetensors"
    old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    renamed: dict[str, Tensor] = {}
    for name, tensor in vq.state_dict().items():
        for new, before in old.items():
            name = name.replace(f".{new}.", f".{before}.")
        renamed[name] = tensor
    assert sum("query" in name for name in renamed) == 4
    save_file(renamed, file)
    _, tensors, _ = read_vq(tmp_path / "vq")
    assert all(torch.equal(tensors[f"vq.{name}"], tensor) for name, tensor in vq.state_dict().items())

    VQModel(**SMALL_VQ, mid_block_add_attention=False).save_pretrained(tmp_path / "noattn")
    architecture, tensors, _ = read_vq(tmp_path / "noattn")
    assert architecture["mid_attention"] is False
    assert not any("attentions" in name for name in tensors)


def test_the_papers_networks_are_read_from_their_configs() -> None:
    vq = {
        "_class_name": "VQModel", "block_out_channels": [128, 256, 512], "layers_per_block": 2, "sample_size": 256,
        "num_vq_embeddings": 8192
    }  # fmt: skip
    unet = {
        "_class_name": "UNet2DConditionModel", "block_out_channels": [192, 384, 576, 960], "cross_attention_dim": 512,
        "attention_head_dim": 1, "sample_size": 64, "in_channels": 3
    }  # fmt: skip
    assert arguments(VQModel, vq, CODEC, Path("x")) == {
        "channels": [128, 256, 512], "blocks": 2, "groups": 32, "codebook_size": 8192, "latent_channels": 3,
        "image_px": 256, "mid_attention": True
    }  # fmt: skip
    assert arguments(UNet2DConditionModel, unet, UNET, Path("x")) == {
        "channels": [192, 384, 576, 960], "layers": 2, "heads": 1, "groups": 32, "context_dim": 512,
        "latent_channels": 3, "latent_px": 64
    }  # fmt: skip


# What is refused


@pytest.fixture
def vq_folder(tmp_path: Path) -> Path:
    VQModel(**SMALL_VQ).save_pretrained(tmp_path / "vq")
    return tmp_path / "vq"


def change_config(folder: Path, **changes: Any) -> None:
    file = next(folder.glob("*config.json"))
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"_class_name": "AutoencoderKL"}, "AutoencoderKL"),
        ({"act_fn": "gelu"}, "act_fn"),
        ({"norm_type": "spatial"}, "norm_type"),
        ({"vq_embed_dim": 4}, "vq_embed_dim"),
        ({"in_channels": 1}, "in_channels"),
        ({"block_out_channels": [8, 16]}, "three levels"),
        ({"block_out_channels": [8, 16, 20]}, "fit together"),
        ({"block_out_channels": [8, 16, 2**40]}, "block_out_channels"),
        ({"block_out_channels": 8}, "block_out_channels"),
        ({"layers_per_block": 10**9}, "layers_per_block"),
        ({"layers_per_block": "2"}, "layers_per_block"),
        ({"num_vq_embeddings": 2**40}, "num_vq_embeddings"),
        ({"sample_size": None}, "sample_size"),
    ],
)
def test_a_config_of_another_network_is_refused(
    vq_folder: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], named: str
) -> None:
    change_config(vq_folder, **changes)
    out = vq_folder.parent / "run"
    message = refused(capsys, "import", "--kind", "vq", "--from", vq_folder, "--out", out)
    assert message.startswith("config_unsupported")
    assert named in message
    assert not out.exists()


def test_folders_that_are_not_diffusers_are_refused(vq_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["import", "--kind", "vq", "--out", vq_folder.parent / "run", "--from"]
    change_config(vq_folder, num_vq_embeddings=64)
    assert "quantize.embedding.weight [32, 3] instead of [64, 3]" in refused(capsys, *words, vq_folder)
    (vq_folder / "config.json").write_text("{")
    assert refused(capsys, *words, vq_folder).startswith("config_unreadable")
    (vq_folder / "config.json").write_text("[]")
    assert refused(capsys, *words, vq_folder).startswith("config_unreadable")
    (vq_folder / "config.json").unlink()
    assert "no config.json" in refused(capsys, *words, vq_folder)
    (vq_folder / "diffusion_pytorch_model.safetensors").rename(vq_folder / "diffusion_pytorch_model.bin")
    message = refused(capsys, *words, vq_folder)
    assert message.startswith("input_missing")
    assert "convert" in message
    assert refused(capsys, *words, vq_folder / "none").startswith("input_missing")


def test_an_eldm_whose_parts_do_not_fit_is_refused(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert command("export", "--run", runs / "eldm", "--format", "diffusers", "--out", out) == 0
    capsys.readouterr()
    words = ["import", "--kind", "eldm", "--from", out, "--out", tmp_path / "run"]
    assert "--encoder RUN" in refused(capsys, *words)
    encoder_of(tmp_path / "other", image_px=32, patch_px=8, dim=64, depth=1, heads=1)
    assert "embedding_dim" in refused(capsys, *words, "--encoder", tmp_path / "other")
    for folder, changes, named in (
        ("scheduler", {"prediction_type": "sample"}, "prediction_type = epsilon or v_prediction"),
        ("scheduler", {"beta_schedule": "linear"}, "beta_schedule"),
        ("scheduler", {"beta_end": 2.0}, "beta_end"),
        ("vqvae", {"scaling_factor": 0}, "scaling_factor"),
        ("vqvae", {"sample_size": 128}, "input_px"),
    ):
        before = next((out / folder).glob("*config.json")).read_text()
        change_config(out / folder, **changes)
        assert named in refused(capsys, *words, "--encoder", runs / "dino"), changes
        next((out / folder).glob("*config.json")).write_text(before)
    save_file({"weight": torch.zeros(31, 128), "bias": torch.zeros(32)}, out / "embedder" / "model.safetensors")
    assert "weight [31, 128] instead of [32, 128]" in refused(capsys, *words, "--encoder", runs / "dino")
    assert not (tmp_path / "run").exists()


def test_what_has_no_counterpart_is_not_exported(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    eldm = load_eldm(runs / "eldm")
    pool = Eldm(eldm.architecture | {"codec": {}}, eldm.card)
    save_eldm(Imported(tmp_path / "pool").model, pool)
    words = ["export", "--format", "diffusers", "--out", tmp_path / "out", "--run"]
    assert refused(capsys, *words, tmp_path / "pool").startswith("export_pool")
    assert refused(capsys, *words, runs / "abmil").startswith("input_missing")
    assert not (tmp_path / "out").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    words = ["export", "--run", runs / "dino", "--format", "timm", "--out", tmp_path / "full"]
    assert refused(capsys, *words).startswith("out_exists")
