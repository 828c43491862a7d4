"""facebookresearch/dino's main_dino.py, as it is, on a machine without a GPU: train_peer.py SOURCE STEPS OUT [options].

What CUDA would do is left out from here, outside its sources: `.cuda()` leaves a tensor where it is, the process group
is gloo's, the wrapper for several processes gets no device. The loop is timed from outside: a step ends where it would
wait for the GPU, and it waits for data in its loader's `next`. Writes OUT, a JSON object a step, and ends after STEPS.
"""

import json
import os
import runpy
import sys
import time
from collections.abc import Iterator
from typing import Any

import torch

SOURCE, STEPS, OUT = sys.argv[1], int(sys.argv[2]), sys.argv[3]
steps: list[dict[str, Any]] = []

# torchvision's wheel is built beside CUDA's torch; beside another, operators it attaches to have to be declared.
operators = torch.library.Library("torchvision", "DEF")
operators.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
operators.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


class Timed:
    """Its data loader, with a clock."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[Any]:
        batches = iter(self.loader)
        for ix in range(len(self)):
            started = time.perf_counter()
            batch = next(batches)
            # an epoch's first `next` also starts the loader's processes
            steps.append({"first": ix == 0, "started": started, "waited_s": time.perf_counter() - started})
            yield batch


def without_gpu() -> None:
    def same(value: Any, *_: Any, **__: Any) -> Any:
        return value

    torch.Tensor.cuda = same  # type: ignore[assignment]
    torch.nn.Module.cuda = same  # type: ignore[assignment]
    torch.cuda.set_device = same
    torch.cuda.synchronize = lambda: steps[-1].update(seconds=time.perf_counter() - steps[-1]["started"])
    tensor = torch.tensor
    torch.tensor = lambda data, device=None, **options: tensor(data, **options)
    torch.hub.list = lambda *_, **__: []  # asks GitHub for the names of another network
    group, wrapper = torch.distributed.init_process_group, torch.nn.parallel.DistributedDataParallel
    torch.distributed.init_process_group = lambda backend, **options: group("gloo", **options)
    torch.nn.parallel.DistributedDataParallel = lambda module, device_ids: wrapper(module)  # type: ignore[misc,assignment]
    os.environ |= {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0"}


def main() -> None:
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    without_gpu()
    sys.path.insert(0, SOURCE)
    import utils

    log_every, update = utils.MetricLogger.log_every, utils.MetricLogger.update

    def note(logger: Any, **values: Any) -> None:
        update(logger, **values)
        if steps and "loss" in values:
            steps[-1]["loss"] = values["loss"]
        if len(steps) == STEPS and "wd" in values:  # the last it logs of a step
            with open(OUT, "w") as file:
                json.dump(steps, file)
            sys.stdout.flush()
            os._exit(0)  # its loader's processes end with it

    utils.MetricLogger.log_every = lambda logger, batches, *rest: log_every(logger, Timed(batches), *rest)
    utils.MetricLogger.update = note
    sys.argv = [os.path.join(SOURCE, "main_dino.py"), *sys.argv[4:]]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
