"""The workers that are there or are to come, as far as no kind of jobs counts on them yet in one decision."""

from collections import Counter
from collections.abc import Mapping

from fjd.policy.elastic.prospect import Prospect
from fjd.policy.elastic.sight import Kind, Staff


class Pool:
    """Whoever is taken is not there for the next kind."""

    def __init__(self, staff: Staff, prospects: Mapping[str, Prospect]) -> None:
        self._staying = [member for member in staff.members if not member.is_leaving]
        self._idle = [member for member in self._staying if member.idle_s is not None]
        self._busy = {member.id: 1.0 for member in self._staying if member.idle_s is None}
        self._coming: Counter[str] = Counter()
        for one in staff.coming:
            self._coming[one.place] += one.count
        self._prospects = prospects

    def anybody(self, kind: Kind) -> bool:
        """Tell whether somebody is there, and stays, who may have such jobs."""
        return any(kind.may_run_on(member.offer) for member in self._staying)

    def take_idle(self, kind: Kind, most: int) -> int:
        """Take idle workers for such jobs, and return how many."""
        taken = [member for member in self._idle if kind.may_run_on(member.offer)][:most]
        names = {member.id for member in taken}
        self._idle = [member for member in self._idle if member.id not in names]
        return len(taken)

    def take_coming(self, kind: Kind, most: int) -> int:
        """Take those that are to come, and return how many."""
        left = max(0, most)
        for name, prospect in self._prospects.items():
            if left and prospect.may_run(kind):
                taken = min(left, self._coming[name])
                self._coming[name] -= taken
                left -= taken
        return max(0, most) - left

    def take_busy(self, kind: Kind, waiting: int, each: float) -> float:
        """Take of the time of the busy what ``waiting`` jobs need, where each does ``each`` jobs; return how many."""
        served = 0.0
        for member in self._staying:
            share = self._busy.get(member.id, 0.0)
            if share and served < waiting and kind.may_run_on(member.offer):
                part = min(share, (waiting - served) / each)
                self._busy[member.id] = share - part
                served += part * each
        return served
