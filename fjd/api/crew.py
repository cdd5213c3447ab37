"""The workers that an executor has hired: as many as were wished for as long as it stands, and sent home at its end."""

import time

from fjd import recruiter
from fjd.errors import FjdError, HireError
from fjd.recruiter import How
from fjd.settings import Timings
from fjd.spool import announce
from fjd.spool.layout import Layout

_POLL_S = 0.02
_LOOK_S = 5.0


class Crew:
    """``count`` workers on this host, for the spool at ``layout``."""

    def __init__(self, layout: Layout, count: int, timings: Timings) -> None:
        self._layout = layout
        self._count = count
        self._timings = timings
        self._hired: list[str] = []
        self._looked_s = time.monotonic()

    def hire(self) -> None:
        """Hire those that are missing; raise `HireError` when none of them can be had."""
        missing = self._count - len(self._hired)
        if missing > 0:
            report = recruiter.hire(self._layout, missing, timings=self._timings)
            self._hired += report.hired
            if not report.hired:
                raise HireError("; ".join(dict.fromkeys(reason for _, reason in report.failures)))

    def keep(self) -> None:
        """Hire others for those that are gone; once in a while, since they seldom are."""
        if time.monotonic() - self._looked_s < _LOOK_S:
            return
        self._looked_s = time.monotonic()
        there = announce.read_all(self._layout)
        self._hired = [worker for worker in self._hired if worker in there]
        self.hire()

    def send_home(self) -> None:
        """Fire them; what one of them is doing for others is finished first, and not waited for."""
        if not self._hired:
            return
        try:
            self._fire()
        except FjdError:
            return  # the spool is gone, and they leave when they see it; or the disk refuses, and a person has to

    def _fire(self) -> None:
        there = announce.read_all(self._layout)
        recruiter.fire(
            self._layout,
            [worker for worker in self._hired if worker in there],
            how=How.DRAIN,
            wait=False,
            timings=self._timings,
        )
        until_s = time.monotonic() + self._timings.answer_s
        while self._idle() and time.monotonic() < until_s:
            time.sleep(_POLL_S)

    def _idle(self) -> bool:
        return any(member.id in self._hired and member.is_idle for member in recruiter.members(self._layout))
