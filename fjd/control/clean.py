"""Cleaning a spool: what is done and over goes, by age; nothing that waits, runs or has failed unless that is said.

`plan` looks and changes nothing, `carry_out` does what it found. A done job stays while another waits for it by
``after``, since its file is what says that it is done.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial

from fjd import jobfile, recovery
from fjd.control import diary, shorten
from fjd.control.shorten import Shortening
from fjd.errors import FjdError
from fjd.jobfile import Terms
from fjd.selectors import is_glob
from fjd.spool import announce, create, fsio, wholeness
from fjd.spool.announce import Announcement
from fjd.spool.layout import Layout, is_job_name

_WAITS = re.compile(rb"^\s*after(-any)?\s*[:=]", re.IGNORECASE | re.MULTILINE)
"""A line that names jobs to wait for; the text of a hundred thousand others need not be understood."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to go."""

    until_ns: int
    """What has changed since is left, by the disk's own clock."""
    done: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """Jobs that stay because others wait for them."""
    outputs: tuple[str, ...] = ()
    """Names in ``output/`` of jobs that are nowhere, and of those that go."""
    logs: tuple[str, ...] = ()
    """Names in ``workerlogs/`` of workers that have left."""
    dead: tuple[Announcement, ...] = ()
    """Workers of this host whose process is gone."""
    journals: tuple[Shortening, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.done or self.failed or self.outputs or self.logs or self.dead or self.journals)


@dataclass(slots=True)
class Cleaned:
    """What went, and what did not and why."""

    jobs: int = 0
    outputs: int = 0
    logs: int = 0
    workers: int = 0
    given_back: list[str] = field(default_factory=list)
    journals: int = 0
    refused: list[str] = field(default_factory=list)


def plan(layout: Layout, older_s: float, *, failed: bool = False) -> Plan:
    """Return what is to go of that which has been as it is for ``older_s``, by the disk's own clock."""
    until_ns = wholeness.disk_now_ns(layout) - int(older_s * 1e9)
    old_done = _old(layout.done_dir, until_ns)
    needed = _needed(layout, old_done)
    done = tuple(name for name in old_done if name not in needed)
    gone_failed = tuple(_old(layout.failed_dir, until_ns)) if failed else ()
    live = _alive(layout)
    left = _places(layout, {layout.done_dir: set(done), layout.failed_dir: set(gone_failed)})
    return Plan(
        until_ns,
        done,
        gone_failed,
        tuple(sorted(needed)),
        tuple(_outputs(layout, left, until_ns)),
        tuple(_logs(layout, live, until_ns)),
        tuple(said for said in announce.read_all(layout).values() if said.is_here() and not said.process_lives()),
        tuple(shorten.plan(layout, live, left, until_ns)),
    )


def carry_out(layout: Layout, plan: Plan) -> Cleaned:
    """Do it. What was moved or changed meanwhile is somebody else's again, and is left."""
    cleaned = Cleaned()
    remove = partial(_remove, until_ns=plan.until_ns)
    for said in plan.dead:
        cleaned.workers += _try(cleaned, partial(_bury, layout, said, cleaned))
    for path in [*map(layout.done, plan.done), *map(layout.failed, plan.failed)]:
        cleaned.jobs += _try(cleaned, partial(remove, path))
    for name in plan.outputs:
        cleaned.outputs += _try(cleaned, partial(remove, f"{layout.outputs}/{name}"))
    for name in plan.logs:
        cleaned.logs += _try(cleaned, partial(remove, f"{layout.workerlogs}/{name}"))
    for one in plan.journals:
        cleaned.journals += _try(cleaned, partial(shorten.carry_out, layout, one))
    create.sweep(layout)
    diary.tell(layout, "cleaned", jobs=cleaned.jobs)
    return cleaned


def _try(cleaned: Cleaned, do: Callable[[], bool]) -> bool:
    try:
        return do()
    except FjdError as error:
        cleaned.refused.append(str(error))
        return False


def _remove(path: str, until_ns: int) -> bool:
    """Remove it unless another of that name has come since."""
    return _is_old(path, until_ns) and fsio.remove(path)


def _bury(layout: Layout, said: Announcement, cleaned: Cleaned) -> bool:
    """Do for a dead worker what a dispatcher would do."""
    recovery.end_leftovers(layout, said.id)
    cleaned.given_back += [back.new_name for back in recovery.bury(layout, said.id)]
    return True


# ---- what is there


def _old(directory: str, until_ns: int) -> list[str]:
    """Return the jobs in ``directory`` that have been there since before ``until_ns``."""
    names = (name for name in fsio.names(directory) or () if is_job_name(name))
    return sorted(name for name in names if _is_old(f"{directory}/{name}", until_ns))


def _is_old(path: str, until_ns: int) -> bool:
    changed_ns = fsio.changed_ns(path)
    return changed_ns is not None and changed_ns <= until_ns


def _alive(layout: Layout) -> set[str]:
    """Return the workers that are announced: whether they live is not asked, since they may be on other hosts."""
    return announce.present(layout)


def _places(layout: Layout, but: dict[str, set[str]]) -> set[str]:
    """Return the names of all jobs that are somewhere, without those that go."""
    found: set[str] = set()
    for directory in (layout.jobqueue, layout.held_dir, layout.done_dir, layout.failed_dir):
        found |= set(fsio.names(directory) or ()) - but.get(directory, set())
    for parent in (layout.jobpods, layout.runnings):
        for worker in fsio.names(parent) or ():
            found |= set(fsio.names(f"{parent}/{worker}") or ())
    return found


def _outputs(layout: Layout, left: Collection[str], until_ns: int) -> Iterator[str]:
    kept = {layout.output(job).rpartition("/")[2] for job in left}
    for name in sorted(set(fsio.names(layout.outputs) or ()) - kept):
        if not name.startswith(".") and _is_old(f"{layout.outputs}/{name}", until_ns):
            yield name


def _logs(layout: Layout, live: Collection[str], until_ns: int) -> Iterator[str]:
    for name in sorted(fsio.names(layout.workerlogs) or ()):
        if name.removesuffix(".log") not in live and _is_old(f"{layout.workerlogs}/{name}", until_ns):
            yield name


# ---- who waits for whom


def _needed(layout: Layout, jobs: Collection[str]) -> set[str]:
    """Return which of ``jobs`` a job that has not begun names in ``after`` or ``after-any``."""
    wanted: set[str] = set()
    for directory in (layout.jobqueue, layout.held_dir):
        for name in fsio.names(directory) or ():
            wanted |= set(_named_in(f"{directory}/{name}")) if is_job_name(name) else set()
    plain = {name for name in wanted if not is_glob(name)} & set(jobs)
    globs = [name for name in wanted if is_glob(name)]
    return plain | {job for job in jobs if any(fnmatchcase(job, pattern) for pattern in globs)}


def _named_in(path: str) -> tuple[str, ...]:
    try:
        contents = fsio.read_plain(path, jobfile.MAX_BYTES)
        if contents is None or not _WAITS.search(contents.data):
            return ()
        terms: Terms = jobfile.parse(contents.data).terms
    except FjdError:
        return ()
    return (*terms.after, *terms.after_any)
