"""What the study's encoders are worth: k-NN with slides held out, and ABMIL; mean and interval over the seeds.

    python score.py CROPS OUT [--seeds 2 3 4]

Crops carry their slide's grade. k-NN (cosine, exp(cos / 0.07)) judges each crop by the crops of all other slides.
Written as Markdown to standard output, and as numbers to OUT/scores.json.
"""

import argparse
import json
import math
import statistics
from pathlib import Path

import torch
from study import MODES

from stroma_trainer.encoder import load_encoder
from stroma_trainer.evaluation.features import extract
from stroma_trainer.evaluation.knn import knn_shares
from stroma_trainer.image_folder import read_image_folder
from stroma_trainer.slide_metrics import metrics

NEIGHBOURS = 20  # §11.3: 10 or 20
T_95 = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571}  # Student's t at 97.5 %, by the number of seeds
MEASURES = {
    "knn balanced accuracy": ("knn", "balanced_accuracy"),
    "knn AUC": ("knn", "macro_auc"),
    "ABMIL balanced accuracy": ("abmil", "balanced_accuracy"),
    "ABMIL AUC": ("abmil", "macro_auc"),
}


def interval(values: list[float]) -> tuple[float, float]:
    """Mean, and half the width of its 95 % interval by Student's t over the seeds."""
    n = len(values)
    if n not in T_95:
        return statistics.mean(values), math.nan
    half = T_95[n] * statistics.stdev(values) / math.sqrt(n)
    return statistics.mean(values), half


class Judge:
    """k-NN on the crops of a folder, whose images are read once."""

    def __init__(self, crops: Path, input_px: int) -> None:
        folder = read_image_folder(crops)
        manifest = folder.manifest("crop", 0, 0.0)
        slides = sorted({crop.slide_id for crop in manifest.crops})
        self.images = manifest.store(input_px, 8.0)
        self.groups = torch.tensor([slides.index(crop.slide_id) for crop in manifest.crops])
        self.labels = torch.tensor(folder.labels)
        self.classes = len(folder.classes)

    def features(self, run: Path) -> torch.Tensor:
        rows = torch.arange(len(self.images)).split(128)
        return extract(
            load_encoder(run),
            (self.images.read(part) for part in rows),
            torch.device("cpu"),
        ).cls

    def colours(self) -> torch.Tensor:
        """Each crop's mean and deviation of R, G, B, about the cohort's mean: what needs no encoder."""
        pixels = self.images.read(torch.arange(len(self.images))).float().flatten(2)
        found = torch.cat([pixels.mean(2), pixels.std(2)], dim=1)
        return found - found.mean(0)

    def score(self, features: torch.Tensor) -> dict[str, float]:
        shares = knn_shares(
            features,
            self.labels,
            features,
            self.classes,
            NEIGHBOURS,
            0.07,
            self.groups,
            self.groups,
        )
        return metrics(self.labels.numpy(), shares.numpy())


def cell(values: list[float]) -> str:
    mean, half = interval(values)
    return f"{mean:.3f} ± {half:.3f}"


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("crops", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--seeds", type=int, nargs="+", default=[2, 3, 4])
    given = arguments.parse_args()
    judge = Judge(given.crops, 64)
    found: dict[str, list[dict[str, dict[str, float]]]] = {mode: [] for mode in MODES}
    for mode, each in found.items():
        for seed in given.seeds:
            name = f"{mode}-{seed}"
            abmil = json.loads((given.out / f"abmil-{name}" / "result.json").read_text())["metrics"]
            each.append({"knn": judge.score(judge.features(given.out / name)), "abmil": abmil})
    colours = judge.score(judge.colours())

    def values(mode: str, measure: str) -> list[float]:
        kind, key = MEASURES[measure]
        return [seed[kind][key] for seed in found[mode]]

    print("| encoder | " + " | ".join(MEASURES) + " |\n|" + "---|" * (len(MEASURES) + 1))
    for mode in MODES:
        print(f"| {mode} | " + " | ".join(cell(values(mode, measure)) for measure in MEASURES) + " |")
    print(f"| mean and deviation of R, G, B | {colours['balanced_accuracy']:.3f} | {colours['macro_auc']:.3f} | | |")
    print("\n| less DINO of the same seed | " + " | ".join(MEASURES) + " |\n|" + "---|" * (len(MEASURES) + 1))
    for mode in MODES[1:]:
        paired = {m: [a - b for a, b in zip(values(mode, m), values("dino", m), strict=True)] for m in MEASURES}
        print(f"| {mode} | " + " | ".join(cell(each) for each in paired.values()) + " |")
    written = {"seeds": given.seeds, "colours": colours, "encoders": found}
    (given.out / "scores.json").write_text(json.dumps(written, indent=1))


if __name__ == "__main__":
    main()
