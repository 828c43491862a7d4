"""Every stage from the command line, on a plain folder of images, without the platform."""

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from cohort import events, make_folder, result
from conftest import DINO, finish
from stroma_trainer import provenance
from stroma_trainer.__main__ import main
from stroma_trainer.bags import read_bags, read_embeddings
from stroma_trainer.encoder import encoder_sha256, load_encoder

SMALL = [text for name, value in DINO.items() for text in ("--set", f"{name}={value}")]


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Stages take over SIGINT, which pytest needs."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True, scope="session")
def _revision() -> Iterator[None]:
    """The working copy may change while tests run; a run goes on under its own revision only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provenance, "code_revision", lambda: "test")
        yield


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folder(tmp_path_factory.mktemp("folder") / "images")


def command(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def config(run: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((run / "config.json").read_text())
    return value


@pytest.fixture(scope="session")
def dino(tmp_path_factory: pytest.TempPathFactory, images: Path, _revision: None) -> Path:
    run = tmp_path_factory.mktemp("alone") / "dino"
    assert command("train_dino", "--data", images, "--preset", "smoke", "--mpp", 0.5, "--out", run, *SMALL) == 0
    return run


def test_dino_leaves_a_run_directory_and_prints_its_result(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert command("train_dino", "--data", images, "--preset", "smoke", "--out", run, *SMALL) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == result(run)
    lines = printed.err.splitlines()
    assert lines[0] == f"{images}: 16 images in 2 classes, of 16 slides"
    assert lines[-1].startswith("dino 6/6 steps · ")
    assert " · loss " in lines[-1]
    assert config(run)["stage"] == "train_dino"
    assert result(run)["checkpoints"][0]["card"]["crop_px"] == 80


def test_after_ctrl_c_the_same_command_goes_on_to_the_same_result(images: Path, tmp_path: Path) -> None:
    arguments = ["train_dino", "--data", images, "--preset", "smoke", *SMALL, "--set", "epochs=5"]
    arguments += ["--set", "watch_every_epochs=-1"]
    assert command(*arguments, "--out", tmp_path / "whole" / "run") == 0
    run = tmp_path / "stopped" / "run"

    def press() -> None:
        limit = time.monotonic() + 120
        while len(events(run, "metric")) < 3 and time.monotonic() < limit:
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    hand = threading.Thread(target=press)
    hand.start()
    assert command(*arguments, "--out", run) == 75
    hand.join()
    assert not (run / "result.json").exists()
    assert command(*arguments, "--out", run) == 0
    assert [event["step"] for event in events(run, "metric")] == list(range(10))
    for file in ("model/encoder.safetensors", "model/encoder.onnx"):
        assert (run / file).read_bytes() == (tmp_path / "whole" / "run" / file).read_bytes()


def test_another_configuration_in_the_same_directory_is_refused_by_name(
    dino: Path, images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = [*SMALL, "--set", "epochs=9", "--seed", 2]
    assert command("train_dino", "--data", images, "--preset", "smoke", "--mpp", 0.5, "--out", dino, *changed) == 1
    error = capsys.readouterr().err
    assert "config_mismatch" in error
    assert "overrides.epochs: 3 → 9; seed: 1 → 2" in error


def test_other_images_in_the_same_folder_are_refused_by_name(
    dino: Path, images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = shutil.copytree(images, tmp_path / "images")
    run = tmp_path / "run"
    arguments = ["train_dino", "--data", data, "--preset", "smoke", "--out", run, *SMALL]
    assert command(*arguments) == 0
    (run / "result.json").unlink()
    shutil.copy(data / "dense" / "image-0.png", data / "dense" / "image-1.png")
    assert command(*arguments) == 1
    error = capsys.readouterr().err
    assert "config_mismatch" in error
    assert "data.manifest:" in error
    assert "seed" not in error


def test_a_command_that_was_refused_may_be_corrected(images: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    arguments = ["train_dino", "--data", images, "--preset", "smoke", "--out", run, *SMALL]
    assert command(*arguments, "--set", "batch_size=17") == 1
    assert events(run, "error")[-1]["code"] == "too_few_crops"
    assert command(*arguments) == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["train_dino", "--preset", "smoke"], "option_missing: train_dino needs --data"),
        (["train_dino", "--data", "IMAGES"], "option_missing: train_dino needs --preset"),
        (["train_dino", "--data", "IMAGES", "--preset", "smoke", "--encoder", "RUN"], "option_unknown"),
        (["train_dino", "--data", "GONE", "--preset", "smoke"], "input_missing"),
        (["train_dino", "--data", "IMAGES", "--preset", "smoke", "--set", "epoch=1"], "unknown_key"),
        (["train_dino", "--data", "IMAGES", "--preset", "smoke", "--set", "epochs"], "option_value"),
        (["train_dino", "--data", "IMAGES", "--preset", "smoke", "--set", "epochs=many"], "wrong_type"),
        (["train_dino", "--mode", "pixel-mix", "--data", "IMAGES", "--synthetic", "RUN"], "option_unknown"),
        (["synthesize", "--mode", "gen-dino", "--data", "IMAGES"], "option_unknown"),
        (["train_dino", "--mode", "gen-dino", "--data", "IMAGES"], "option_missing: train_gen_dino needs --synthetic"),
    ],
)
def test_refuses_a_command_before_anything_is_written(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    places = {"IMAGES": images, "GONE": tmp_path / "gone", "RUN": tmp_path}
    assert command(*(places.get(text, text) for text in arguments), "--out", tmp_path / "run") == 1
    assert code in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_refuses_a_directory_with_other_files(images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.tex").write_text("")
    assert command("train_dino", "--data", images, "--preset", "smoke", "--out", tmp_path) == 1
    assert "out_not_empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_refuses_both_or_neither_of_run_and_out(tmp_path: Path) -> None:
    for arguments in ([], ["--run", tmp_path, "--out", tmp_path]):
        with pytest.raises(SystemExit):
            command("train_dino", *arguments)


def test_a_run_tells_what_it_was_made_from(dino: Path) -> None:
    merged = json.loads((dino / "merged_config.json").read_text())
    assert merged["settings"]["epochs"] == 3
    assert merged["settings"]["folder_mpp"] == 0.5
    assert merged["replaced"].keys() == merged["overrides"].keys()
    assert (merged["replaced"]["epochs"], merged["replaced"]["folder_mpp"]) == (2, 0.0)
    assert len(merged["data"]["manifest"]) == len(merged["trainer_sha256"]) == 64
    assert merged["code_revision"] == "test"
    assert {"python", "libraries", "torch_build", "cpu", "threads"} <= set(merged["environment"])


# Every stage after DINO


@pytest.fixture(scope="session")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same classes, of four slides: two crops each."""
    folder = make_folder(tmp_path_factory.mktemp("placed") / "images", images=4)
    for label in ("dense", "sparse"):
        for ix in range(4):
            (folder / label / f"image-{ix}.png").rename(folder / label / f"{label}-{ix // 2}_{80 * (ix % 2)}_160.png")
    return folder


