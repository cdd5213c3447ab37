"""Machines with kernels of their own (User-Mode Linux): an NFS server and its clients. All end with `nfs_machines`.

They share this machine's files by hostfs, so that the interpreter and the code under test are there; their network is
a bridge in a namespace that nothing leaves. Their process namespace has a ``cat`` for its first process, which reads
from us: when we end, however that is, so do they.
"""

import contextlib
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.crew import until
from tests.faults import disks

KERNEL = "linux.uml"
HOME = "/mnt/home/home"
"""Where clients see the server's disk."""

_SERVER, _NETWORK = "10.97.0.10", "10.97.0"
_BOOT_S = 60.0

_INIT = """\
#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
for place in /dev/shm /run /var/lib/nfs /var/tmp /mnt /lib/modules; do mount -t tmpfs tmpfs $place; done
mkdir -p /run/sshd /run/lock /run/rpc_pipefs /mnt/home /mnt/export
mkdir -p /var/lib/nfs/sm /var/lib/nfs/sm.bak /var/lib/nfs/v4recovery /var/lib/nfs/rpc_pipefs
touch /var/lib/nfs/etab /var/lib/nfs/rmtab /var/lib/nfs/state
release=$(uname -r)
mkdir -p /lib/modules/$release
mount --bind /usr/lib/uml/modules/$release /lib/modules/$release
hostname {name}
printf '127.0.0.1 localhost\\n{address} {name}\\n{server} server\\n' >/run/hosts
mount --bind /run/hosts /etc/hosts
mount --bind /dev/null $HOME/.bashrc 2>/dev/null
ip link set lo up
ip link set vec0 up
ip addr add {address}/24 dev vec0
{{
set -x
{role}
}} >{folder}/{name}.role 2>&1
/usr/sbin/sshd -f /dev/null -E {folder}/{name}.sshd -o ListenAddress={address} -o HostKey={folder}/host \\
    -o AuthorizedKeysFile={folder}/user.pub -o PasswordAuthentication=no -o KbdInteractiveAuthentication=no \\
    -o UsePAM=no -o StrictModes=no -o PermitRootLogin=yes -o MaxSessions=50 -o PidFile=none -o UseDNS=no
touch {folder}/{name}.ready
while :; do sleep 3600; done
"""

_SERVES = f"""\
mount /dev/ubda /mnt/export
mkdir -p /mnt/export/home
modprobe nfsd
mount -t nfsd nfsd /proc/fs/nfsd
rpcbind -w
rpc.statd
exportfs -o rw,no_root_squash,no_subtree_check,fsid=0,insecure {_NETWORK}.0/24:/mnt/export
rpc.mountd
rpc.nfsd --grace-time 10 --lease-time 10 4"""

_MOUNTS = """\
modprobe nfs
rpcbind -w
rpc.statd
for _ in $(seq 200); do mount -t nfs -o vers={version},{options} server:{export} /mnt/home && break; sleep 0.1; done"""


class NoMachines(Exception):
    """They do not come up here; the text says how far they got."""


@dataclass
class Machine:
    """One machine; `sh` runs a command on it and `start` leaves one running."""

    net: "Net"
    name: str
    address: str
    memory_mb: int
    role: str
    more: tuple[str, ...] = ()
    kernel: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def boot(self) -> None:
        """Power it on; returns before it is ready."""
        self.ready.unlink(missing_ok=True)
        init = self.net.folder / f"{self.name}.init"
        init.write_text(
            _INIT.format(name=self.name, address=self.address, server=_SERVER, role=self.role, folder=self.net.folder)
        )
        init.chmod(0o700)
        words = [KERNEL, f"mem={self.memory_mb}M", "rootfstype=hostfs", "rootflags=/", "rw", f"init={init}", "quiet"]
        words += ["con=null", "con0=null,fd:1", f"umid={self.name}", f"uml_dir={self.net.folder}/uml"]
        words += [f"vec0:transport=tap,ifname=tap-{self.name},depth=64", *self.more]
        with (self.net.folder / f"{self.name}.console").open("ab") as console:
            self.kernel = subprocess.Popen(
                self.net.inside(*words),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )

    @property
    def ready(self) -> Path:
        return self.net.folder / f"{self.name}.ready"

    def cut_the_power(self) -> None:
        """End it as a power cut does: nothing it had in mind reaches the server."""
        assert self.kernel is not None
        until(self._is_killed)

    def _is_killed(self) -> bool:
        """Kill its processes, which are processes here and not all in one group, again until none is left."""
        assert self.kernel is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self.kernel.pid).children(recursive=True):
                process.kill()
        return self.kernel.poll() is not None

    def plug(self, cable: str) -> None:
        """``in`` or ``out``: cut off, it goes on, and what it asks of the server waits."""
        self.net.run("ip", "link", "set", f"tap-{self.name}", *(["master", "br0"] if cable == "in" else ["nomaster"]))

    def answers(self) -> bool:
        """Tell whether one can log in."""
        return self._ssh("true", 60.0).returncode == 0

    def sh(self, script: str, timeout_s: float = 60.0) -> str:
        """Run a script there that must succeed, and return what it printed."""
        done = self._ssh(script, timeout_s)
        assert done.returncode == 0, f"{self.name}: {script}: {done.stdout}{done.stderr}"
        return done.stdout

    def _ssh(self, script: str, timeout_s: float) -> "subprocess.CompletedProcess[str]":
        ssh = self.net.inside("ssh", "-F", str(self.net.folder / "ssh_config"), self.name, script)
        return subprocess.run(
            ssh, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def start(self, words: list[str], log: Path, cwd: str, environment: dict[str, str]) -> int:
        """Start a command there in a session of its own, and return its pid."""
        settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items())
        command = f"{settings} exec setsid {shlex.join(words)} </dev/null >>{shlex.quote(str(log))} 2>&1"
        return int(self.sh(f"cd {shlex.quote(cwd)} || exit; ( {command} ) & echo $!"))


