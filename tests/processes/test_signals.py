"""A signal that is meant for all: a scheduler that cancels its job and a system that goes down reach one by one."""

import os
import signal

import pytest

from tests.crew import Crew, until

_AGAIN = '[ "$FJD_ATTEMPT" = 1 ] || exit 0; '


def _state(pid: int) -> str:
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def _outcomes(crew: Crew) -> list[str]:
    return [line["outcome"] for line in sorted(crew.journal("end"), key=lambda line: line["t"])]


@pytest.mark.parametrize("number", ["TERM", "KILL", "HUP"])
def test_a_job_that_a_signal_ended_before_its_worker_heard_of_it_is_given_back(crew: Crew, number: str) -> None:
    """What strikes does so from outside the job, and the worker when it has reaped the job."""
    worker = crew.worker()
    strike = f"kill -{number} $1; while [ -e /proc/$1 ]; do :; done; kill -TERM {worker.pid}"
    crew.submit("job", f"{_AGAIN}setsid env -i sh -c '{strike}' sh $$ & while :; do sleep 60; done #")
    dispatcher = crew.dispatcher()
    assert crew.finish(worker)[0] == 0
    assert _outcomes(crew) == ["requeued"]
    crew.worker()
    assert crew.finish(dispatcher)[0] == 0
    assert _outcomes(crew) == ["requeued", "done"]


@pytest.mark.parametrize("how", ["kill -TERM $$", "exit 1", "exit 0"])
def test_what_ended_unseen_before_the_worker_heard_that_it_is_to_end_is_given_back(crew: Crew, how: str) -> None:
    """It may have ended of the same signal, whatever its status says."""
    worker = crew.worker()
    crew.submit("job", f"{_AGAIN}echo $$ > pid; until [ -e go ]; do sleep 0.02; done; {how} #")
    dispatcher = crew.dispatcher()
    until(lambda: (crew.root / "pid").exists() and (crew.root / "pid").read_text().strip())
    pid = int((crew.root / "pid").read_text())
    worker.send_signal(signal.SIGSTOP)
    (crew.root / "go").touch()
    until(lambda: _state(pid) == "Z")
    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGCONT)
    assert crew.finish(worker)[0] == 0
    assert _outcomes(crew) == ["requeued"]
    crew.worker()
    assert crew.finish(dispatcher)[0] == 0


def test_a_job_that_a_signal_ended_for_itself_has_failed(crew: Crew) -> None:
    crew.submit("job", "kill -TERM $$; :")
    worker = crew.worker()
    assert crew.finish(crew.dispatcher())[0] == 1
    (end,) = crew.journal("end")
    assert (end["outcome"], end["reason"]) == ("failed", "killed by SIGTERM")
    assert worker.poll() is None
    assert os.path.exists(crew.root / "failed" / "job")