def table(file: Path) -> Any:
    return pq.read_table(file)


def test_embeddings_lie_together_by_subfolder_when_names_give_no_slide(
    dino: Path, images: Path, tmp_path: Path
) -> None:
    assert command("embed", "--data", images, "--encoder", dino, "--out", tmp_path / "run", "--set", "threads=1") == 0
    files = sorted(path.name for path in (tmp_path / "run/embeddings").iterdir())
    assert files == ["dense.parquet", "sparse.parquet"]
    assert not (tmp_path / "run/bags.json").exists()
    found = table(tmp_path / "run/embeddings/sparse.parquet")
    assert found.column("crop_id").to_pylist() == [f"sparse/image-{ix}.png" for ix in range(8)]
    assert found.column("slide_id").to_pylist() == [f"sparse/image-{ix}" for ix in range(8)]
    assert found.column("x0").null_count == 8
    assert found.column("mpp").to_pylist() == [0.5] * 8  # from the encoder's run
    encoder = load_encoder(dino)
    pixels = np.stack([np.asarray(Image.open(images / name)) for name in found.column("crop_id").to_pylist()])
    expected = encoder(torch.from_numpy(pixels)).half().float()
    values = read_embeddings(tmp_path / "run/embeddings/sparse.parquet", encoder_sha256(dino))
    torch.testing.assert_close(values, expected, atol=2e-3, rtol=0)


