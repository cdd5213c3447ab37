"""What a job can ask of the dispatcher, through the real command line and with real workers: one test for each key."""

import os
import time

from fjd import quantity
from tests.crew import Crew, until

RAN = 'echo "$FJD_JOB $FJD_ATTEMPT" >> "$FJD_DIR/ran"; '


def submit(crew: Crew, name: str, executable: str, **options: str) -> None:
    """Submit a job with options, with _ for the - in them."""
    crew.submit(name, executable, **{key.replace("_", "-"): value for key, value in options.items()})


def ran(crew: Crew) -> list[str]:
    """Return job and attempt of each run, in the order in which they began."""
    path = crew.root / "ran"
    return path.read_text().splitlines() if path.exists() else []


def test_a_higher_priority_goes_first_then_the_natural_order_of_names(crew: Crew) -> None:
    for name, priority in {"job10": "0", "job2": "0", "late": "-5", "soon": "7", "job1": "7"}.items():
        submit(crew, name, RAN + ":", priority=priority)
    crew.worker()
    assert crew.finish(crew.dispatcher())[0] == 0
    assert [line.split()[0] for line in ran(crew)] == ["job1", "soon", "job2", "job10", "late"]


def test_a_failed_job_is_tried_again_and_only_its_last_failure_counts(crew: Crew) -> None:
    submit(crew, "flaky", RAN + '[ "$FJD_ATTEMPT" = 3 ] && :', retries="3", retry_delay="0.1")
    submit(crew, "hopeless", RAN + "exit 3", retries="1", retry_delay="0.1")
    submit(crew, "other", RAN + "exit 4", retries="5", retry_on="1, 3")
    crew.workers(2)
    status, _, errors = crew.finish(crew.dispatcher())
    assert status == 1
    assert sorted(ran(crew)) == ["flaky 1", "flaky 2", "flaky 3", "hopeless 1", "hopeless 2", "other 1"]
    assert crew.names("done") == {"flaky"}
    assert crew.names("failed") == {"hopeless", "other"}
    assert "[FJD] flaky failed: exit 1; tried again now (2 of 3)\n" in errors
    assert "[FJD] hopeless failed: exit 3\n" in errors
    assert "[FJD] 2 jobs failed.\n" in errors


def test_a_job_that_waits_for_its_retry_survives_the_restart_of_its_dispatcher(crew: Crew) -> None:
    submit(crew, "job", RAN + '[ "$FJD_ATTEMPT" = 2 ] && :', retries="1", retry_delay="2s")
    crew.worker()
    first = crew.dispatcher()
    until(lambda: crew.journal("retry"))
    crew.kill(first)
    assert crew.names("jobqueue") == {"job"}
    began_s = time.time()
    assert crew.finish(crew.dispatcher())[0] == 0
    (line,) = crew.journal("retry")
    assert (line["job"], line["attempt"]) == ("job", 1)
    assert line["not_before"] - line["t"] >= 2
    assert [start["attempt"] for start in crew.journal("start")] == [1, 2]
    assert crew.journal("start")[1]["t"] >= min(line["not_before"], began_s + 2) - 0.1


def test_a_job_that_failed_while_nobody_dispatched_is_tried_again(crew: Crew) -> None:
    submit(crew, "job", RAN + '[ "$FJD_ATTEMPT" = 2 ] || { sleep 0.5; exit 1; }; :', retries="1", retry_delay="0")
    crew.worker()
    first = crew.dispatcher()
    until(lambda: ran(crew))
    crew.kill(first)
    until(lambda: crew.names("failed"))
    assert crew.finish(crew.dispatcher("--once"))[0] == 0
    assert ran(crew) == ["job 1", "job 2"]
    assert crew.names("failed") == set()


def test_a_job_does_not_start_before_its_time(crew: Crew) -> None:
    moment_s = int(time.time()) + 3
    submit(crew, "late", RAN + ":", not_before=quantity.format_moment(moment_s))
    submit(crew, "soon", RAN + ":")
    crew.worker()
    assert crew.finish(crew.dispatcher())[0] == 0
    assert {start["job"]: start["t"] for start in crew.journal("start")}["late"] >= moment_s


def test_a_held_job_is_let_alone_until_it_is_moved_into_the_queue(crew: Crew) -> None:
    submit(crew, "job", RAN + ":")
    submit(crew, "other", RAN + ":")
    (crew.root / "held").mkdir()
    os.rename(crew.root / "jobqueue/job", crew.root / "held/job")
    crew.worker()
    assert crew.finish(crew.dispatcher())[0] == 0
    assert crew.names("done") == {"other"}
    os.rename(crew.root / "held/job", crew.root / "jobqueue/job")
    assert crew.finish(crew.dispatcher())[0] == 0
    assert crew.names("done") == {"other", "job"}


def test_a_key_that_is_not_known_is_told_once_with_the_nearest_and_a_wrong_value_with_its_line(crew: Crew) -> None:
    submit(crew, "slip", "/bin/true", retrys="3")
    submit(crew, "wrong", "/bin/true", retries="many")
    crew.worker()
    status, _, errors = crew.finish(crew.dispatcher())
    assert status == 1
    assert errors.count("[FJD] slip: [control] has a key 'retrys' that fjd does not know; did you mean retries?\n") == 1
    assert "[FJD] wrong failed: line 3: retries: 'many' is no whole number" in errors
    assert crew.names("done") == {"slip"}
