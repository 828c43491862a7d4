"""The processes of one run. torchrun starts them and tells each its place; alone, everything here is the identity.

    python -m stroma_trainer.on_torchrun train_dino --run DIR --processes 2

Every process computes its part of each batch (part.py) and draws the batch's random numbers whole, so that all together
do what one would. Process 0 alone writes events, checkpoints and results, and holds the run directory's lock.

A lost process is noticed in two ways. gloo fails at once when a peer's connection closes. A peer that is silent (its
machine is gone, it is stopped, or, with nccl, it has died) is noticed by its pulse: every process counts up a number in
torchrun's store, and when one number stands still for `silence_s` the others end with exit code 75. The launcher starts
the run again, and it goes on from its checkpoint.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.distributed_c10d import PrefixStore, _get_default_store
from torch.nn.parallel import DistributedDataParallel

from stroma_trainer.part import Part, part_of

LOST = 75  # exit code, as after a stop: start the run again
COLLECTIVE_TIMEOUT = timedelta(hours=2)  # the pulse notices a lost process long before; process 0 may be busy that long
PULSES = 6  # in silence_s


def rank() -> int:
    return int(os.environ.get("RANK", "0"))


def size() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def local_rank() -> int:
    return int(os.environ.get("LOCAL_RANK", "0"))


def local_size() -> int:
    """Processes on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1"))


def leads() -> bool:
    return rank() == 0


def part(batch: int) -> Part:
    """This process's rows of every batch. Raises batch_too_small."""
    return part_of(batch, rank(), size())


def mine(count: int) -> range:
    """Of `count` pieces of work that need no other, those of this process."""
    return range(rank(), count, size())


# Coming and going

_pulse: "_Pulse | None" = None


def join(device: torch.device, silence_s: float, tell: Callable[[str], None]) -> None:
    """Meets the other processes. tell: writes a line to the run's log. A group that already exists is used as it is."""
    global _pulse
    if size() == 1:
        return
    if not dist.is_initialized():
        backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
        dist.init_process_group(backend, timeout=COLLECTIVE_TIMEOUT)
    _pulse = _Pulse(silence_s, tell)


def leave() -> None:
    """Once all are here, each goes on alone."""
    global _pulse
    if _pulse is None:
        return
    barrier()
    _pulse.stop.set()
    _pulse = None
    dist.destroy_process_group()


def broken(error: BaseException) -> bool:
    """Whether the error says that another process is gone."""
    if _pulse is None or not isinstance(error, RuntimeError):
        return False
    text = str(error)
    return isinstance(error, dist.DistError) or "gloo" in text or "NCCL" in text


def abandon(message: str) -> None:
    """Ends this process at once: the group's destructors may wait for the lost process."""
    print(f"interrupted: a rank was lost: {message}", file=sys.stderr, flush=True)
    os._exit(LOST)


class _Pulse:
    def __init__(self, silence_s: float, tell: Callable[[str], None]) -> None:
        self.silence_s = silence_s
        self.tell = tell
        self.stop = threading.Event()
        self.heard = {peer: time.monotonic() for peer in range(size()) if peer != rank()}
        self.answered = time.monotonic()
        # A connection of its own: a thread that waits for an answer blocks all others on the same one.
        store: Any = _get_default_store()
        self.store = PrefixStore("stroma/pulse", store.clone())
        self.store.set(str(rank()), "0")
        dist.barrier()
        for task in (self._beat, self._watch):
            threading.Thread(target=task, daemon=True).start()

    def _beat(self) -> None:
        keys = {peer: str(peer) for peer in self.heard}
        last: dict[int, bytes] = {}
        beats = 0
        while not self.stop.wait(self.silence_s / PULSES):
            beats += 1
            try:
                self.store.set(str(rank()), str(beats))
                for peer, key in keys.items():
                    found = self.store.get(key)
                    if found != last.get(peer):
                        last[peer], self.heard[peer] = found, time.monotonic()
                self.answered = time.monotonic()
            except RuntimeError:  # the store's machine or torchrun is gone: `answered` grows old
                continue

    def _watch(self) -> None:
        """Apart from _beat, which may hang in the store."""
        while not self.stop.wait(self.silence_s / PULSES):
            now = time.monotonic()
            silent = [peer for peer, heard in self.heard.items() if now - heard > self.silence_s]
            if now - self.answered > self.silence_s:
                message = f"torchrun's store has not answered for {self.silence_s:g} s"
            elif silent:
                message = f"process {silent[0]} of {size()} has been silent for {self.silence_s:g} s"
            else:
                continue
            if leads():
                self.tell(f"The run stops and goes on from its checkpoint: {message}.")
            abandon(message)


