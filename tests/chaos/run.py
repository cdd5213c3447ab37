"""The chaos run: faults at random moments, by a seed, until all jobs have ended; then the books are checked.

Half of the workers live on this host, where a death is noticed by asking for the process; the others are in a host name
space of their own, so that they are observed as workers of another host are, by their heartbeat, and a frozen one is
declared lost and comes back as a zombie. With ``machines`` these others, and dispatchers, are on namespaced machines
with processes of their own, and the power of one of them is cut now and then.
"""

import random
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.away import Away, Guest
from tests.crew import BIN, Crew, job_text

TIMINGS = "lease_s=2 heartbeat_s=0.3 grace_s=0.5 alive_s=0.2 reconcile_s=1 crash_limit=1000000"
_FREEZE_S = 4.0
"""Longer than the lease: a worker that is seen as one of another host is declared lost meanwhile."""
_SETTLE_S = 60.0

Process = subprocess.Popen[str] | Guest


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of a run."""

    jobs: int
    runs: int
    reruns: int
    unexplained: int
    """Reruns of jobs none of whose workers was killed, frozen or fired."""
    lost: int
    doubly_recorded: int
    faults: Counter[str]
    seconds: float

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubly_recorded or self.unexplained)


@dataclass
class Chaos:
    """One run over the spool at ``root`` with ``jobs`` jobs, ``workers`` workers and the faults that ``seed`` gives."""

    root: Path
    jobs: int
    workers: int
    seconds: float
    seed: int
    machines: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._can_go_away = can_change_host_name()
        self._crew = Crew(self.root, TIMINGS)
        self._hired: list[Process] = []
        self._dispatchers: list[Process] = []
        self._frozen: list[tuple[float, Process]] = []
        self._away = Away(self.root.parent / "m", self.machines, self._random) if self.machines else None
        self._count = 0
        self._struck: set[str] = set()
        """Ids of workers that were killed, frozen or fired."""

    def run(self) -> Tally:
        """Do it all and return the books."""
        began_s = time.monotonic()
        try:
            if self._away:
                self._away.start()
            self._begin()
            self._rage(began_s + self.seconds)
            self._calm_down()
            return self._tally(time.monotonic() - began_s)
        finally:
            self._thaw(always=True)
            self._crew.close()
            if self._away:
                self._away.stop()

    # ---- the play

    def _begin(self) -> None:
        queue = self.root / "jobqueue"
        queue.mkdir(parents=True, exist_ok=True)
        (self.root / "runs").mkdir()
        for number in range(self.jobs):
            name = f"job{number}"
            (queue / f".{name}").write_text(job_text(self._command(number)))
            (queue / f".{name}").rename(queue / name)
        for _ in range(self.workers):
            self._hire()
        self._dispatch()

    def _command(self, number: int) -> str:
        """Most are short; each writes down that it ran, and by whom."""
        length_s = self._random.choice((0.0, 0.0, 0.01, 0.05, 0.2 if number % 10 else 1.0))
        return f"echo $FJD_WORKER >> runs/$FJD_JOB; sleep {length_s}; :"

    def _rage(self, until_s: float) -> None:
        deeds = [self._kill_worker, self._kill_worker, self._freeze, self._kill_dispatcher, self._double, self._fire]
        deeds += [self._cut_the_power] if self._away else []
        while time.monotonic() < until_s and self._left():
            time.sleep(self._random.uniform(0.05, 0.5))
            self._thaw()
            self._bury_our_dead()
            self._random.choice(deeds)()

    def _calm_down(self) -> None:
        """No more faults: with a whole crew all must end by itself."""
        self._thaw(always=True)
        deadline_s = time.monotonic() + _SETTLE_S + self.seconds
        while self._left() and time.monotonic() < deadline_s:
            self._bury_our_dead()
            time.sleep(0.1)

    def _left(self) -> int:
        return self.jobs - len(self._crew.names("done")) - len(self._crew.names("failed"))

    # ---- the faults

    def _kill_worker(self) -> None:
        if worker := self._pick():
            self._strike(worker)
            worker.kill()
            self.faults["workers killed"] += 1

    def _freeze(self) -> None:
        if (worker := self._pick()) and worker not in [frozen for _, frozen in self._frozen]:
            self._strike(worker)
            worker.send_signal(signal.SIGSTOP)
            self._frozen.append((time.monotonic() + _FREEZE_S, worker))
            self.faults["workers frozen"] += 1

    def _fire(self) -> None:
        if worker := self._pick():
            self._strike(worker)
            worker.send_signal(self._random.choice((signal.SIGTERM, signal.SIGHUP)))
            self.faults["workers fired"] += 1

    def _kill_dispatcher(self) -> None:
        if self._dispatchers:
            self._random.choice(self._dispatchers).kill()
            self.faults["dispatchers killed"] += 1

    def _double(self) -> None:
        if len(self._dispatchers) < 3:
            self._dispatch()
            self.faults["dispatchers added"] += 1

    def _cut_the_power(self) -> None:
        """Of a machine, whose workers and dispatchers end with it."""
        if self._away and (name := self._away.cut_the_power()):
            there = {one.removesuffix(".worker") for one in self._crew.names("workerqueue")}
            self._struck |= {one for one in there if one.startswith(f"{name}-")}
            self.faults["machines cut off"] += 1

    # ---- the crew

    def _hire(self) -> None:
        """Start a worker; every other one on a machine, or under another host's name."""
        self._count += 1
        if not (self._count % 2 and self._hire_away()):
            self._hire_here()

    def _hire_away(self) -> bool:
        guest = self._run_away("fjd-worker")
        if guest:
            self._hired.append(guest)
        return guest is not None

    def _run_away(self, *words: str) -> Guest | None:
        if self._away is None:
            return None
        log = self.root.parent / f"{words[0]}-talk"
        return self._away.run(*words, cwd=self.root, environment=self._crew.environment, log=log)

    def _hire_here(self) -> None:
        log = (self.root.parent / "worker-talk").open("a")
        command = [str(BIN / "fjd-worker")]
        if self._can_go_away and self._away is None and len(self._crew.processes) % 2:
            name = f"node{len(self._crew.processes)}"
            command = ["unshare", "--uts", "sh", "-c", f'hostname {name} && exec "$0"', *command]
        with log:
            process = subprocess.Popen(
                command, cwd=self.root, env=self._crew.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, text=True,
            )  # fmt: skip
        self._crew.processes.append(process)
        self._hired.append(process)

    def _dispatch(self) -> None:
        self._count += 1
        if self._count % 2 and (guest := self._run_away("dispatcher.py", "--keep-going")):
            self._dispatchers.append(guest)
            return
        with (self.root.parent / "dispatcher-talk").open("a") as log:
            self._dispatchers.append(self._crew.start("dispatcher.py", "--keep-going", stdout=log, stderr=log))

    def _pick(self) -> Process | None:
        alive = [worker for worker in self._hired if worker.poll() is None and self._ids(worker)]
        return self._random.choice(alive) if alive else None

    def _ids(self, worker: Process) -> list[str]:
        names = [name.removesuffix(".worker") for name in self._crew.names("workerqueue")]
        if isinstance(worker, Guest):
            return [name for name in names if name.startswith(worker.prefix)]
        hosts = () if self._away is None else self._away.names
        return [name for name in names if f"-{worker.pid}-" in name and name.split("-")[0] not in hosts]

    def _strike(self, worker: Process) -> None:
        self._struck.update(self._ids(worker))

    def _thaw(self, *, always: bool = False) -> None:
        now_s = time.monotonic()
        for at_s, worker in list(self._frozen):
            if always or at_s <= now_s:
                self._frozen.remove((at_s, worker))
                if worker.poll() is None:
                    worker.send_signal(signal.SIGCONT)

    def _bury_our_dead(self) -> None:
        """Replace who has gone, as a user would."""
        if self._away:
            self._away.boot()
        self._dispatchers = [one for one in self._dispatchers if one.poll() is None] or self._dispatchers[:0]
        if not self._dispatchers:
            self._dispatch()
        self._hired = [worker for worker in self._hired if worker.poll() is None]
        for _ in range(self.workers - len(self._hired)):
            self._hire()

    # ---- the books

    def _tally(self, seconds: float) -> Tally:
        places = Counter[str]()
        for directory in ("jobqueue", "done", "failed"):
            places.update(self._crew.names(directory))
        for parent in ("jobpod", "running"):
            for worker in self._crew.names(parent):
                places.update(self._crew.names(f"{parent}/{worker}"))
        done = self._crew.names("done")
        recorded = Counter(line["job"] for line in self._crew.journal("end") if line["outcome"] == "done")
        runs = {path.name: path.read_text().split() for path in (self.root / "runs").iterdir()}
        reruns = {job: workers for job, workers in runs.items() if len(workers) > 1}
        return Tally(
            jobs=self.jobs,
            runs=sum(map(len, runs.values())),
            reruns=sum(len(workers) - 1 for workers in reruns.values()),
            unexplained=sum(1 for workers in reruns.values() if not self._struck.issuperset(workers[:-1])),
            lost=sum(1 for number in range(self.jobs) if f"job{number}" not in done or places[f"job{number}"] != 1),
            doubly_recorded=sum(1 for count in recorded.values() if count > 1),
            faults=self.faults,
            seconds=seconds,
        )


def table(tally: Tally) -> str:
    """Return the books as text."""
    rows = {
        "jobs": tally.jobs,
        "runs": tally.runs,
        "reruns": tally.reruns,
        "reruns unexplained": tally.unexplained,
        "lost": tally.lost,
        "doubly recorded": tally.doubly_recorded,
        **tally.faults,
        "seconds": round(tally.seconds),
    }
    return "\n".join(f"{name:20} {value:8}" for name, value in rows.items())


def can_change_host_name() -> bool:
    """Tell whether a process may be put under another host name here, which takes root; else all workers are local."""
    return subprocess.run(["unshare", "--uts", "true"], stderr=subprocess.DEVNULL).returncode == 0
