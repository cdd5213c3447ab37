"""Disks that fail: small ones, read-only ones, system calls that are answered with an error. All end with the test."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.crew import until

RENAMES = "rename,renameat,renameat2"


def run(*argv: str) -> None:
    """Run a command that must succeed."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, f"{argv}: {done.stderr}"


def unmount(path: Path) -> None:
    """Unmount what was mounted last at ``path``, also when somebody is still in there."""
    run("umount", "--lazy", str(path))


@contextmanager
def tmpfs(path: Path, options: str) -> Iterator[Path]:
    """A disk in memory at ``path``, which is made: ``size=1m``, ``nr_inodes=60``."""
    path.mkdir()
    run("mount", "-t", "tmpfs", "-o", f"mode=0700,{options}", "tmpfs", str(path))
    try:
        yield path
    finally:
        unmount(path)


@contextmanager
def filled(path: Path) -> Iterator[None]:
    """While inside, not a byte is free at ``path``."""
    filler = path / ".filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def without_inodes(path: Path) -> Iterator[None]:
    """While inside, no file can be made at ``path``."""
    taken = path / ".taken"
    taken.mkdir()
    made = 0
    try:
        while True:
            (taken / str(made)).touch()
            made += 1
    except OSError:
        pass
    try:
        yield
    finally:
        for number in range(made):
            (taken / str(number)).unlink()
        taken.rmdir()


@contextmanager
def bound(base: Path, path: Path) -> Iterator[None]:
    """Show ``base`` at ``path`` too."""
    path.mkdir()
    run("mount", "--bind", str(base), str(path))
    try:
        yield
    finally:
        unmount(path)


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """While inside, ``path`` is read-only for whoever goes there by name.

    It is a second, read-only mount on top of the first, which the kernel allows also while files are open for writing.
    """
    run("mount", "--bind", str(path), str(path))
    try:
        run("mount", "-o", "remount,bind,ro", str(path))
        yield
    finally:
        unmount(path)


@contextmanager
def answering(process: "subprocess.Popen[str]", calls: str, error: str) -> Iterator[None]:
    """While inside, all ``calls`` of the process and of what it starts fail with ``error``."""
    argv = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}"]
    tracer = subprocess.Popen([*argv, "-p", str(process.pid)], stdin=subprocess.DEVNULL)
    try:
        until(lambda: is_traced(process.pid))
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(20)


def is_traced(pid: int) -> bool:
    """Tell whether all threads of the process are traced."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return all("TracerPid:\t0\n" not in (task / "status").read_text() for task in tasks)


class Cost:
    """CPU time of processes from now on, as a share of the time."""

    def __init__(self, *processes: "subprocess.Popen[str]") -> None:
        self._processes = [psutil.Process(process.pid) for process in processes]
        self._began_s = time.monotonic()
        self._began_cpu_s = self._cpu_s()

    def _cpu_s(self) -> list[float]:
        return [times.user + times.system for times in (process.cpu_times() for process in self._processes)]

    def highest(self, at_least_s: float = 2.0) -> float:
        """Return the share of the busiest, measured over ``at_least_s`` or the time that has gone."""
        self.elapse(at_least_s)
        elapsed_s = time.monotonic() - self._began_s
        return max(
            (cpu_s - before_s) / elapsed_s for cpu_s, before_s in zip(self._cpu_s(), self._began_cpu_s, strict=True)
        )

    def elapse(self, seconds: float) -> None:
        """Let the time pass that an outage is to last."""
        until(lambda: time.monotonic() - self._began_s >= seconds, seconds + 5)


def remove(path: Path) -> None:
    """Remove a directory and all that is in it, also while somebody puts more into it."""

    def is_gone() -> bool:
        try:
            shutil.rmtree(path)
        except OSError:
            return not path.exists()
        return True

    until(is_gone)


def count(path: Path, words: str) -> int:
    """Return how many lines of a log hold the words."""
    return sum(words in line for line in path.read_text(errors="replace").splitlines()) if path.exists() else 0


def library(name: str) -> str | None:
    """Return the path of a library that Debian keeps in a folder by architecture."""
    found = sorted(Path("/usr/lib").glob(f"*/{name}")) + sorted(Path("/usr/lib").glob(name))
    return os.fspath(found[0]) if found else None


def settled(condition: Callable[[], bool], seconds: float) -> bool:
    """Tell whether the condition holds, without a break, for so long."""
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        if not condition():
            return False
        time.sleep(0.05)
    return True
