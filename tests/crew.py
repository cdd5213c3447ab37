"""A spool with real processes around it: what the tests of the roles act on. Whatever they start ends with them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
BIN = Path(sys.executable).parent
TIMINGS = "grace_s=1 answer_s=10"


def until(condition: Callable[[], T], timeout_s: float = 20.0) -> T:
    """Wait until ``condition()`` is true and return what it returned; fail when that takes longer than the deadline."""
    deadline_s = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline_s, f"still not true after {timeout_s} s: {condition}"
        time.sleep(0.01)
    return value


def state_of(pid: int) -> str:
    """Return the state of a process, a letter as proc(5) has it; X for one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def lives(pid: int) -> bool:
    """Tell whether a process is there that is not dead."""
    return state_of(pid) not in ("Z", "X")


def job_text(executable: str, **control: str) -> str:
    """Return a job file in the original's form."""
    return "\n".join(
        ["[control]", f"executable: {executable}", *(f"{key}: {value}" for key, value in control.items()), ""]
    )


class Crew:
    """Starts dispatchers and workers on the spool at ``root`` and looks at its directories."""

    def __init__(self, root: Path, timings: str = TIMINGS) -> None:
        self.root = root
        self.talk = root / "worker-talk"
        self.environment = {**os.environ, "FJD_DIR": str(root), "FJD_TIMINGS": timings}
        self.processes: list[subprocess.Popen[str]] = []

    # ---- starting

    def start(self, command: str, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        """Start one of fjd's commands, its output in pipes; ``prefix`` is a command that executes it."""
        process = subprocess.Popen(
            [*options.pop("prefix", ()), str(BIN / command), *arguments],
            cwd=options.pop("cwd", self.root),
            env={**self.environment, **options.pop("environment", {})},
            stdin=subprocess.DEVNULL,
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=options.pop("stderr", subprocess.PIPE),
            text=True,
            errors="surrogateescape",
            **options,
        )
        self.processes.append(process)
        return process

    def dispatcher(self, *arguments: str) -> "subprocess.Popen[str]":
        return self.start("dispatcher.py", *arguments)

    def worker(self, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        """Start a worker by hand and wait until it has announced itself."""
        with self.talk.open("a") as talk:
            process = self.start("fjd-worker", *arguments, stdout=talk, stderr=talk, **options)
        until(lambda: self.id_of(process))
        return process

    def workers(self, count: int) -> "list[subprocess.Popen[str]]":
        return [self.worker() for _ in range(count)]

    def submit(self, name: str | bytes, executable: str, **control: str) -> None:
        """Put a job into the queue as careful users do: write elsewhere, then move."""
        queue = os.fsencode(self.root / "jobqueue")
        os.makedirs(queue, exist_ok=True)
        hidden = os.path.join(queue, b".new")
        with open(hidden, "w", encoding="utf-8") as file:
            file.write(job_text(executable, **control))
        os.rename(hidden, os.path.join(queue, os.fsencode(name)))

    # ---- looking

    def names(self, directory: str) -> set[str]:
        path = self.root / directory
        return {name for name in os.listdir(path) if not name.startswith(".")} if path.is_dir() else set()

    def id_of(self, worker: "subprocess.Popen[str]") -> str:
        """Return the id under which the worker process has announced itself, nothing before."""
        found = [name for name in self.names("workerqueue") if f"-{worker.pid}-" in name]
        return found[0].removesuffix(".worker") if found else ""

    def running(self) -> dict[str, str]:
        """Return which worker runs each running job, by directories."""
        return {job: worker for worker in self.names("running") for job in self.names(f"running/{worker}")}

    def journal(self, event: str) -> list[dict[str, Any]]:
        """Return all lines of that event from all journals; every line must be readable."""
        lines = [
            json.loads(line)
            for path in (self.root / "journal").glob("*.jsonl")
            for line in path.read_text(encoding="ascii").splitlines()
        ]
        return [line for line in lines if line["event"] == event]

    def output(self, job: str) -> str:
        return (self.root / "output" / f"{job}.out").read_text(errors="surrogateescape")

    # ---- ending

    def finish(self, process: "subprocess.Popen[str]", timeout_s: float = 60.0) -> tuple[int, list[str], str]:
        """Wait for the process; return its exit status, the lines on its stdout, and its stderr."""
        out, err = process.communicate(timeout=timeout_s)
        return process.returncode, (out or "").splitlines(), err or ""

    def kill(self, process: "subprocess.Popen[str]", number: int = signal.SIGKILL) -> None:
        process.send_signal(number)
        process.wait(20)

    def close(self) -> None:
        """End whatever is left, workers by TERM so that they end their jobs."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()


def waves(lines: Sequence[str]) -> list[str]:
    """Return the lines with repeated waves folded into one."""
    return [line for number, line in enumerate(lines) if number == 0 or line != lines[number - 1]]
