"""One job as a process group: start it, reap it, end it with TERM, a grace and KILL. It knows nothing of spools."""

import contextlib
import os
import resource
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from fjd import identity, jobfile, spawn

_SHELL = "/bin/sh"
_LIMIT = 'ulimit -v "$1" || exit 126; shift; exec "$@"'
_NICEST = 19
GROUP_POLL_S = 0.02
"""Nothing tells when the last process of a group ends, so that alone is polled, this often."""
_DEATH_S = 0.5
"""What lives so long after KILL waits for a disk (state D): it dies when the disk answers, and is not waited for."""
_FOUND: set[tuple[str, str | None]] = set()
"""Programs that were there, with the PATH by which; a handful in the life of a worker."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended. ``max_rss_kb`` is the largest resident set of it or of a child it waited for, in KiB."""

    code: int | None
    signal: int | None
    max_rss_kb: int

    @property
    def is_success(self) -> bool:
        return self.code == 0

    @property
    def reason(self) -> str:
        """``exit 1``, ``killed by SIGSEGV``; empty for a success."""
        if self.signal is not None:
            return f"killed by {_signal_name(self.signal)}"
        if self.code == 127:
            return "exit 127 (command not found)"
        if self.code == 126:
            return "exit 126 (command cannot be executed)"
        return "" if self.is_success else f"exit {self.code}"


class Child:
    """A running job. It is the leader of its own session and process group, so the group's id is its pid."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._exit: Exit | None = None
        self._kill_at_s: float | None = None
        self._killed_s: float | None = None

    def reap(self) -> Exit | None:
        """Return how it ended, None while it runs. Does not block."""
        if self._exit is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid == 0:
                return None
            self._exit = _exit_of(status, usage)
        return self._exit

    @property
    def is_stopping(self) -> bool:
        return self._kill_at_s is not None

    def stop(self, now_s: float, grace_s: float) -> None:
        """Ask the whole group to end (TERM), and note that KILL follows after the grace. Asks only once."""
        if self._kill_at_s is None:
            self._kill_at_s = now_s + grace_s
            self._signal(signal.SIGTERM)
            self._signal(signal.SIGCONT)  # a stopped process would not hear TERM

    def renice(self, by: int) -> None:
        """Let its group be nicer than this process by so much, as far as there is nicer.

        Done from outside, when it has begun already: what it does in its first microseconds is not as nice, and nobody
        would notice. That saves a program in between, such as nice(1).
        """
        nice = min(_NICEST, os.getpriority(os.PRIO_PROCESS, 0) + by)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpriority(os.PRIO_PGRP, self.pid, nice)

    def freeze(self) -> None:
        """Stop the whole group (SIGSTOP); nothing of it can refuse."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def press(self, now_s: float) -> bool:
        """Go on with stopping; True when neither the leader nor anything else of its group lives.

        The leader may end at once while what it started does not: those get the rest of the grace too, and then KILL.
        """
        is_reaped = self.reap() is not None
        if is_reaped and not identity.group_lives(self.pid):
            return True
        if self._kill_at_s is not None and now_s >= self._kill_at_s:
            self._killed_s = now_s if self._killed_s is None else self._killed_s
            self._signal(signal.SIGKILL)
        return is_reaped and self._killed_s is not None and now_s - self._killed_s >= _DEATH_S

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


def start(
    command: str,
    path: str,
    *,
    cwd: str,
    env: Mapping[str, str],
    output: int,
    stdin: int | None = None,
    limit_bytes: int = 0,
) -> Child:
    """Start ``command`` with ``path`` as its last argument; stdout and stderr go to ``output``.

    Stdin comes from ``stdin``, or is empty. Where ``limit_bytes`` is not 0, no process of it gets more memory than that
    (RLIMIT_AS).

    A command that the system cannot execute is given to the shell, whose words for it (and whose status 126 or 127)
    people know. Raises ``OSError`` when not even that can be started, such as when ``cwd`` is gone.
    """
    words = direct_words(command, cwd, env.get("PATH"))
    if words is not None:
        argv = _limited([*words, path], limit_bytes)
        try:
            return Child(spawn.spawn(argv, cwd=cwd, env=env, output=output, stdin=stdin))
        except OSError:
            pass  # no interpreter, or a script without "#!": the shell knows what to do, or what to say
    argv = _limited(shell_words(command, path), limit_bytes)
    return Child(spawn.spawn(argv, cwd=cwd, env=env, output=output, stdin=stdin))


def direct_words(command: str, cwd: str, search: str | None = None) -> list[str] | None:
    """Return the words of a command that needs no shell, None when it does or when its program is not to be found.

    ``search`` is the PATH to find it by; None for that of this process.
    """
    words = _plain_words(command)
    if words is None:
        return None
    program = os.path.join(cwd, words[0]) if "/" in words[0] else words[0]
    return list(words) if _is_there(program, search) else None


@lru_cache(maxsize=16)  # one job's command is mostly that of the last one
def _plain_words(command: str) -> tuple[str, ...] | None:
    return None if jobfile.needs_shell(command) else tuple(command.split())


def _is_there(program: str, search: str | None) -> bool:
    """Tell whether there is such a program. One that was there is not looked for again: the start itself shows it."""
    if (program, search) not in _FOUND:
        import shutil  # with all that it can pack and unpack; the first job has it imported

        if shutil.which(program, path=search):
            _FOUND.add((program, search))
    return (program, search) in _FOUND


def shell_words(command: str, path: str) -> list[str]:
    """Return the argv that runs ``command`` under the shell, with ``path`` as ``$1`` and, where it can, appended."""
    script = f'{command} "$@"' if jobfile.takes_path(command) else command
    return [_SHELL, "-c", script, "sh", path]


def _limited(argv: list[str], limit_bytes: int) -> list[str]:
    """Return the argv that runs ``argv`` with its memory limited, which is done by a shell that then becomes it.

    ``prlimit`` from outside would come too late for what the job starts at once, and a function between fork and exec
    would make Python fork in place of its quicker vfork, for all jobs of a kind that few are.
    """
    if not limit_bytes:
        return argv
    hardest = resource.getrlimit(resource.RLIMIT_AS)[1]  # of ours: to go above it would be refused
    limit = limit_bytes if hardest == resource.RLIM_INFINITY else min(limit_bytes, hardest)
    return [_SHELL, "-c", _LIMIT, "sh", str(max(1, limit // 1024)), *argv]


def _exit_of(status: int, usage: resource.struct_rusage) -> Exit:
    if os.WIFSIGNALED(status):
        return Exit(None, os.WTERMSIG(status), usage.ru_maxrss)
    return Exit(os.WEXITSTATUS(status), None, usage.ru_maxrss)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
