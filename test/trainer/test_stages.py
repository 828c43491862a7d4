"""Whole stages on a small cohort: what they leave behind, determinism, interruption and refusal."""

import fcntl
import hashlib
import io
import json
import math
import os
import shutil
import signal
import subprocess
import tarfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from safetensors.numpy import load_file

from cohort import events, make_manifest, make_run, result, start
from conftest import DINO, VQ, finish
from stroma_trainer.__main__ import main
from stroma_trainer.crops import read_manifest
from stroma_trainer.encoder import load_encoder
from stroma_trainer.train_dino import closing_words


def losses(run: Path) -> Any:
    return torch.load(run / "checkpoint.pt", weights_only=True)["state"]["stage"]["history"]


def steps_of(run: Path) -> list[dict[str, Any]]:
    """The metric events of training steps; k-NN accuracy comes in events of its own."""
    return [event for event in events(run, "metric") if "loss" in event["values"]]


def copied(source: Path, folder: Path) -> Path:
    """The run's configuration alone."""
    folder.mkdir()
    shutil.copy(source / "config.json", folder)
    return folder


def refused(run: Path) -> dict[str, Any]:
    stage = json.loads((run / "config.json").read_text())["stage"]
    assert main([stage, "--run", str(run)]) == 1
    assert not (run / "result.json").exists()
    return events(run, "error")[-1]


# What a stage leaves behind


