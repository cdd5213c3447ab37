"""Workers as detached processes: what serves where there is no ``screen``. Nobody can attach to them."""

from collections.abc import Mapping, Sequence

from fjd.errors import HireError
from fjd.hiring import processes
from fjd.hiring.processes import Process
from fjd.spool.announce import Announcement


class ProcessBackend:
    """Hires workers as detached processes. A handle is ``PID.START``, the process and its start time."""

    kind = "process"

    def available(self) -> str:
        return ""

    def names(self) -> frozenset[str]:
        return frozenset()  # a process has no name that could be confused

    def start(self, command: Sequence[str], *, name: str, log: str, cwd: str, env: Mapping[str, str]) -> str:  # noqa: ARG002
        return _handle(processes.spawn(command, log=log, cwd=cwd, env=env))

    def is_running(self, handle: str) -> bool:
        return _process(handle).lives()

    def end(self, handle: str, *, grace_s: float) -> None:
        processes.end([_process(handle)], grace_s=grace_s)

    def handle_of(self, announcement: Announcement) -> str:
        return _handle(Process(announcement.pid, announcement.started))

    def attach_argv(self, handle: str) -> list[str]:
        raise HireError(f"process {_process(handle).pid} runs detached and has no session to attach to")


def _handle(process: Process) -> str:
    return f"{process.pid}.{process.started}"


def _process(handle: str) -> Process:
    pid, _, started = handle.partition(".")
    return Process(int(pid), int(started))
