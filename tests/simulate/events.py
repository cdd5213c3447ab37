"""What is to happen when: the workers' side of the simulation."""

import heapq
from collections.abc import Callable


class Events:
    """Things to be done at a time of the virtual clock, in its order."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[int, float], None], int]] = []
        self._count = 0

    def at(self, at_s: float, act: Callable[[int, float], None], worker: int) -> None:
        """Have ``act(worker, at_s)`` called then."""
        self._count += 1
        heapq.heappush(self._heap, (at_s, self._count, act, worker))

    @property
    def next_s(self) -> float:
        """When the next one is."""
        return self._heap[0][0] if self._heap else float("inf")

    def run_until(self, now_s: float) -> None:
        """Let all happen that is to happen by then."""
        heap = self._heap
        while heap and heap[0][0] <= now_s:
            at_s, _, act, worker = heapq.heappop(heap)
            act(worker, at_s)
