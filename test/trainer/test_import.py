"""Weights from elsewhere: convert and import, and what they refuse."""

import argparse
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from stroma_trainer.__main__ import main
from stroma_trainer.dino_head import DinoHead
from stroma_trainer.encoder import encoder_sha256, load_encoder
from stroma_trainer.vit import VisionTransformer

SIZES = {"image_px": 32, "patch_px": 8, "dim": 64, "depth": 2, "heads": 1}


@pytest.fixture
def vit() -> VisionTransformer:
    return VisionTransformer(**SIZES).eval()


def official(vit: VisionTransformer) -> dict[str, Any]:
    """As facebookresearch/dino's main_dino.py saves it: DDP around MultiCropWrapper for the student, the wrapper alone
    for the teacher, numpy learning rates, the command line."""
    weights = {f"backbone.{name}": tensor for name, tensor in vit.state_dict().items()}
    head = {f"head.{name}": tensor for name, tensor in DinoHead(64, 16, 8, 32, True).state_dict().items()}
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.ones(3))], lr=1.0)
    optimizer.param_groups[0]["lr"] = np.linspace(0, 1, 3)[1]
    return {
        "student": {f"module.{name}": torch.zeros_like(tensor) for name, tensor in (weights | head).items()},
        "teacher": weights | head,
        "optimizer": optimizer.state_dict(),
        "epoch": 100,
        "args": argparse.Namespace(arch="vit_small", patch_size=16),
        "dino_loss": {"center": torch.zeros(1, 32)},
    }


def command(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def import_as(kind: str, source: Path, out: Path, *more: object) -> int:
    return command("import", "--kind", kind, "--from", source, "--out", out, "--mpp", 0.5, "--crop-px", 48, *more)


def same_features(vit: VisionTransformer, run: Path) -> None:
    images = torch.randint(256, (2, 3, 48, 48), dtype=torch.uint8)
    encoder = load_encoder(run)
    with torch.no_grad():
        expected = vit(encoder.normalised(images / 255))
    torch.testing.assert_close(encoder.embed(images), expected, atol=1e-6, rtol=1e-6)  # sums in another order


# What is taken in


def test_an_official_checkpoint_gives_its_teacher(
    vit: VisionTransformer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(official(vit), tmp_path / "checkpoint.pth")
    converted = tmp_path / "checkpoint.safetensors"
    assert command("convert", "--from", tmp_path / "checkpoint.pth", "--out", converted) == 0
    assert json.loads(capsys.readouterr().out)["left_out"] == ["optimizer"]
    assert "dino_loss.center" in load_file(converted)
    assert import_as("dino", converted, tmp_path / "run", "--input-px", 40) == 0
    printed = json.loads(capsys.readouterr().out)
    card = printed["card"]
    assert (card["mpp"], card["crop_px"], card["input_px"], card["embedding_dim"]) == (0.5, 48, 40, 64)
    assert (card["source"]["kind"], card["source"]["file"]) == ("dino", "checkpoint.safetensors")
    assert printed["parity"]["encoder"] < 1e-4
    same_features(vit, tmp_path / "run")


@pytest.mark.parametrize("prefix", ["", "module.backbone.", "module.", "teacher.module.backbone."])
def test_prefixes_of_wrappers_are_taken_off(vit: VisionTransformer, tmp_path: Path, prefix: str) -> None:
    save_file({prefix + name: tensor for name, tensor in vit.state_dict().items()}, tmp_path / "x.safetensors")
    assert import_as("dino", tmp_path / "x.safetensors", tmp_path / "run") == 0
    same_features(vit, tmp_path / "run")


def test_half_precision_becomes_single(vit: VisionTransformer, tmp_path: Path) -> None:
    save_file({name: tensor.half() for name, tensor in vit.state_dict().items()}, tmp_path / "x.safetensors")
    assert import_as("dino", tmp_path / "x.safetensors", tmp_path / "run") == 0
    same_features(vit.half().float(), tmp_path / "run")


def test_timms_config_names_mean_and_std_and_the_classifier_is_left(vit: VisionTransformer, tmp_path: Path) -> None:
    folder = tmp_path / "timm"
    folder.mkdir()
    classifier = {"head.weight": torch.zeros(10, 64), "head.bias": torch.zeros(10)}
    save_file(vit.state_dict() | classifier, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"pretrained_cfg": {"mean": [0.5] * 3, "std": [0.25] * 3}}))
    assert import_as("timm", folder, tmp_path / "run") == 0
    encoder = load_encoder(tmp_path / "run")
    assert (encoder.card["mean"], encoder.card["std"]) == ([0.5] * 3, [0.25] * 3)
    white = torch.full((1, 3, 48, 48), 255, dtype=torch.uint8)
    torch.testing.assert_close(encoder.embed(white), vit(torch.full((1, 3, 48, 48), 2.0)))
    assert import_as("timm", folder, tmp_path / "other", "--mean", 0, 0, 0, "--std", 1, 1, 1) == 0
    torch.testing.assert_close(load_encoder(tmp_path / "other").embed(white), vit(torch.ones(1, 3, 48, 48)))


