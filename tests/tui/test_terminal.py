"""The main job by keyboard, in a real terminal with real workers; and the terminal is as before, however it ends."""

import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fjd import recruiter
from fjd.spool import create
from fjd.spool.layout import Layout
from fjd.tui.actions import ACTIONS, Where
from tests import needs
from tests.crew import BIN, TIMINGS, Crew, state_of, until
from tests.tui import scenes
from tests.tui.conftest import SMALL, WIDE
from tests.tui.terminal import Terminal

pytestmark = [needs.program("tmux"), needs.program("screen")]

Open = Callable[..., Terminal]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Path]:
    """A spool whose workers are fired at the end, whoever hired them."""
    root = tmp_path / "spool"
    root.mkdir(mode=0o700)
    yield root
    if (root / "workerqueue").is_dir():
        recruiter.fire(create.open_spool(str(root)))


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Open]:
    opened: list[Terminal] = []

    def open_one(size: tuple[int, int] = WIDE, **environ: str) -> Terminal:
        state = {"XDG_STATE_HOME": str(tmp_path / "state"), "FJD_TIMINGS": TIMINGS}
        opened.append(Terminal(tmp_path, size, state | environ))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.close()


def start(terminal: Terminal, spool: Path, *options: str) -> None:
    terminal.run(shlex.join([str(BIN / "fjd-tui"), str(spool), *options]))
    terminal.until_shown("? help", "● dispatching")


def run_changed(terminal: Terminal, spool: Path, path: Path, change: str) -> None:
    """Run a program that is changed first; ``path`` is where it is to stand."""
    path.write_text(f"{change}from fjd.cli.tui import main\nmain([{str(spool)!r}])\n")
    terminal.run(shlex.join([str(BIN / "python"), str(path)]))


FIRST_MINUTE = [
    *("h", "2", "Enter"),
    *("n", "echo the answer is 42; sleep 1; :", "C-s"),
    *("n", "test -e mended || { echo no; exit 3; }; :", "C-s"),
    *("g", "r"),
    *("F", "Enter"),  # which means no
    *("F", "y"),
    "q",
]
"""All that is pressed and typed: hire, make a job (its log is read at once), make one that fails, retry, fire, quit."""


@pytest.mark.parametrize("size", [SMALL, WIDE])
def test_the_first_minute(spool: Path, open_terminal: Open, size: tuple[int, int]) -> None:
    """Hire, make a job, read its log, see a failure and its reason, retry, fire, quit: by keys alone."""
    terminal = open_terminal(size)
    start(terminal, spool)
    terminal.until_shown("There are no jobs yet.", "There are no workers.")

    terminal.keys("h")
    terminal.until_shown("How many, on this machine?")
    terminal.keys("2", "Enter")
    terminal.until_shown("Hired 2 workers on this machine.", "2 idle")

    terminal.keys("n")
    terminal.until_shown("New job", "job1.conf")
    terminal.type("echo the answer is 42; sleep 1; :")
    terminal.until_shown("executable = echo the")
    terminal.keys("C-s")
    terminal.until_shown("job1.conf", "✓ done", "the answer is 42")
    assert (spool / "done" / "job1.conf").exists()

    terminal.keys("n")
    terminal.until_shown("New job", "job2.conf")
    terminal.type("test -e mended || { echo no; exit 3; }; :")
    terminal.keys("C-s")
    terminal.until_shown("✗ failed", "exit 3")
    (spool.parent / "mended").touch()
    terminal.keys("g", "r")
    terminal.until_shown("Back in the queue: job2.conf.")
    terminal.until_gone("✗ failed")
    until(lambda: (spool / "done" / "job2.conf").exists())

    terminal.keys("F")
    terminal.until_shown("Fire 2 workers?")
    terminal.keys("Enter")
    terminal.until_shown("Nobody was fired.")
    terminal.keys("F")
    terminal.until_shown("Fire 2 workers?")
    terminal.keys("y")
    terminal.until_shown("Fired 2 workers.", "There are no workers.")

    terminal.keys("q")
    assert terminal.pressed[2:] == FIRST_MINUTE, "after the two that start the program"
    terminal.assert_restored(0)


