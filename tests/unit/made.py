"""Makes what the tests of the dispatcher's parts act on."""

import os
from pathlib import Path
from typing import Any

from fjd import identity
from fjd.ledger import Ledger
from fjd.spool import announce
from fjd.spool.announce import Announcement
from fjd.spool.fsio import Stamp
from fjd.spool.journal import Journal
from fjd.spool.layout import Layout
from tests.crew import job_text

STAMP = Stamp(1, 2, 3)


class Clock:
    """A clock that stands still until it is set forward."""

    def __init__(self, now_s: float = 1000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def announcement(
    worker: str, *, pid: int | None = None, started: int | None = None, host: str = "", **offer: Any
) -> Announcement:
    """What a worker says that lives in this process, unless told otherwise; ``offer`` is what it has for a job."""
    here = identity.this_host()
    pid = os.getpid() if pid is None else pid
    return Announcement(
        id=worker,
        number=1,
        host=host or here.name,
        boot_id=here.boot_id,
        pid_space=here.pid_space,
        pid=pid,
        started=(identity.start_time(pid) or 0) if started is None else started,
        since=0.0,
        cwd="/",
        kind="hand",
        **offer,
    )


def ready(ledger: Ledger, *names: str) -> None:
    """Let jobs wait that were read and may be handed out."""
    for name in names:
        ledger.job_appeared(name)
        ledger.job_read(name, STAMP, "true", "")


class HandWorker:
    """A worker on the disk, moved by hand: what the dispatcher sees of one, and no process."""

    def __init__(self, layout: Layout, worker: str, **announced: object) -> None:
        self.id = worker
        self._layout = layout
        self._journal = Journal(layout, worker)
        self._announced = announced
        os.mkdir(layout.pod(worker))
        os.mkdir(layout.running_dir(worker))
        announce.publish(layout, announcement(worker, **announced))  # type: ignore[arg-type]

    @property
    def pod(self) -> list[str]:
        return sorted(name for name in os.listdir(self._layout.pod(self.id)) if not name.startswith("."))

    def begin(self, job: str, attempt: int = 1) -> None:
        os.rename(self._layout.handed(self.id, job), self._layout.running(self.id, job))
        self._journal.write("start", job=job, attempt=attempt, pid=1)

    def end(self, job: str, outcome: str = "done", *, tells: bool = True, seconds: float = 1.0, **more: object) -> None:
        os.rename(self._layout.running(self.id, job), f"{self._layout.root}/{outcome}/{job}")
        if tells:
            self.tell_end(job, outcome, seconds, **more)

    def tell_end(self, job: str, outcome: str = "done", seconds: float = 1.0, **more: object) -> None:
        reason = "" if outcome == "done" else "exit 1"
        self._journal.write("end", job=job, outcome=outcome, reason=reason, seconds=seconds, **more)

    def leave(self) -> None:
        self._journal.close()
        for directory in (self._layout.pod(self.id), self._layout.running_dir(self.id)):
            for name in os.listdir(directory):
                target = self._layout.queued(name) if not name.startswith(".") else None
                os.rename(f"{directory}/{name}", target) if target else os.unlink(f"{directory}/{name}")
            os.rmdir(directory)
        os.unlink(self._layout.announcement(self.id))

    def close(self) -> None:
        self._journal.close()


def submit(layout: Layout, *names: str, text: str | bytes | None = None) -> None:
    """Put jobs into the queue, moved there whole."""
    data = text if text is not None else job_text("true")
    hidden = Path(layout.tmp, "new")
    for name in names:
        hidden.write_bytes(data if isinstance(data, bytes) else data.encode())
        os.rename(hidden, layout.queued(name))
