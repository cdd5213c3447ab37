"""The commands of ``fjd`` that act, through the real command line, with real workers where it matters."""

import json
import os
import pty
import select
from pathlib import Path

from fjd import jobfile
from fjd.spool import create
from tests.crew import BIN, Crew, until
from tests.fjd_command import Ran, fjd


def run(crew: Crew, *arguments: str, **environment: str) -> Ran:
    return fjd(crew.root, *arguments, environment={**crew.environment, **environment})


def make(crew: Crew, *places: str, text: str = "[control]\nexecutable: true\n") -> None:
    """Put job files into a spool by hand, as ``directory/name``."""
    create.open_spool(str(crew.root))
    for place in places:
        (crew.root / place).write_text(text)


def test_retry_kill_cancel_hold_and_release_do_what_they_say(crew: Crew) -> None:
    crew.submit("long", "sleep 1000; :")
    crew.submit("wait1", "true")
    crew.submit("wait2", "true")
    crew.worker()
    crew.dispatcher("--keep-going")
    until(lambda: "long" in crew.running())

    assert run(crew, "hold", "wait*").lines == ["[FJD] wait1 is held.", "[FJD] wait2 is held."]
    assert crew.names("held") == {"wait1", "wait2"}
    cancelled = run(crew, "cancel", "wait1", "long", "lnog")
    assert (cancelled.status, cancelled.lines) == (1, ["[FJD] wait1 is cancelled."])
    assert "long is running on" in cancelled.err
    assert "(fjd kill ends it)" in cancelled.err
    assert "There is no job lnog; did you mean long?" in cancelled.err

    assert run(crew, "kill", "--running").lines == ["[FJD] long is being ended."]
    until(lambda: "long" in crew.names("failed"))
    assert run(crew, "release", "--all").lines == ["[FJD] wait2 waits again."]
    until(lambda: "wait2" in crew.names("done"))

    (crew.root / "failed/long").write_text("[control]\nexecutable: true\n")
    assert run(crew, "retry", "long", "--reason", "killed").lines == ["[FJD] long goes back to the queue."]
    until(lambda: "long" in crew.names("done"))
    nothing = run(crew, "retry", "--exit", "3")
    assert (nothing.status, nothing.err) == (0, "[FJD] No job fits.\n")

    told = run(crew, "history", "--json", "wait1").objects
    assert [(one["end"], one["reason"].partition("@")[0].partition(" by ")[0]) for one in told] == [
        ("cancelled", "cancelled")
    ]
    shown = run(crew, "show", "wait1").out
    assert "cancelled by" in shown
    assert "cancelled: " not in shown, "it is said once"
    did = [(line["event"], line["job"]) for line in user_lines(crew)]
    assert did == [
        ("held", "wait1"), ("held", "wait2"), ("cancelled", "wait1"), ("kill-ordered", "long"), ("released", "wait2"),
        ("retried", "long"),
    ]  # fmt: skip