def test_embeddings_of_slides_become_bags_that_abmil_trains_on(dino: Path, placed: Path, tmp_path: Path) -> None:
    settings = ["--set", "threads=1", "--set", "fold_count=2"]
    assert command("embed", "--data", placed, "--encoder", dino, "--out", tmp_path / "run", *settings) == 0
    bags = read_bags(tmp_path / "run/bags.json")
    assert (bags.classes, bags.fold_count) == (["dense", "sparse"], 2)
    assert [(bag.slide_id, bag.label, len(bag.embeddings)) for bag in bags.bags] == [
        ("dense-0", 0, 2),
        ("dense-1", 0, 2),
        ("sparse-0", 1, 2),
        ("sparse-1", 1, 2),
    ]
    assert sorted((bag.label, bag.fold) for bag in bags.bags) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    found = table(tmp_path / "run/embeddings/dense-0.parquet")
    assert found.column("x0").to_pylist() == [0, 80]
    assert found.column("y0").to_pylist() == [160, 160]
    arguments = ["--preset", "smoke", "--bags", tmp_path / "run", "--set", "threads=1", "--set", "epochs=1"]
    assert command("train_abmil", *arguments, "--out", tmp_path / "abmil") == 0
    assert result(tmp_path / "abmil")["checkpoints"][1]["card"]["classes"] == ["dense", "sparse"]


def test_embeddings_of_shards_are_the_platforms_slides(runs: Path, manifest: Path, tmp_path: Path) -> None:
    arguments = ["--encoder", runs / "dino", "--set", "threads=1"]
    for data, out in ((manifest, "by-file"), (manifest.parent, "by-folder")):
        assert command("embed", "--data", data, *arguments, "--out", tmp_path / out) == 0
        files = sorted(path.name for path in (tmp_path / out / "embeddings").iterdir())
        assert files == ["slide-0.parquet", "slide-1.parquet", "slide-2.parquet"]


def test_an_interrupted_embedding_goes_on_with_the_missing_files(dino: Path, placed: Path, tmp_path: Path) -> None:
    arguments = ["--data", placed, "--encoder", dino, "--set", "threads=1"]
    assert command("embed", *arguments, "--out", tmp_path / "whole") == 0
    shutil.copytree(tmp_path / "whole", tmp_path / "run")
    (tmp_path / "run/result.json").unlink()
    embeddings = tmp_path / "run/embeddings"
    for slide in ("dense-0", "sparse-1"):
        (embeddings / f"{slide}.parquet").unlink()
    kept = {path: path.stat().st_mtime_ns for path in embeddings.iterdir()}
    finish(tmp_path / "run")
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    for path in (tmp_path / "whole/embeddings").iterdir():
        assert (embeddings / path.name).read_bytes() == path.read_bytes()


def test_eldm_synthesis_and_gen_dino_by_four_commands(dino: Path, images: Path, tmp_path: Path) -> None:
    base = ["--data", images, "--set", "threads=1"]
    eldm, synthetic = tmp_path / "eldm", tmp_path / "synthetic"
    eldm_settings = ["--set", "batch_size=8", "--set", "epochs=1"]
    assert command("train_eldm", *base, "--encoder", dino, "--out", eldm, *eldm_settings) == 0
    assert config(eldm)["overrides"]["folder_mpp"] == 0.5  # goes on from the encoder's run
    assert command("synthesize", *base, "--encoder", dino, "--eldm", eldm, "--out", synthetic) == 0
    assert result(synthetic)["metrics"]["synthetic_crops"] == 32
    pixels = ["train_dino", "--mode", "pixel-mix", "--data", images, "--preset", "smoke", *SMALL, "--set", "epochs=1"]
    assert command(*pixels, "--out", tmp_path / "pixels") == 0
    assert set(result(tmp_path / "pixels")["losses"]) == {"loss", "dino", "disentangle"}
    gen = ["train_dino", "--data", images, "--synthetic", synthetic, *SMALL, "--set", "epochs=1"]
    for mode, losses in (("gen-dino", {"loss", "dino", "disentangle"}), ("generated", {"loss", "dino"})):
        assert command(*gen, "--mode", mode, "--out", tmp_path / mode) == 0
        assert set(result(tmp_path / mode)["losses"]) == losses
        assert config(tmp_path / mode)["stage"] == "train_gen_dino"
