"""Runs a stage on the nodes of a Ray cluster, one rank a worker of Ray Train, around what torchrun starts elsewhere:

    ray job submit -- python -m stroma_trainer.on_ray STAGE --run DIR --workers N

The run directory lies on storage that every node sees under the same path. With less room than N workers need, the
stage goes on with as many as there is room for after half a minute: another number of ranks changes only the last bits.

Exit codes are the trainer's: 0 done, 1 an error (told in events.jsonl, or by the last line printed here), 75 stopped
after a checkpoint or a worker or node lost, to be started again. What submitted the job reaches it by attendance.json.
"""

import argparse
import os
import re
import secrets
import shutil
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("RAY_TRAIN_WORKER_HEALTH_CHECK_TIMEOUT_S", "45")  # a frozen worker is noticed within a minute
os.environ.setdefault("RAY_TRAIN_ENABLE_PREEMPTION_WATCHER", "0")  # a process for a warning that no stage asks for

import ray
from ray.train import RunConfig, ScalingConfig
from ray.train.torch import TorchConfig, TorchTrainer
from ray.train.v2.api.exceptions import TrainingFailedError

from stroma_trainer.__main__ import STOPPED, run_stage
from stroma_trainer.attendance import Attendance

DONE, ERROR = 0, 1
ROOM_S = 30.0  # to wait for all workers' places before going on with fewer
SEEN_S = 15.0  # a new file may take this long to appear on another node of a shared file system
GROUP_S = 7_200  # collectives: a lost rank is noticed by Ray and by world.py long before


class StageError(Exception):
    """The stage ended with an error, which is told in events.jsonl."""


class FolderUnseen(Exception):
    """A node does not see the run directory."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="stroma_trainer.on_ray")
    parser.add_argument("stage")
    parser.add_argument("--run", type=Path, required=True, metavar="DIR", help="the run directory, on shared storage")
    parser.add_argument("--workers", type=int, required=True, metavar="N", help="ranks at most")
    parser.add_argument("--job", metavar="ID", help="this job's name in attendance.json")
    chosen = parser.parse_args(arguments)
    if chosen.workers < 1:
        parser.error(f"--workers is a number of at least 1, not {chosen.workers}")
    run: Path = chosen.run
    if not (run / "config.json").exists():
        return unseen(f"node {node_address()} (that of the job itself) does not see {run}/config.json")
    if (run / "result.json").exists():
        return DONE
    ray.init(log_to_driver=True)
    attendance = Attendance(run / "attendance.json", chosen.job)
    workers, gpu = room(chosen.workers, attendance)
    if workers == 0:
        return interrupted(attendance.over() or "the run is no longer wanted")
    if workers < chosen.workers:
        print(f"The cluster has room for {workers} of {chosen.workers} workers.", flush=True)
    for left in run.glob("seen-*"):  # of a job that was killed
        left.unlink(missing_ok=True)
    storage = run / "ray"
    token = run / f"seen-{secrets.token_hex(8)}"
    token.touch()
    trainer = TorchTrainer(
        rank_main,
        train_loop_config={"stage": chosen.stage, "run": str(run), "job": chosen.job, "token": token.name},
        torch_config=TorchConfig(backend="nccl" if gpu else "gloo", timeout_s=GROUP_S),
        scaling_config=ScalingConfig(num_workers=workers, use_gpu=gpu, placement_strategy="SPREAD"),
        run_config=RunConfig(name=secrets.token_hex(4), storage_path=str(storage)),
    )
    try:
        trainer.fit()
    except TrainingFailedError as error:
        return told(error)
    finally:
        token.unlink(missing_ok=True)
        shutil.rmtree(storage, ignore_errors=True)
    if (run / "result.json").exists():
        return DONE
    return interrupted(attendance.over() or "the trainer was asked to stop")


def rank_main(config: dict[str, Any]) -> None:
    """One rank. Ray has set torch's environment and process group, as torchrun and world.py would."""
    run = Path(config["run"])
    deadline = time.monotonic() + SEEN_S
    while not (run / config["token"]).exists():
        if time.monotonic() > deadline:
            raise FolderUnseen(f"node {node_address()} does not see {run}")
        time.sleep(0.2)
    attendance = Attendance(run / "attendance.json", config["job"])
    if run_stage(config["stage"], run, attendance.watch) not in (DONE, STOPPED):
        raise StageError


def room(wanted: int, attendance: Attendance) -> tuple[int, bool]:
    """How many workers there is room for, at most `wanted`, and whether on GPUs; waits for one. 0: no longer wanted."""
    deadline = time.monotonic() + ROOM_S
    while True:
        gpu = ray.cluster_resources().get("GPU", 0) >= 1
        free = int(ray.available_resources().get("GPU" if gpu else "CPU", 0))
        if attendance.over():
            return 0, gpu
        if free >= wanted or (free >= 1 and time.monotonic() > deadline):
            return min(free, wanted), gpu
        time.sleep(1.0)


def told(error: Exception) -> int:
    """The exit code of a failed training, with the reason as the last line."""
    failures: dict[int, Exception] = getattr(error, "worker_failures", {})
    for rank, failure in failures.items():
        if found := re.search(r"FolderUnseen: (.+)", str(failure)):
            return unseen(found[1])
        if "StageError" in str(failure):
            print(f"failed: rank {rank}", file=sys.stderr)
            return ERROR
    if failures:
        rank, failure = next(iter(failures.items()))
        return interrupted(f"rank {rank} was lost ({first_line(failure)})")
    return interrupted(f"Ray could not train ({first_line(error)})")


def interrupted(why: str) -> int:
    print(f"interrupted: {why}", file=sys.stderr)
    return STOPPED


def unseen(why: str) -> int:
    print(f"run_folder_unseen: {why}", file=sys.stderr)
    return ERROR


def first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:200]


def node_address() -> str:
    return str(ray.util.get_node_ip_address())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