@dataclass(frozen=True)
class Net:
    """The namespace that they live in."""

    folder: Path
    first_pid: int

    def inside(self, *words: str) -> list[str]:
        """Return the command that runs ``words`` in there."""
        return ["nsenter", f"--target={self.first_pid}", "--net", "--pid", "--", *words]

    def run(self, *words: str) -> None:
        disks.run(*self.inside(*words))


@contextlib.contextmanager
def nfs_machines(version: str, count: int = 2, options: str = "hard") -> Iterator[list[Machine]]:
    """Boot a server and ``count`` clients that see its disk at `HOME` by that version of NFS; yield the clients.

    Raises `NoMachines` where they do not come up.
    """
    with _folder() as folder, _net(folder) as net:
        _make_keys(folder)
        disk = folder / "disk"
        with disk.open("wb") as file:
            file.truncate(64 << 20)
        disks.run("mkfs.ext4", "-q", "-F", str(disk))
        export = "/mnt/export" if version == "3" else "/"
        mounts = _MOUNTS.format(version=version, options=options, export=export)
        server = Machine(net, "server", _SERVER, 192, _SERVES, (f"ubda={disk}",))
        clients = [Machine(net, f"node{n}", f"{_NETWORK}.{10 + n}", 256, mounts) for n in range(1, count + 1)]
        machines = [server, *clients]
        _make_network(net, machines)
        try:
            for machine in machines:
                machine.boot()
            _wait_for(machines)
            yield clients
        finally:
            for machine in machines:
                if machine.kernel is not None and machine.kernel.poll() is None:
                    machine.cut_the_power()


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder with a short name: the paths of sockets are bounded."""
    folder = Path(tempfile.mkdtemp(prefix="fjd-nfs-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _net(folder: Path) -> Iterator[Net]:
    holder = subprocess.Popen(["unshare", "--net", "--pid", "--fork", "--kill-child", "cat"], stdin=subprocess.PIPE)
    try:
        children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children")
        first = int(until(lambda: children.read_text().split())[0])
        until(lambda: Path(f"/proc/{first}/comm").read_text() == "cat\n")
        yield Net(folder, first)
    finally:
        # Its stdin is closed, and so its first process ends, and with that all the others; the kernel takes its time
        # with those that wait for a disk.
        try:
            holder.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            holder.kill()
            holder.communicate()


def _make_keys(folder: Path) -> None:
    for key in ("user", "host"):
        disks.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key))
    (folder / "user.pub").chmod(0o600)
    (folder / "known_hosts").write_text(f"{_NETWORK}.* {(folder / 'host.pub').read_text()}")
    (folder / "ssh_config").write_text(
        f"Host node*\n  IdentityFile {folder}/user\n  IdentitiesOnly yes\n  UserKnownHostsFile {folder}/known_hosts\n"
        "  StrictHostKeyChecking yes\n  BatchMode yes\n  ServerAliveInterval 5\n  LogLevel ERROR\n"
        f"  ControlMaster auto\n  ControlPath {folder}/%n.ssh\n  ControlPersist 300\n"
    )


def _make_network(net: Net, machines: list[Machine]) -> None:
    net.run("ip", "link", "set", "lo", "up")
    net.run("ip", "link", "add", "br0", "type", "bridge")
    net.run("ip", "addr", "add", f"{_NETWORK}.1/24", "dev", "br0")
    net.run("ip", "link", "set", "br0", "up")
    config = net.folder / "ssh_config"
    for machine in machines:
        net.run("ip", "tuntap", "add", f"tap-{machine.name}", "mode", "tap")
        net.run("ip", "link", "set", f"tap-{machine.name}", "master", "br0", "up")
        config.write_text(f"Host {machine.name}\n  HostName {machine.address}\n{config.read_text()}")


def _wait_for(machines: list[Machine]) -> None:
    deadline_s = time.monotonic() + _BOOT_S
    while missing := [machine for machine in machines if not machine.ready.exists()]:
        ended = [machine for machine in missing if machine.kernel and machine.kernel.poll() is not None]
        if ended or time.monotonic() > deadline_s:
            raise NoMachines("; ".join(f"{machine.name}: {_last_words(machine)}" for machine in ended or missing))
        time.sleep(0.05)
    for machine in machines[1:]:
        until(machine.answers, _BOOT_S)  # sshd goes into the background before it listens
        if "home" not in machine.sh("ls /mnt/home"):
            raise NoMachines(f"{machine.name} could not mount: {_last_words(machine)}")


def _last_words(machine: Machine) -> str:
    texts = [machine.net.folder / f"{machine.name}.{kind}" for kind in ("console", "role")]
    lines = [line for path in texts if path.exists() for line in path.read_text(errors="replace").splitlines()]
    return " / ".join(lines[-6:]) or "it said nothing"
