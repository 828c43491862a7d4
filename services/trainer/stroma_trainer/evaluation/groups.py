"""Slides and patients as numbers, and parts that share none of them."""

from collections.abc import Sequence

import torch
from torch import Tensor

from stroma_trainer.seeds import generator


def numbered(names: Sequence[str]) -> Tensor:
    """Equal names, equal numbers: int64 [N]"""
    number = {name: ix for ix, name in enumerate(sorted(set(names)))}
    return torch.tensor([number[name] for name in names])


def parts(groups: Tensor, count: int, seed: int) -> list[Tensor]:
    """Row indices of `count` parts that share no group, as equal in rows as a greedy division makes them; fewer parts
    when there are fewer groups. groups: int64 [N]."""
    names, counts = groups.unique(return_counts=True)
    order = torch.randperm(len(names), generator=generator(seed, "parts"))
    order = order[counts[order].argsort(descending=True, stable=True)]
    members: list[list[int]] = [[] for _ in range(min(count, len(names)))]
    sizes = [0] * len(members)
    for ix in order.tolist():
        smallest = sizes.index(min(sizes))
        members[smallest].append(int(names[ix]))
        sizes[smallest] += int(counts[ix])
    return [torch.isin(groups, torch.tensor(part)).nonzero().flatten() for part in members]


def spread_over(groups: Tensor, count: int, seed: int) -> Tensor:
    """`count` rows drawn by seed, as many of each group as it can give; all rows for 0 or when there are not so many.
    Sorted indices, int64."""
    if not 0 < count < len(groups):
        return torch.arange(len(groups))
    shuffled = torch.randperm(len(groups), generator=generator(seed, "spread"))
    seen: dict[int, int] = {}
    turn = torch.empty(len(groups), dtype=torch.long)  # a row's place within its group
    for row in shuffled.tolist():
        group = int(groups[row])
        turn[row] = seen.get(group, 0)
        seen[group] = int(turn[row]) + 1
    first = shuffled[turn[shuffled].argsort(stable=True)]  # each group's first row, then each one's second, …
    return first[:count].sort().values
