"""What ``recruiter.py hire`` does and says of hosts other than this one."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fjd import recruiter, settings
from fjd.cli import crew, say
from fjd.cli.say import Status
from fjd.errors import UsageError
from fjd.hiring import remote_conf
from fjd.hiring.remote_conf import RemoteHost
from fjd.quantity import counted
from fjd.recruiter import HostReport
from fjd.spool.layout import Layout


@dataclass(frozen=True, slots=True)
class Wish:
    """What workers are wanted, on whatever host."""

    tags: tuple[str, ...] = ()
    gpus: str = ""
    """A worker for each of these, as `fjd.hiring.gpus.chosen` reads it; empty for workers without."""

    def of(self, host: RemoteHost) -> "Wish":
        """Return what is wanted of ``host``, with the tags that ``remote.conf`` gives it."""
        return replace(self, tags=tuple(dict.fromkeys((*host.tags, *self.tags))))


def hire(
    layout: Layout,
    words: Sequence[str],
    *,
    shipped: bool,
    wish: Wish,
    hire_here: Callable[[Layout, int | None, Wish], Status],
) -> Status:
    """Hire on the hosts that ``words`` name, or on all of ``remote.conf``; return the status of the command."""
    hosts = _chosen(layout, words)
    here = [host for host in hosts if remote_conf.is_here(host)]
    away = [host for host in hosts if not remote_conf.is_here(host)]
    statuses = [hire_here(layout, host.workers, wish.of(host)) for host in here]
    if away:
        away = [replace(host, tags=wish.of(host).tags, gpus=wish.gpus) for host in away]
        reports = recruiter.hire_on(
            layout, away, cwd=os.getcwd(), shipped=shipped, timings=settings.from_environment(), progress=_tell
        )
        statuses += [Status.FAILED for report in reports if report.problem or report.failures]
    return max(statuses, default=Status.OK)


def _chosen(layout: Layout, words: Sequence[str]) -> list[RemoteHost]:
    path = remote_conf.find(layout)
    known = remote_conf.read(path) if path else ()
    if words:
        return [remote_conf.named(known, word) for word in words]
    if not path:
        path = os.path.join(layout.root, remote_conf.FILE)
        raise UsageError(
            f"say how many workers to hire: recruiter.py hire 4; or write {path}, with a section for each host: "
            "[nova] and below it workers = 4"
        )
    return list(known)


def _tell(report: HostReport) -> None:
    name = report.host.alias
    for note in report.notes:
        say.talk(f"{name}: {note}")
    if report.hired:
        say.say(f"Hired {counted(len(report.hired), 'worker')} on {name}.")
    if report.problem:
        say.talk(f"Could not hire on {name}: {report.problem}")
    for reason, names in crew.by_reason(report.failures).items():
        say.talk(f"Could not hire {', '.join(names)} on {name}: {reason}")
