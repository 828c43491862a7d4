"""An untrained ABMIL exported by the trainer, and what torch makes of a bag with it:

python mil_model.py MODEL_FOLDER BAG.arrow ROWS OUT.f32 [CLAM_CHECKOUT]

Prints one JSON object: torch's probabilities, its seconds and CLAM_SB's a forward pass on the same bag, in memory.
OUT.f32 gets torch's attention logits, float32.
"""

import json
import runpy
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from stroma_trainer.abmil import Abmil
from stroma_trainer.export_onnx import ABMIL_OUTPUTS, HalfBag, export

CLASSES = 6


def fastest(model: torch.nn.Module) -> float:
    """Seconds of the fastest of five passes over the bag, after one that is not counted."""
    seconds = []
    with torch.inference_mode():
        for _ in range(6):
            started = time.perf_counter()
            model(bag)
            seconds.append(time.perf_counter() - started)
    return min(seconds[1:])


folder, bag_file, rows, out = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
torch.manual_seed(7)
column = pa.ipc.open_file(bag_file).read_all().column("embedding").combine_chunks()
bag = torch.from_numpy(np.asarray(column.flatten(), dtype=np.float32).reshape(rows, -1))
models = {
    "abmil": Abmil(bag.shape[1], CLASSES, att_dim=128, gated=False, proj_dim=0, dropout=0.0),
    # the widths of CLAM_SB "small"
    "gated": Abmil(bag.shape[1], CLASSES, att_dim=256, gated=True, proj_dim=512, dropout=0.0),
}
for name, model in models.items():
    model.eval().requires_grad_(False)
    with torch.no_grad():  # trained attention is uneven; an untrained one hardly differs from the mean
        model.score.weight.mul_(20)
    outputs = set(ABMIL_OUTPUTS[1:])
    export(folder / f"{name}.onnx", HalfBag(model), {"embeddings": bag[:7].half()}, ABMIL_OUTPUTS, outputs)
logits, attention = models["abmil"](bag)
attention.numpy().tofile(out)
answer = {
    "probabilities": logits.softmax(-1).tolist(),
    "torch_seconds": {name: fastest(model) for name, model in models.items()},
}
if len(sys.argv) > 5:
    # the file alone: its package imports encoders that are not needed here
    clam = runpy.run_path(str(Path(sys.argv[5]) / "models" / "model_clam.py"))
    answer["clam_seconds"] = fastest(clam["CLAM_SB"](n_classes=CLASSES, embed_dim=bag.shape[1]).eval())
print(json.dumps(answer))
