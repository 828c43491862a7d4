"""What the end of a training on Ray means. Real clusters: test/integration/launcher-ray.test.ts."""

import pytest

pytest.importorskip("ray.train", reason="Ray is not among the tests' packages")

from ray.train.v2.api.exceptions import ControllerError, WorkerGroupError

from stroma_trainer.on_ray import FolderUnseen, StageError, main, told


def worker_error(failure: Exception) -> WorkerGroupError:
    text = f"Traceback (most recent call last):\n  …\n{type(failure).__module__}.{type(failure).__name__}: {failure}"
    return WorkerGroupError("rank 1 failed", {1: Exception(text)})


def test_an_error_of_the_stage_is_not_started_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(worker_error(StageError())) == 1
    assert "failed: rank 1" in capsys.readouterr().err


def test_a_lost_rank_is_started_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(worker_error(RuntimeError("The actor died unexpectedly"))) == 75
    assert told(ControllerError(RuntimeError("no workers"))) == 75
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("interrupted: rank 1 was lost (")
    assert lines[1].startswith("interrupted: Ray could not train (")


def test_a_node_that_does_not_see_the_folder_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(worker_error(FolderUnseen("node 10.0.0.7 does not see /data/runs/5"))) == 1
    assert "run_folder_unseen: node 10.0.0.7 does not see /data/runs/5" in capsys.readouterr().err


def test_no_workers_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train_dino", "--run", "/nowhere", "--workers", "0"])
    assert "at least 1, not 0" in capsys.readouterr().err
