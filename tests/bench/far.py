"""``python -m tests.bench.far [KIND...]``: how late a job starts that was dropped, and the next when one has ended.

On a local disk, and between two hosts on sshfs and on NFS, with the timings that fjd has by itself; the dispatcher is
on one host, the worker on the other. A kind is ``local``, ``sshfs``, or a version of NFS. As root.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from tests.crew import Crew, job_text, until
from tests.faults.hosts import two_hosts
from tests.faults.machines import HOME, nfs_machines
from tests.faults.test_nfs import Host

_DROPS, _CHAIN = 8, 12
_WAIT_S = 120.0
_STAMPS = "date +%s.%N; sleep 0.02; date +%s.%N; :"


class Local(Crew):
    """A crew whose spool is where it is; what `Host` has, for one that is reached without ssh."""

    def drop(self, name: str) -> float:
        began_s = time.time()
        self.submit(name, _STAMPS)
        return began_s

    def stamps(self, name: str) -> list[float]:
        until(lambda: name in self.names("done"), _WAIT_S)
        return [float(word) for word in until(lambda: self.output(name).split(), _WAIT_S)]


class OnNfs:
    """The same on a machine with a kernel of its own; its clock is this one's."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def drop(self, name: str) -> float:
        text = job_text(_STAMPS).replace("%", "%%")
        return float(self._host.sh(f"printf '{text}' >.new; date +%s.%N; mv .new jobqueue/{name}"))

    def stamps(self, name: str) -> list[float]:
        until(lambda: name in self._host.names("done"), _WAIT_S)
        said = until(lambda: self._host.sh(f"touch output; cat output/{name}.out 2>/dev/null || :").split(), _WAIT_S)
        return [float(word) for word in said]


@contextmanager
def local(folder: Path) -> Iterator[Local]:
    root = folder / "spool"
    root.mkdir(mode=0o700)
    crew = Local(root, "")
    crew.talk = folder / "talk"
    try:
        crew.worker()
        crew.dispatcher("--keep-going")
        yield crew
    finally:
        crew.close()


@contextmanager
def sshfs(folder: Path) -> Iterator[Local]:
    with two_hosts(folder, "sshfs", "") as pair:
        pair.there.worker()
        pair.here.dispatcher("--keep-going")
        yield Local(pair.here.root, "")


@contextmanager
def nfs(folder: Path, version: str) -> Iterator[OnNfs]:
    with nfs_machines(version) as (one, two):
        spool = f"{HOME}/spool"
        one.sh(f"mkdir -m 700 {spool} {spool}/jobqueue")
        until(lambda: "jobqueue" in two.sh(f"ls {spool} 2>/dev/null || :"), _WAIT_S)
        here, there = Host(one, folder, ""), Host(two, folder, "")
        there.worker()
        here.start("dispatcher.py", "--keep-going")
        yield OnNfs(here)


def measure(name: str, crew: Local | OnNfs) -> None:
    """Print the row of one filesystem."""
    starts = []
    for number in range(_DROPS):
        dropped_s = crew.drop(f"drop{number}")
        starts.append(crew.stamps(f"drop{number}")[0] - dropped_s)
    for number in range(_CHAIN):
        crew.drop(f"chain{number}")
    runs = sorted(crew.stamps(f"chain{number}") for number in range(_CHAIN))
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(runs)]
    print(f"{name:8} drop to start {row(starts)}   end to next {row(gaps)}", flush=True)


def row(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):6.2f} s (at most {max(seconds):5.2f})"


def main(kinds: list[str]) -> None:
    for kind in kinds or ["local", "sshfs", "4.2", "3"]:
        with tempfile.TemporaryDirectory(prefix="fjd-latency-") as directory:
            make = {"local": local, "sshfs": sshfs}.get(kind)
            with make(Path(directory)) if make else nfs(Path(directory), kind) as crew:
                measure(kind if make else f"nfs {kind}", crew)


if __name__ == "__main__":
    main(sys.argv[1:])
