"""A real terminal for a test: a tmux server of its own, in which a program runs and keys are pressed."""

import os
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

DEADLINE_S = 30.0
LEFT = "PROGRAM-LEFT-WITH"


class Terminal:
    """One pane of ``size`` (columns, lines). What runs in it is followed by a line that tells its exit status."""

    def __init__(self, place: Path, size: tuple[int, int], environ: Mapping[str, str]) -> None:
        self._socket = f"fjd-test-{uuid.uuid4().hex[:12]}"
        self._place = place
        self.pressed: list[str] = []
        """All keys, and texts that were typed."""
        environment = {**os.environ, "TERM": "xterm-256color", **environ}
        for name in ("NO_COLOR", "TMUX", "STY", "TEXTUAL_THEME", "LINES", "COLUMNS"):
            if name not in environ:
                environment.pop(name, None)
        self._environment = environment
        columns, lines = size
        # dash as a plain shell: no prompt of the machine's, and job control for ctrl+Z.
        self.tmux("new-session", "-d", "-x", str(columns), "-y", str(lines), "env", "PS1=$ ", "ENV=", "sh", "-i")
        self.tmux("set", "-g", "remain-on-exit", "on")

    def tmux(self, *words: str) -> str:
        run = subprocess.run(
            ["tmux", "-L", self._socket, "-f", "/dev/null", *words],
            env=self._environment,
            cwd=self._place,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
        return run.stdout

    def run(self, script: str) -> None:
        """Type a command line, which says at its end how it ended."""
        path = self._place / f"run-{uuid.uuid4().hex[:6]}.sh"
        path.write_text(f'{script}\nprintf "%s %s\\n" {LEFT} $?\n')
        self.keys(f". {path}", "Enter")

    def keys(self, *keys: str) -> None:
        """Press keys by their tmux names; longer words that are no names are typed."""
        self.pressed += keys
        self.tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        self.pressed.append(text)
        self.tmux("send-keys", "-l", "--", text)

    def paste(self, text: str) -> None:
        """Paste as a terminal does that knows bracketed paste."""
        self.tmux("set-buffer", "--", text)
        self.tmux("paste-buffer", "-p")

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p", "-J")

    def ask(self, variable: str) -> str:
        return self.tmux("display-message", "-p", f"#{{{variable}}}").strip()

    def until_shown(self, *texts: str, deadline_s: float = DEADLINE_S) -> str:
        """Wait until all of the texts are on the screen, and return it."""
        end_s = time.monotonic() + deadline_s
        while True:
            screen = self.screen()
            missing = [text for text in texts if text not in screen]
            if not missing:
                return screen
            assert time.monotonic() < end_s, f"{missing} not shown:\n{screen}"
            time.sleep(0.05)

    def until_gone(self, text: str, deadline_s: float = DEADLINE_S) -> None:
        end_s = time.monotonic() + deadline_s
        while text in (screen := self.screen()):
            assert time.monotonic() < end_s, f"{text!r} is still shown:\n{screen}"
            time.sleep(0.05)

    def assert_restored(self, status: int) -> None:
        """The program has left with this status, and the terminal is as it was before."""
        self.until_shown(f"{LEFT} {status}")
        assert self.ask("alternate_on") == "0"
        assert self.ask("mouse_any_flag") == "0"
        assert self.ask("cursor_flag") == "1"
        assert self.ask("pane_title") not in ("T", "TITLE")
        self.run("stty -a")
        self.until_shown(" icanon", " echo")

    def program_pid(self, command: Sequence[str]) -> int:
        """Return the process that runs the command in this pane."""
        shell = self.ask("pane_pid")
        end_s = time.monotonic() + DEADLINE_S
        while True:
            children = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
            for child in children:
                words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
                if all(word in words for word in command):
                    return int(child)
            assert time.monotonic() < end_s, f"{command} does not run among {children}"
            time.sleep(0.05)

    def close(self) -> None:
        subprocess.run(
            ["tmux", "-L", self._socket, "-f", "/dev/null", "kill-server"],
            env=self._environment,
            capture_output=True,
            timeout=20,
            check=False,
        )
