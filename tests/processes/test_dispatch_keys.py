"""What a job asks of the dispatcher, and a spool of all jobs, through the real command line and with real workers."""

import os
import time
from pathlib import Path

import pytest

from fjd.capacity import memory_bytes, processors
from tests.crew import Crew, until

RAN = 'echo "$FJD_JOB" >> "$FJD_DIR/ran"; '


def submit(crew: Crew, name: str, executable: str, **options: str) -> None:
    """Submit a job with options, with _ for the - in them."""
    crew.submit(name, executable, **{key.replace("_", "-"): value for key, value in options.items()})


def ran(crew: Crew) -> list[str]:
    """Return the jobs in the order in which they ran, and what else they wrote there."""
    path = crew.root / "ran"
    return path.read_text().splitlines() if path.exists() else []


def configure(crew: Crew, text: str) -> Path:
    """Say what is wanted of the spool."""
    (crew.root / ".fjd").mkdir(mode=0o700, exist_ok=True)
    path = crew.root / ".fjd" / "config.ini"
    path.write_text(text)
    return path


def test_after_waits_until_all_are_done_and_after_any_until_all_have_ended(crew: Crew) -> None:
    submit(crew, "a-last", RAN + ":", after="scan-*, zero")
    submit(crew, "b-never", RAN + ":", after="bad, scan-1")
    submit(crew, "c-nor", RAN + ":", after="b-never")
    submit(crew, "d-whatever", RAN + ":", after_any="b-never, bad")
    submit(crew, "bad", RAN + "exit 3")
    for name in ("scan-1", "scan-2", "zero"):
        submit(crew, name, RAN + ":")
    crew.workers(2)
    status, _, errors = crew.finish(crew.dispatcher())
    order = ran(crew)
    assert status == 1
    assert order.index("a-last") > max(order.index(name) for name in ("scan-1", "scan-2", "zero"))
    assert order.index("d-whatever") > order.index("bad")
    assert crew.names("done") == {"a-last", "d-whatever", "scan-1", "scan-2", "zero"}
    assert "[FJD] b-never failed: it is to run after bad, which failed\n" in errors
    assert "[FJD] c-nor failed: it is to run after b-never, which failed\n" in errors


def test_jobs_that_wait_for_each_other_fail_and_name_each_other(crew: Crew) -> None:
    submit(crew, "hen", RAN + ":", after="egg")
    submit(crew, "egg", RAN + ":", after="hen")
    status, _, errors = crew.finish(crew.dispatcher())
    assert status == 1
    assert crew.names("failed") == {"hen", "egg"}
    assert "[FJD] egg failed: it waits for hen, which waits for egg: none of them can start\n" in errors


def test_what_ended_under_an_earlier_dispatcher_is_known(crew: Crew) -> None:
    submit(crew, "first", RAN + ":")
    crew.worker()
    assert crew.finish(crew.dispatcher())[0] == 0
    submit(crew, "second", RAN + ":", after="first")
    submit(crew, "third", RAN + ":", after="fir*, sec*")
    assert crew.finish(crew.dispatcher())[0] == 0
    assert ran(crew) == ["first", "second", "third"]


def test_tags_are_those_of_a_worker_and_who_has_none_goes_on(crew: Crew) -> None:
    submit(crew, "a", RAN + 'echo "$FJD_WORKER" >> "$FJD_DIR/ran"; :', tags="gpu, big")
    submit(crew, "b", RAN + ":")
    crew.worker("--tag", "gpu")
    dispatcher = crew.dispatcher()
    until(lambda: crew.names("done") == {"b"})
    assert crew.names("jobqueue") == {"a"}
    big = crew.worker("--tag", "gpu", "--tag", "big")
    identity = crew.id_of(big)
    assert crew.finish(dispatcher)[0] == 0
    assert ran(crew) == ["b", "a", identity]


