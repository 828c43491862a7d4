"""What train_abmil writes of drawn grades: python grade_evaluations.py SPEC → {encoder: metrics}, as JSON.

SPEC: {slides: [{slide_id, patient_id, label, fold}], classes, fold_count, encoders: {name: skill}}. Logits are noise, and
`skill` more for the label; half of the noise is shared, as two encoders share what is hard about a slide.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "services" / "trainer"))

from stroma_trainer.bags import Bag, Bags
from stroma_trainer.run_directory import RunDirectory, finite
from stroma_trainer.train_abmil import evaluate

spec = json.loads(Path(sys.argv[1]).read_text())
settings = SimpleNamespace(seeds=1, bootstrap_resamples=200, abstain_target_accuracy=0.7, abstain_least_slides=5)
run = cast(RunDirectory, SimpleNamespace(c=settings, seed=7, log=lambda message: None))
bags = [
    Bag(slide["slide_id"], slide["patient_id"], slide["label"], slide["fold"], torch.empty(1, 1))
    for slide in spec["slides"]
]
shared = np.random.default_rng(1).normal(size=(len(bags), len(spec["classes"])))
found: dict[str, Any] = {}
for number, (encoder, skill) in enumerate(spec["encoders"].items(), 2):
    logits = shared + np.random.default_rng(number).normal(size=shared.shape)
    rows = []
    for bag, row in zip(bags, logits, strict=True):
        row[bag.label] += skill
        powers = np.exp(row)
        graded = {"slide_id": bag.slide_id, "fold": bag.fold, "label": bag.label, "seed_ix": 0}
        rows.append({**graded, "probabilities": (powers / powers.sum()).tolist()})
    found[encoder] = finite(evaluate(run, Bags(spec["classes"], spec["fold_count"], 1, bags), rows))
print(json.dumps(found))
