"""Hiring and firing with real workers: what the commands say, what becomes of jobs, and that nothing is left behind."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from fjd import hiring, identity, recruiter
from fjd.errors import DiskError, HireError, UsageError
from fjd.hiring import command
from fjd.recruiter import How, Member
from fjd.settings import Timings
from fjd.spool import announce, create, fsio, wakeup
from fjd.spool.announce import Announcement
from fjd.spool.layout import Layout
from tests import needs
from tests.crew import Crew, job_text, until

KINDS = [pytest.param("screen", marks=needs.program("screen")), "process"]
SLEEP = "exec sleep 1000;"  # by a shell, or the path of the job would be an argument of sleep
QUICK = Timings(grace_s=0.5, answer_s=1)
NO_SCREEN = "[FJD] screen does not work here (not today): workers run as detached processes; their logs are in "


class Office:
    """A crew's spool with the recruiter at work in it."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.root = crew.root
        self.layout = create.open_spool(str(crew.root))

    def recruit(self, *arguments: str) -> tuple[int, list[str], str]:
        """Run ``recruiter.py``; return its exit status, the lines on stdout, and its stderr."""
        return self.crew.finish(self.crew.start("recruiter.py", *arguments))

    def hire(self, count: int) -> list[Member]:
        status, lines, _ = self.recruit("hire", str(count))
        assert (status, lines) == (0, [f"[FJD] Hired {count} worker{'s' * (count > 1)} on localhost."])
        return self.members()

    def members(self) -> list[Member]:
        return recruiter.members(self.layout)

    def give(self, member: Member, job: str, executable: str) -> None:
        """Hand a job to a worker, as a dispatcher would, and wait until it runs."""
        hidden = self.root / ".fjd/tmp" / job
        hidden.write_text(job_text(executable))
        hidden.rename(self.layout.handed(member.id, job))
        wakeup.ring(self.layout.nudge(member.id))
        until(lambda: job in self.crew.running() and self.crew.journal("start"))

    def session(self, number: int) -> str:
        return hiring.session_name(self.layout.name, number)

    def processes(self) -> list[psutil.Process]:
        """Every process that was told of this spool: workers, and the servers of their sessions."""
        found = []
        for process in psutil.process_iter():
            try:
                if str(self.root) in process.cmdline() or process.environ().get("FJD_DIR") == str(self.root):
                    found.append(process)
            except psutil.Error:
                continue
        return [process for process in found if process.pid != os.getpid()]

    def close(self) -> None:
        """End what is left: a server of screen by TERM, or its socket would stay."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGTERM if process.name() == "screen" else signal.SIGKILL)
        until(lambda: not self.processes())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A spool of a name that no other test run uses, since the names of sessions are seen by all of this machine."""
    crew = Crew(tmp_path / f"office no. {os.getpid()}")
    crew.root.mkdir(mode=0o700)
    office = Office(crew)
    yield office
    crew.close()
    office.close()


@pytest.fixture(params=KINDS)
def either(request: pytest.FixtureRequest, office: Office, tmp_path: Path) -> Office:
    """An office that hires into screen sessions, or without screen."""
    if request.param == "process":
        programs = tmp_path / "programs"
        programs.mkdir()
        stand_in = programs / "screen"
        stand_in.write_text("#!/bin/sh\necho not today; exit 1\n")
        stand_in.chmod(0o755)
        office.crew.environment["PATH"] = f"{programs}:{office.crew.environment['PATH']}"
    return office


def lives(member: Member) -> bool:
    return member.announcement.process_lives()


# ---- hire