def test_a_very_large_terminal(spool: Path, open_terminal: Open) -> None:
    """300×80: nothing is cut that there is room for, and nothing is left out of the footer."""
    long = f"python train.py --name {'a' * 60} --last"
    Crew(spool).submit("job1", long)
    terminal = open_terminal((300, 80))
    start(terminal, spool)
    screen = terminal.until_shown("There are no workers.", long)
    lines = screen.splitlines()
    assert str(spool) in lines[0]
    assert all(words in lines[0] for words in ("● dispatching", "0 done", "0 failed", "1 waiting", "0 running"))
    assert len(lines[1].strip()) > 280
    shown = [action for action in ACTIONS if action.label and Where.JOBS in action.where]
    assert all(f"{action.key} {action.label}" in screen.splitlines()[79] for action in shown)
    assert sum(line.startswith(("╭", "╰")) and line.rstrip().endswith(("╮", "╯")) for line in lines) == 4
    terminal.keys("q")
    terminal.assert_restored(0)


def test_leaving_with_workers_busy_says_that_they_go_on(spool: Path, open_terminal: Open) -> None:
    terminal = open_terminal()
    start(terminal, spool, "--hire", "1")
    terminal.until_shown("Hired 1 worker")
    crew = Crew(spool)
    crew.submit("long", "sleep 100; :")
    terminal.until_shown("▶ running")
    terminal.keys("q")
    terminal.until_shown("1 worker goes on")
    terminal.assert_restored(0)
    assert crew.running()


def test_attach_lends_the_terminal_and_comes_back(spool: Path, open_terminal: Open) -> None:
    terminal = open_terminal()
    start(terminal, spool, "--hire", "1")
    terminal.until_shown("Hired 1 worker", "1 idle")
    terminal.keys("2", "a")
    terminal.until_shown("waits for jobs in")
    terminal.until_gone("? help")
    terminal.keys("C-a", "d")
    terminal.until_shown("? help", "Back from")
    terminal.keys("1", "q")
    terminal.assert_restored(0)


