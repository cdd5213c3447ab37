"""Two hosts that share a directory: two mounts of it with caches of their own, and a host name for each side."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.crew import Crew, until
from tests.faults import disks

Server = subprocess.Popen[bytes] | None

CACHED_S = 5
"""How long the mounts believe what they once saw."""


class HostCrew(Crew):
    """A crew on a host of its own name; it is still this machine."""

    def __init__(self, root: Path, timings: str, host: str) -> None:
        super().__init__(root, timings)
        self._prefix = ("unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', host)

    def start(self, command: str, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        options["prefix"] = (*self._prefix, *options.get("prefix", ()))
        return super().start(command, *arguments, **options)


@dataclass(frozen=True)
class Pair:
    """Two hosts; ``here`` is where the user sits. Whatever they start and mount ends with `two_hosts`."""

    here: HostCrew
    there: HostCrew
    base: Path
    servers: "tuple[subprocess.Popen[bytes], ...]"
    """The processes that answer for the mounts, where they are ours."""

    @contextmanager
    def hung(self) -> Iterator[None]:
        """While inside, whoever touches either mount is blocked, as by an NFS server that is away.

        It begins a little earlier over there, so that the last heartbeat has been seen here, and ends a little later.
        """
        for server in reversed(self.servers):
            server.send_signal(signal.SIGSTOP)
            disks.Cost().elapse(1.2)
        try:
            yield
        finally:
            for server in self.servers:
                server.send_signal(signal.SIGCONT)
                disks.Cost().elapse(0.6)


@contextmanager
def two_hosts(folder: Path, kind: str, timings: str) -> Iterator[Pair]:
    """Make them in ``folder``, with mounts of the kind ``bindfs`` or ``sshfs``."""
    base = folder / "base"
    (base / "jobqueue").mkdir(mode=0o700, parents=True)
    base.chmod(0o700)
    crews, servers = [], []
    with ExitStack() as stack:
        mount = mounter(stack, folder, base, kind)
        for host in ("here", "there"):
            root = folder / host
            root.mkdir()
            if server := stack.enter_context(mount(root)):
                servers.append(server)
            crew = HostCrew(root, timings, host)
            crew.talk = folder / f"talk-{host}"
            stack.callback(crew.close)
            crews.append(crew)
        yield Pair(crews[0], crews[1], base, tuple(servers))


def mounter(stack: ExitStack, folder: Path, base: Path, kind: str) -> Callable[[Path], AbstractContextManager[Server]]:
    """Return what mounts ``base``, having started what that takes."""
    if kind == "bindfs":
        return lambda root: bindfs(base, root)
    config = stack.enter_context(sshd(folder / "sshd"))
    return lambda root: sshfs(config, base, root)


@contextmanager
def bindfs(base: Path, root: Path) -> Iterator[Server]:
    """Show ``base`` at ``root`` by FUSE, with attributes and names (also those not there) believed for `CACHED_S`."""
    believed = ",".join(f"{what}_timeout={CACHED_S}" for what in ("attr", "entry", "negative"))
    server = subprocess.Popen(["bindfs", "-f", "-o", believed, str(base), str(root)], stdin=subprocess.DEVNULL)
    try:
        until(lambda: os.path.ismount(root))
        yield server
    finally:
        server.send_signal(signal.SIGCONT)
        disks.unmount(root)
        server.terminate()
        server.wait(10)


@contextmanager
def sshfs(config: Path, base: Path, root: Path) -> Iterator[Server]:
    """Show ``base`` at ``root`` by sshfs as it comes: it believes for 20 s."""
    disks.run("sshfs", "-F", str(config), f"loop:{base}", str(root))
    try:
        yield None
    finally:
        disks.unmount(root)


@contextmanager
def sshd(folder: Path) -> Iterator[Path]:
    """Run an sshd on a loopback port with keys for the occasion; yield the client's configuration file."""
    folder.mkdir(mode=0o700)
    for key in ("user", "host"):
        disks.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key))
    port = free_port()
    config = folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/user.pub\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        "UsePAM no\nStrictModes no\nPermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n"
    )
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}")
    client = folder / "ssh_config"
    client.write_text(
        f"Host loop\n  HostName 127.0.0.1\n  Port {port}\n  IdentityFile {folder}/user\n  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {folder}/known_hosts\n  StrictHostKeyChecking yes\n"
    )
    os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # where root's sshd goes to lose its privileges
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program
    with (folder / "log").open("w") as log:
        daemon = subprocess.Popen([program, "-D", "-e", "-f", str(config)], stdin=subprocess.DEVNULL, stderr=log)
    try:
        until(lambda: answers(port))
        yield client
    finally:
        daemon.terminate()
        daemon.wait(10)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