def test_hire_list_and_fire(either: Office) -> None:
    status, lines, talk = either.recruit("hire", "3")
    assert (status, lines) == (0, ["[FJD] Hired 3 workers on localhost."])
    members = either.members()
    kind = members[0].announcement.kind
    assert talk == ("" if kind == "screen" else f"{NO_SCREEN}{either.root}/workerlogs\n")
    assert [member.announcement.number for member in members] == [1, 2, 3]
    host = identity.this_host().name
    assert [member.short for member in members] == [f"{host}-1", f"{host}-2", f"{host}-3"]

    status, lines, talk = either.recruit("list")
    assert (status, talk) == (0, "")
    assert [line.split() for line in lines] == [
        [member.id, kind, member.announcement.session, "idle"] for member in members
    ]

    assert either.recruit("fire") == (0, ["[FJD] Fired 3 workers on localhost."], "")
    assert not either.processes()
    assert not either.crew.names("workerqueue") | either.crew.names("jobpod") | either.crew.names("running")
    for member in members:
        assert b"fired" in Path(either.layout.workerlog(member.id)).read_bytes()


@needs.program("screen")
def test_workers_live_in_sessions_named_after_the_spool(office: Office) -> None:
    (member,) = office.hire(1)

    assert re.fullmatch(rf"\d+\.fjd-office_no._{os.getpid()}-1", member.announcement.session)
    assert recruiter.attach_argv(office.layout, member.short)[-3:] == ["screen", "-x", member.announcement.session]


def test_a_number_that_is_free_again_is_used_again(either: Office) -> None:
    first, second = either.hire(2)
    either.recruit("fire", first.id)

    assert [member.announcement.number for member in either.hire(1)] == [1, 2]
    assert second.id in {member.id for member in either.members()}
    assert first.id not in {member.id for member in either.members()}


def test_two_recruiters_at_once_do_not_clash(either: Office) -> None:
    both = [either.crew.start("recruiter.py", "hire", "3") for _ in range(2)]
    for process in both:
        assert either.crew.finish(process)[:2] == (0, ["[FJD] Hired 3 workers on localhost."])

    assert len(either.members()) == 6
    assert either.recruit("fire")[:2] == (0, ["[FJD] Fired 6 workers on localhost."])
    assert not either.processes()


