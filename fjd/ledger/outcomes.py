"""What has ended, and what was learnt by it: counts, the newest by name, how long runs take."""

from fjd.ledger.rates import Rates
from fjd.ledger.staff import Staff
from fjd.settings import Timings
from fjd.snapshot import JobState, JobView

HISTORY_MAX = 10_000
"""How many ended jobs of each kind are remembered by name."""
_SMOOTHING = 0.2
_OUTLIER = 2.0
_OUTLIER_S = 0.1


class Outcomes(Staff):
    """All that has ended, as far as it is kept."""

    def __init__(self, timings: Timings | None = None) -> None:
        super().__init__(timings)
        self.done: dict[str, JobView] = {}
        self.failed: dict[str, JobView] = {}
        self.done_count = 0
        self.failed_count = 0
        self.failed_here = 0
        """How many jobs failed since this ledger began to follow."""
        self.ended_here = 0
        self.mean_run_s: float | None = None
        self.run_distance_s = 0.0
        """The mean distance of runs from their mean."""
        self.round_trip_s = 0.05
        self.rates = Rates()
        self.attempts: dict[str, int] = {}
        """Of jobs that have not ended for good, which run was the last."""
        self.crashes: dict[str, int] = {}
        """How many workers each took down with it."""

    def job_renamed(self, name: str, new_name: str) -> None:
        """The job came back under another name; what was counted of it goes with it."""
        for counted in (self.attempts, self.crashes):
            if name != new_name and name in counted:
                counted[new_name] = counted.pop(name)

    def job_crashed_worker(self, name: str) -> int:
        """The job was running when its worker was lost; return how often that has happened."""
        self.crashes[name] = self.crashes.get(name, 0) + 1
        return self.crashes[name]

    def remember(self, view: JobView) -> None:
        """Keep an ended job by name, the newest of a name (rule 13), and no more than the bound."""
        other = self.failed if view.state is JobState.DONE else self.done
        if view.state is JobState.DONE:
            other.pop(view.name, None)
        history = self.done if view.state is JobState.DONE else self.failed
        history.pop(view.name, None)
        history[view.name] = view
        if len(history) > HISTORY_MAX:
            del history[next(iter(history))]

    def _learn_run(self, seconds: float) -> None:
        old = self.mean_run_s
        if old is not None:
            self.run_distance_s += _SMOOTHING * (abs(seconds - old) - self.run_distance_s)
        self.mean_run_s = seconds if old is None else old + _SMOOTHING * (seconds - old)

    def _learn_round_trip(self, seconds: float) -> None:
        """Many workers of a slow server have round trips of many seconds; one of them that was frozen tells little."""
        if seconds > 0:
            most_s = min(max(_OUTLIER * self.round_trip_s, _OUTLIER_S), self.timings.lease_s)
            self.round_trip_s += _SMOOTHING * (min(seconds, most_s) - self.round_trip_s)