def test_the_mouse_is_left_to_the_terminal_when_asked(spool: Path, open_terminal: Open) -> None:
    terminal = open_terminal()
    start(terminal, spool)
    assert terminal.ask("mouse_any_flag") == "1"
    terminal.keys("q")
    terminal.assert_restored(0)
    terminal.tmux("clear-history")
    terminal.keys("clear", "Enter")
    start(terminal, spool, "--no-mouse")
    assert terminal.ask("mouse_any_flag") == "0"
    terminal.keys("q")
    terminal.assert_restored(0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(spool: Path, open_terminal: Open, number: signal.Signals) -> None:
    terminal = open_terminal()
    start(terminal, spool)
    os.kill(terminal.program_pid([str(BIN / "fjd-tui")]), number)
    terminal.assert_restored(128 + number)


def test_ctrl_c_leaves_and_ctrl_z_comes_back(spool: Path, open_terminal: Open) -> None:
    terminal = open_terminal()
    start(terminal, spool)
    terminal.keys("C-z")
    terminal.until_gone("? help")
    assert terminal.ask("alternate_on") == "0"
    terminal.keys("fg", "Enter")
    terminal.until_shown("There are no jobs yet.", "? help")
    terminal.keys("C-c")
    terminal.until_gone("? help")
    assert terminal.ask("alternate_on") == "0"
    assert terminal.ask("mouse_any_flag") == "0"


def test_a_stop_while_something_is_written_waits_for_nobody(spool: Path, open_terminal: Open, tmp_path: Path) -> None:
    """The signal comes while the writer's queue is locked; whoever writes within its handler would wait for ever."""
    terminal = open_terminal()
    script = (
        "import os, signal\n"
        "from textual.drivers import _writer_thread\n"
        "class Stopped(_writer_thread.Queue):\n"
        "    def _put(self, text):\n"
        "        super()._put(text)\n"
        f"        if os.path.exists({str(tmp_path / 'now')!r}):\n"
        f"            os.unlink({str(tmp_path / 'now')!r})\n"
        "            os.kill(os.getpid(), signal.SIGTSTP)\n"
        "_writer_thread.Queue = Stopped\n"
    )
    run_changed(terminal, spool, tmp_path / "stopped.py", script)
    terminal.until_shown("? help", "● dispatching")
    (tmp_path / "now").touch()
    terminal.until_gone("? help")
    assert terminal.ask("alternate_on") == "0"
    terminal.keys("fg", "Enter")
    terminal.until_shown("? help", "● dispatching")
    terminal.keys("q")
    terminal.until_gone("? help")
    assert terminal.ask("alternate_on") == "0"
    assert terminal.ask("mouse_any_flag") == "0"


def test_it_goes_on_after_a_stop_that_nobody_can_catch(spool: Path, open_terminal: Open) -> None:
    terminal = open_terminal()
    start(terminal, spool)
    pid = terminal.program_pid([str(BIN / "fjd-tui")])
    os.kill(pid, signal.SIGSTOP)
    until(lambda: state_of(pid) == "T")
    terminal.keys("fg", "C-j")  # the terminal is still raw
    until(lambda: state_of(pid) != "T")
    terminal.keys("?")  # while the terminal is taken again
    terminal.until_shown("Keys", "hire workers")
    terminal.until_gone("Stopped")
    terminal.keys("Escape")
    terminal.until_gone("hire workers")
    terminal.keys("q")
    terminal.until_gone("? help")
    assert terminal.ask("alternate_on") == "0"
    assert terminal.ask("mouse_any_flag") == "0"


def test_what_is_typed_while_the_terminal_is_taken_again_is_not_lost(
    spool: Path, open_terminal: Open, tmp_path: Path
) -> None:
    """A key comes just when nobody reads: after the thread that read, and before the next."""
    terminal = open_terminal()
    script = (
        "import fcntl, pathlib, struct, termios, threading\n"
        "class Reader(threading.Thread):\n"
        "    def join(self, timeout=None):\n"
        "        super().join(timeout)\n"
        "        if self.name == 'textual-input' and not unread.exists():\n"
        "            unread.touch()\n"
        "            while not struct.unpack('i', fcntl.ioctl(0, termios.FIONREAD, bytes(4)))[0]:\n"
        "                pass\n"
        f"unread = pathlib.Path({str(tmp_path / 'unread')!r})\n"
        "from textual.drivers import linux_driver\n"
        "linux_driver.Thread = Reader\n"
    )
    run_changed(terminal, spool, tmp_path / "reader.py", script)
    terminal.until_shown("? help", "● dispatching")
    pid = terminal.program_pid([str(tmp_path / "reader.py")])
    os.kill(pid, signal.SIGSTOP)
    until(lambda: state_of(pid) == "T")
    terminal.keys("fg", "C-j")  # the terminal is still raw
    until((tmp_path / "unread").exists)
    terminal.keys("?")
    terminal.until_shown("Keys", "hire workers")
    terminal.keys("Escape")
    terminal.until_gone("hire workers")
    terminal.keys("q")
    terminal.until_gone("? help")


def test_a_terminal_that_goes_away_ends_the_program(spool: Path, open_terminal: Open) -> None:
    terminal = open_terminal()
    start(terminal, spool)
    pid = terminal.program_pid([str(BIN / "fjd-tui")])
    terminal.close()
    until(lambda: not Path(f"/proc/{pid}").exists())


def test_a_spool_that_goes_away_ends_it_with_a_sentence(spool: Path, open_terminal: Open) -> None:
    terminal = open_terminal()
    start(terminal, spool)
    spool.rename(spool.with_name("moved"))
    terminal.until_shown("is no spool any more: it was removed.")
    terminal.assert_restored(1)


def test_a_second_one_watches_and_takes_over(spool: Path, open_terminal: Open) -> None:
    first, second = open_terminal(), open_terminal()
    start(first, spool)
    second.run(shlex.join([str(BIN / "fjd-tui"), str(spool)]))
    second.until_shown("◌ watching;", "dispatches")
    first.keys("q")
    first.assert_restored(0)
    second.until_shown("● dispatching")
    second.keys("q")
    second.assert_restored(0)


def test_going_to_another_spool_within_one_process(spool: Path, open_terminal: Open, tmp_path: Path) -> None:
    """The one is let go of, so that another program has it at once, and the other is dispatched."""
    second = tmp_path / "second"
    second.mkdir(mode=0o700)
    terminal = open_terminal(SMALL)
    start(terminal, second)  # so it was used
    terminal.keys("q")
    terminal.assert_restored(0)
    crew = Crew(second)
    crew.submit("elsewhere", "true")
    start(terminal, spool)
    pid = terminal.program_pid([str(spool)])
    terminal.keys("o")
    terminal.until_shown("Spools used lately", "(here)", "second")
    terminal.keys("j", "Enter")
    terminal.until_shown("elsewhere", "● dispatching")
    assert terminal.program_pid([str(spool)]) == pid
    watcher = open_terminal(SMALL)
    start(watcher, spool)  # which dispatches
    watcher.keys("q")
    watcher.assert_restored(0)
    terminal.keys("q")
    terminal.assert_restored(0)


CRASHES = {
    "while drawing": "from fjd.tui.desk import Desk as It\nIt.show = crash",
    "while starting": "from fjd.tui.desk import Desk as It\nIt.compose = crash",
    "while ending": "from fjd.tui.deeds import program as It\nIt.farewell = crash",
    "in the dispatcher's thread": "from fjd.tui.backend import SpoolBackend as It\nIt.run = crash",
    "in the log's thread": "from fjd.tui.follower import Follower as It\nIt.run = crash",
    "in an action": "from fjd.tui.backend import SpoolBackend as It\nIt.free_name = crash",
    "in a dialog": "from fjd.tui.dialogs.help import Help as It\nIt.compose = crash",
}


@pytest.mark.parametrize("when", CRASHES)
def test_a_crash_says_where_the_traceback_is(spool: Path, open_terminal: Open, tmp_path: Path, when: str) -> None:
    terminal = open_terminal()
    script = f"def crash(*words, **options): raise RuntimeError('this is a [red]test[/]')\n{CRASHES[when]}\n"
    run_changed(terminal, spool, tmp_path / "crash.py", script)
    if when in ("while ending", "in an action", "in a dialog"):
        terminal.until_shown("? help", "● dispatching")
        terminal.keys("n" if when == "in an action" else "?" if when == "in a dialog" else "q")
    screen = terminal.until_shown("fjd-tui crashed: RuntimeError: this is a [red]test[/]")
    assert "Traceback" not in screen
    terminal.assert_restored(1)
    (kept,) = (tmp_path / "state" / "fjd").glob("crash-*.txt")
    assert "in crash" in kept.read_text()
    assert "raise RuntimeError" in kept.read_text()


def test_hostile_names_leave_the_terminal_alone(spool: Path, open_terminal: Open) -> None:
    """Real files with such names, a real worker, every pane: title and modes of the terminal stay."""
    terminal = open_terminal()
    layout: Layout = create.open_spool(str(spool))
    crew = Crew(spool)
    loud = r"printf '\033]2;TITLE\007\033[?1049l\033c\233 [red]x[/]\n'"
    names = [name for name in scenes.HOSTILE if len(os.fsencode(name)) < 200 and "/" not in name]
    for name in names:
        crew.submit(os.fsencode(name), loud)
    start(terminal, spool, "--hire", "1")
    until(lambda: len(os.listdir(os.fsencode(layout.done_dir))) == len(names), timeout_s=60)
    terminal.until_shown(f"{len(names)} done")
    title = terminal.ask("pane_title")
    for key in ["j"] * len(names) + ["3", "]", "]", "1", "G", "2", "f"]:
        terminal.keys(key)
    terminal.until_shown("Fire 1 worker?")
    terminal.keys("Escape")
    terminal.until_gone("Fire 1 worker?")
    assert terminal.ask("alternate_on") == "1"
    assert terminal.ask("pane_title") == title
    terminal.keys("q")
    terminal.until_shown("stays hired")
    terminal.assert_restored(0)


def test_keys_that_come_at_once_act_one_after_the_other(spool: Path, open_terminal: Open) -> None:
    """Over a slow line, or under a fast hand: none is lost, and none means what it would have meant before."""
    terminal = open_terminal()
    start(terminal, spool)
    terminal.keys("h", "2", "Enter")
    terminal.until_shown("Hired 2 workers on this machine.", "2 idle")
    terminal.type("necho qfKr; :")
    terminal.until_shown("New job", "executable = echo qfKr; :")
    terminal.keys("C-s")
    terminal.until_shown("✓ done", "qfKr")
    terminal.type("/retry")
    terminal.until_shown(" /retry", "/retry: 0")
    terminal.keys("Escape")
    terminal.until_gone("/retry")
    terminal.keys("3", "/", "K", "r", "Enter", "v", "y")
    terminal.until_shown("Copied 1 line")
    terminal.keys("2", "f", "y", "q")
    terminal.assert_restored(0)


def test_copying_reaches_the_terminals_clipboard(spool: Path, open_terminal: Open) -> None:
    (spool / "jobqueue").mkdir(mode=0o700)
    text = r"\033]2;TITLE\007caf\303\251 \033[31mred\033[0m\n"
    (spool / "jobqueue" / "job1").write_text(f"[control]\nexecutable: printf '{text}'; :\n")
    terminal = open_terminal()
    terminal.tmux("set", "-s", "set-clipboard", "on")
    start(terminal, spool, "--hire", "1")
    terminal.until_shown("café red")
    terminal.keys("3", "y")
    terminal.until_shown("Copied 1 line")
    assert terminal.tmux("show-buffer") == "café red"
    assert terminal.ask("pane_title") != "TITLE"


def test_a_pasted_text_fires_nothing(spool: Path, open_terminal: Open) -> None:
    terminal = open_terminal()
    start(terminal, spool)
    terminal.paste("qFyh3\nn")
    terminal.until_shown("The pasted text was not taken")
    assert not list((spool / "workerqueue").iterdir())
    terminal.keys("q")
    terminal.assert_restored(0)


@pytest.mark.parametrize(
    "environ",
    [
        {"NO_COLOR": "1"},
        {"TERM": "screen"},
        {"TERM": "xterm"},
        {"TEXTUAL_THEME": "fjd-light"},
        {"TEXTUAL_ANIMATIONS": "none"},
    ],
)
def test_terminals_with_few_colours(spool: Path, open_terminal: Open, environ: dict[str, str]) -> None:
    terminal = open_terminal(SMALL, **environ)
    start(terminal, spool)
    terminal.until_shown("There are no jobs yet.")
    terminal.keys("q")
    terminal.assert_restored(0)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["{spool}"], 2, "use --no-ui"),
        (["{spool}", "--once"], 2, "go with --no-ui"),
        (["{spool}", "--nonsense"], 2, "No such option"),
        (["{spool}/none", "--no-ui"], 1, "there is no directory"),
        (["{spool}", "--no-ui", "--once"], 0, ""),
    ],
)
def test_without_a_terminal(spool: Path, arguments: list[str], status: int, words: str) -> None:
    argv = [str(BIN / "fjd-tui"), *(word.format(spool=spool) for word in arguments)]
    run = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == status, run.stderr
    assert words in run.stderr
    assert "Traceback" not in run.stderr
