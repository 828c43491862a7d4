"""The scaled-down study: DINO, generated crops only, Gen-DINO and pixel mix on one lab's slides, several seeds.

    python study.py CROPS OUT [--seeds 2 3 4] [--lanes 2]

CROPS is what cut.py leaves. Everything runs by the trainer's own command line, each piece in a folder of OUT: what has
a result is not made again, what was stopped goes on from its checkpoint. score.py reads OUT.
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TRAINER = Path(__file__).resolve().parents[3] / "services/trainer"

# All encoders: the preset `tiny`, but a smaller ViT that takes 480 steps in the same time; global views alone (Tab. 8,
# where the paper's gain is largest; DINO's advice for their scale); more jitter and gray, which so many steps learn to
# see past; a warmer teacher.
ENCODER = {
    "dim": 128, "depth": 4, "heads": 4, "prototypes": 1024, "epochs": 100, "max_samples": 15360,
    "local_count": 0, "global_scale": [0.14, 1.0], "jitter_strength": 0.5, "gray_probability": 0.1,
    "lr": 2e-3, "momentum": 0.98, "center_momentum": 0.9, "teacher_temp_start": 0.06, "teacher_temp": 0.06,
    "watch_every_epochs": -1,
}  # fmt: skip
# The E-LDM: 768 steps of autoencoder, made once and shared by the seeds, and 3,600 of U-Net for each seed.
ELDM = {"codec_epochs": 100, "codec_max_samples": 12288, "epochs": 100, "max_samples": 115200, "watch_every_epochs": -1}
SYNTHESIS = {"sampler": "dpmpp", "ddim_steps": 6}
MODES = ("dino", "generated", "gen-dino", "pixel-mix")  # --mode of train_dino


@dataclass(frozen=True)
class Piece:
    name: str  # its folder in OUT
    arguments: list[str]
    needs: tuple[str, ...] = ()


def settings(values: dict[str, object]) -> list[str]:
    return [word for key, value in values.items() for word in ("--set", f"{key}={value}")]


def pieces(crops: Path, out: Path, seeds: Sequence[int]) -> list[Piece]:
    """In an order in which every piece comes after those it needs."""
    made = []
    data = ["--data", str(crops), "--preset", "tiny"]

    def add(name: str, stage: str, seed: int, *words: str, needs: tuple[str, ...] = ()) -> None:
        made.append(
            Piece(
                name,
                [stage, "--seed", str(seed), "--out", str(out / name), *words],
                needs,
            )
        )

    for seed in seeds:
        first = f"eldm-{seeds[0]}"
        dino, eldm, synthetic = f"dino-{seed}", f"eldm-{seed}", f"synthetic-{seed}"
        encoder = ["--encoder", str(out / dino)]
        shared = [] if eldm == first else ["--autoencoder", str(out / first)]
        for mode in MODES:
            if mode == "generated":  # what the later modes need
                needs = (dino,) if eldm == first else (dino, first)
                add(
                    eldm,
                    "train_eldm",
                    seed,
                    *data,
                    *encoder,
                    *shared,
                    *settings(ELDM),
                    needs=needs,
                )
                made_from = ["--eldm", str(out / eldm)]
                add(
                    synthetic,
                    "synthesize",
                    seed,
                    *data,
                    *encoder,
                    *made_from,
                    needs=(dino, eldm),
                )
            synthetic_words = ["--synthetic", str(out / synthetic)] if mode in ("generated", "gen-dino") else []
            name = f"{mode}-{seed}"
            needs = (synthetic,) if synthetic_words else ()
            add(name, "train_dino", seed, "--mode", mode, *data, *synthetic_words,
                *settings(ENCODER), needs=needs)  # fmt: skip
            # the same folds for every encoder
            bags, encoder_run = f"bags-{name}", str(out / name)
            add(
                bags,
                "embed",
                1,
                "--data",
                str(crops),
                "--encoder",
                encoder_run,
                needs=(name,),
            )
            add(
                f"abmil-{name}",
                "train_abmil",
                seed,
                "--bags",
                str(out / bags),
                "--preset",
                "tiny",
                needs=(bags,),
            )
    return made


def run(piece: Piece, out: Path) -> bool:
    """Whether the piece has a result afterwards."""
    if (out / piece.name / "result.json").exists():
        return True
    environment = os.environ | {"PYTHONPATH": str(TRAINER), "OMP_NUM_THREADS": "1"}
    command = [
        sys.executable,
        "-m",
        "stroma_trainer",
        *piece.arguments,
        "--set",
        "threads=1",
    ]
    start = time.monotonic()
    with (out / f"{piece.name}.log").open("a") as log:
        code = subprocess.run(command, env=environment, stdout=log, stderr=log).returncode
    print(f"{piece.name}: exit code {code}, {time.monotonic() - start:.0f} s", flush=True)
    return code == 0


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("crops", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--seeds", type=int, nargs="+", default=[2, 3, 4])
    arguments.add_argument("--lanes", type=int, default=2, help="pieces at a time, of one thread each")
    given = arguments.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    waiting = pieces(given.crops, given.out, given.seeds)
    done: set[str] = set()
    failed: set[str] = set()
    change = threading.Condition()

    def lane() -> None:
        while True:
            with change:
                while not (ready := [p for p in waiting if done.issuperset(p.needs)]):
                    if not waiting or failed:
                        return
                    change.wait()
                piece = ready[0]
                waiting.remove(piece)
            good = run(piece, given.out)
            with change:
                (done if good else failed).add(piece.name)
                change.notify_all()

    lanes = [threading.Thread(target=lane) for _ in range(given.lanes)]
    for each in lanes:
        each.start()
    for each in lanes:
        each.join()
    if failed:
        sys.exit(f"without a result: {', '.join(sorted(failed))}; their logs are in {given.out}")


if __name__ == "__main__":
    main()
