"""Lets everybody go whom an elastic crew has hired, when there is to be none any more.

Who works finishes the job that it has; nobody else would ever fire them. Who comes late is let go later.
"""

from collections.abc import Iterator

from fjd.elastic.hands import Hands
from fjd.quantity import counted
from fjd.recruiter import short

_WHY = "there is to be no elastic crew any more"
_AGAIN_S = 5.0
"""Who was on the way may come after all; so often it is looked whether somebody has."""


class Farewell:
    """`begin` and `over` may be called from any thread; `tick` is the engine's."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._is_on = False
        self._begun = 0
        """How often it was begun: one that begins while the last is at its end is not ended with it."""
        self._due_s = 0.0
        self._ordered: set[str] = set()

    def begin(self) -> None:
        """There is to be no elastic crew any more."""
        self._ordered, self._due_s = set(), 0.0
        self._begun += 1
        self._is_on = True

    def over(self) -> None:
        """There is one again, or it is not ours to fire anybody."""
        self._is_on = False

    def tick(self, now_s: float) -> Iterator[str]:
        """Order who is there to leave, call off who is to come, and yield what is to be told, until nobody is left."""
        if not self._is_on or now_s < self._due_s:
            return
        self._due_s = now_s + _AGAIN_S
        begun, done = self._begun, self._hands.let_go()
        for place, count in done.called_off.items():
            yield f"crew: {counted(count, 'worker')} called off on {place}: {_WHY}"
        for worker, reason in (*done.failures, *done.report.failures):
            if worker not in self._ordered:
                yield f"crew: {short(worker)} cannot be let go: {reason}"
        refused = {worker for worker, _ in (*done.failures, *done.report.failures)}
        ordered = {*done.report.fired, *done.report.leaving}
        if new := ordered - self._ordered:
            yield f"crew: {counted(len(new), 'worker')} fired when they have done what they run: {_WHY}"
        self._ordered |= ordered | refused
        if not (ordered or refused or done.called_off) and begun == self._begun:
            self._is_on = False
