"""Hiring over real ssh on machines of their own names and processes, which share a disk with this one."""

import os
import pty
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fjd import recruiter
from fjd.spool.layout import Layout
from tests import needs
from tests.crew import BIN, Crew, until
from tests.remote.machines import Machines

pytestmark = [needs.root(), needs.program("ip"), needs.program("sshd"), needs.program("screen")]

Recruit = Callable[..., tuple[int, list[str], str]]


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    machines = Machines(tmp_path_factory.mktemp("m"), 3)
    try:
        machines.start()
        yield machines
    finally:
        machines.stop()


@pytest.fixture
def crew(tmp_path: Path, machines: Machines) -> Iterator[Crew]:
    crew = Crew(tmp_path, "grace_s=1 answer_s=10 lease_s=3 look_s=0.2")
    crew.environment |= {"FJD_SSH": machines.ssh, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    crew.environment.pop("XDG_RUNTIME_DIR", None)
    yield crew
    if (tmp_path / "jobqueue").is_dir():
        crew.finish(crew.start("recruiter.py", "fire"))
    crew.close()


@pytest.fixture
def recruit(crew: Crew) -> Recruit:
    return lambda *words, **environment: crew.finish(crew.start("recruiter.py", *words, environment=environment))


def test_the_crew_of_remote_conf_is_hired_at_once_works_and_is_fired(
    crew: Crew, recruit: Recruit, machines: Machines
) -> None:
    (crew.root / "remote.conf").write_text(
        "[node1]\nworkers: 2\n[lab]\nname = node2\nworkers = 1\nsetup = export GREETING=hello; echo noise\n"
        "[[env]]\nNOISE = some\n[nowhere]\nworkers = 1\n"
    )
    status, out, err = recruit("hire")
    assert status == 1  # one host is not there, and is named; the others do not mind
    assert sorted(out) == ["[FJD] Hired 1 worker on node2.", "[FJD] Hired 2 workers on node1."]
    assert "Could not hire on nowhere: ssh: Could not resolve hostname nowhere" in err
    for number in range(12):
        crew.submit(f"job{number}", 'echo "$(hostname) $GREETING $NOISE"; sleep 0.2; true')
    status, _, err = crew.finish(crew.dispatcher())
    assert (status, err) == (0, "")
    said = {crew.output(f"job{number}") for number in range(12)}
    assert said == {"node1  \n", "node2 hello some\n"}
    status, out, err = recruit("fire")
    assert (status, sorted(out)) == (0, ["[FJD] Fired 1 worker on node2.", "[FJD] Fired 2 workers on node1."])
    assert "fjd-worker" not in machines.on("node1", "ps ax -o args | grep -v grep")


def test_a_worker_on_another_host_has_its_tags_and_its_gpu(crew: Crew, recruit: Recruit, machines: Machines) -> None:
    (crew.root / "remote.conf").write_text("[node1]\nworkers = 1\ntags = lab\n")
    assert recruit("hire", "--tag", "big", "--host", "node1", "--gpus", "3")[0] == 0
    (announcement,) = ((crew.root / "workerqueue" / name).read_text() for name in crew.names("workerqueue"))
    assert 'tags: ["lab", "big"]' in announcement
    crew.submit("job", "echo $CUDA_VISIBLE_DEVICES; :")
    assert crew.finish(crew.dispatcher())[0] == 0
    assert crew.output("job") == "3\n"


def test_a_host_without_fjd_runs_the_one_that_is_shipped(crew: Crew, recruit: Recruit, machines: Machines) -> None:
    status, out, err = recruit("hire", "--ship", "--host", "node1:1")
    assert (status, out, err) == (0, ["[FJD] Hired 1 worker on node1."], "")
    assert f"{crew.root}/.fjd/fjd-" in machines.on("node1", "ps ax -o args")
    crew.submit("good", "echo")
    crew.submit("bad", "python3 -c 'import os; os.kill(os.getpid(), 9)'")
    assert crew.finish(crew.dispatcher())[0] == 1
    assert crew.names("done") == {"good"}
    assert crew.names("failed") == {"bad"}


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("dir = {root}/elsewhere", "is another directory than here"),
        ("dir = {root}/nothing", "there is no directory"),
        ("setup = echo so it is >&2; false", "so it is"),
        ("user = nobody-of-that-name", "Permission denied"),
    ],
)
def test_what_is_to_be_mended_is_told_in_one_line(crew: Crew, recruit: Recruit, section: str, words: str) -> None:
    other = crew.root / "elsewhere"
    other.mkdir(mode=0o700)
    crew.finish(crew.start("dispatcher.py", "--once", "--dir", str(other)))  # a spool, and not this one
    (crew.root / "remote.conf").write_text(f"[node1]\n{section.format(root=crew.root)}\n")
    status, out, err = recruit("hire")
    assert (status, out) == (1, [])
    assert err.startswith("[FJD] Could not hire on node1: ")
    assert words in err
    assert err.count("\n") == 1
    assert not crew.names("workerqueue")
    assert not [name for name in os.listdir(crew.root / ".fjd") if name.startswith("token")]


