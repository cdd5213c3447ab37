"""The ways to hire as a user meets them: by ``recruiter.py``, each on the real thing."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fjd import identity, recruiter
from fjd.recruiter import Member
from fjd.spool.announce import Announcement
from fjd.spool.layout import Layout
from tests import needs
from tests.crew import Crew, until
from tests.remote.machines import Machines
from tests.remote.slurm import SLURM, Slurm

TIMINGS = "grace_s=1 answer_s=20 lease_s=60 look_s=0.2 heartbeat_s=0.3"
_S = 60.0


@dataclass
class Way:
    """One way to hire workers; the crews that are made with it are told apart by their spools."""

    kind: str
    """What announcements call it."""
    words: Callable[[int], list[str]]
    """What ``recruiter.py hire`` is given for so many workers."""
    environment: dict[str, str] = field(default_factory=dict)
    host: str = ""
    """Where the workers are, as the host calls itself; empty for this one, or any."""
    machines: Machines | None = None

    def signal(self, one: Announcement, number: signal.Signals) -> None:
        """Send the worker a signal, from beside it."""
        if self.machines is None:
            os.kill(one.pid, number)
        else:
            self.machines.on(self.host, f"kill -{number.value} {one.pid}")

    def lives(self, one: Announcement) -> bool:
        """Tell whether its process lives."""
        if self.machines is None:
            return identity.is_alive(one.pid, one.started)
        stat = self.machines.on(self.host, f"cat /proc/{one.pid}/stat 2>/dev/null || :").rpartition(")")[2].split()
        return bool(stat) and stat[0] not in "ZX" and int(stat[19]) == one.started

    def environ(self, one: Announcement) -> set[str]:
        """Return the names of the variables that it was started with."""
        script = f"tr '\\0' '\\n' < /proc/{one.pid}/environ"
        text = self.machines.on(self.host, script) if self.machines else _read_environ(one.pid)
        return {line.partition("=")[0] for line in text.splitlines()}


def _read_environ(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text(errors="replace").replace("\0", "\n")


@dataclass
class Hired:
    """A spool and the crew that one way gives it."""

    crew: Crew
    way: Way

    def hire(self, count: int, *words: str, **environment: str) -> list[Member]:
        """Hire so many more, and return all that are there."""
        there = len(self.members())
        process = self.crew.start("recruiter.py", "hire", *self.way.words(count), *words, environment=environment)
        status, _, err = self.crew.finish(process, 2 * _S)
        assert status == 0, err
        assert len(self.members()) == there + count, err
        return self.members()

    def fire(self, *words: str, **environment: str) -> tuple[int, list[str], str]:
        return self.crew.finish(self.crew.start("recruiter.py", "fire", *words, environment=environment), 3 * _S)

    def members(self) -> list[Member]:
        """Return who has announced itself."""
        return recruiter.members(self.layout) if (self.crew.root / "workerqueue").is_dir() else []

    @property
    def layout(self) -> Layout:
        return Layout(str(self.crew.root))

    def dispatch(self, *, lease_s: float = 60) -> None:
        """Have a dispatcher from now on. Who is fired must not be declared lost before, on however slow a machine."""
        timings = {"FJD_TIMINGS": f"{TIMINGS} lease_s={lease_s:g}"}
        with (self.crew.root / "dispatcher-talk").open("a") as log:
            self.crew.start("dispatcher.py", "--keep-going", stdout=log, stderr=log, environment=timings)

    def log(self, member: Member) -> str:
        """Return what the worker's terminal has shown."""
        return Path(member.announcement.log).read_text(errors="replace").replace("\r\n", "\n")

    def wait_for(self, directory: str, *jobs: str) -> None:
        until(lambda: self.crew.names(directory) == set(jobs), _S)

    def gone(self, one: Announcement) -> None:
        """Wait until nothing is left of a worker."""
        until(lambda: not self.way.lives(one), _S)
        for place in ("workerqueue", "jobpod", "running"):
            until(lambda place=place: not [name for name in self.crew.names(place) if name.startswith(one.id)])  # type: ignore[misc]


@contextmanager
def hired(root: Path, way: Way) -> Iterator[Hired]:
    """Yield a spool at ``root``; whoever was hired for it is fired in the end."""
    crew = Crew(root, TIMINGS)
    crew.environment |= {"HOME": str(root.parent), "XDG_CONFIG_HOME": str(root.parent), **way.environment}
    crew.environment.pop("XDG_RUNTIME_DIR", None)
    it = Hired(crew, way)
    try:
        yield it
    finally:
        left = [member.announcement for member in it.members()]
        if left:
            it.fire(FJD_TIMINGS="grace_s=1 answer_s=5")
        crew.close()
        assert not [one for one in left if way.lives(one)]


def screen(stack: ExitStack, folder: Path) -> Way:
    return Way("screen", lambda count: [str(count)])


def process(stack: ExitStack, folder: Path) -> Way:
    """Where screen does not work."""
    stand_in = folder / "screen"
    stand_in.write_text("#!/bin/sh\necho It does not work.\nexit 1\n")
    stand_in.chmod(0o755)
    return Way("process", lambda count: [str(count)], {"PATH": f"{folder}:{os.environ['PATH']}"})


def ssh(stack: ExitStack, folder: Path) -> Way:
    """By ssh to a machine of its own name and processes."""
    machines = Machines(folder, 1)
    stack.callback(machines.stop)
    machines.start()
    words = lambda count: ["--host", f"node1:{count}"]  # noqa: E731
    return Way("screen", words, {"FJD_SSH": machines.ssh}, host="node1", machines=machines)


def slurm(stack: ExitStack, folder: Path) -> Way:
    """In jobs of a real Slurm of two nodes."""
    pytest.importorskip("parsl", reason="the extra fjd[cluster] is not installed")
    slurm = Slurm(folder)
    stack.callback(slurm.stop)
    slurm.start()
    return Way("slurm", lambda count: [str(count), "--on", "slurm", "--time", "10m"], slurm.environment)


WAYS = {
    "screen": (screen, [needs.program("screen")]),
    "process": (process, []),
    "ssh": (ssh, [needs.root(), needs.program("ip"), needs.program("sshd"), needs.program("screen")]),
    "slurm": (slurm, SLURM),
}