# Adding up


def distribute(module: nn.Module) -> nn.Module:
    """Its gradients become the mean over all processes while they are computed."""
    if not dist.is_initialized():
        return module
    device = next(module.parameters()).device
    return DistributedDataParallel(module, device_ids=[device] if device.type == "cuda" else None)


def weigh(loss: Tensor, rows: Part) -> Tensor:
    """The loss to differentiate: gradients are averaged over processes, which must count by their rows."""
    return loss if size() == 1 else loss * (len(rows) * size() / rows.batch)


def average_gradients(module: nn.Module) -> None:
    """After backward, for a module that is not called as a whole, which DDP needs."""
    if not dist.is_initialized():
        return
    gradients = [parameter.grad for parameter in module.parameters() if parameter.grad is not None]
    total = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(total)
    for gradient, mean in zip(
        gradients, (total / size()).split([gradient.numel() for gradient in gradients]), strict=True
    ):
        gradient.copy_(mean.view_as(gradient))


def mean(rows: Tensor) -> Tensor:
    """Mean over the rows of all processes, however many each has: [n, K] → [1, K], fp32"""
    if not dist.is_initialized():
        return rows.float().mean(dim=0, keepdim=True)
    total = torch.cat([rows.float().sum(dim=0), torch.tensor([float(len(rows))], device=rows.device)])
    dist.all_reduce(total)
    return (total[:-1] / total[-1]).unsqueeze(0)


def average(values: list[Tensor], rows: Part) -> list[float]:
    """Means over this process's rows → means over all rows."""
    if not dist.is_initialized():
        return [value.item() for value in values]
    total = torch.stack([value.detach().double() for value in values]) * (len(rows) / rows.batch)
    dist.all_reduce(total)
    found: list[float] = total.tolist()
    return found


def union(pieces: Sequence[Tensor], make: Callable[[Tensor], Tensor]) -> Tensor:
    """make: indices [n] → [n, …] in main memory. Each process makes its share of the pieces; all get [Σn, …]."""
    if not dist.is_initialized():
        return torch.cat([make(piece) for piece in pieces])
    made = {ix: make(pieces[ix]) for ix in mine(len(pieces))}
    shape = broadcast(made[0].shape[1:] if 0 in made else None)
    whole = [made.get(ix, torch.zeros(len(piece), *shape)) for ix, piece in enumerate(pieces)]
    return total(torch.cat(whole))


def total(values: Tensor) -> Tensor:
    """Sum over all processes, in place."""
    if dist.is_initialized():
        there = values.cuda() if dist.get_backend() == "nccl" else values  # of a group that another has made
        dist.all_reduce(there)
        values.copy_(there)
    return values


def some(flag: bool) -> bool:
    """Whether it is true in any process: the same answer in all."""
    if not dist.is_initialized():
        return flag
    return bool(total(torch.tensor([int(flag)])).item())


def broadcast(value: Any) -> Any:
    """Process 0's value, in every process."""
    if not dist.is_initialized():
        return value
    values = [value]
    dist.broadcast_object_list(values)
    return values[0]


def gather(value: Any) -> list[Any]:
    """Every process's value, in every process."""
    if not dist.is_initialized():
        return [value]
    values = [None] * size()
    dist.all_gather_object(values, value)
    return values


def barrier() -> None:
    if dist.is_initialized():
        dist.barrier()
