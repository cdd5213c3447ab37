"""Spells every path of a spool; the only place that does. It must not touch the disk.

Names are ``str`` with surrogate escapes, as ``os.listdir`` gives them, so that a name which is not UTF-8 survives.
"""

import os
from dataclasses import dataclass

NAME_MAX_BYTES = 255
"""The longest file name that the common filesystems take (pathconf(3), _PC_NAME_MAX)."""

_SURELY_FITS = NAME_MAX_BYTES // 4
"""No character takes more than four bytes."""

PROTOCOL_VERSION = 1

_SUFFIX_MAX_BYTES = 32
"""What stands behind the last dot and is longer than this is no suffix, but most of a long name."""

STATUS_PREFIX = ".status-"

_NOT_JOBS = ("~", ".tmp", ".swp", ".part")
_RAW_ENDS = tuple(os.fsencode(ending) + b"/" for ending in _NOT_JOBS)


def is_job_name(name: str) -> bool:
    """Tell whether a file of this name may be a job: editors' and copiers' leftovers and dot files are not."""
    return not name.startswith(".") and not name.endswith(_NOT_JOBS)


def are_job_names(names: list[bytes]) -> bool:
    """Tell whether names, as the disk has them, are all of jobs: of thousands at once, for who counts a million."""
    joined = b"/%b/" % b"/".join(names)
    if b"." not in joined and b"~" not in joined:
        return True  # without them nothing is hidden or left over
    return b"/." not in joined and not any(end in joined for end in _RAW_ENDS)


def is_file_name(name: str) -> bool:
    """Tell whether a file can be named so: what another program wrote into a journal may be anything."""
    if name.isalnum() and name.isascii():
        return len(name) <= NAME_MAX_BYTES
    try:
        raw = os.fsencode(name)
    except UnicodeEncodeError:
        return False  # half a character, which JSON can spell and no file can be named by
    return 0 < len(raw) <= NAME_MAX_BYTES and name not in (".", "..") and not {"/", "\0"} & set(name)


def fit(name: str, prefix: str = "", suffix: str = "") -> str:
    """Return ``prefix + name + suffix``, with ``name`` cut and marked by a digest where the sum is too long for a file.

    A job's name may itself be as long as a file name can be, and then ``J.out`` would not fit.
    """
    if len(prefix) + len(name) + len(suffix) <= _SURELY_FITS:
        return prefix + name + suffix
    raw = os.fsencode(name)
    room = NAME_MAX_BYTES - len(os.fsencode(prefix)) - len(os.fsencode(suffix))
    if len(raw) <= room:
        return prefix + name + suffix
    import hashlib  # OpenSSL comes with it, and hardly any name is so long

    digest = hashlib.sha256(raw).hexdigest()[:12]
    return prefix + os.fsdecode(raw[: room - 13]) + "-" + digest + suffix


