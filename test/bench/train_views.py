"""Milliseconds that one crop's two global and eight local views take: train_views.py MANIFEST [DINO_SOURCE].

Ours; kornia's batched augmentation with the same operations and probabilities, where it is installed; and, with DINO's
source and torchvision, its own transform, image by image. One JSON object; the better of two rounds on 16 crops.
"""

import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stroma_trainer.crops import read_manifest
from stroma_trainer.device import prepare
from stroma_trainer.seeds import generator
from stroma_trainer.views import GLOBAL_1, GLOBAL_2, LOCAL, Framing, augment

CROPS, LOCALS = 16, 8


def ours(crops: Tensor) -> Callable[[], Any]:
    def views() -> None:
        draws = generator(0, "bench")
        transforms = [GLOBAL_1] * CROPS + [GLOBAL_2] * CROPS
        augment(torch.cat([crops] * 2), Framing(224, (0.4, 1.0)), transforms, draws)
        augment(torch.cat([crops] * LOCALS), Framing(96, (0.05, 0.4)), [LOCAL] * LOCALS * CROPS, draws)

    return views


def kornia(crops: Tensor) -> Callable[[], Any]:
    from kornia import augmentation as k

    def transform(size: int, scale: tuple[float, float], blur: float, solarize: float) -> Any:
        return k.AugmentationSequential(
            k.RandomResizedCrop((size, size), scale=scale, resample="bicubic"),
            k.RandomHorizontalFlip(p=0.5),
            k.ColorJitter(0.4, 0.4, 0.2, 0.1, p=0.8),
            k.RandomGrayscale(p=0.2),
            k.RandomGaussianBlur((13, 13), (0.1, 2.0), p=blur),
            k.RandomSolarize(thresholds=0.0, additions=0.0, p=solarize),
        )

    one, two = transform(224, (0.4, 1.0), 1.0, 0.0), transform(224, (0.4, 1.0), 0.1, 0.2)
    local, pixels = transform(96, (0.05, 0.4), 0.5, 0.0), crops.float() / 255
    return lambda: (one(pixels), two(pixels), local(torch.cat([pixels] * LOCALS)))


def dinos(crops: Tensor, source: str) -> Callable[[], Any]:
    from PIL import Image

    declared = torch.library.Library("torchvision", "DEF")
    declared.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    declared.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    torch.hub.list = lambda *_, **__: []  # type: ignore[assignment]
    sys.path.insert(0, source)
    from main_dino import DataAugmentationDINO

    transform = DataAugmentationDINO((0.4, 1.0), (0.05, 0.4), LOCALS)
    images = [Image.fromarray(crop.permute(1, 2, 0).numpy()) for crop in crops]

    def views() -> Any:
        kept = declared  # the declarations live as long as their library
        return kept, [transform(image) for image in images]

    return views


def milliseconds(views: Callable[[], Any]) -> float:
    seconds = []
    for _ in range(2):
        started = time.perf_counter()
        views()
        seconds.append(time.perf_counter() - started)
    return 1000 * min(seconds) / CROPS


def main() -> None:
    prepare("cpu", int(os.environ["OMP_NUM_THREADS"]))
    crops = read_manifest(Path(sys.argv[1])).store(256, 1.0).read(torch.arange(CROPS))
    found = {"ours": milliseconds(ours(crops))}
    if importlib.util.find_spec("kornia"):
        found["kornia"] = milliseconds(kornia(crops))
    if len(sys.argv) > 2:
        found["dino"] = milliseconds(dinos(crops, sys.argv[2]))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
