"""Machines to log in to: namespaces with hostname, processes, /run, /dev/shm and an address of their own, and one disk.

Each runs a real sshd; the network between them ends at this machine. Made as root, with ``ip`` and ``unshare``.
"""

import contextlib
import os
import shlex
import signal
import subprocess
from pathlib import Path

from tests.crew import until

_INIT = """\
hostname {name}
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mkdir -m 1777 /run/screen
mkdir -m 755 /run/sshd
/usr/sbin/sshd -E {root}/sshd-{name}.log -f /dev/null -o ListenAddress={address} -o Port=22 -o HostKey={root}/hostkey \
-o PidFile=/run/sshd.pid -o AuthorizedKeysFile={root}/key.pub -o PasswordAuthentication=no -o UsePAM=no \
-o StrictModes=no -o PermitRootLogin=yes -o MaxStartups=100:30:200 -o MaxSessions=64
sleep infinity & wait
"""
"""The first process of a machine; bash reaps what loses its parent."""
_CONFIG = """\
Host {name}
  HostName {address}
  User root
  IdentityFile {root}/key
  IdentitiesOnly yes
  UserKnownHostsFile {root}/known_hosts
  StrictHostKeyChecking yes
"""


class Machines:
    """``count`` machines, ``node1`` and so on, with their files in ``root``."""

    def __init__(self, root: Path, count: int) -> None:
        self.root = root
        self.prefix = f"fjd{os.getpid()}"
        self.names = [f"node{number + 1}" for number in range(count)]
        self._inits: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def ssh(self) -> str:
        """The value of FJD_SSH that reaches them."""
        return f"ip netns exec {self.prefix} ssh -F {shlex.quote(str(self.root))}/ssh_config -o ConnectTimeout=3"

    def on(self, name: str, script: str, *, check: bool = True) -> str:
        """Run a script on a machine and return what it printed."""
        done = subprocess.run(
            [*shlex.split(self.ssh), "-o", "BatchMode=yes", name, script],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=check,
        )
        return done.stdout

    def start(self) -> None:
        for key in ("key", "hostkey"):
            _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.root / key))
        _run("ip", "netns", "add", self.prefix)
        for words in ("link set lo up", "link add br0 type bridge", "link set br0 up", "addr add 10.98.0.1/24 dev br0"):
            self._ip(*words.split())
        for number, name in enumerate(self.names):
            self._start_one(name, number)
        for name in self.names:
            until(lambda name=name: self.on(name, "echo up", check=False) == "up\n")  # type: ignore[misc]

    def first_pid(self, name: str) -> int:
        """Return the pid, as it is seen here, of a machine's first process: by it one enters without logging in."""
        pid = self._inits[name].pid  # of unshare, which has one child
        children = Path(f"/proc/{pid}/task/{pid}/children")
        return int(until(lambda: children.read_text().split())[0])

    def kill(self, name: str) -> None:
        """Cut the power of a machine."""
        self._inits[name].kill()  # unshare --kill-child takes the first process with it, and that one all others
        self._inits.pop(name).wait(20)

    def boot(self, name: str) -> None:
        """Start a machine again whose power was cut."""
        self._boot(name, self._address(self.names.index(name)))
        until(lambda: self.on(name, "echo up", check=False) == "up\n")

    def resume(self, name: str) -> None:
        """Let a stopped sshd go on: nobody can log in to do that."""
        namespace = f"{self.prefix}-{name}"
        for pid in _run("ip", "netns", "pids", namespace).split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGCONT)
        until(lambda: self.on(name, "echo up", check=False) == "up\n")

    def stop(self) -> None:
        for name in list(self._inits):
            self.kill(name)
        for namespace in (*(f"{self.prefix}-{name}" for name in self.names), self.prefix):
            for pid in _run("ip", "netns", "pids", namespace, check=False).split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            subprocess.run(["ip", "netns", "del", namespace], check=False, capture_output=True)

    def _start_one(self, name: str, number: int) -> None:
        namespace, address = f"{self.prefix}-{name}", self._address(number)
        _run("ip", "netns", "add", namespace)
        self._ip("link", "add", f"v{number}", "type", "veth", "peer", "name", "eth0", "netns", namespace)
        self._ip("link", "set", f"v{number}", "master", "br0", "up")
        for words in ("link set lo up", "link set eth0 up", f"addr add {address}/24 dev eth0"):
            _run("ip", "-n", namespace, *words.split())
        told = {"name": name, "address": address, "root": self.root}
        with (self.root / "ssh_config").open("a") as file:
            file.write(_CONFIG.format(**told))
        with (self.root / "known_hosts").open("a") as file:
            file.write(f"{address} {(self.root / 'hostkey.pub').read_text()}")
        self._boot(name, address)

    def _boot(self, name: str, address: str) -> None:
        script = _INIT.format(name=name, address=address, root=self.root)
        command = ["ip", "netns", "exec", f"{self.prefix}-{name}", "unshare", "--uts", "--ipc", "--pid", "--mount"]
        self._inits[name] = subprocess.Popen(
            [*command, "--mount-proc", "--fork", "--kill-child", "bash", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @staticmethod
    def _address(number: int) -> str:
        return f"10.98.0.{11 + number}"

    def _ip(self, *words: str) -> None:
        _run("ip", "-n", self.prefix, *words)


def _run(*command: str, check: bool = True) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    assert not check or done.returncode == 0, f"{shlex.join(command)}: {done.stderr}"
    return done.stdout
