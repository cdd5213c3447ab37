"""A real Slurm of one's own: two nodes on this machine, on loopback, with nothing but this user in it."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests import needs
from tests.crew import lives, until

SLURM = [needs.root(), needs.program("sbatch"), needs.program("munged"), pytest.mark.xdist_group("slurm")]
"""What a test needs that uses it. Two at once on one machine disturb each other, as each looks for its own processes
among all."""

_CONFIG = """\
ClusterName=fjdtest
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={root}/munge.sock
CredType=cred/munge
SlurmctldPort={port}
SlurmdPort={spare}
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool/%n
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd-%n.pid
SlurmctldLogFile={root}/slurmctld.log
SlurmdLogFile={root}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0
PriorityType=priority/basic
KillWait=2
MinJobAge=60
ReturnToService=2
SlurmctldTimeout=10
SlurmdTimeout=30
MessageTimeout=10
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
"""
_AS_NODE = """\
hostname {node}
mount --bind {root}/hosts-{node} /etc/hosts
exec /usr/sbin/slurmd -f {root}/slurm.conf -N {node}
"""


class Slurm:
    """Nodes ``n1``, ``n2``, each of one processor and with a hostname of its own; its files are in ``root``."""

    nodes = ("n1", "n2")

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {"SLURM_CONF": str(root / "slurm.conf")}

    def start(self) -> None:
        for directory in ("state", *(f"spool/{node}" for node in self.nodes)):
            (self.root / directory).mkdir(parents=True)
        key = self.root / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        self.root.chmod(0o755)
        files = {"key-file": "munge.key", "socket": "munge.sock", "pid-file": "munged.pid", "seed-file": "munged.seed"}
        self._daemon("munged", "--force", *(f"--{option}={self.root}/{name}" for option, name in files.items()),
                     f"--log-file={self.root}/munged.log", "--num-threads=2")  # fmt: skip
        (self.root / "slurm.conf").write_text(self._configuration())
        self._daemon("slurmctld", "-f", str(self.root / "slurm.conf"))
        for node in self.nodes:
            self.start_node(node)
        until(lambda: self.ask("sinfo", "-h", "-N", "-o", "%T").split() == ["idle"] * len(self.nodes), 60)

    def start_node(self, node: str) -> None:
        hosts = Path("/etc/hosts").read_text() + f"127.0.0.1 {node}\n"
        (self.root / f"hosts-{node}").write_text(hosts)
        script = _AS_NODE.format(node=node, root=self.root)
        self._run("unshare", "--uts", "--mount", "sh", "-c", script)

    def kill_node(self, node: str) -> None:
        """Kill a node's daemon, and leave what it has started running."""
        os.kill(self._pid(f"slurmd-{node}"), signal.SIGKILL)

    def end_soon(self, job: str) -> None:
        """Let the time of a job be over at once. Slurm looks for such jobs every half minute."""
        self.update(f"JobId={job}", "EndTime=now+1seconds")

    def has_ended_the_time_of(self, job: str) -> bool:
        return f"Time limit exhausted for JobId={job}\n" in (self.root / "slurmctld.log").read_text()

    def set_node(self, node: str, state: str, reason: str = "") -> None:
        self.update(f"NodeName={node}", f"State={state}", *([f"Reason={reason}"] if reason else []))

    def update(self, *what: str) -> None:
        assert not (said := self.ask("scontrol", "update", *what)), said

    def ask(self, *command: str) -> str:
        return self._run(*command, check=False)

    def stop(self) -> None:
        self.ask("scancel", "--quiet", f"--user={os.geteuid()}")
        until(lambda: not self.ask("squeue", "-h", "-t", "R,CG,PD"), 30)
        for daemon in ("slurmctld", *(f"slurmd-{node}" for node in self.nodes), "munged"):
            pid = self._pid(daemon)
            if pid and os.path.exists(f"/proc/{pid}"):
                os.kill(pid, signal.SIGTERM)
                until(lambda pid=pid: not lives(pid), 30)  # type: ignore[misc]

    def _configuration(self) -> str:
        port = _free_port()
        told = {"host": socket.gethostname().partition(".")[0], "user": "root", "root": self.root}
        text = _CONFIG.format(port=port, spare=_free_port(), **told)
        for node in self.nodes:
            text += f"NodeName={node} NodeHostname={node} NodeAddr=127.0.0.1 Port={_free_port()} CPUs=1 State=UNKNOWN\n"
        return text + "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n"

    def _pid(self, daemon: str) -> int:
        path = self.root / f"{daemon}.pid"
        return int(path.read_text()) if path.exists() and path.read_text().strip() else 0

    def _daemon(self, name: str, *options: str) -> None:
        self._run(f"/usr/sbin/{name}", *options)

    def _run(self, *command: str, check: bool = True) -> str:
        with open(self.root / "commands.log", "a+") as log:  # daemons would keep a pipe of ours open
            log.seek(0, os.SEEK_END)
            begin = log.tell()
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                timeout=60,
                check=False,
                env={**os.environ, **self.environment},
            )
            log.seek(begin)
            said = log.read()
        assert not check or done.returncode == 0, f"{command}: {said}"
        return said


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
