"""The rows of every batch that one of several processes computes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from torch import Tensor

from stroma_trainer.errors import TrainerError

T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """Rows first … end − 1 of a batch of `batch`. Random numbers are drawn for the whole batch and then picked, so that
    the processes together draw what one process would."""

    first: int
    end: int
    batch: int

    def __len__(self) -> int:
        return self.end - self.first

    def whole(self, rows: int) -> int:
        """rows: of this process, whole batches one after another → rows of all processes"""
        return rows // len(self) * self.batch

    def of(self, rows: Tensor) -> Tensor:
        """Whole batches one after another, [V·batch, …] → this process's rows of each, [V·len, …]"""
        if len(self) == self.batch:
            return rows
        picked: Tensor = rows.unflatten(0, (-1, self.batch))[:, self.first : self.end].flatten(0, 1)
        return picked

    def pick(self, items: Sequence[T]) -> list[T]:
        """As `of`, for a list."""
        return [item for ix, item in enumerate(items) if self.first <= ix % self.batch < self.end]


WHOLE = Part(0, 1, 1)


def part_of(batch: int, rank: int, size: int) -> Part:
    """The rank's share; shares differ by at most one row. Raises batch_too_small."""
    if batch < size:
        raise TrainerError(
            "batch_too_small",
            "a batch has fewer crops than there are processes",
            expected=f"at least {size}",
            found=str(batch),
            remedy="raise batch_size or start fewer processes",
        )
    return Part(batch * rank // size, batch * (rank + 1) // size, batch)