def numbered(name: str, number: int) -> str:
    """Return the name under which a job comes back when its own is taken: ``job.conf`` becomes ``job-2.conf``."""
    stem, suffix = os.path.splitext(name)
    if len(os.fsencode(suffix)) > _SUFFIX_MAX_BYTES:
        stem, suffix = name, ""
    return fit(stem, suffix=f"-{number}{suffix}")


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of the spool at ``root``, which must be absolute."""

    root: str

    def __post_init__(self) -> None:
        if not os.path.isabs(self.root):
            raise ValueError(f"a spool's root must be absolute, not {self.root!r}")

    @property
    def name(self) -> str:
        """The spool's name: that of its directory."""
        return os.path.basename(self.root) or "root"

    @property
    def jobqueue(self) -> str:
        return f"{self.root}/jobqueue"

    @property
    def workerqueue(self) -> str:
        return f"{self.root}/workerqueue"

    @property
    def jobpods(self) -> str:
        return f"{self.root}/jobpod"

    @property
    def runnings(self) -> str:
        return f"{self.root}/running"

    @property
    def done_dir(self) -> str:
        return f"{self.root}/done"

    @property
    def failed_dir(self) -> str:
        return f"{self.root}/failed"

    @property
    def held_dir(self) -> str:
        return f"{self.root}/held"

    @property
    def outputs(self) -> str:
        return f"{self.root}/output"

    @property
    def journals(self) -> str:
        return f"{self.root}/journal"

    @property
    def workerlogs(self) -> str:
        return f"{self.root}/workerlogs"

    @property
    def private(self) -> str:
        return f"{self.root}/.fjd"

    @property
    def tmp(self) -> str:
        return f"{self.root}/.fjd/tmp"

    @property
    def batches(self) -> str:
        return f"{self.root}/.fjd/batches"

    @property
    def calls(self) -> str:
        return f"{self.root}/.fjd/calls"

    @property
    def drafts(self) -> str:
        """``.fjd/drafts/``: copies of job files that somebody is editing."""
        return f"{self.root}/.fjd/drafts"

    def draft(self, token: str, job: str) -> str:
        """Return the path of a copy of ``job``."""
        return f"{self.drafts}/{fit(job, f'{token}-')}"

    @property
    def version_file(self) -> str:
        return f"{self.root}/.fjd/version"

    @property
    def lease_file(self) -> str:
        return f"{self.root}/.fjd/dispatcher.lease"

    @property
    def paused_file(self) -> str:
        return f"{self.root}/.fjd/paused"

    @property
    def config_file(self) -> str:
        return f"{self.root}/.fjd/config.ini"

    @property
    def finish_output(self) -> str:
        """``.fjd/on-finish.out``: what the command printed that is run when all jobs have ended."""
        return f"{self.root}/.fjd/on-finish.out"

    @property
    def crew_state(self) -> str:
        """``.fjd/crew.json``: what the elastic crew is about."""
        return f"{self.root}/.fjd/crew.json"

    @property
    def crew_resume(self) -> str:
        """``.fjd/crew-resume``: hiring is to go on at once."""
        return f"{self.root}/.fjd/crew-resume"

    @property
    def clock_file(self) -> str:
        return f"{self.root}/.fjd/clock"

    @property
    def history_file(self) -> str:
        """``.fjd/history.jsonl``: what still matters of the journals, so that they need not be read from the start."""
        return f"{self.root}/.fjd/history.jsonl"

    @property
    def clusters(self) -> str:
        return f"{self.root}/.fjd/cluster"

    def placement(self, worker: str) -> str:
        """``.fjd/cluster/W.placed``: W, and perhaps others, were asked of a cluster's scheduler in one job."""
        return f"{self.root}/.fjd/cluster/{worker}.placed"

    def token(self, name: str) -> str:
        """``.fjd/token-NAME``: who reads ``NAME`` in it on another host sees the same spool."""
        return f"{self.root}/.fjd/token-{name}"

    @property
    def directories(self) -> tuple[str, ...]:
        """Every directory of a spool below its root, parents first."""
        return (
            self.private,
            self.tmp,
            self.batches,
            self.jobqueue,
            self.workerqueue,
            self.jobpods,
            self.runnings,
            self.done_dir,
            self.failed_dir,
            self.held_dir,
            self.outputs,
            self.journals,
            self.workerlogs,
        )

    def batch(self, name: str) -> str:
        """``.fjd/batches/B``: jobs that were submitted together and are on their way into the queue."""
        return f"{self.root}/.fjd/batches/{name}"

    def call(self, key: str) -> str:
        """``.fjd/calls/KEY.call``: the function that a job calls, and with what."""
        return f"{self.root}/.fjd/calls/{key}.call"

    def result(self, key: str) -> str:
        """``.fjd/calls/KEY.result``: what came of the call."""
        return f"{self.root}/.fjd/calls/{key}.result"

    def queued(self, job: str) -> str:
        """``jobqueue/J``: the job waits."""
        return f"{self.root}/jobqueue/{job}"

    def pod(self, worker: str) -> str:
        """``jobpod/W``: what is handed to worker W."""
        return f"{self.root}/jobpod/{worker}"

    def handed(self, worker: str, job: str) -> str:
        """``jobpod/W/J``: the job is handed to W and not started."""
        return f"{self.root}/jobpod/{worker}/{job}"

    def nudge(self, worker: str) -> str:
        """``jobpod/W/.nudge``: the FIFO by which W is woken, on its own host."""
        return f"{self.root}/jobpod/{worker}/.nudge"

    def attempt(self, worker: str, job: str) -> str:
        """``jobpod/W/.attempt-J``: which attempt this is, written only when it is not the first."""
        return f"{self.root}/jobpod/{worker}/{fit(job, prefix='.attempt-')}"

    def status(self, worker: str, job: str) -> str:
        """``jobpod/W/.status-J``: where the running job may write how far it is; W clears it away."""
        return f"{self.root}/jobpod/{worker}/{fit(job, prefix=STATUS_PREFIX)}"

    def order(self, worker: str, what: str) -> str:
        """``jobpod/W/.order-fire`` and ``.order-drain``."""
        return f"{self.root}/jobpod/{worker}/.order-{what}"

    def order_kill(self, worker: str, job: str) -> str:
        """``jobpod/W/.order-kill-J``."""
        return f"{self.root}/jobpod/{worker}/{fit(job, prefix='.order-kill-')}"

    def running_dir(self, worker: str) -> str:
        """``running/W``: what W runs."""
        return f"{self.root}/running/{worker}"

    def running(self, worker: str, job: str) -> str:
        """``running/W/J``: W runs the job, and the job gets this path as its argument."""
        return f"{self.root}/running/{worker}/{job}"

    def done(self, job: str) -> str:
        """``done/J``: ended with exit status 0."""
        return f"{self.root}/done/{job}"

    def failed(self, job: str) -> str:
        """``failed/J``: given up."""
        return f"{self.root}/failed/{job}"

    def held(self, job: str) -> str:
        """``held/J``: kept out of the queue by its owner, until it is moved back."""
        return f"{self.root}/held/{job}"

    def output(self, job: str) -> str:
        """``output/J.out``: what the job printed."""
        return f"{self.root}/output/{fit(job, suffix='.out')}"

    def announcement(self, worker: str) -> str:
        """``workerqueue/W.worker``: the worker lives; the mtime is its heartbeat."""
        return f"{self.root}/workerqueue/{worker}.worker"

    def journal(self, writer: str) -> str:
        """``journal/W.jsonl``: what that one writer did."""
        return f"{self.root}/journal/{writer}.jsonl"

    def workerlog(self, worker: str) -> str:
        """``workerlogs/W.log``: what the worker's terminal showed."""
        return f"{self.root}/workerlogs/{worker}.log"
