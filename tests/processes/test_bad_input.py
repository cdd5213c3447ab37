"""What is wrong in the queue is told with a reason that a person understands, and the rest goes on."""

import os
import re
import socket

import pytest

from tests.crew import Crew, job_text, until

BAD = {
    "no-control": (b"[params]\na: 1\n", "control"),
    "no-executable": (b"[control]\nlogfile: x\n", "executable"),
    "empty-executable": (b"[control]\nexecutable:\n", "executable"),
    "empty": (b"", "empty"),
    "binary": (b"\x7fELF\x02\x00\x01\xff\xfe\x00\x00", "text"),
    "no-section": (b"executable: x\n", "section"),
    "huge": (b"[control]\nexecutable: x\n" + b"#" * (1 << 20), "large"),
}


def drop(crew: Crew, name: str, data: bytes) -> None:
    queue = crew.root / "jobqueue"
    queue.mkdir(exist_ok=True)
    (queue / f".{name}").write_bytes(data)
    os.rename(queue / f".{name}", queue / name)


def test_each_bad_file_fails_with_its_reason_and_the_rest_goes_on(crew: Crew) -> None:
    for name, (data, _) in BAD.items():
        drop(crew, name, data)
    crew.submit("good", "/bin/true")
    crew.worker()
    status, lines, errors = crew.finish(crew.dispatcher())
    assert status == 1
    assert lines[-1] == "[FJD] No more jobs to dispatch."
    assert crew.names("done") == {"good"}
    assert crew.names("failed") == set(BAD)
    rejected = {line["job"]: line["reason"] for line in crew.journal("rejected")}
    for name, (_, word) in BAD.items():
        assert word in rejected[name]
        assert f"[FJD] {name} failed: {rejected[name]}\n" in errors
    assert "7 jobs failed" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("command", "exit_code", "said"),
    [
        ("no-such-command-anywhere", 127, "not found"),
        ("./no/such/script.sh", 127, "not found"),
        ("/etc/passwd", 126, "ermission denied"),
        ("echo oh no >&2; exit 3", 3, "oh no"),
    ],
)
def test_a_command_that_fails_leaves_what_the_shell_says(crew: Crew, command: str, exit_code: int, said: str) -> None:
    crew.submit("job", command)
    crew.worker()
    status, _, errors = crew.finish(crew.dispatcher())
    assert status == 1
    assert said in crew.output("job")
    (ended,) = crew.journal("end")
    assert (ended["outcome"], ended["exit"]) == ("failed", exit_code)
    assert re.search(rf"^\[FJD\] job failed: exit {exit_code}.* \(see output/job\.out\)$", errors, re.MULTILINE)


def test_a_job_that_dies_of_a_signal_says_which(crew: Crew) -> None:
    crew.submit("job", "kill -SEGV $$; :")
    crew.worker()
    assert "job failed: killed by SIGSEGV" in crew.finish(crew.dispatcher())[2]


def test_a_missing_workdir_is_the_reason(crew: Crew) -> None:
    crew.submit("job", "/bin/true", workdir="not/there")
    crew.worker()
    assert re.search(r"job failed: .*not/there", crew.finish(crew.dispatcher())[2])