@pytest.mark.parametrize(
    ("name", "kind", "files", "parity"),
    [
        ("dino", "encoder", {"encoder"}, 1e-4),
        ("gen", "encoder", {"encoder"}, 1e-4),
        ("eldm", "eldm", {"unet", "decoder"}, 1e-4),
    ],
)
def test_result_names_its_files_and_onnx_agrees(
    runs: Path, name: str, kind: str, files: set[str], parity: float
) -> None:
    found = result(runs / name)
    (checkpoint,) = found["checkpoints"]
    assert (checkpoint["kind"], checkpoint["fold"], checkpoint["card"]["kind"]) == (kind, None, kind)
    assert set(found["parity"]) == files
    assert max(found["parity"].values()) < parity
    for file in checkpoint["files"]:
        data = (runs / name / file["path"]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (file["sha256"], file["bytes"])
    for model in files:
        check_golden(runs / name / "model" / f"{model}.onnx")


def check_golden(path: Path) -> None:
    """The golden pair holds, and a batch of another size is accepted with the same result."""
    golden = load_file(path.with_suffix(".golden.safetensors"))
    inputs = {name[6:]: value for name, value in golden.items() if name.startswith("input.")}
    outputs = {name[7:]: value for name, value in golden.items() if name.startswith("output.")}
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for count in (1, 2):
        found = session.run(list(outputs), {name: value[:count] for name, value in inputs.items()})
        for value, expected in zip(found, outputs.values(), strict=True):
            np.testing.assert_allclose(value, expected[:count], atol=1e-4)


def test_encoder_of_another_size_than_its_views_is_exported(tmp_path: Path, manifest: Path) -> None:
    """As in panda and bright: trained on 224-px views, used on 256-px crops."""
    run = make_run(tmp_path / "dino", "train_dino", {"manifest": manifest}, **DINO | {"epochs": 1, "global_px": 48})
    finish(run)
    assert result(run)["parity"]["encoder"] < 1e-4


def test_encoder_resizes_as_training_does(runs: Path, manifest: Path) -> None:
    encoder = load_encoder(runs / "dino")
    indices = torch.arange(4)
    full = read_manifest(manifest).store(128, 1.0).read(indices).permute(0, 2, 3, 1)
    small = read_manifest(manifest).store(64, 1.0).read(indices)
    torch.testing.assert_close(encoder(full), encoder.embed(small))


def test_events_tell_progress_and_metrics(runs: Path) -> None:
    steps = steps_of(runs / "gen")
    assert [event["step"] for event in steps] == list(range(9))
    assert set(steps[-1]["values"]) == {
        "loss", "dino", "disentangle", "lr", "weight_decay", "momentum", "teacher_entropy", "center_norm", "grad_norm",
        "ln_k", "images_per_s", "data_wait"
    }  # fmt: skip
    assert all(0 < event["values"]["teacher_entropy"] < math.log(512) for event in steps)
    last = events(runs / "gen", "progress")[-1]
    assert (last["done"], last["total"], last["unit"]) == (9, 9, "step")
    phases = {event["phase"] for event in events(runs / "eldm", "metric")}
    assert phases == {"autoencoder", "unet"}


def test_losses_are_means_of_the_first_and_last_tenth(runs: Path) -> None:
    history = losses(runs / "gen")
    assert result(runs / "gen")["losses"] == {name: [values[0], values[-1]] for name, values in history.items()}
    assert set(result(runs / "dino")["losses"]) == {"loss"}
    assert set(result(runs / "eldm")["losses"]) == {"autoencoder", "eps_mse"}


def test_dino_starts_at_ln_k_and_falls(tmp_path: Path, manifest: Path) -> None:
    """A teacher that moves as fast as the center collapses within ten steps, then returns to uniform above ln K."""
    run = make_run(tmp_path / "dino", "train_dino", {"manifest": manifest}, **DINO | {"epochs": 12})
    finish(run)
    first, last = result(run)["losses"]["loss"]
    assert abs(first - math.log(512)) < 0.2
    assert last < first - 0.05
    assert min(event["values"]["teacher_entropy"] for event in steps_of(run)) > 0.5 * math.log(512)


def test_last_layer_is_frozen_at_first_and_the_teacher_follows(runs: Path) -> None:
    state = torch.load(runs / "dino" / "checkpoint.pt", weights_only=True)["state"]["stage"]
    assert torch.equal(state["student"]["head.last_layer.weight_g"], torch.ones(512, 1))
    assert not torch.equal(state["student"]["backbone.cls_token"], state["teacher"]["backbone.cls_token"])
    assert state["objective"]["center"].norm() > 0


@pytest.mark.parametrize("epochs", [0.0, 1.0])
def test_last_layer_does_not_move_while_frozen(manifest: Path, tmp_path: Path, epochs: float) -> None:
    """The teacher starts as the student and follows it: where they are still the same, nothing moved, nor decayed."""
    settings = DINO | {"epochs": 1, "freeze_last_layer_epochs": epochs, "norm_last_layer": False}
    run = make_run(tmp_path / "run", "train_dino", {"manifest": manifest}, **settings)
    finish(run)
    state = torch.load(run / "checkpoint.pt", weights_only=True)["state"]["stage"]
    for name in ("head.last_layer.weight_v", "head.last_layer.weight_g"):
        assert torch.equal(state["student"][name], state["teacher"][name]) == (epochs == 1.0)
    assert not torch.equal(state["student"]["head.mlp.4.weight"], state["teacher"]["head.mlp.4.weight"])


def test_synthetic_crops_are_flagged_and_readable(runs: Path) -> None:
    run = runs / "synthetic"
    header = json.loads((run / "synthetic.json").read_text())
    rows = [json.loads(line) for line in (run / "synthetic.jsonl").read_text().splitlines()]
    assert header["synthetic"]
    assert header["crop_count"] == len(rows) == 48
    for row in rows:
        with (run / row["shard"]).open("rb") as shard:
            shard.seek(row["offset"])
            data = shard.read(row["length"])
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == (64, 64)
            assert image.info["comment"] == b"synthetic"
        assert row["synthetic"]
        if row["kind"] == "generated":
            assert (row["alpha_primary"], row["secondary_id"]) == (1.0, None)
            assert row["seed_key"] == f"1|{row['crop_id']}|generated|1|0"
        else:
            assert row["secondary_id"].split(":")[0] != row["crop_id"].split(":")[0]
            assert row["seed_key"] == f"1|{row['crop_id']}|interpolated|{row['alpha_primary']:.1f}|0"
    with tarfile.open(run / "synthetic" / "000000.tar") as tar:
        assert len(tar.getnames()) == 2 * 2 * 10
        assert all(name.startswith("synthetic-") for name in tar.getnames())
        member = tar.extractfile("synthetic-generated_slide-0_0_0.json")
        assert member is not None
        assert json.loads(member.read())["synthetic"]


def test_several_synthetic_crops_a_crop(runs: Path, manifest: Path, tmp_path: Path) -> None:
    """ImageNet's recipe of four generated crops, and an interpolated crop for every alpha with one secondary crop; the
    first of each are those that a set of one each has. Training draws among them."""
    inputs = {"manifest": manifest, "encoder": runs / "dino", "eldm": runs / "eldm"}
    several = {"generated_per_crop": 4, "interpolations_per_crop": 4}
    run = make_run(tmp_path / "several", "synthesize", inputs, threads=1, batch_size=10, **several)
    finish(run)
    counts = result(run)["metrics"]
    assert (counts["generated_crops"], counts["interpolated_crops"], counts["synthetic_crops"]) == (96, 96, 192)
    assert events(run, "progress")[-1]["done"] == 192
    rows = [json.loads(line) for line in (run / "synthetic.jsonl").read_text().splitlines()]
    own = [row for row in rows if row["crop_id"] == "1:0"]
    assert [row["seed_key"] for row in own[:4]] == [f"1|1:0|generated|1|{replica}" for replica in range(4)]
    assert sorted(row["alpha_primary"] for row in own[4:]) == [0.2, 0.4, 0.6, 0.8]
    assert len({row["secondary_id"] for row in own[4:]}) == 1
    single = [json.loads(line) for line in (runs / "synthetic/synthetic.jsonl").read_text().splitlines()]
    assert {row["seed_key"] for row in single} < {row["seed_key"] for row in rows}
    with tarfile.open(run / "synthetic" / "000000.tar") as tar:
        assert len(set(tar.getnames())) == 2 * 8 * 10
        assert {"synthetic-generated_slide-0_0_0.jpg", "synthetic-generated_slide-0_0_0_3.jpg"} <= set(tar.getnames())
    synthetic = {"manifest": manifest, "synthetic": run}
    switches = {"mixing": "before_head", "primary_view": "own", "interpolated_views": 2, "alphas": [0.4, 0.6]}
    gen = make_run(tmp_path / "gen", "train_gen_dino", synthetic, **DINO | switches | {"epochs": 1})
    finish(gen)
    assert all(math.isfinite(value) for value in losses(gen)["disentangle"])
    lacking = make_run(tmp_path / "lacking", "train_gen_dino", synthetic, **DINO | {"alphas": [0.5]})
    assert refused(lacking)["code"] == "alpha_missing"


@pytest.mark.parametrize("settings", [{"generated_per_crop": 0}, {"interpolations_per_crop": 5}, {"alphas": []}])
def test_synthesis_refuses_what_it_cannot_count(
    runs: Path, manifest: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    inputs = {"manifest": manifest, "encoder": runs / "dino", "eldm": runs / "eldm"}
    assert refused(make_run(tmp_path / "run", "synthesize", inputs, **settings))["code"] == "wrong_value"


def test_pixel_mix_trains_without_a_synthetic_set(manifest: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", "train_dino", {"manifest": manifest}, **DINO | {"interpolated": "pixels"})
    finish(run)
    history = losses(run)
    assert history["loss"] == pytest.approx(np.add(history["dino"], history["disentangle"]).tolist(), rel=1e-6)
    assert set(result(run)["losses"]) == {"loss", "dino", "disentangle"}
    assert history["disentangle"][0] == pytest.approx(math.log(512), abs=0.5)


def test_abmil_reports_every_labelled_slide_once(runs: Path) -> None:
    found = result(runs / "abmil")
    metrics = found["metrics"]
    assert (metrics["n_slides"], metrics["n_folds"]) == (11, 3)
    assert {row["slide_id"] for row in metrics["out_of_fold"]} == {f"s{ix}" for ix in range(11)}
    for row in metrics["out_of_fold"]:
        assert (int(row["slide_id"][1:]) // 2) % 3 == row["fold"]
        assert sum(row["probabilities"]) == pytest.approx(1)
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "macro_auc", "kappa"):
        low, high = metrics["ci"][name]
        assert low <= metrics[name] <= high
    assert [checkpoint["fold"] for checkpoint in found["checkpoints"]] == [0, 1, 2]
    assert max(found["parity"].values()) < 1e-5


def test_several_seeds_are_models_of_their_own_and_their_mean_grades(runs: Path, bags: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "abmil", "train_abmil", {"bags": bags}, threads=1, seeds=2)
    finish(run)
    found, one = result(run), result(runs / "abmil")
    keys = [(checkpoint["fold"], checkpoint["seed_ix"]) for checkpoint in found["checkpoints"]]
    assert keys == [(fold, seed_ix) for fold in range(3) for seed_ix in range(2)]
    files = [{file["path"]: file["sha256"] for file in checkpoint["files"]} for checkpoint in found["checkpoints"]]
    assert len({sha256 for own in files for path, sha256 in own.items() if path.endswith(".onnx")}) == 6
    assert {event["phase"] for event in events(run, "metric")} == set(found["losses"])
    assert set(found["losses"]) == {f"fold-{fold}{seed}" for fold in range(3) for seed in ("", "-seed-1")}
    assert found["losses"]["fold-1"] == one["losses"]["fold-1"]  # the first seed is what one seed alone is

    models = found["metrics"]["models"]
    assert [(model["fold"], model["seed_ix"]) for model in models] == keys
    assert models[0] == one["metrics"]["models"][0]
    # the mean of both seeds, asked of the networks themselves
    row = found["metrics"]["out_of_fold"][0]
    path = f"{row['slide_id'][1:]}.parquet"
    bag = np.asarray(pq.read_table(bags.parent / path)["embedding"].to_pylist(), dtype=np.float16)
    answers = []
    for name in ("fold-0", "fold-0-seed-1"):
        session = onnxruntime.InferenceSession(str(run / "model" / name / "abmil.onnx"))
        logits = session.run(["logits"], {"embeddings": bag})[0].astype(np.float64)
        answers.append(np.exp(logits) / np.exp(logits).sum())
    assert row["probabilities"] == pytest.approx(np.mean(answers, axis=0), abs=1e-6)


def test_abmil_tells_how_far_its_probabilities_can_be_trusted(runs: Path) -> None:
    metrics = result(runs / "abmil")["metrics"]
    assert sum(map(sum, metrics["confusion"])) == 11
    found = metrics["calibration"]
    for when in ("before", "after"):
        assert sum(b["slides"] for b in found[when]["bins"]) == 11
    assert [one["fold"] for one in found["by_fold"]] == [0, 1, 2]
    assert found["coverage"][-1]["coverage"] == 1
    by_fold = {one["fold"]: one["temperature"] for one in found["by_fold"]}
    for row in metrics["out_of_fold"]:
        sharpened = np.array(row["probabilities"]) ** (1 / by_fold[row["fold"]])
        assert row["calibrated"] == pytest.approx(sharpened / sharpened.sum())
        assert row["abstains"]  # no ten slides of a fold's seven or eight others


@pytest.mark.parametrize("seeds", [0, 101])
def test_abmil_refuses_no_seeds_and_too_many(seeds: int, bags: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "abmil", "train_abmil", {"bags": bags}, seeds=seeds)
    assert main(["train_abmil", "--run", str(run)]) == 1
    (error,) = events(run, "error")
    assert (error["code"], error["found"]) == ("wrong_value", str(seeds))


def test_abmil_onnx_takes_bags_of_any_size(runs: Path) -> None:
    path = runs / "abmil" / "model" / "fold-0" / "abmil.onnx"
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for count in (1, 50):
        outputs = session.run(None, {"embeddings": np.zeros((count, 16), dtype=np.float16)})
        assert [output.shape for output in outputs] == [(2,), (count,), (count, 2)]


def test_abmil_learns_what_separates_the_classes(runs: Path, bags: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "abmil", "train_abmil", {"bags": bags}, threads=1, lr=1e-2, epochs=30)
    finish(run)
    assert result(run)["metrics"]["accuracy"] > 0.8


def test_a_class_without_slides_has_no_auc_and_that_is_said(bags: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bags"
    shutil.copytree(bags.parent, folder)
    value = json.loads((folder / "bags.json").read_text())
    value["classes"].append("never seen")
    (folder / "bags.json").write_text(json.dumps(value))
    run = make_run(tmp_path / "run", "train_abmil", {"bags": folder / "bags.json"}, threads=1, epochs=1)
    finish(run)
    assert result(run)["metrics"]["auc_by_class"]["never seen"] is None
    assert any("never seen" in event["message"] for event in events(run, "log"))


# Determinism and interruption


def test_the_same_seed_gives_the_same_losses_and_bytes(runs: Path, tmp_path: Path) -> None:
    gen, synthetic = copied(runs / "gen", tmp_path / "gen"), copied(runs / "synthetic", tmp_path / "synthetic")
    finish(gen)
    assert losses(gen) == losses(runs / "gen")
    finish(synthetic)
    for file in ("synthetic.jsonl", "synthetic/000000.tar", "synthetic/000002.tar"):
        assert (synthetic / file).read_bytes() == (runs / "synthetic" / file).read_bytes()


def test_another_seed_gives_other_losses(runs: Path, manifest: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "other", "train_dino", {"manifest": manifest}, seed=2, **DINO)
    finish(run)
    assert losses(run) != losses(runs / "dino")


def wait_for(run: Path, kind: str, count: int, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + 120
    while len(events(run, kind)) < count:
        assert process.poll() is None, "the stage ended too early"
        assert time.monotonic() < limit
        time.sleep(0.01)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_killed_dino_goes_on_as_if_nothing_had_happened(
    runs: Path, manifest: Path, tmp_path: Path, threads: int
) -> None:
    settings = DINO | {"threads": threads, "epochs": 6, "checkpoint_interval_s": 0.2}
    inputs = {"manifest": manifest, "synthetic": runs / "synthetic"}
    whole = make_run(tmp_path / "whole", "train_gen_dino", inputs, **settings)
    finish(whole)
    killed = copied(whole, tmp_path / "killed")
    process = start(killed)
    wait_for(killed, "metric", 7, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert (killed / "checkpoint.pt").exists()
    with (killed / "events.jsonl").open("a") as stream:
        stream.write('{"version": 1, "kind": "metric", "step": 999, "val')  # a line torn by the kill
    finish(killed)
    for name, values in losses(whole).items():
        assert losses(killed)[name] == (values if threads == 1 else pytest.approx(values, abs=1e-6))
    assert [event["step"] for event in steps_of(killed)] == list(range(18))
    expected, found = (load_file(run / "model" / "encoder.safetensors") for run in (whole, killed))
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, atol=0 if threads == 1 else 1e-5)


def test_a_stopped_eldm_goes_on_in_both_phases(runs: Path, manifest: Path, tmp_path: Path) -> None:
    inputs = {"manifest": manifest, "encoder": runs / "dino"}
    settings = VQ | {"epochs": 30, "codec_epochs": 6}
    whole = make_run(tmp_path / "whole", "train_eldm", inputs, **settings)
    finish(whole)
    stopped = copied(whole, tmp_path / "stopped")
    for metrics in (3, 25):  # 18 steps of the autoencoder, then 90 of the U-Net
        process = start(stopped)
        wait_for(stopped, "metric", metrics, process)
        process.send_signal(signal.SIGTERM)
        process.communicate()
        assert process.returncode == 75
        assert (stopped / "checkpoint.pt").exists()
    finish(stopped)
    assert losses(stopped) == losses(whole)
    assert (stopped / "model/eldm.safetensors").read_bytes() == (whole / "model/eldm.safetensors").read_bytes()


def test_a_killed_synthesis_goes_on_with_the_next_batch(runs: Path, manifest: Path, tmp_path: Path) -> None:
    inputs = {"manifest": manifest, "encoder": runs / "dino", "eldm": runs / "eldm"}
    whole = make_run(tmp_path / "whole", "synthesize", inputs, threads=1, batch_size=4)
    finish(whole)
    killed = copied(whole, tmp_path / "killed")
    process = start(killed)
    wait_for(killed, "progress", 3, process)
    process.kill()
    process.communicate()
    finish(killed)
    assert (killed / "synthetic.jsonl").read_bytes() == (whole / "synthetic.jsonl").read_bytes()
    assert (killed / "synthetic.json").read_bytes() == (whole / "synthetic.json").read_bytes()


def test_a_stopped_abmil_goes_on(bags: Path, tmp_path: Path) -> None:
    whole = make_run(tmp_path / "whole", "train_abmil", {"bags": bags}, threads=1, epochs=200, metric_interval_s=0.0)
    finish(whole)
    stopped = copied(whole, tmp_path / "stopped")
    process = start(stopped)
    wait_for(stopped, "metric", 250, process)  # in the second fold
    process.terminate()
    process.communicate()
    assert process.returncode == 75
    finish(stopped)
    expected, found = result(whole), result(stopped)
    assert found["metrics"] == expected["metrics"]
    assert found["losses"] == expected["losses"]


def test_the_parents_death_stops_the_run_and_dev_null_does_not(manifest: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", "train_dino", {"manifest": manifest}, **(DINO | {"epochs": 200}))
    process = start(run, stdin=subprocess.PIPE)
    wait_for(run, "metric", 1, process)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=30) == 75
    assert (run / "checkpoint.pt").exists()


# Refusals


def test_a_finished_run_is_left_alone(runs: Path) -> None:
    before = (runs / "dino" / "result.json").stat().st_mtime_ns
    finish(runs / "dino")
    assert (runs / "dino" / "result.json").stat().st_mtime_ns == before


def test_a_locked_run_is_refused(manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run(tmp_path / "run", "train_dino", {"manifest": manifest}, **DINO)
    with (run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert main(["train_dino", "--run", str(run)]) == 1
    assert "run_locked" in capsys.readouterr().err
    assert not (run / "events.jsonl").exists()


def test_a_checkpoint_of_another_configuration_is_refused(runs: Path, tmp_path: Path) -> None:
    run = copied(runs / "dino", tmp_path / "run")
    shutil.copy(runs / "dino" / "checkpoint.pt", run)
    config = json.loads((run / "config.json").read_text())
    config["overrides"]["lr"] = 1e-3
    (run / "config.json").write_text(json.dumps(config))
    error = refused(run)
    assert error["code"] == "config_mismatch"
    assert error["remedy"]


def test_a_broken_checkpoint_is_refused(runs: Path, tmp_path: Path) -> None:
    run = copied(runs / "dino", tmp_path / "run")
    (run / "checkpoint.pt").write_bytes((runs / "dino" / "checkpoint.pt").read_bytes()[:5000])
    assert refused(run)["code"] == "checkpoint_unreadable"


def test_one_slide_is_refused(runs: Path, tmp_path: Path) -> None:
    alone = make_manifest(tmp_path / "cohort", slides=1)
    inputs = {"manifest": alone, "encoder": runs / "dino", "eldm": runs / "eldm"}
    error = refused(make_run(tmp_path / "run", "synthesize", inputs))
    assert (error["code"], error["found"]) == ("one_slide", "1 slide")


def test_an_eldm_of_another_encoder_is_refused(runs: Path, manifest: Path, tmp_path: Path) -> None:
    inputs = {"manifest": manifest, "encoder": runs / "gen", "eldm": runs / "eldm"}
    assert refused(make_run(tmp_path / "run", "synthesize", inputs))["code"] == "encoder_mismatch"


def test_a_loss_that_is_no_number_is_an_error(manifest: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", "train_dino", {"manifest": manifest}, **(DINO | {"lr": 1e30, "clip_norm": 1e30}))
    error = refused(run)
    assert error["code"] == "non_finite_loss"
    assert error["expected"] == "a finite number"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": 2}, "config_version"),
        ({"stage": "train_eldm"}, "wrong_stage"),
        ({"seed": "1"}, "config_field"),
        ({"inputs": {}}, "inputs_mismatch"),
        ({"inputs": {"manifest": "gone.json"}}, "input_missing"),
        ({"overrides": {"epoch": 1}}, "unknown_key"),
    ],
)
def test_a_wrong_config_is_refused(manifest: Path, tmp_path: Path, change: dict[str, Any], code: str) -> None:
    run = make_run(tmp_path / "run", "train_dino", {"manifest": manifest}, **DINO)
    config = json.loads((run / "config.json").read_text()) | change
    (run / "config.json").write_text(json.dumps(config))
    assert main(["train_dino", "--run", str(run)]) == 1
    (error,) = events(run, "error")
    assert error["code"] == code


def test_a_missing_run_directory_is_refused(tmp_path: Path) -> None:
    assert main(["train_dino", "--run", str(tmp_path / "none")]) == 1
    assert os.listdir(tmp_path) == []


def test_alarms_tell_collapse_and_standstill() -> None:
    uniform = math.log(512)
    assert closing_words([3.0, 3.0], 512) == []
    assert "Collapse" in closing_words([3.0, 0.0], 512)[0]
    assert "nearly uniform" in closing_words([3.0, uniform], 512)[0]