def test_it_is_said_why_nothing_can_start(crew: Crew) -> None:
    submit(crew, "a", RAN + ":", after="nothing")
    submit(crew, "b", RAN + ":", tags="gpu")
    crew.worker()
    talk = crew.root / "talk"
    with talk.open("w") as file:
        dispatcher = crew.start("dispatcher.py", stderr=file)
    said = "[FJD] no job can start: a: waits for nothing, which is not there; b: no worker here has the tag gpu\n"
    until(lambda: said in talk.read_text())
    (crew.root / "jobqueue" / "a").unlink()
    (crew.root / "jobqueue" / "b").unlink()
    assert crew.finish(dispatcher)[0] == 0


def test_a_job_for_the_whole_host_runs_alone_and_what_is_too_large_waits(crew: Crew) -> None:
    busy = 'mkdir "$FJD_DIR/in" || echo together >> "$FJD_DIR/ran"; sleep 0.2; rmdir "$FJD_DIR/in"; :'
    for name in ("a", "b"):
        submit(crew, name, busy, cpus=str(processors()))
    submit(crew, "huge", RAN + ":", cpus=str(processors() + 1))
    crew.workers(2)
    dispatcher = crew.dispatcher()
    until(lambda: crew.names("done") == {"a", "b"})
    assert crew.names("jobqueue") == {"huge"}
    submit(crew, "huge", RAN + ":", memory=str(memory_bytes() * 2))
    submit(crew, "small", RAN + ":", memory="1M")
    until(lambda: "small" in crew.names("done"))
    assert crew.names("jobqueue") == {"huge"}
    submit(crew, "huge", RAN + ":")
    assert crew.finish(dispatcher)[0] == 0
    assert ran(crew) == ["small", "huge"]


def test_a_worker_that_is_soon_to_leave_gets_no_job_that_would_not_end(crew: Crew) -> None:
    submit(crew, "long", RAN + ":", timeout="1h")
    submit(crew, "short", RAN + ":", timeout="10s")
    crew.worker("--time-limit", "600")
    dispatcher = crew.dispatcher()
    until(lambda: crew.names("done") == {"short"})
    assert crew.names("jobqueue") == {"long"}
    crew.worker()
    assert crew.finish(dispatcher)[0] == 0


def test_defaults_are_those_of_the_spool_and_then_of_the_user(crew: Crew, tmp_path: Path) -> None:
    home = tmp_path / "home" / "fjd"
    home.mkdir(parents=True)
    (home / "config.ini").write_text("[defaults]\nretries = 5\nsuccess = 7\n")
    crew.environment["XDG_CONFIG_HOME"] = str(home.parent)
    configure(crew, "[defaults]\nretries = 1\nretry-delay = 0.1\n")
    submit(crew, "a", RAN + "exit 3")
    submit(crew, "b", RAN + "exit 7")
    submit(crew, "c", RAN + "exit 3", retries="0")
    crew.worker()
    assert crew.finish(crew.dispatcher())[0] == 1
    assert sorted(ran(crew)) == ["a", "a", "b", "c"]
    assert (crew.names("done"), crew.names("failed")) == ({"b"}, {"a", "c"})


@pytest.mark.parametrize("command", ["dispatcher.py", "fjd-tui"])
def test_a_configuration_that_makes_no_sense_is_told_at_once(crew: Crew, command: str) -> None:
    path = configure(crew, "[defaults]\nretrys = 3\n[dispatch]\nhalt = later\n")
    arguments = ("--no-ui",) if command == "fjd-tui" else ()
    status, _, errors = crew.finish(crew.start(command, *arguments))
    assert status == 2
    assert f"[FJD] {path}:2: there is no retrys in [defaults]; did you mean retries?\n" in errors
    configure(crew, "[dispatch]\nhalt = later\n")
    status, _, errors = crew.finish(crew.start(command, *arguments))
    assert status == 2
    assert f"[FJD] {path}:2: halt: 'later' says nothing; write never" in errors


