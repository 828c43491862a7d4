"""Kills stages with SIGKILL at random moments, lets each go on to its end, and compares it with one never interrupted:

    PYTHONPATH=services/trainer python test/trainer/kill_points.py --count 100 [--seed 1] [--folder DIR]

One line a kill, and a summary. The same: every file that the run leaves (weights, ONNX, golden pairs, pictures,
shards), the loss of every step, the metrics. A fifth of the kills fall on each stage, at moments spread evenly over
its whole life, from reading crops to the export. Checkpoints are written at every step, now and then, or hardly ever.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cohort import events, make_bags, make_manifest, make_run
from stroma_trainer.__main__ import STAGES, main

INTERVALS_S = (0.0, 0.3, 5.0)
# Not the run's product: how it went, and what it needs to go on.
OWN = {"lock", "config.json", "merged_config.json", "events.jsonl", "result.json", "checkpoint.pt"}
OWN |= {"checkpoint.previous.pt", "checkpoint.pt.tmp", "checkpoint.previous.pt.tmp"}
SMALL: dict[str, Any] = {"threads": 1, "metric_interval_s": 0.0}

# Children fork from a process that has imported the trainer, so that a life is no longer than its work.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([module for module, _ in STAGES.values()] + ["stroma_trainer.export_onnx"])


@dataclass(frozen=True)
class Kill:
    stage: str
    after_s: float
    interval_s: float
    step: int  # steps told when it came
    same: bool
    differs: list[str]


def live(run: Path) -> None:
    stage = json.loads((run / "config.json").read_text())["stage"]
    sys.exit(main([stage, "--run", str(run)]))


def started(run: Path) -> multiprocessing.process.BaseProcess:
    process = PROCESSES.Process(target=live, args=(run,))
    process.start()
    return process


def lived(run: Path) -> float:
    """Lets it run to its end; its seconds."""
    begun = time.monotonic()
    process = started(run)
    process.join()
    if process.exitcode != 0:
        raise RuntimeError(f"{run} ended with {process.exitcode}: {events(run, 'error')}")
    return time.monotonic() - begun


def product(run: Path) -> dict[str, str]:
    """What must be the same, by name: hashes of files, losses by step, metrics."""
    found = {}
    for file in sorted(path for path in run.rglob("*") if path.is_file()):
        if (name := file.relative_to(run).as_posix()) not in OWN:
            found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    result = json.loads((run / "result.json").read_text())
    found["losses and metrics"] = json.dumps([result["losses"], result["metrics"]])
    told = [(event["phase"], event["step"], event["values"].get("loss")) for event in events(run, "metric")]
    found["loss of every step"] = json.dumps(told)
    return found


def kill_points(references: dict[str, Path], folder: Path, count: int, seed: int) -> Iterator[Kill]:
    """references: finished runs by name, taken in turn."""
    draws = random.Random(seed)
    names = list(references)
    whole_s = {name: json.loads((run / "result.json").read_text())["seconds"] for name, run in references.items()}
    done = 0
    while done < count:
        name = names[done % len(names)]
        run = folder / f"{done:03d}-{name}"
        config = json.loads((references[name] / "config.json").read_text())
        interval_s = draws.choice(INTERVALS_S)
        config["overrides"]["checkpoint_interval_s"] = interval_s
        run.mkdir()
        (run / "config.json").write_text(json.dumps(config))
        after_s = draws.uniform(0.0, whole_s[name])
        process = started(run)
        process.join(after_s)
        if process.exitcode is not None:  # it was faster than the one before
            whole_s[name] *= 0.9
            shutil.rmtree(run)
            continue
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        step = len(events(run, "metric"))
        lived(run)
        expected, found = product(references[name]), product(run)
        differs = sorted(key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key))
        yield Kill(config["stage"], after_s, interval_s, step, not differs, differs)
        if not differs:
            shutil.rmtree(run)
        done += 1


def references(folder: Path) -> dict[str, Path]:
    """Small runs of the five stages, never interrupted."""
    cohort = folder / "cohort"
    manifest = cohort / "manifest.json" if cohort.exists() else make_manifest(cohort)
    inputs = {"manifest": manifest, "encoder": folder / "dino"}
    dino = SMALL | {"batch_size": 8, "epochs": 6}
    eldm = SMALL | {"batch_size": 8, "epochs": 6, "codec": "vq", "codec_channels": [8, 16, 16], "codec_blocks": 1}
    eldm |= {"codec_groups": 8, "codebook_size": 32, "codec_batch_size": 8, "codec_epochs": 4, "codec_max_samples": 0}
    made = {
        "dino": ("train_dino", {"manifest": manifest}, dino),
        "eldm": ("train_eldm", inputs, eldm),
        "synthetic": ("synthesize", inputs | {"eldm": folder / "eldm"}, {"threads": 1, "batch_size": 2}),
        "gen": ("train_gen_dino", {"manifest": manifest, "synthetic": folder / "synthetic"}, dino),
        "abmil": ("train_abmil", {"bags": make_bags(folder / "bags")}, SMALL | {"epochs": 40}),
    }
    for name, (stage, stage_inputs, settings) in made.items():
        if not (folder / name / "result.json").exists():
            lived(make_run(folder / name, stage, stage_inputs, **settings))
    return {name: folder / name for name in made}


def command(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="kept, and its references used again")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(chosen.folder or temporary)
        killed = folder / f"killed-{chosen.seed}"
        killed.mkdir(parents=True)
        kills = []
        for kill in kill_points(references(folder), killed, chosen.count, chosen.seed):
            kills.append(kill)
            outcome = "the same" if kill.same else "DIFFERENT: " + ", ".join(kill.differs[:5])
            print(
                f"{len(kills):3d}  {kill.stage:14s}  killed after {kill.after_s:6.2f} s, {kill.step:3d} metrics told, "
                f"checkpoints each {kill.interval_s:g} s: {outcome}",
                flush=True,
            )
    same = sum(kill.same for kill in kills)
    print(f"{same} of {len(kills)} the same")
    return 0 if same == len(kills) else 1


if __name__ == "__main__":
    sys.exit(command(sys.argv[1:]))
