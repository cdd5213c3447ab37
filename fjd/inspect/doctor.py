"""Whether a spool and this host can do their work: each check says what it found, and how to mend it.

What it writes to find out is in ``.fjd/tmp``, and is removed. Nothing else is changed.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence

from fjd import quantity, usage
from fjd.errors import FjdError
from fjd.hiring import remote_conf
from fjd.inspect import duel, programs
from fjd.inspect.checks import Check, Verdict
from fjd.inspect.crew import workers
from fjd.inspect.status import is_paused, living_holder
from fjd.recruiter import remote
from fjd.settings import Timings
from fjd.snapshot import WorkerState
from fjd.spool import create, filesystems, fsio, journal, noreplace, wholeness
from fjd.spool.layout import Layout, is_job_name

_EVENT_S = 5.0
"""So long may the system take to tell of a new file. Watches that nobody has answer within a tenth of a second."""
_SKEW_S = 5.0
_READ_MAX = 2000
"""So many waiting files are read."""


def checks(directory: str, timings: Timings, hosts: Sequence[str] = (), *, shipped: bool = False) -> Iterator[Check]:
    """Yield all checks of the spool at ``directory``, as they are made; without a spool those of the host alone.

    With each of ``hosts``, as ``remote.conf`` or ssh knows them, the filesystem is tried from both sides.
    """
    layout = None
    try:
        layout = create.open_spool(directory, create=False)
    except FjdError as error:
        yield Check("spool", Verdict.WRONG, str(error), "fjd hire N, or dispatcher.py, makes one")
    if layout is not None:
        yield Check("spool", Verdict.WELL, layout.root)
        for check in (_filesystem, _room, _exclusive_rename, _links, _writers, _clock, _events):
            yield _safely(check, layout)
        yield _safely(lambda layout: _dispatcher(layout, timings), layout)
        yield _safely(lambda layout: _crew(layout, timings), layout)
        for check in (_queue, _orphans, _journals):
            yield _safely(check, layout)
        for word in hosts:
            host = remote_conf.named(remote.known_hosts(layout), word)
            yield from duel.checks(layout, host, timings, shipped=shipped)
    yield from programs.checks()


def _safely(check: Callable[[Layout], Check], layout: Layout) -> Check:
    try:
        return check(layout)
    except FjdError as error:
        return Check(check.__name__.strip("_<>").replace("_", " "), Verdict.WRONG, str(error))


# ---- the disk


def _filesystem(layout: Layout) -> Check:
    kind = filesystems.type_of(layout.root) or "of a kind that cannot be told"
    if filesystems.is_network(layout.root):
        text = f"{kind}, a network filesystem: changes by other hosts are seen by looking, within a second or two"
        return Check("filesystem", Verdict.NOTE, text)
    return Check("filesystem", Verdict.WELL, f"{kind}, local: workers of other hosts cannot reach it")


def _room(layout: Layout) -> Check:
    room = usage.room(layout.root)
    text = f"{quantity.format_size(room.free)} of {quantity.format_size(room.total)} free"
    if room.is_short:
        return Check("room", Verdict.NOTE, text, "fjd clean --older 7d")
    return Check("room", Verdict.WELL, text)


def _exclusive_rename(layout: Layout) -> Check:
    source, target = _scratch(layout), _scratch(layout)
    fsio.publish(layout.tmp, source, b"")
    try:
        can = noreplace.rename(source, target)
    finally:
        fsio.remove(source)
        fsio.remove(target)
    if can:
        return Check("rename", Verdict.WELL, "a name that is taken is never replaced")
    text = "the filesystem has no rename that does not replace: a look and a rename stand in, microseconds apart"
    return Check("rename", Verdict.NOTE, text)


def _links(layout: Layout) -> Check:
    target = _scratch(layout)
    fsio.publish(layout.tmp, target, b"")
    try:
        is_refused = not fsio.publish(layout.tmp, target, b"")
    finally:
        fsio.remove(target)
    verdict = Verdict.WELL if is_refused else Verdict.WRONG
    return Check(
        "publish", verdict, "a file that is there is not overwritten" if is_refused else "files are overwritten"
    )


def _writers(layout: Layout) -> Check:
    if wholeness.Wholeness(layout, 1.0).by_lease:
        return Check("writers", Verdict.WELL, "whether a job file is still being written is asked of the kernel")
    text = "whether a job file is still being written is told by its standing still"
    return Check("writers", Verdict.NOTE, text, "move finished files into jobqueue/ rather than writing them there")


def _clock(layout: Layout) -> Check:
    skew_s = wholeness.disk_now_ns(layout) / 1e9 - time.time()
    text = f"the disk's clock is {abs(skew_s):.1f} s {'ahead of' if skew_s > 0 else 'behind'} this host's"
    if abs(skew_s) > _SKEW_S:
        return Check(
            "clock", Verdict.NOTE, f"{text}: fjd compares neither, but make and people do", "set the clocks (ntp)"
        )
    return Check("clock", Verdict.WELL, "the disk's and this host's agree")


def _events(layout: Layout) -> Check:
    import threading

    from fjd.spool.watch import Watch

    watch, stop, path = Watch([layout.tmp]), threading.Event(), _scratch(layout)
    try:
        watch.wait(0.3, stop)
        fsio.publish(layout.private, path, b"")
        until_s = time.monotonic() + _EVENT_S
        while time.monotonic() < until_s and not watch.is_blind:
            if any(os.path.basename(path) in names for names in watch.wait(0.2, stop).values()):
                return Check("events", Verdict.WELL, "the system tells of changes at once")
    finally:
        watch.close()
        fsio.remove(path)
    mend = "sysctl fs.inotify.max_user_watches" if not filesystems.is_network(layout.root) else ""
    return Check(
        "events", Verdict.NOTE, "the system tells of no changes; they are seen by looking, once a second", mend
    )


def _scratch(layout: Layout) -> str:
    return f"{layout.tmp}/doctor-{secrets.token_hex(6)}"


# ---- who works


def _dispatcher(layout: Layout, timings: Timings) -> Check:
    holder = living_holder(layout, timings)
    if is_paused(layout):
        return Check("dispatcher", Verdict.NOTE, "the spool is paused: nothing is handed out", "fjd resume")
    if holder is None:
        return Check("dispatcher", Verdict.NOTE, "nobody dispatches", "dispatcher.py, or fjd-tui")
    return Check("dispatcher", Verdict.WELL, f"{holder.host}:{holder.pid}")


def _crew(layout: Layout, timings: Timings) -> Check:
    crew = workers(layout, timings, is_dated=False)
    lost = [worker.id for worker in crew if worker.state is WorkerState.LOST]
    if lost:
        text = f"{len(lost)} of {len(crew)} show no sign of life: {', '.join(lost[:5])}"
        return Check("workers", Verdict.WRONG, text, "a dispatcher gives back what they hold; so does fjd clean, here")
    frozen = sum(worker.is_frozen for worker in crew)
    if frozen:
        return Check("workers", Verdict.NOTE, f"{frozen} of {len(crew)} are frozen", "fjd resume")
    if not crew:
        return Check("workers", Verdict.NOTE, "none", "fjd hire N")
    return Check("workers", Verdict.WELL, f"{len(crew)}, all alive")


# ---- what is in it


def _queue(layout: Layout) -> Check:
    from fjd import jobfile

    names = [name for name in fsio.names(layout.jobqueue) or () if is_job_name(name)]
    bad = []
    for name in names[:_READ_MAX]:
        try:
            contents = fsio.read_plain(layout.queued(name), jobfile.MAX_BYTES)
            if contents is not None:
                jobfile.parse(contents.data)
        except FjdError as error:
            bad.append(f"{name}: {error}")
    if bad:
        return Check("queue", Verdict.WRONG, f"{len(bad)} not valid; {bad[0]}", "fjd edit JOB, or fjd cancel JOB")
    more = f" (of the first {_READ_MAX:,})" if len(names) > _READ_MAX else ""
    return Check("queue", Verdict.WELL, f"{len(names):,} jobs wait, and all are valid{more}")


def _orphans(layout: Layout) -> Check:
    present = {*(fsio.names(layout.jobpods) or ()), *(fsio.names(layout.runnings) or ())}
    strangers = {one for one in present if not one.startswith(".") and fsio.stamp(layout.announcement(one)) is None}
    held = sorted(one for one in strangers if _holds(layout, one))
    if held:
        text = f"jobs are with workers whom nobody announces: {', '.join(held[:5])}"
        return Check("orphans", Verdict.WRONG, text, "a dispatcher gives them back after half a minute")
    return Check("orphans", Verdict.WELL, "no job is with a worker who is not there")


def _holds(layout: Layout, worker: str) -> bool:
    names = (*(fsio.names(layout.pod(worker)) or ()), *(fsio.names(layout.running_dir(worker)) or ()))
    return any(is_job_name(name) for name in names)


def _journals(layout: Layout) -> Check:
    torn, size, writers = 0, 0, journal.writers(layout)
    for writer in writers:
        path = layout.journal(writer)
        stamp = fsio.stamp(path)
        size += stamp.size if stamp else 0
        torn += sum(journal.parse(line) is None for line in journal.last_lines(path, 1 << 16))
    text = f"{len(writers)}, {size / (1 << 20):.1f} MiB"
    if torn:
        return Check("journals", Verdict.NOTE, f"{text}; {torn} lines cannot be understood, and are passed over")
    return Check("journals", Verdict.WELL, text)