def test_a_host_whose_key_is_not_known_is_never_trusted(
    crew: Crew, recruit: Recruit, machines: Machines, tmp_path: Path
) -> None:
    unknown = tmp_path / "no-hosts"
    unknown.touch()
    ssh = machines.ssh.replace(" -F", f" -o UserKnownHostsFile={unknown} -F")
    status, _, err = recruit("hire", "--host", "node1:1", FJD_SSH=ssh)
    assert status == 1
    assert "Host key verification failed. (connect to it once by hand and look at its key: ssh node1)" in err
    assert unknown.read_text() == ""


def test_a_host_that_hangs_does_not_hold_up_the_others(crew: Crew, recruit: Recruit, machines: Machines) -> None:
    machines.on("node3", "kill -STOP $(cat /run/sshd.pid)", check=False)
    try:
        status, out, err = recruit("hire", "--host", "node3:1", "--host", "node2:1")
        assert (status, out) == (1, ["[FJD] Hired 1 worker on node2."])
        assert "Could not hire on node3: " in err
        assert "timed out" in err
    finally:
        machines.resume("node3")


def test_a_worker_that_does_not_obey_is_ended_over_ssh(crew: Crew, recruit: Recruit, machines: Machines) -> None:
    crew.environment["FJD_TIMINGS"] = "grace_s=1 answer_s=2"
    recruit("hire", "--host", "node1:1")
    crew.submit("job", "sleep 100 #")
    dispatcher = crew.dispatcher()
    until(crew.running)
    crew.kill(dispatcher)
    (member,) = recruiter.members(Layout(str(crew.root)))
    server = member.announcement.session.partition(".")[0]
    machines.on("node1", f"kill -STOP {server} {member.announcement.pid}")
    status, out, _ = recruit("fire")
    assert (status, out) == (0, ["[FJD] Fired 1 worker on node1."])
    assert crew.names("jobqueue") == {"job"}
    assert "sleep 100" not in machines.on("node1", "ps ax -o args | grep -v grep")


def test_a_machine_that_loses_its_power_loses_no_job(crew: Crew, recruit: Recruit, machines: Machines) -> None:
    recruit("hire", "--host", "node3:1")
    crew.submit("job", "sleep 1; hostname #")
    dispatcher = crew.start("dispatcher.py")
    until(crew.running)
    machines.kill("node3")
    try:
        recruit("hire", "--host", "node1:1")
        status, _, err = crew.finish(dispatcher)
    finally:
        machines.boot("node3")
    assert status == 0
    assert "is lost: no sign of life for 3 s" in err
    assert crew.output("job") == "node1\n"
    assert len(crew.journal("end")) == 1


def test_two_hosts_of_one_name_are_two(crew: Crew, recruit: Recruit, machines: Machines) -> None:
    """Neither asks its own processes of the other's, whether a worker's or a dispatcher's."""
    machines.on("node2", "hostname node1")
    dispatchers: dict[str, str] = {}
    try:
        assert recruit("hire", "--host", "node1:1", "--host", "node2:1")[0] == 0
        members = {member.announcement.via: member for member in recruiter.members(Layout(str(crew.root)))}
        assert {member.announcement.host for member in members.values()} == {"node1"}
        for name, says in (("node1", "Dispatcher started"), ("node2", "dispatches this spool already; watching")):
            dispatchers[name] = dispatch_on(machines, name, crew)
            until(lambda name=name, says=says: says in (crew.root / name).read_text())  # type: ignore[misc]

        (crew.root / "ran").touch()
        for job in ("a", "b"):
            crew.submit(job, "echo $FJD_WORKER >> ran; until [ -e go ]; do sleep 0.1; done; :")
        until(lambda: len((crew.root / "ran").read_text().split()) == 2)
        gone, stays = members["node2"], members["node1"]
        machines.on("node2", f"kill -9 {gone.announcement.pid}")
        until(lambda: set(crew.running().values()) == {stays.id} and len(crew.names("jobqueue")) == 1)
        (crew.root / "go").touch()
        until(lambda: crew.names("done") == {"a", "b"})
        assert [line["outcome"] for line in crew.journal("end")] == ["done", "done"]
        assert [line["worker"] for line in crew.journal("lost")] == [gone.id]
        assert "takes over" not in (crew.root / "node2").read_text()
        assert recruit("fire")[:2] == (0, ["[FJD] Fired 1 worker on node1."])
    finally:
        for name, pid in dispatchers.items():
            machines.on(name, f"kill {pid}", check=False)
        machines.on("node2", "hostname node2")