def test_what_is_no_plain_file_is_left_and_told_once(crew: Crew, tmp_path: object) -> None:
    queue = crew.root / "jobqueue"
    queue.mkdir()
    (queue / "directory").mkdir()
    (queue / "link").symlink_to("/etc/passwd")
    os.mkfifo(queue / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(queue)  # the path of a socket has at most 107 bytes
        server.bind("socket")
        os.chdir(here)
    crew.submit("good", "sleep 3; :")  # long enough for several timed looks
    crew.worker()
    status, _, errors = crew.finish(crew.dispatcher())
    assert status == 0
    assert crew.names("jobqueue") == {"directory", "link", "fifo", "socket"}
    for name, kind in {"directory": "a directory", "link": "a symbolic link", "fifo": "a FIFO"}.items():
        assert errors.count(f"[FJD] {name} in jobqueue/ is {kind} ") == 1
    assert errors.count("[FJD] socket in jobqueue/ is ") == 1


def test_a_directory_where_an_outcome_is_to_go_holds_nobody_up(crew: Crew) -> None:
    """Passes by `obstacles.move`: a rename replaces no directory, and was tried for ever."""
    for path in ("done/good", "failed/bad", "failed/no job"):
        (crew.root / path / "kept").mkdir(parents=True)
    crew.submit("good", "/bin/true")
    crew.submit("bad", "exit 3")
    drop(crew, "no job", b"")
    crew.submit("last", "/bin/true")
    crew.worker()
    status, _, errors = crew.finish(crew.dispatcher())
    assert status == 1
    assert crew.names("done") == {"good", "good-2", "last"}
    assert crew.names("failed") == {"bad", "bad-2", "no job", "no job-2"}
    for path in ("done/good-2", "failed/bad-2", "failed/no job-2"):
        assert crew.names(path) == {"kept"}
    for talk, path in ((crew.talk.read_text(), "done/good"), (crew.talk.read_text(), "failed/bad"), (errors, "no job")):
        assert talk.count(f"{path} stands in the way, and is now ") == 1
    assert {line["job"]: line["outcome"] for line in crew.journal("end")} == {
        "good": "done", "bad": "failed", "last": "done",
    }  # fmt: skip


def test_leftovers_of_editors_are_passed_by(crew: Crew) -> None:
    for name in (".hidden", "job~", "job.tmp", "job.swp", "job.part", ".nfs0001"):
        drop(crew, name, job_text("/bin/true").encode())
    crew.submit("job", "/bin/true")
    crew.worker()
    assert crew.finish(crew.dispatcher())[0] == 0
    assert crew.names("done") == {"job"}
    assert len(os.listdir(crew.root / "jobqueue")) == 6


def test_a_job_file_that_everybody_can_write_is_refused(crew: Crew) -> None:
    crew.submit("open", "/bin/true")
    os.chmod(crew.root / "jobqueue/open", 0o666)
    crew.worker()
    status, _, errors = crew.finish(crew.dispatcher())
    assert status == 1
    assert "open failed: everybody can write it: chmod o-w" in errors


def test_a_spool_that_everybody_can_write_is_refused(crew: Crew) -> None:
    os.chmod(crew.root, 0o777)
    for command in ("dispatcher.py", "fjd-worker"):
        status, _, errors = crew.finish(crew.start(command))
        assert status == 1
        assert "everybody can write" in errors
        assert "chmod o-w" in errors
    assert os.listdir(crew.root) == []


def test_a_directory_that_is_not_there_is_not_made(crew: Crew) -> None:
    status, _, errors = crew.finish(crew.dispatcher("--dir", str(crew.root / "mistyped")))
    assert status == 1
    assert "there is no directory" in errors
    assert not (crew.root / "mistyped").exists()


@pytest.mark.parametrize(
    "arguments", [("--hire", "-1"), ("--hire", "x"), ("--once", "--keep-going"), ("--no-such-option",), ("word",)]
)
def test_wrong_use_ends_with_status_2(crew: Crew, arguments: tuple[str, ...]) -> None:
    assert crew.finish(crew.dispatcher(*arguments))[0] == 2


STRANGE = [
    b"with spaces and  two",
    b"quotes ' and \" and `id`",
    b"new\nline",
    b"-rf",
    b"$(touch pwned)",
    b"; touch pwned; #",
    b"[red]x[]",
    b"%s %(a)s {b}",
    b"escape\x1b]2;title\x07\x1b[31m",
    b"\x9bc1",
    b"not utf-8 \xff\xfe",
    "bidi \u202e and \u00fc \u65e5\u672c".encode(),
    b"back\\slash*?",
    b"n" * 255,
]


def test_strange_names_run_and_nothing_in_them_does(crew: Crew) -> None:
    for name in STRANGE:
        crew.submit(name, "python3 -c 'import sys; open(sys.argv[1]).read()'")
        crew.submit(name[:250] + b" fail", "exit 3") if len(name) < 255 else None
    crew.workers(2)
    dispatcher = crew.dispatcher()
    status, lines, errors = crew.finish(dispatcher)
    assert status == 1
    assert crew.names("done") == {os.fsdecode(name) for name in STRANGE}
    assert len(crew.names("failed")) == len(STRANGE) - 1
    assert not (crew.root / "pwned").exists()
    talk = (crew.root / "worker-talk").read_bytes().decode("utf-8")
    for text in ("\n".join(lines) + errors, talk):
        assert not [c for c in text if c != "\n" and not c.isprintable()]
        assert text.count("[red]x[]") >= 1 or text is not talk


def test_a_late_bad_name_does_not_stop_the_events(crew: Crew) -> None:
    """watchfiles raises for ever once a name that is not UTF-8 has come by: dispatch goes on all the same."""
    crew.worker()
    dispatcher = crew.dispatcher("--keep-going")
    for name in (b"first", b"\xff\xfe", b"second", b"\xff third", b"fourth"):
        crew.submit(name, "/bin/true")
        until(lambda name=name: os.fsdecode(name) in crew.names("done"))  # type: ignore[misc]
    assert dispatcher.poll() is None
