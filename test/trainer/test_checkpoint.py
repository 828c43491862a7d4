"""Checkpoints: whole at any moment, tied to their configuration, and never mistaken for something else."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from cohort import events, result
from conftest import finish
from stroma_trainer import checkpoint
from stroma_trainer.__main__ import main
from stroma_trainer.errors import TrainerError

IDENTITY: dict[str, Any] = {"seed": 1, "settings": {"lr": 0.5, "alphas": [0.2, 0.8]}}


def saved(folder: Path, *steps: int) -> Path:
    path = folder / "checkpoint.pt"
    for step in steps:
        checkpoint.save(path, IDENTITY, {"step": step, "weights": torch.full((1000,), float(step))})
    return path


def code_of(path: Path, identity: dict[str, Any] = IDENTITY) -> str:
    with pytest.raises(TrainerError) as caught:
        checkpoint.load(path, identity)
    assert caught.value.details["where"] == str(path)
    return caught.value.code


def flip_a_bit(path: Path) -> None:
    """Of the weights: the file is still well formed."""
    data = bytearray(path.read_bytes())
    data[data.index(torch.full((8,), 2.0).numpy().tobytes()) + 2] ^= 1
    path.write_bytes(bytes(data))


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    path = saved(tmp_path, 1, 2, 3)
    assert checkpoint.load(path, IDENTITY)[0]["step"] == 3
    assert checkpoint.load(checkpoint.previous(path), IDENTITY)[0]["step"] == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["checkpoint.previous.pt", "checkpoint.pt"]


@pytest.mark.parametrize("damage", ["torn", "bit", "empty"])
def test_a_damaged_one_gives_way_to_the_one_before(tmp_path: Path, damage: str) -> None:
    path = saved(tmp_path, 1, 2)
    if damage == "bit":
        flip_a_bit(path)
    else:
        path.write_bytes(path.read_bytes()[:3000] if damage == "torn" else b"")
    state, note = checkpoint.load(path, IDENTITY)
    assert state["step"] == 1
    assert note is not None
    assert "cannot be read" in note
    checkpoint.previous(path).write_bytes(b"PK")
    assert code_of(path) == "checkpoint_unreadable"
    assert path.exists()


def test_a_save_that_fails_leaves_the_last_one(tmp_path: Path) -> None:
    path = saved(tmp_path, 1)
    with pytest.raises(Exception, match=r".+"):
        checkpoint.save(path, IDENTITY, {"step": 2, "weights": lambda: None})
    assert checkpoint.load(path, IDENTITY) == ({"step": 1, "weights": pytest.approx(torch.ones(1000))}, None)


def test_another_configuration_is_refused_by_the_names_that_differ(tmp_path: Path) -> None:
    path = saved(tmp_path, 1)
    other = {"seed": 2, "settings": {"lr": 0.25, "alphas": [0.2, 0.8]}}
    for check in (checkpoint.load, checkpoint.refuse_other):
        with pytest.raises(TrainerError) as caught:
            check(path, other)
        assert caught.value.code == "config_mismatch"
        assert caught.value.message.endswith("seed: 1 → 2; settings.lr: 0.5 → 0.25")
    checkpoint.refuse_other(path, IDENTITY)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    torch.save({"teacher": torch.ones(3)}, path)
    assert code_of(path) == "checkpoint_foreign"
    torch.save([1, 2], path)
    assert code_of(path) == "checkpoint_foreign"
    torch.save({"version": 1, "config_hash": "", "state": {}}, path)
    assert code_of(path) == "checkpoint_version"
    torch.save({"version": 2, "state": Path("a pickled object")}, path)
    assert code_of(path) == "checkpoint_unreadable"


def continued(source: Path, folder: Path, **overrides: Any) -> Path:
    """A run that has its last checkpoint and no result yet, with other settings."""
    shutil.copytree(source, folder)
    (folder / "result.json").unlink()
    config = json.loads((folder / "config.json").read_text())
    config["overrides"] |= overrides
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_a_run_goes_on_with_other_threads_and_intervals(runs: Path, tmp_path: Path) -> None:
    run = continued(runs / "dino", tmp_path / "run", threads=2, checkpoint_interval_s=1.0, device="cpu")
    finish(run)
    assert result(run)["losses"] == result(runs / "dino")["losses"]


def test_a_run_is_refused_whose_schedules_would_shift(runs: Path, tmp_path: Path) -> None:
    run = continued(runs / "dino", tmp_path / "run", epochs=4, batch_size=4)
    assert main(["train_dino", "--run", str(run)]) == 1
    error = events(run, "error")[-1]
    assert error["code"] == "config_mismatch"
    assert "settings.batch_size: 8 → 4; settings.epochs: 3 → 4" in error["message"]


def test_a_run_goes_on_from_the_checkpoint_before_a_torn_one(runs: Path, tmp_path: Path) -> None:
    run = continued(runs / "dino", tmp_path / "run")
    checkpoint.keep(run / "checkpoint.pt", checkpoint.previous(run / "checkpoint.pt"))
    torn = (run / "checkpoint.pt").read_bytes()[:5000]
    (run / "checkpoint.pt").unlink()  # a second name would be torn, too
    (run / "checkpoint.pt").write_bytes(torn)
    finish(run)
    assert any("checkpoint before the last" in event["message"] for event in events(run, "log"))
    expected = (runs / "dino" / "model" / "encoder.safetensors").read_bytes()
    assert (run / "model" / "encoder.safetensors").read_bytes() == expected