def test_a_mistake_while_it_runs_is_told_and_what_was_said_before_counts(crew: Crew) -> None:
    path = configure(crew, "[defaults]\nsuccess = 7\n")
    crew.worker()
    submit(crew, "a", RAN + 'until [ -e "$FJD_DIR/go" ]; do sleep 0.05; done; exit 7')
    talk = crew.root / "talk"
    with talk.open("w") as file:
        dispatcher = crew.start("dispatcher.py", stderr=file)
    until(lambda: ran(crew))
    path.write_text("[defaults]\nsuccess = fine\n")
    until(lambda: f"{path}:2: success: 'fine' is no exit status" in talk.read_text())
    (crew.root / "go").touch()
    assert crew.finish(dispatcher)[0] == 0


def test_a_halt_soon_lets_end_what_runs_and_hands_out_nothing_more(crew: Crew) -> None:
    configure(crew, "[dispatch]\nhalt = soon,fail=1\n")
    submit(crew, "a", RAN + 'until [ -e "$FJD_DIR/failed/b" ]; do sleep 0.05; done; sleep 0.5; :')
    submit(crew, "b", RAN + "exit 3")
    for number in range(5):
        submit(crew, f"c{number}", RAN + ":")
    crew.workers(2)
    status, _, errors = crew.finish(crew.dispatcher())
    assert status == 1
    assert "[FJD] halted: 1 job failed (halt = soon,fail=1)\n" in errors
    left = crew.names("jobqueue")
    assert (
        f"[FJD] Nothing more is handed out ({len(left)} jobs left in jobqueue/). Start it again to go on.\n" in errors
    )
    assert crew.names("failed") == {"b"}
    assert "a" in crew.names("done")
    assert len(left) >= 3


def test_a_halt_now_kills_what_runs(crew: Crew) -> None:
    configure(crew, "[dispatch]\nhalt = now,fail=1\n")
    submit(crew, "a", RAN + "sleep 600; :")
    submit(crew, "b", 'until [ -e "$FJD_DIR/ran" ]; do sleep 0.05; done; exit 3')
    submit(crew, "c", RAN + ":")
    crew.workers(2)
    began_s = time.monotonic()
    status, _, errors = crew.finish(crew.dispatcher())
    assert status == 1
    assert time.monotonic() - began_s < 300
    assert crew.names("failed") == {"a", "b"}
    assert crew.names("jobqueue") == {"c"}
    assert "[FJD] a failed: killed" in errors


def test_the_callback_is_run_when_all_has_ended_and_may_submit_more(crew: Crew) -> None:
    more = '[ -e twice ] || { touch twice; printf "[control]\\nexecutable: exit 3\\n" > .b; mv .b jobqueue/b; exit 5; }'
    configure(crew, f"[dispatch]\non-finish = 'echo \"$FJD_DONE $FJD_FAILED\" >> told; {more}'\n")
    submit(crew, "a", RAN + ":")
    crew.worker()
    status, _, errors = crew.finish(crew.dispatcher())
    assert status == 1
    assert (crew.root / "told").read_text().splitlines() == ["1 0", "1 1"]
    assert (crew.names("done"), crew.names("failed")) == ({"a"}, {"b"})
    assert "[FJD] on-finish failed: exit 5 (see " in errors


def test_nothing_is_handed_out_while_the_load_is_at_its_limit(crew: Crew) -> None:
    path = configure(crew, "[dispatch]\nload-limit = 0.000001\n")
    submit(crew, "a", RAN + ":")
    crew.worker()
    dispatcher = crew.dispatcher()
    until(
        lambda: (
            os.getloadavg()[0] > 0.01 and crew.names("workerqueue") and (crew.root / ".fjd/dispatcher.lease").exists()
        )
    )
    for name in ("wrong1", "wrong2"):  # what takes a step of the dispatcher each
        submit(crew, name, "/bin/true", retries="many")
        until(lambda name=name: name in crew.names("failed"))  # type: ignore[misc]
    assert crew.names("jobqueue") == {"a"}
    path.unlink()
    assert crew.finish(dispatcher)[0] == 1
    assert crew.names("done") == {"a"}