def test_it_works_where_it_was_hired_and_imports_nothing_from_there(either: Office, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    for module in ("queue", "select", "fjd", "click"):
        (place / f"{module}.py").write_text("raise SystemExit('shadowed')")

    process = either.crew.start("recruiter.py", "hire", "1", cwd=place)

    assert either.crew.finish(process)[0] == 0
    (member,) = either.members()
    assert member.announcement.cwd == str(place)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo first; echo; echo '[FJD] it is \033[31mbroken'; exit 1", r"it is \\x1b\[31mbroken \(.* ended at once"),
        ("exit 0", "its session ended at once"),
        ("exec sleep 1000", r"it has not announced itself within 1 s"),
        ("echo almost; exec sleep 1000", r"almost \(it has not announced itself within 1 s; its log is /"),
        ("trap '' TERM HUP; while :; do sleep 0.1; done", r"it has not announced itself within 1 s"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_that_does_not_come(
    kind: str, script: str, why: str, office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The report says why, and nothing of it is left."""
    if kind == "process":
        monkeypatch.setenv("PATH", "/bin" if not os.path.exists("/bin/screen") else str(tmp_path))
    monkeypatch.setattr(command, "worker_command", lambda: ["/bin/sh", "-c", f"PATH=/bin:/usr/bin; {script}"])

    report = recruiter.hire(office.layout, 2, timings=QUICK)

    assert report.kind == kind
    assert report.hired == ()
    assert [name for name, _ in report.failures] == [office.session(1), office.session(2)]
    for _, said in report.failures:
        assert re.match(why, said)
    until(lambda: not office.processes())


def test_what_cannot_be_started_at_all_is_told_for_each(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(command, "worker_command", lambda: ["/no/such/program"])

    report = recruiter.hire(office.layout, 3)

    assert report.hired == ()
    assert [why for _, why in report.failures] == ["there is no program /no/such/program"] * 3


def test_the_command_says_who_could_not_be_hired_and_why(office: Office) -> None:
    status, lines, talk = office.crew.finish(recruiter_with_worker(office, "echo broken; exit 1", "hire", "2"))

    assert (status, lines) == (1, [])
    sentence = (
        rf"\[FJD\] Could not hire {office.session(1)[:-1]}\d: broken \(its session ended at once; its log is .*\)\n"
    )
    assert re.fullmatch(sentence * 2, talk.replace(NO_SCREEN, "")), talk


def test_an_interrupted_hire_leaves_none_that_has_not_come(office: Office) -> None:
    process = recruiter_with_worker(office, "exec sleep 1000", "hire", "2")
    until(lambda: [name_of(other) for other in office.processes()].count("sleep") == 2)

    process.send_signal(signal.SIGINT)

    status, lines, talk = office.crew.finish(process)
    assert (status, lines) == (130, [])
    assert talk.endswith("[FJD] Interrupted: 0 of 2 workers were hired, and stay until they are fired.\n")
    until(lambda: not office.processes())


def name_of(process: psutil.Process) -> str:
    """Return the name of a process, nothing when it has just ended."""
    with suppress(psutil.NoSuchProcess):
        return process.name()
    return ""


def recruiter_with_worker(office: Office, script: str, *arguments: str) -> "subprocess.Popen[str]":
    """Start the recruiter's command with a shell script as the worker program."""
    code = (
        "import sys; from fjd.hiring import command; from fjd.cli.recruiter import main;"
        "worker = ['/bin/sh', '-c', sys.argv.pop(1)]; command.worker_command = lambda: worker; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, script, *arguments],
        cwd=office.root,
        env=office.crew.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    office.crew.processes.append(process)
    return process


def test_progress_counts_those_that_have_come_and_gone(office: Office) -> None:
    seen: list[int] = []

    recruiter.hire(office.layout, 3, cwd=str(office.root), progress=seen.append)
    assert seen == sorted(set(seen))
    assert seen[-1] == 3

    seen.clear()
    recruiter.fire(office.layout, progress=seen.append)
    assert seen == sorted(set(seen))
    assert seen[-1] == 3


# ---- fire: whom


def test_there_is_nobody_to_fire(office: Office) -> None:
    assert office.recruit("fire") == (0, ["[FJD] No workers to fire."], "")
    assert office.recruit("list") == (0, [], "[FJD] Nobody works for this spool.\n")


def test_a_number_fires_idle_workers_first(either: Office) -> None:
    members = either.hire(3)
    either.give(members[2], "job", SLEEP)

    assert either.recruit("fire", "1") == (0, ["[FJD] Fired 1 worker on localhost."], "")
    assert either.recruit("fire", "1") == (0, ["[FJD] Fired 1 worker on localhost."], "")

    assert [member.id for member in either.members()] == [members[2].id]
    assert either.recruit("fire", "5") == (0, ["[FJD] Fired 1 worker on localhost."], "")
    assert either.crew.names("jobqueue") == {"job"}


def test_a_number_does_not_count_those_that_leave_already(office: Office) -> None:
    members = office.hire(2)
    for member in members:
        office.give(member, f"job {member.announcement.number}", SLEEP)

    first = recruiter.fire(office.layout, count=1, how=How.DRAIN, wait=False)
    second = recruiter.fire(office.layout, count=1, how=How.DRAIN, wait=False)

    assert {first.leaving, second.leaving} == {(member.id,) for member in members}
    status, lines, _ = office.recruit("list")
    assert status == 0
    assert [line.partition("leaving, busy: ")[2] for line in lines] == ["job 1", "job 2"]


def test_ids_fire_those_whole_or_short(either: Office) -> None:
    first, second, third = either.hire(3)

    assert either.recruit("fire", third.short, first.id, third.id) == (
        0,
        ["[FJD] Fired 2 workers on localhost."],
        "",
    )
    assert [member.id for member in either.members()] == [second.id]


def test_an_id_that_nobody_has_fires_nobody(office: Office) -> None:
    (member,) = office.hire(1)
    host = identity.this_host().name

    near = office.recruit("fire", member.id, f"{host}-11")
    far = office.recruit("fire", "somebody else")

    assert near == (1, [], f"[FJD] there is no worker {host}-11 here; did you mean {member.short}?\n")
    assert far == (1, [], f"[FJD] there is no worker somebody else here; there are {member.short}\n")
    assert lives(member)


def test_one_that_has_left_meanwhile_is_no_obstacle(office: Office) -> None:
    """Whoever marked some workers on a screen sees them leave at any moment."""
    gone, there = office.hire(2)
    office.recruit("fire", gone.id)

    assert office.recruit("fire", gone.id, there.id) == (0, ["[FJD] Fired 1 worker on localhost."], "")
    assert office.recruit("fire", gone.id) == (0, ["[FJD] No workers to fire."], "")


def test_a_short_form_that_two_have_is_refused(office: Office) -> None:
    (member,) = office.hire(1)
    twin = replace(member.announcement, id=announce.new_id(identity.this_host().name, 1))
    announce.publish(office.layout, twin)

    with pytest.raises(HireError, match="give the whole id"):
        recruiter.choose(office.layout, [member.short])


@pytest.mark.parametrize(
    "arguments",
    ["hire", "hire 0", "hire -1", "hire four", "hire 1.5", "fire 0", "fire 1.5", "fire 2 nova-3", "fire -1"],
)
def test_used_wrongly(office: Office, arguments: str) -> None:
    status, lines, talk = office.recruit(*arguments.split())

    assert (status, lines) == (2, [])
    assert talk
    assert "Traceback" not in talk


def test_of_two_spools_of_one_name_only_the_named_one_is_touched(office: Office, tmp_path: Path) -> None:
    other = Crew(tmp_path / "beside" / office.root.name)
    other.root.mkdir(parents=True)
    next_door = Office(other)
    try:
        office.hire(1)
        (neighbour,) = next_door.hire(1)

        assert office.recruit("fire") == (0, ["[FJD] Fired 1 worker on localhost."], "")

        assert lives(neighbour)
        assert next_door.recruit("fire") == (0, ["[FJD] Fired 1 worker on localhost."], "")
    finally:
        other.close()
        next_door.close()


# ---- fire: how


def test_what_a_fired_worker_runs_goes_back_to_the_queue(either: Office) -> None:
    (member,) = either.hire(1)
    either.give(member, "job", SLEEP)

    assert either.recruit("fire") == (0, ["[FJD] Fired 1 worker on localhost."], "")

    assert either.crew.names("jobqueue") == {"job"}
    assert not either.processes()


def test_cancel_lets_it_fail(office: Office) -> None:
    (member,) = office.hire(1)
    office.give(member, "job", SLEEP)

    assert office.recruit("fire", "--cancel") == (0, ["[FJD] Fired 1 worker on localhost."], "")

    assert office.crew.names("failed") == {"job"}
    assert not office.crew.names("jobqueue")


def test_drain_waits_for_the_job_and_says_for_which(office: Office) -> None:
    member, idle = office.hire(2)
    office.give(member, "a job", "until test -e go; do sleep 0.02; done")
    process = office.crew.start("recruiter.py", "fire", "--drain")
    until(lambda: not lives(idle))
    assert process.poll() is None

    (office.root / "go").touch()

    status, lines, talk = office.crew.finish(process)
    assert (status, lines) == (0, ["[FJD] Fired 2 workers on localhost."])
    assert talk == f"[FJD] Waiting for a job on {member.short}; after ctrl-C the order stands all the same.\n"
    assert office.crew.names("done") == {"a job"}


def test_an_interrupted_drain_stands(office: Office) -> None:
    (member,) = office.hire(1)
    office.give(member, "job", "until test -e go; do sleep 0.02; done")
    process = office.crew.start("recruiter.py", "fire", "--drain")
    until(lambda: office.members()[0].is_leaving)

    process.send_signal(signal.SIGINT)

    status, lines, talk = office.crew.finish(process)
    assert (status, lines) == (130, [])
    assert talk.endswith("[FJD] Interrupted: the order stands, and they leave by themselves.\n")
    assert lives(member)
    (office.root / "go").touch()
    until(lambda: not lives(member))
    assert office.crew.names("done") == {"job"}


@needs.program("screen")
def test_a_window_that_a_person_opened_holds_nothing_up(office: Office) -> None:
    (member,) = office.hire(1)
    session = member.announcement.session
    subprocess.run(["screen", "-S", session, "-X", "screen", "sleep", "1000"], check=True, timeout=20)
    server = psutil.Process(int(session.partition(".")[0]))
    until(lambda: len(server.children()) == 2)

    report = recruiter.fire(office.layout, how=How.DRAIN)

    assert report.fired == (member.id,)
    assert [child.name() for child in server.children()] == ["sleep"]


# ---- fire: those that do not answer


def test_a_stopped_worker_is_ended_and_its_job_comes_back(either: Office) -> None:
    stopped, well = either.hire(2)
    either.give(stopped, "job", SLEEP)
    os.kill(stopped.announcement.pid, signal.SIGSTOP)

    report = recruiter.fire(either.layout, timings=QUICK)

    assert set(report.fired) == {stopped.id, well.id}
    assert report.failures == ()
    assert either.crew.names("jobqueue") == {"job"}
    assert not either.processes()


def test_a_killed_worker_counts_as_fired_and_its_job_comes_back(either: Office) -> None:
    killed, _ = either.hire(2)
    either.give(killed, "job", SLEEP)
    os.kill(killed.announcement.pid, signal.SIGKILL)
    until(lambda: not lives(killed))
    assert [line.split()[-1] for line in either.recruit("list")[1]] == ["dead", "idle"]

    status, lines, talk = either.recruit("fire")

    assert (status, lines) == (0, ["[FJD] Fired 2 workers on localhost."])
    assert talk == "[FJD] job went back to the queue.\n"
    assert either.crew.names("jobqueue") == {"job"}
    assert not either.processes()


def test_a_deaf_process_is_killed_and_what_it_held_comes_back(office: Office) -> None:
    """One that was started by hand, in a session that nobody knows."""
    member = deaf_worker(office)
    Path(office.layout.handed(member.id, "job")).write_text(job_text("true"))

    report = recruiter.fire(office.layout, timings=QUICK)

    assert (report.fired, report.failures, report.requeued) == ((member.id,), (), ("job",))
    assert not lives(member)
    assert not office.members()


def deaf_worker(office: Office) -> Member:
    script = "trap '' TERM HUP; while :; do sleep 0.1; done"
    process = subprocess.Popen(
        ["/bin/sh", "-c", script], env=office.crew.environment, stdin=subprocess.DEVNULL, text=True
    )
    office.crew.processes.append(process)
    worker = announce.new_id("hand", process.pid)
    fsio.make_dir(office.layout.pod(worker))
    announce.publish(office.layout, announced(worker, process.pid))
    return recruiter.choose(office.layout, [worker])[0]


def announced(worker: str, pid: int, host: str = "") -> Announcement:
    here = identity.this_host()
    return Announcement(
        id=worker,
        number=pid,
        host=host or here.name,
        boot_id=here.boot_id,
        pid_space=here.pid_space,
        pid=pid,
        started=identity.start_time(pid) or 0,
        since=0.0,
        cwd="/",
        kind="hand",
    )


def test_a_worker_of_another_host_that_does_not_answer_is_told(office: Office) -> None:
    """Its pid means nothing here: ours of that number must live on."""
    worker = announce.new_id("faraway", os.getpid())
    announce.publish(office.layout, announced(worker, os.getpid(), host="faraway"))
    office.crew.environment["FJD_TIMINGS"] = "grace_s=0.1 answer_s=0.1"

    status, lines, talk = office.recruit("fire")

    assert (status, lines) == (1, [])
    assert re.match(r"\[FJD\] Could not fire faraway-\d+: it works on faraway and has not answered within 0.2 s", talk)
    assert [member.id for member in office.members()] == [worker]


def test_a_worker_of_another_host_that_leaves_is_fired_there(office: Office) -> None:
    worker = announce.new_id("faraway", 7)
    announce.publish(office.layout, announced(worker, 7, host="faraway"))
    fsio.make_dir(office.layout.pod(worker))
    process = office.crew.start("recruiter.py", "fire")
    until(lambda: os.path.exists(office.layout.order(worker, "fire")))

    fsio.remove(office.layout.announcement(worker))

    assert office.crew.finish(process) == (0, ["[FJD] Fired 1 worker on faraway."], "")


def test_a_full_disk_takes_no_order_and_term_does_as_well(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    (member,) = office.hire(1)

    def full(*_: object, **__: object) -> bool:
        raise DiskError("cannot write: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(fsio, "publish", full)
        drained = recruiter.fire(office.layout, how=How.DRAIN)
        assert lives(member)
        report = recruiter.fire(office.layout)

    assert drained.failures == ((member.id, "cannot write: No space left on device"),)
    assert (report.fired, report.failures) == ((member.id,), ())


# ---- attaching


def test_who_has_no_session_here_cannot_be_attached_to(office: Office) -> None:
    for worker, host in (("here-1-a", ""), ("there-1-a", "faraway")):
        announce.publish(office.layout, announced(worker, os.getpid(), host=host))
    remote = replace(announced("there-2-a", 1, host="faraway"), kind="screen", session="5.fjd-x-2")
    announce.publish(office.layout, remote)

    for worker, why in (
        ("here-1", "by hand"),
        ("there-2-a", "works on faraway: attach to it there"),
        ("x", "no worker x"),
    ):
        with pytest.raises(HireError, match=why):
            recruiter.attach_argv(office.layout, worker)


# ---- speaking


def test_names_of_the_spool_do_no_harm_to_the_terminal(tmp_path: Path) -> None:
    root = os.path.join(os.fsencode(tmp_path), b"gr\xc3\xb6\xc3\x9fe \xff \x1b[31m")
    argv = [sys.executable, "-m", "fjd.cli.recruiter"]
    argv = [str(Path(sys.executable).parent / "recruiter.py"), "fire", "--dir", os.fsdecode(root)]
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}

    run = subprocess.run(argv, env=ascii_only, capture_output=True, timeout=20, check=False)

    assert run.returncode == 1
    assert run.stderr.endswith(
        b"/gr\\xf6\\xdfe \\xff \\x1b[31m: make it first, or name another with --dir\n"
    ) or run.stderr.endswith(b"\\xff \\x1b[31m: make it first, or name another with --dir\n")
    assert run.stderr.isascii()


@pytest.mark.parametrize(
    ("out", "status", "why"), [("/dev/full", 1, "No space left"), ("closed", 0, ""), ("gone", 0, "")]
)
def test_where_nobody_can_read_it(office: Office, out: str, status: int, why: str) -> None:
    code = "exec >&-" if out == "closed" else f"exec > {out}" if out == "/dev/full" else ""
    script = f'{code}\nexec "$@"'
    reader, writer = os.pipe()
    os.close(reader)
    argv = ["/bin/sh", "-c", script, "sh", str(Path(sys.executable).parent / "recruiter.py"), "fire"]
    run = subprocess.run(
        argv, env=office.crew.environment, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=20, check=False
    )
    os.close(writer)

    assert run.returncode == status
    assert why in run.stderr if why else run.stderr == ""


def test_a_count_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="from 1 on"):
        recruiter.hire(Layout(str(tmp_path)), 0)