def dispatch_on(machines: Machines, name: str, crew: Crew) -> str:
    """Start a dispatcher on a machine, which talks to a file of that name, and return its pid there."""
    (crew.root / name).touch()
    timings = shlex.quote(crew.environment["FJD_TIMINGS"])
    command = f"FJD_DIR={crew.root} FJD_TIMINGS={timings} {BIN}/dispatcher.py --keep-going"
    return machines.on(name, f"{command} </dev/null >{crew.root}/{name} 2>&1 & echo $!").strip()


def test_one_attaches_to_a_session_over_ssh(
    crew: Crew, recruit: Recruit, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FJD_SSH", machines.ssh)
    recruit("hire", "--host", "node1:1")
    (member,) = recruiter.members(Layout(str(crew.root)))
    argv = recruiter.attach_argv(Layout(str(crew.root)), member.id)
    ours, theirs = pty.openpty()
    terminal = {**crew.environment, "TERM": "xterm"}
    with subprocess.Popen(
        argv, stdin=theirs, stdout=theirs, stderr=theirs, env=terminal, start_new_session=True
    ) as seen:
        os.close(theirs)
        shown = b""

        def shows_the_worker() -> bool:
            nonlocal shown
            shown += os.read(ours, 4096)
            return b"waits for jobs" in shown

        until(shows_the_worker)
        seen.terminate()
    os.close(ours)
    assert recruiter.members(Layout(str(crew.root)))


def test_several_commands_share_one_connection(
    crew: Crew, recruit: Recruit, machines: Machines, tmp_path_factory: pytest.TempPathFactory
) -> None:
    runtime = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    recruit("hire", "--host", "node2:1", XDG_RUNTIME_DIR=str(runtime))
    sockets = list(runtime.iterdir())
    try:
        assert len(sockets) == 1
    finally:
        for socket in sockets:
            subprocess.run([*shlex.split(machines.ssh), "-O", "exit", "-S", str(socket), "node2"], check=False)
        until(lambda: not list(runtime.iterdir()))
        runtime.rmdir()


def test_the_doctor_tries_the_filesystem_with_another_host(crew: Crew, recruit: Recruit, machines: Machines) -> None:
    other = crew.root / "elsewhere"
    other.mkdir(mode=0o700)
    for root in (crew.root, other):
        crew.finish(crew.start("dispatcher.py", "--once", "--dir", str(root)))
    (crew.root / "remote.conf").write_text(f"[node1]\nsetup = echo noise\n[node2]\ndir = {other}\n")
    hosts = [word for name in ("node1", "node2", "nowhere") for word in ("--host", name)]
    status, lines, err = crew.finish(crew.start("fjd", "doctor", *hosts))
    assert (status, err) == (1, "")
    text = "\n".join(lines)
    assert "ok    host        node1 sees this spool" in text
    assert "race-rename" in text
    assert "ok    see-listing a file that comes or goes is seen on the other host within" in text
    assert f"BAD   host        node2: {other} there is another directory than here" in text
    assert "BAD   host        nowhere: ssh: Could not resolve hostname nowhere" in text
    assert os.listdir(crew.root / ".fjd/tmp") == []


def test_an_elastic_crew_is_hired_over_ssh_and_one_host_out_of_reach_does_not_keep_it(
    crew: Crew, machines: Machines
) -> None:
    (crew.root / "remote.conf").write_text("[nowhere]\nworkers = 2\n[node1]\nworkers = 2\n")
    for number in range(4):
        crew.submit(f"job{number}", "hostname; until [ -e go ]; do sleep 0.1; done #")
    dispatcher = crew.start("fjd-tui", "--no-ui", "--crew", "0..3", "--on", "hosts")
    until(lambda: len(crew.running()) == 2, 60)
    (crew.root / "go").touch()
    status, out, err = crew.finish(dispatcher, timeout_s=60)
    assert status == 0, err
    assert {crew.output(f"job{number}") for number in range(4)} == {"node1\n"}
    assert "[FJD] Fired 2 workers on node1." in out
    assert "crew: hiring on nowhere failed, tried again in 5 s (1 of 3): ssh: Could not resolve hostname" in err
    assert crew.names("workerqueue") == set()
