"""Those who take part in a chaos run on namespaced machines: processes that are signalled from here, and power cuts."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

from tests.crew import BIN
from tests.remote.machines import Machines

_DARK_S = (0.5, 3.0)
"""A machine that has lost its power is started again after a time between these."""


class Guest:
    """A process on a machine; what `subprocess.Popen` has of it that a chaos run needs."""

    def __init__(self, process: "subprocess.Popen[str]", machine: str) -> None:
        self._process = process
        self.machine = machine
        self._inside = 0
        """Its pid here: that of the child of the nsenter which we have started."""

    @property
    def prefix(self) -> str:
        """What the id of a worker begins with that runs there."""
        try:
            status = Path(f"/proc/{self._pid_here()}/status").read_text()
        except FileNotFoundError:
            return "nobody-"
        inner = next(line.split()[-1] for line in status.splitlines() if line.startswith("NSpid:"))
        return f"{self.machine}-{inner}-"

    def poll(self) -> int | None:
        return self._process.poll()

    def wait(self) -> None:
        self._process.wait(20)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        if pid := self._pid_here():
            os.kill(pid, number)

    def _pid_here(self) -> int:
        """Return its pid here, 0 while it has none; while its parent is not reaped by us, that pid stays its own."""
        if not self._inside and self._process.poll() is None:
            try:
                children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
            except FileNotFoundError:
                return 0
            self._inside = int(children[0]) if children else 0
        return self._inside if self._process.poll() is None else 0


class Away:
    """The machines of a run, and who is on them."""

    def __init__(self, folder: Path, count: int, chance: random.Random) -> None:
        folder.mkdir()
        self._machines = Machines(folder, count)
        self._random = chance
        self._dark: dict[str, float] = {}
        self._guests: list[Guest] = []

    @property
    def names(self) -> list[str]:
        return self._machines.names

    def start(self) -> None:
        self._machines.start()

    def stop(self) -> None:
        """End the machines, and so all that is on them."""
        self._machines.stop()
        for guest in self._guests:
            guest.wait()

    def run(self, command: str, *words: str, cwd: Path, environment: dict[str, str], log: Path) -> Guest | None:
        """Start one of fjd's commands on a machine that is up; None when all are down."""
        up = [name for name in self._machines.names if name not in self._dark]
        if not up:
            return None
        name = self._random.choice(up)
        enter = ["nsenter", f"--target={self._machines.first_pid(name)}", "--net", "--uts", "--ipc", "--pid", "--mount"]
        there = ["sh", "-c", 'cd -- "$0" && exec "$@"', str(cwd), str(BIN / command), *words]
        with log.open("a") as talk:
            process = subprocess.Popen(
                [*enter, "--", *there], env=environment, stdin=subprocess.DEVNULL, stdout=talk, stderr=talk, text=True
            )
        self._guests.append(Guest(process, name))
        return self._guests[-1]

    def cut_the_power(self) -> str:
        """Cut it of a machine that is up, and return its name; empty when none is."""
        up = [name for name in self._machines.names if name not in self._dark]
        if not up:
            return ""
        name = self._random.choice(up)
        self._machines.kill(name)
        self._dark[name] = time.monotonic() + self._random.uniform(*_DARK_S)
        return name

    def boot(self) -> None:
        """Start again whose time in the dark is over."""
        for name, until_s in list(self._dark.items()):
            if time.monotonic() >= until_s:
                self._machines.boot(name)
                del self._dark[name]
