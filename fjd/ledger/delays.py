"""What waits for a time, by that time."""

import heapq

_SLACK = 64


class Delays:
    """Names with the time at which each is due; what is asked often costs nothing for those that are not."""

    def __init__(self) -> None:
        self._due_s: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        """May hold what was discarded or moved since, which is passed over when its time comes."""

    def __contains__(self, name: object) -> bool:
        return name in self._due_s

    def __len__(self) -> int:
        return len(self._due_s)

    def get(self, name: str) -> float | None:
        """Return when it is due, None when it waits for no time."""
        return self._due_s.get(name)

    def set(self, name: str, due_s: float | None) -> None:
        """Let it wait until ``due_s``, or no more, in place of what was said before."""
        if self._due_s.get(name) == due_s:
            return
        if due_s is None:
            del self._due_s[name]
        else:
            self._due_s[name] = due_s
            heapq.heappush(self._heap, (due_s, name))
        if len(self._heap) > 2 * len(self._due_s) + _SLACK:
            self._heap = [(due_s, name) for name, due_s in self._due_s.items()]
            heapq.heapify(self._heap)

    def pop_due(self, now_s: float) -> list[str]:
        """Return those whose time has come, the earliest first, and forget them."""
        due: list[str] = []
        while self._heap and self._heap[0][0] <= now_s:
            due_s, name = heapq.heappop(self._heap)
            if self._due_s.get(name) == due_s:
                del self._due_s[name]
                due.append(name)
        return due