def test_an_imported_encoder_stands_in_for_a_trained_one(runs: Path, tmp_path: Path) -> None:
    """Our own weights, taken in by their names alone, give the same ONNX file: the same encoder to all that follows."""
    save_file(load_encoder(runs / "dino").vit.state_dict(), tmp_path / "x.safetensors")
    options = ["--crop-px", 128, "--input-px", 64, "--heads", 4]
    source, out = tmp_path / "x.safetensors", tmp_path / "run"
    assert command("import", "--kind", "timm", "--from", source, "--out", out, "--mpp", 0.5, *options) == 0
    assert encoder_sha256(tmp_path / "run") == encoder_sha256(runs / "dino")


# What is refused


class Malicious:
    """Unpickling this creates a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.file),)


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    before = sorted(Path(str(arguments[-1])).parent.iterdir())
    assert command(*arguments) == 1
    assert sorted(Path(str(arguments[-1])).parent.iterdir()) == before, "something was left behind"
    return capsys.readouterr().err


def test_a_pickle_that_runs_code_is_refused_unrun(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = {"teacher": {"w": torch.ones(2)}, "args": Malicious(tmp_path / "ran")}
    torch.save(content, tmp_path / "zip.pth")
    (tmp_path / "bare.pth").write_bytes(pickle.dumps(content["args"]))
    torch.save(content, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    for name, code in (("zip", "pickle_refused"), ("bare", "not_a_torch_file"), ("old", "not_a_torch_file")):
        message = refused(capsys, "convert", "--from", tmp_path / f"{name}.pth", "--out", tmp_path / "x.safetensors")
        assert message.startswith(code)
    assert not (tmp_path / "ran").exists()
    (tmp_path / "ran").mkdir()
    with pytest.raises(FileExistsError):  # the trap works: an ordinary load springs it
        torch.load(tmp_path / "zip.pth", weights_only=False)


def bomb(file: Path) -> None:
    """Ten megabytes of zeros in ten kilobytes."""
    torch.save({"w": torch.zeros(2_500_000)}, file)
    with zipfile.ZipFile(file) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)


def giant(file: Path) -> None:
    """A view of one number that claims a terabyte."""
    torch.save({"w": torch.zeros(1).expand(2**38)}, file)


def many_views(file: Path) -> None:
    whole = torch.zeros(1000)
    torch.save({str(ix): whole[: 1000 - ix] for ix in range(500)}, file)


def laughs(file: Path) -> None:
    """Dictionaries that refer to one another 2⁶⁰ times."""
    inner: dict[str, Any] = {"w": torch.zeros(1)}
    for _ in range(60):
        inner = {"a": inner, "b": inner}
    torch.save(inner, file)


@pytest.mark.parametrize(
    ("make", "code"),
    [(bomb, "not_a_torch_file"), (giant, "too_many_tensors"), (many_views, "too_many_tensors")],
)
def test_bombs_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Any, code: str) -> None:
    make(tmp_path / "x.pth")
    arguments = ["convert", "--from", tmp_path / "x.pth", "--out", tmp_path / "x.safetensors"]
    assert refused(capsys, *arguments).startswith(code)


def test_dictionaries_are_walked_once(tmp_path: Path) -> None:
    laughs(tmp_path / "x.pth")
    assert command("convert", "--from", tmp_path / "x.pth", "--out", tmp_path / "x.safetensors") == 0
    assert len(load_file(tmp_path / "x.safetensors")) == 1


def test_a_folder_that_is_missing_and_names_that_are_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save({"__metadata__": torch.ones(1), "w": torch.ones(1), "c": torch.ones(1).cfloat()}, tmp_path / "x.pth")
    words = ["convert", "--from", tmp_path / "x.pth", "--out"]
    assert command(*words, tmp_path / "none" / "x.safetensors") == 1
    assert capsys.readouterr().err.startswith("out_missing")
    assert command(*words, tmp_path / "x.safetensors") == 0
    assert list(load_file(tmp_path / "x.safetensors")) == ["w"]
    os.mkfifo(tmp_path / "pipe.safetensors")
    words = ["import", "--kind", "dino", "--mpp", 1, "--from", tmp_path / "pipe.safetensors", "--out", tmp_path / "run"]
    assert refused(capsys, *words).startswith("input_missing")
    (tmp_path / "file").touch()
    words = ["import", "--kind", "dino", "--mpp", 1, "--from", tmp_path / "x.safetensors", "--out"]
    assert command(*words, tmp_path / "file" / "run") == 1


def header(**tensors: Any) -> bytes:
    text = json.dumps(tensors).encode()
    return struct.pack("<Q", len(text)) + text


WHOLE = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 4,
        struct.pack("<Q", 2**60) + b"{}",
        header(w=WHOLE),
        header(w=WHOLE | {"shape": [2**40]}) + b"\x00" * 16,
        header(w=WHOLE | {"data_offsets": [0, 2**50]}) + b"\x00" * 16,
        struct.pack("<Q", 16) + b"not JSON at all!",
        header(w=WHOLE, __metadata__={"stroma": "[]"}) + b"\x00" * 16,
    ],
    ids=["empty", "short", "giant header", "no data", "giant shape", "giant offsets", "no JSON", "foreign description"],
)
def test_damaged_safetensors_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes) -> None:
    (tmp_path / "x.safetensors").write_bytes(data)
    arguments = [
        "import",
        "--kind",
        "dino",
        "--from",
        tmp_path / "x.safetensors",
        "--mpp",
        1,
        "--out",
        tmp_path / "run",
    ]
    assert refused(capsys, *arguments).startswith("weights_unreadable")


def test_a_truncated_file_is_refused(
    vit: VisionTransformer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.safetensors"
    save_file(vit.state_dict(), file)
    file.write_bytes(file.read_bytes()[:-1])
    assert refused(
        capsys, "import", "--kind", "dino", "--from", file, "--mpp", 1, "--out", tmp_path / "run"
    ).startswith("weights_unreadable")


def without(name: str, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key: tensor for key, tensor in weights.items() if key != name}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda w: without("blocks.1.mlp.fc1.bias", w), "missing: blocks.1.mlp.fc1.bias"),
        (lambda w: w | {"blocks.0.ls1.gamma": torch.ones(64)}, "unexpected: blocks.0.ls1.gamma"),
        (lambda w: w | {"norm.bias": torch.ones(65)}, "other shape: norm.bias [65] instead of [64]"),
        (lambda w: w | {"norm.bias": torch.ones(64).int()}, "no floating-point numbers: norm.bias"),
        (lambda w: w | {"pos_embed": torch.ones(1, 16, 64)}, "16 positions"),
        (lambda w: without("pos_embed", w), "pos_embed"),
        (lambda w: w | {"pos_embed": torch.ones(3)}, "pos_embed"),
        (lambda w: w | {"norm.bias": torch.full((64,), torch.nan)}, "weights_not_finite"),
    ],
)
def test_other_networks_are_refused_by_name(
    vit: VisionTransformer, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Any, expected: str
) -> None:
    save_file(change(vit.state_dict()), tmp_path / "x.safetensors")
    arguments = [
        "import",
        "--kind",
        "dino",
        "--from",
        tmp_path / "x.safetensors",
        "--mpp",
        1,
        "--out",
        tmp_path / "run",
    ]
    message = refused(capsys, *arguments)
    assert expected in message
    assert message.startswith(("weights_mismatch", "weights_not_finite"))


@pytest.mark.parametrize(
    "options",
    [[], ["--mpp", 0], ["--mpp", 1, "--input-px", 30], ["--mpp", 1, "--input-px", 264], ["--mpp", 1, "--std", 1, 0, 1]],
)
def test_options_that_make_no_encoder_are_refused(
    vit: VisionTransformer, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[Any]
) -> None:
    save_file(vit.state_dict(), tmp_path / "x.safetensors")
    arguments = ["--kind", "dino", "--from", tmp_path / "x.safetensors", "--out", tmp_path / "run"]
    assert refused(capsys, "import", *options, *arguments).startswith("import_option")


def test_a_pth_is_not_imported_and_nothing_is_overwritten(
    vit: VisionTransformer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(vit.state_dict(), tmp_path / "x.pth")
    arguments = ["import", "--kind", "dino", "--mpp", 1, "--from", tmp_path / "x.pth", "--out"]
    assert "stroma_trainer convert" in refused(capsys, *arguments, tmp_path / "run")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert refused(capsys, *arguments, tmp_path / "full").startswith("out_exists")
    (tmp_path / "x.safetensors").touch()
    message = refused(capsys, "convert", "--from", tmp_path / "x.pth", "--out", tmp_path / "x.safetensors")
    assert message.startswith("out_exists")