def user_lines(crew: Crew) -> list[dict[str, str]]:
    (path,) = (crew.root / "journal").glob("user-*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_whoever_acts_must_say_on_which(crew: Crew) -> None:
    make(crew, "jobqueue/a")
    ran = run(crew, "cancel")
    assert (ran.status, ran.out) == (2, "")
    assert "say which jobs are meant" in ran.err
    assert crew.names("jobqueue") == {"a"}


def test_many_are_told_in_one_line_and_asked_about_on_a_terminal(crew: Crew) -> None:
    make(crew, *(f"jobqueue/job{number}" for number in range(12)))
    assert answered(crew, b"n\n", "hold", "--all") == 1
    assert not crew.names("held")
    assert answered(crew, b"y\n", "hold", "--all") == 0
    assert len(crew.names("held")) == 12
    assert run(crew, "release", "job*").lines == ["[FJD] 12 jobs wait again."]


def answered(crew: Crew, answer: bytes, *arguments: str) -> int:
    """Run ``fjd`` on a terminal, answer its question, and return its exit status."""
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(crew.root)
        os.execve(BIN / "fjd", ["fjd", *arguments], crew.environment)
    seen, is_answered = b"", False
    try:
        while True:
            if select.select([master], [], [], 60)[0]:
                seen += os.read(master, 4096)
            if b"[y/N]" in seen and not is_answered:
                os.write(master, answer)
                is_answered = True
    except OSError:  # EIO: it has ended
        pass
    finally:
        os.close(master)
    assert is_answered, seen
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_jobs_are_changed_where_they_wait(crew: Crew) -> None:
    make(crew, "jobqueue/a", "held/b", "done/c")
    assert run(crew, "priority", "-5", "a").lines == ["[FJD] a has priority -5."]
    assert run(crew, "edit", "a", "b", "--set", "timeout=1h30m", "--set", "tags=gpu").lines == [
        "[FJD] a is changed.",
        "[FJD] b is changed.",
    ]
    assert spec(crew, "jobqueue/a").options == (("priority", "-5"), ("timeout", "1h30m"), ("tags", "gpu"))
    assert spec(crew, "held/b").options == (("timeout", "1h30m"), ("tags", "gpu"))
    assert run(crew, "priority", "5", "c").err == "[FJD] c is done: it cannot be changed.\n"
    wrong = [run(crew, "edit", "a", "--set", text).err for text in ("tiemout=5", "timeout=soon", "timeout")]
    assert wrong[0] == "[FJD] there is no key tiemout in [control]; did you mean timeout?\n"
    assert "'soon' is no duration" in wrong[1]
    assert "write KEY=VALUE" in wrong[2]
    assert run(crew, "priority", "--fast", "a").err == "[FJD] there is no option --fast\n"
    assert run(crew, "priority", "high", "a").status == 2


def spec(crew: Crew, place: str) -> jobfile.JobSpec:
    return jobfile.parse((crew.root / place).read_bytes())


def test_an_editor_changes_a_job_or_leaves_it_as_it_was(crew: Crew, tmp_path: Path) -> None:
    make(crew, "jobqueue/a")
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\ncase $(ls held) in a) ;; *) exit 9;; esac\nsed -i "s/true/$WORD/" "$1"\n')
    editor.chmod(0o700)
    assert run(crew, "edit", "a", EDITOR=str(editor), VISUAL="", WORD="false").status == 0
    assert spec(crew, "jobqueue/a").executable == "false"
    editor.write_text('#!/bin/sh\necho nonsense > "$1"\n')
    spoilt = run(crew, "edit", "a", EDITOR=str(editor), VISUAL="")
    assert spoilt.status == 1
    assert spec(crew, "jobqueue/a").executable == "false"
    assert run(crew, "edit", "a", VISUAL="/nowhere/vi").status == 1
    assert crew.names("jobqueue") == {"a"}
    assert not crew.names("held")


def test_the_spool_is_paused_and_frozen_and_goes_on(crew: Crew) -> None:
    crew.submit("ticks", "while :; do echo tick; sleep 0.02; done")
    crew.worker()
    crew.dispatcher("--keep-going")
    output = crew.root / "output/ticks.out"
    until(lambda: output.exists() and output.stat().st_size)
    assert run(crew, "pause", "--freeze").status == 0
    until(lambda: stands_still(output))
    crew.submit("next", "true")
    assert run(crew, "status", "--json").objects[0]["paused"] is True
    assert run(crew, "show", "ticks", "--json").objects[0]["why"] == ["its worker is frozen: fjd resume"]
    assert "the spool is paused: fjd resume" in run(crew, "show", "next", "--json").objects[0]["why"]
    size = output.stat().st_size
    assert run(crew, "resume").lines == [
        "[FJD] Thawed: 1 worker with what they run.",
        "[FJD] Jobs are handed out again.",
    ]
    until(lambda: output.stat().st_size > size)


def stands_still(path: Path) -> bool:
    """Whether nothing is added to the file for longer than the job takes for a line, with much to spare."""
    import time

    size = path.stat().st_size
    time.sleep(0.5)
    return path.stat().st_size == size
