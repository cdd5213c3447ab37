"""What the journals of a spool tell, as it is told; and which jobs have ended for good."""

from collections.abc import Collection
from dataclasses import dataclass

from fjd import jobfile
from fjd.api import places
from fjd.errors import JobFileError, NotAJob, UnsafeError
from fjd.snapshot import JobState
from fjd.spool import fsio, journal
from fjd.spool.journal import Record, Tail
from fjd.spool.layout import Layout


class Follower:
    """Reads all journals as they grow."""

    def __init__(self, layout: Layout, *, skip: bool = False) -> None:
        """``skip`` what has been told so far."""
        self._layout = layout
        self._tails: dict[str, Tail] = {}
        if skip:
            self.read()

    def read(self) -> list[tuple[str, Record]]:
        """Return what is new, with its writer, in the order of the writers' clocks."""
        for writer in journal.writers(self._layout):
            if writer not in self._tails:
                self._tails[writer] = Tail(self._layout.journal(writer))
        new = [(writer, record) for writer, tail in self._tails.items() for record in tail.read()]
        return sorted(new, key=lambda line: _moment(line[1]))


def _moment(record: Record) -> float:
    moment = record.get("t")
    return float(moment) if isinstance(moment, int | float) else 0.0


@dataclass(slots=True)
class _Run:
    """The newest run of a job that was told of."""

    attempt: int
    writer: str
    end: Record | None = None

    @property
    def is_last(self) -> bool:
        """Whether it is told to have ended, and no other is to follow."""
        return self.end is not None and self.end.get("again") is not True


class Endings:
    """Tells which of some jobs have ended for good. A failed run that is tried again is no end of the job.

    That it is, stands in the journals alone. They are read only where a job has ``retries``, and told of only once.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._follower: Follower | None = None
        self._runs: dict[str, _Run] = {}

    def look(self, names: Collection[str]) -> dict[str, JobState]:
        """Return those of ``names`` that have ended and how, by a listing of all, and then a closer look at these."""
        seen = places.states(self._layout)
        ended = [name for name in names if seen.get(name) in (JobState.DONE, JobState.FAILED)]
        return {name: state for name in ended if (state := self.ended(name)) is not None}

    def ended(self, name: str) -> JobState | None:
        """Return how a job has ended, None while it has not.

        It is looked for everywhere, so that one that goes back to the queue just now is not taken for one that an
        earlier job of its name has left.
        """
        view = places.where(self._layout, name)
        if view is None or view.state not in (JobState.DONE, JobState.FAILED):
            return None
        if view.state is JobState.FAILED and self._may_be_tried_again(name):
            return None
        return view.state

    def reason(self, name: str) -> str:
        """Return why a job failed, as its journal tells."""
        self._follow()
        run = self._runs.get(name)
        return str(run.end.get("reason") or "") if run and run.end else ""

    def _may_be_tried_again(self, name: str) -> bool:
        try:
            contents = fsio.read_plain(self._layout.failed(name), jobfile.MAX_BYTES)
            if contents is None:
                return True  # it went back just now
            if not jobfile.parse(contents.data).terms.retries:
                return False
        except (JobFileError, NotAJob, UnsafeError):
            return False
        self._follow()
        run = self._runs.get(name)
        return run is not None and not run.is_last  # where no run was told of, there was none

    def _follow(self) -> None:
        if self._follower is None:
            self._follower = Follower(self._layout)
        for writer, record in self._follower.read():
            name, attempt = record.get("job"), record.get("attempt", 1)
            if isinstance(name, str) and isinstance(attempt, int):
                self._note(writer, name, attempt, record)

    def _note(self, writer: str, name: str, attempt: int, record: Record) -> None:
        """Clocks of two hosts are not compared: what orders two runs is their number, what orders lines their file."""
        run = self._runs.get(name)
        if record["event"] == "start" and (run is None or run.is_last or attempt >= run.attempt):
            self._runs[name] = _Run(attempt, writer)
        elif record["event"] == "end" and run is not None and run.writer == writer:
            run.end = record
        elif record["event"] in ("found", "rejected"):
            self._runs[name] = _Run(run.attempt if run else 0, writer, record)
