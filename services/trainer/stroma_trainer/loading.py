"""Batches of pixels before they are needed, and how long they were waited for all the same."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, TypeVar

from stroma_trainer.crops import ImageStore

T = TypeVar("T")


class DataClock:
    """Counts the time that a stage waits for pixels to be read and decoded. Augmentation is work, not waiting."""

    def __init__(self) -> None:
        self._waited = 0.0
        self._since: float | None = None
        self.last = (0.0, 0.0)  # seconds waited and elapsed, of the last share()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        start = time.monotonic()
        if self._since is None:
            self._since = start
        try:
            yield
        finally:
            self._waited += time.monotonic() - start

    def share(self) -> dict[str, float]:
        """{data_wait}: the share of the time since it was last asked, 0…1; nothing when nothing was read."""
        now = time.monotonic()
        if self._since is None or now <= self._since:
            return {}
        self.last = (min(self._waited, now - self._since), now - self._since)
        self._waited, self._since = 0.0, now
        return {"data_wait": self.last[0] / self.last[1]}


class Feed(Generic[T]):
    """read(step) for each of the steps, in their order. One background thread reads up to `ahead` steps in advance, so
    that at most ahead + 1 batches exist; with 0, each is read when it is taken. What is read depends on the step alone,
    so that neither the thread nor a resumed run changes it; read() draws from no global random generator."""

    def __init__(self, read: Callable[[int], T], steps: range, ahead: int, clock: DataClock) -> None:
        self._read = read
        self._clock = clock
        self._pool = ThreadPoolExecutor(1, "feed") if ahead else None
        self._steps = iter(steps)
        self._coming: deque[tuple[int, Future[T]]] = deque()
        for _ in range(ahead):
            self._begin()

    def take(self, step: int) -> T:
        """The next step's. Raises what read(step) raised."""
        with self._clock.waiting():
            if self._pool is None:
                return self._read(step)
            coming, future = self._coming.popleft()
            if coming != step:
                raise ValueError(f"step {step} was taken where step {coming} comes next")
            batch = future.result()
        self._begin()
        return batch

    def _begin(self) -> None:
        step = next(self._steps, None)
        if step is not None and self._pool is not None:
            self._coming.append((step, self._pool.submit(self._read, step)))


def ahead(prefetch_batches: int, *stores: ImageStore | None) -> int:
    """0 when every store is in memory: there is nothing to decode."""
    return prefetch_batches if any(store is not None and store.cached is None for store in stores) else 0
