"""How quickly the screen answers while much happens: a million jobs, a thousand ends a second, a log that grows."""

import os
import pty
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.figures import Better, Figure
from tests.bench.startup import Seen

_JOBS = 1_000_000
_ENDS_PER_S = 1000
_KEYS = ("j", "j", "k", "\x04", "G", "k", "g", "j", "2", "1")
"""Down, up, half a page, the last, the first, other groups: each changes something on the screen."""
_PAUSE_S = 0.07
_OVER_S = 10.0


def measure(keys: int, say: Callable[[str], None]) -> list[Figure]:
    """Return the figures over so many keys."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="fjd-bench-") as directory:
        told, tells = os.pipe()
        pid, terminal = pty.fork()
        if pid == 0:
            os.dup2(tells, 3, inheritable=True)
            _become_the_screen(directory)
        os.close(tells)
        seen = Seen(terminal)
        try:
            assert _line(told, 300.0) == "ready"
            time.sleep(3.0)
            waits_ms = sorted(_wait_ms(terminal, told, _KEYS[number % len(_KEYS)]) for number in range(keys))
            figures.append(_figure("key to paint, median", waits_ms[len(waits_ms) // 2], "ms", None))
            figures.append(_figure("key to paint, p95", waits_ms[int(0.95 * (len(waits_ms) - 1))], "ms", 50.0))
            figures.append(_figure("CPU of the screen's thread", _cpu_percent(pid), "% of a core", 25.0))
        finally:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)
            seen.join()
            os.close(terminal)
            os.close(told)
    say("\n".join(f"{figure.name}: {figure.median:.3g} {figure.unit}" for figure in figures))
    return figures


def _become_the_screen(directory: str) -> None:
    size = {"LINES": "36", "COLUMNS": "120", "TERM": "xterm-256color", "HOME": directory}
    argv = [sys.executable, "-m", "tests.bench.fed", directory, str(_JOBS), str(_ENDS_PER_S)]
    os.execve(sys.executable, argv, {**os.environ, **size})


def _figure(what: str, value: float, unit: str, target: float | None) -> Figure:
    return Figure(f"{what}, {_JOBS:,} jobs, {_ENDS_PER_S:,} ends a second", (value,), unit, target, Better.LESS)


def _wait_ms(terminal: int, told: int, key: str) -> float:
    """Press a key when the screen is at whatever it is at; return how long it takes until that is painted."""
    time.sleep(_PAUSE_S)
    pressed_s = time.monotonic()
    os.write(terminal, key.encode())
    painted_s = float(_line(told, 30.0))
    assert painted_s > pressed_s, "it tells of another key"
    return 1000 * (painted_s - pressed_s)


def _line(told: int, timeout_s: float) -> str:
    data = b""
    while not data.endswith(b"\n"):
        if not select.select([told], [], [], timeout_s)[0]:
            raise TimeoutError("the screen tells nothing")
        data += os.read(told, 1)
    return data.decode().strip()


def _cpu_percent(pid: int) -> float:
    """Return what the thread of the screen uses while nobody presses a key; those of dispatcher and logs are others."""
    path = Path(f"/proc/{pid}/task/{pid}/schedstat")
    before = int(path.read_text().split()[0])
    time.sleep(_OVER_S)
    return (int(path.read_text().split()[0]) - before) / _OVER_S / 1e7
