"""The journals as the dispatcher follows them: lines become changes of the ledger."""

from fjd.ledger import Ledger
from fjd.snapshot import EventKind, JobState, JobView
from fjd.spool import journal
from fjd.spool.journal import Record, Tail
from fjd.spool.layout import Layout, is_file_name

_LATER = 1e18
"""No number in a journal is as large: neither a time nor a duration, and least of all infinity."""

_STATES = {"done": JobState.DONE, "failed": JobState.FAILED, "rejected": JobState.FAILED}


class Stories:
    """Tails of the workers' journals. ``started`` holds, by job, who began it and was not seen to end it."""

    def __init__(self, layout: Layout, ledger: Ledger) -> None:
        self._layout = layout
        self._ledger = ledger
        self._tails: dict[str, Tail] = {}

    def read_history(self, live: set[str]) -> None:
        """Read all that was written before we came; what ended is remembered, and neither counted nor told."""
        ended: list[tuple[float, JobView]] = []
        begun: dict[str, tuple[float, int]] = {}
        crashed: dict[str, tuple[float, int]] = {}
        for writer in journal.writers(self._layout):
            tail = Tail(self._layout.journal(writer))
            for record in tail.read():
                _recall(writer, record, ended, begun, crashed)
            if writer in live:
                self._tails[writer] = tail
        for t, view in sorted(ended, key=lambda pair: pair[0]):
            self._ledger.remember(view)
            for counted in (begun, crashed):  # what was counted of a job is over when it has ended
                if counted.get(view.name, (_LATER, 0))[0] <= t:
                    del counted[view.name]
        self._ledger.attempts = {job: attempt for job, (_, attempt) in begun.items()}
        self._ledger.crashes = {job: crashes for job, (_, crashes) in crashed.items()}

    def follow(self, worker: str, now_s: float) -> None:
        """Read what the worker has written since, and tell the ledger."""
        tail = self._tails.get(worker)
        if tail is None:
            tail = self._tails[worker] = Tail(self._layout.journal(worker))
        for record in tail.read():
            self._tell(worker, record, now_s)

    def let_go(self, worker: str) -> None:
        """Follow it no more."""
        self._tails.pop(worker, None)

    def _tell(self, worker: str, record: Record, now_s: float) -> None:
        job = _name(record, "job")
        if job is None:
            return
        if record["event"] == "start":
            self._ledger.job_started(job, worker, now_s, _whole(record, "attempt") or 1)
        elif view := _view_of(worker, record, job):
            self._ledger.job_ended(view, now_s)
        elif record["event"] == "end":
            self._tell_unfinished(worker, record, job)

    def _tell_unfinished(self, worker: str, record: Record, job: str) -> None:
        """It was given back, or its result came too late to count."""
        active = self._ledger.active.get(job)
        if active is not None and active.worker == worker:
            self._ledger.job_lost_track(job)
        if record.get("outcome") == "superseded":
            text = f"{job}: the result of {worker} came too late and is discarded"
            self._ledger.note(EventKind.SUPERSEDED, text, job=job, worker=worker)
        else:
            text = f"{job} was given back by {worker}"
            self._ledger.note(EventKind.REQUEUED, text, job=job, worker=worker)


def _recall(
    writer: str,
    record: Record,
    ended: list[tuple[float, JobView]],
    begun: dict[str, tuple[float, int]],
    crashed: dict[str, tuple[float, int]],
) -> None:
    """Note what a line says, with its time: the journals are read one by one, and so not in the order of events."""
    job, t = _name(record, "job"), _number(record, "t") or 0.0
    if job is None:
        return
    if record["event"] == "start":
        _note_newest(begun, job, t, _whole(record, "attempt") or 1)
    elif view := _view_of(writer, record, job):
        ended.append((t, view))
        for counted in (begun, crashed):
            if counted.get(job, (_LATER, 0))[0] <= t:
                del counted[job]
    elif record["event"] == "requeued" and (crashes := _whole(record, "crashes")):
        _note_newest(crashed, _name(record, "name") or job, t, crashes)


def _note_newest(counted: dict[str, tuple[float, int]], job: str, t: float, count: int) -> None:
    if t >= counted.get(job, (0.0, 0))[0]:
        counted[job] = (t, count)


def _view_of(writer: str, record: Record, job: str) -> JobView | None:
    """Return what a line says of a job that has ended for good, None when it says something else."""
    outcome = record.get("outcome") if record["event"] in ("end", "found") else record["event"]
    state = _STATES.get(outcome) if isinstance(outcome, str) else None
    if state is None:
        return None
    worker = writer if record["event"] == "end" else _text(record, "worker")
    return JobView(
        job,
        state,
        worker=worker,
        seconds=_number(record, "seconds"),
        reason=_text(record, "reason"),
        exit=_exit(record),
    )


def _exit(record: Record) -> int | None:
    """Return the exit status as a shell shows it."""
    number = _whole(record, "signal")
    return _whole(record, "exit") if number is None else 128 + number


def _text(record: Record, key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""


def _name(record: Record, key: str) -> str | None:
    """Return the name of a job, None where there is none: it becomes part of paths, and must not lead elsewhere."""
    value = _text(record, key)
    return value if is_file_name(value) else None


def _number(record: Record, key: str) -> float | None:
    value = record.get(key)
    return float(value) if isinstance(value, (int, float)) and abs(value) < _LATER else None


def _whole(record: Record, key: str) -> int | None:
    value = record.get(key)
    return value if isinstance(value, int) and 0 <= value < _LATER else None
