"""`fjd.Executor` keeps the contract of ``concurrent.futures.Executor``, over real workers."""

import concurrent.futures
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, as_completed
from pathlib import Path

import pytest

import fjd
from fjd.api import Executor
from fjd.errors import CallError, FjdError, HireError, JobFileError, UsageError
from fjd.settings import Timings
from tests.crew import Crew, until

WAIT_S = 60.0
TIMINGS = Timings(grace_s=1)


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    """A spool with three workers, for all tests here."""
    crew = Crew(tmp_path_factory.mktemp("a spool"))
    os.chmod(crew.root, 0o700)
    crew.workers(3)
    yield crew
    crew.close()


@pytest.fixture
def executor(spool: Crew) -> Iterator[Executor]:
    with Executor(spool.root, workers=0, timings=TIMINGS) as executor:
        yield executor


# ---- submit, result, exception


def test_a_call_returns_its_result(executor: Executor) -> None:
    assert executor.submit(pow, 2, 8).result(WAIT_S) == 256
    keywords = executor.submit(lambda **said: said, self=1, fn=2)
    assert keywords.result(WAIT_S) == {"self": 1, "fn": 2}
    assert isinstance(executor, concurrent.futures.Executor)


def test_closures_and_functions_of_the_program_will_do(executor: Executor) -> None:
    word = "captured"

    def local(sign: str) -> "object":
        return lambda: word + sign

    assert executor.submit(local, "!").result(WAIT_S)() == "captured!"  # type: ignore[operator]


def test_an_exception_comes_back_with_its_traceback(executor: Executor, spool: Crew) -> None:
    call = executor.submit(lambda: (1, 2)[int("2")])
    error = call.exception(WAIT_S)
    assert isinstance(error, IndexError)
    assert "IndexError: tuple index out of range" in str(error.__cause__)
    with pytest.raises(IndexError):
        call.result()
    assert call.name in spool.names("failed")
    assert "IndexError" in spool.output(call.name)


def test_leaving_the_interpreter_is_an_exception_like_any(executor: Executor) -> None:
    assert isinstance(executor.submit(sys.exit, 3).exception(WAIT_S), SystemExit)


def test_a_call_that_dies_has_ended_with_a_reason(executor: Executor) -> None:
    error = executor.submit(lambda: os.kill(os.getpid(), signal.SIGKILL)).exception(WAIT_S)
    assert isinstance(error, CallError)
    assert "SIGKILL" in str(error)


def test_what_cannot_be_pickled_is_said(executor: Executor) -> None:
    with pytest.raises((TypeError, pickle.PicklingError)):
        executor.submit(print, threading.Lock())
    error = executor.submit(lambda: __import__("threading").Lock()).exception(WAIT_S)
    assert "cannot be pickled" in str(error)


def test_the_time_to_wait_may_be_over(executor: Executor) -> None:
    call = executor.submit(time.sleep, 0.5)
    with pytest.raises(concurrent.futures.TimeoutError):
        call.result(0)
    assert call.result(WAIT_S) is None


def test_the_library_waits_for_our_futures(executor: Executor) -> None:
    calls = [executor.submit(pow, 2, n) for n in range(4)]
    assert {call.result() for call in as_completed(calls, WAIT_S)} == {1, 2, 4, 8}
    calls = [executor.submit(lambda: 1 / 0), executor.submit(time.sleep, 0.1)]
    done, _ = concurrent.futures.wait(calls, WAIT_S, FIRST_EXCEPTION)
    assert done


def test_callbacks_are_called_and_may_submit_more(executor: Executor) -> None:
    more: list[concurrent.futures.Future[int]] = []
    call = executor.submit(pow, 2, 2)
    call.add_done_callback(lambda done: more.append(executor.submit(pow, done.result(), 2)))
    until(lambda: more, WAIT_S)
    assert more[0].result(WAIT_S) == 16


# ---- map


def test_map_keeps_the_order_and_the_shortest_counts(executor: Executor) -> None:
    assert list(executor.map(pow, [2, 3, 4], [3, 2, 1, 0])) == [8, 9, 4]
    assert list(executor.map(pow, range(7), range(7), chunksize=3)) == [n**n for n in range(7)]
    assert list(executor.map(pow, [], [])) == []


def test_map_raises_where_the_call_did(executor: Executor) -> None:
    results = executor.map(divmod, [1, 1, 1], [1, 0, 1])
    assert next(results) == (1, 0)
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_map_has_a_time_to_wait(executor: Executor) -> None:
    with pytest.raises(concurrent.futures.TimeoutError):
        list(executor.map(time.sleep, [0.5, 0.5], timeout=0.01))


def test_a_chunk_of_nothing_is_refused(executor: Executor) -> None:
    with pytest.raises(ValueError, match="chunksize"):
        executor.map(pow, [1], [1], chunksize=0)


# ---- running and cancelling


def test_what_runs_is_running_and_cannot_be_cancelled(executor: Executor) -> None:
    call = executor.submit(time.sleep, 1.5)
    until(lambda: call.running() or call.done(), WAIT_S)
    assert not call.cancel()
    assert not call.cancelled()
    assert call.result(WAIT_S) is None
    assert not call.cancel()


def test_what_waits_can_be_cancelled(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    executor = Executor(tmp_path, workers=0, timings=TIMINGS)
    calls = [executor.submit(pow, 2, 2) for _ in range(3)]
    told: list[object] = []
    calls[0].add_done_callback(told.append)
    assert calls[0].cancel()
    assert calls[0].cancel()
    assert calls[0].cancelled()
    assert calls[0].done()
    assert told == [calls[0]]
    with pytest.raises(concurrent.futures.CancelledError):
        calls[0].result()
    assert concurrent.futures.wait(calls[:1], 1).done == {calls[0]}
    executor.shutdown(cancel_futures=True)
    assert all(call.cancelled() for call in calls)
    assert os.listdir(tmp_path / "jobqueue") == os.listdir(tmp_path / ".fjd/calls") == []


# ---- the end


def test_after_shutdown_nothing_is_taken(spool: Crew) -> None:
    executor = Executor(spool.root, workers=0, timings=TIMINGS)
    call = executor.submit(time.sleep, 0.3)
    executor.shutdown(wait=True)
    assert call.done()
    for submit in (lambda: executor.submit(pow, 1, 1), lambda: executor.map(pow, [1], [1])):
        with pytest.raises(RuntimeError, match="cannot schedule new futures after shutdown"):
            submit()
    executor.shutdown()


def test_shutdown_need_not_wait(spool: Crew) -> None:
    executor = Executor(spool.root, workers=0, timings=TIMINGS)
    call = executor.submit(time.sleep, 0.5)
    executor.shutdown(wait=False)
    assert not call.done()
    assert call.result(WAIT_S) is None


def test_workers_are_hired_and_sent_home(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    crew = Crew(tmp_path)
    with Executor(tmp_path, workers=2, timings=TIMINGS) as executor:
        assert len(crew.names("workerqueue")) == 2
        assert executor.submit(os.getcwd).result(WAIT_S) == os.getcwd()
        del executor
    until(lambda: not crew.names("workerqueue"), WAIT_S)
    assert not crew.names(".fjd/calls")


def test_a_wrong_number_or_key_is_told_at_once(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(ValueError, match="workers"):
        Executor(tmp_path, workers=-1)
    with pytest.raises(UsageError, match="did you mean timeout"):
        Executor(tmp_path, workers=0, timout=3)
    with pytest.raises(FjdError, match="there is no directory"):
        Executor(tmp_path / "nothing", workers=0)
    assert issubclass(HireError, FjdError)


PROGRAM = """
import sys, time
import fjd
executor = fjd.Executor(sys.argv[1], workers=0)
def work(path):
    with open(path, "a") as file:
        file.write("ran\\n")
    while not __import__("os").path.exists(path + ".go"):
        time.sleep(0.05)
    return "result"
call = executor.submit_named("named", work, sys.argv[2])
if sys.argv[3] == "wait":
    print(call.result(60), flush=True)
elif sys.argv[3] == "tell":
    print("submitted", flush=True)
    call.result()
"""


def program(spool: Crew, path: Path, how: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(spool.root), str(path), how],
        env=spool.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    spool.processes.append(process)
    return process


def test_a_call_survives_the_program_that_made_it(spool: Crew, tmp_path: Path, executor: Executor) -> None:
    path = tmp_path / "runs"
    first = program(spool, path, "tell")
    until(path.exists, WAIT_S)
    spool.kill(first)
    second = program(spool, path, "wait")
    Path(f"{path}.go").touch()
    assert spool.finish(second)[:2] == (0, ["result"])
    assert executor.attach("named").result(WAIT_S) == "result"
    assert executor.submit_named("named", str, 0).result(WAIT_S) == "result"
    assert path.read_text() == "ran\n"
    executor.forget("named")
    with pytest.raises(CallError, match="there is no call named"):
        executor.attach("named")
    assert executor.submit_named("named", pow, 2, 3).result(WAIT_S) == 8


def test_a_call_survives_its_worker(crew: Crew) -> None:
    path = crew.root / "runs"

    def work(path: str) -> int:
        with open(path, "a") as file:
            file.write("x")
        while os.path.getsize(path) < 2:
            time.sleep(0.05)
        return os.path.getsize(path)

    crew.workers(2)
    with Executor(crew.root, workers=0, timings=TIMINGS) as executor:
        call = executor.submit(work, str(path))
        until(path.exists, WAIT_S)
        worker = crew.running()[call.name]
        victim = next(process for process in crew.processes if f"-{process.pid}-" in worker)
        crew.kill(victim)
        assert call.result(WAIT_S) == 2


def test_a_program_that_ends_waits_for_its_calls(spool: Crew, tmp_path: Path) -> None:
    script = (
        "import sys, time, fjd\nexecutor = fjd.Executor(sys.argv[1], workers=0)\n"
        "executor.submit(time.sleep, 0.2).add_done_callback(lambda call: print(call.result(), flush=True))\n"
    )
    command = [sys.executable, "-c", script, str(spool.root)]
    run = subprocess.run(command, env=spool.environment, capture_output=True, text=True, timeout=WAIT_S, check=True)
    assert run.stdout == "None\n"
    assert run.stderr == ""


def test_a_name_that_no_job_can_have_is_refused(executor: Executor) -> None:
    with pytest.raises(JobFileError):
        executor.submit_named("a/b", pow, 1, 1)


def test_a_named_call_that_was_cancelled_or_lost_can_be_made_anew(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with Executor(tmp_path, workers=0, timings=TIMINGS) as executor:
        call = executor.submit_named("mine", pow, 2, 2)
        assert executor.submit_named("mine", pow, 0, 0) is call
        with pytest.raises(UsageError, match="has not ended"):
            executor.forget("mine")
        assert call.cancel()
        assert os.listdir(tmp_path / "failed") == ["mine"]
        lost = executor.submit_named("mine", pow, 2, 2)
        (tmp_path / "jobqueue/mine").unlink()
        (tmp_path / "failed/mine").unlink()
        assert isinstance(lost.exception(WAIT_S), CallError)


def test_a_failed_run_that_is_tried_again_is_no_outcome(spool: Crew, tmp_path: Path) -> None:
    path = str(tmp_path / "runs")

    def second_time_lucky() -> int:
        with open(path, "a") as file:
            file.write("x")
        if os.path.getsize(path) < 2:
            raise OSError("not yet")
        return os.path.getsize(path)

    with Executor(spool.root, workers=0, timings=TIMINGS, retries=1, retry_delay="10ms") as executor:
        assert executor.submit(second_time_lucky).result(WAIT_S) == 2


def test_a_spool_that_goes_away_breaks_its_calls(tmp_path: Path) -> None:
    root = tmp_path / "gone"
    root.mkdir(mode=0o700)
    executor = fjd.Executor(root, workers=0, timings=TIMINGS)
    call = executor.submit(pow, 1, 1)
    root.rename(tmp_path / "moved")
    assert isinstance(call.exception(WAIT_S), concurrent.futures.BrokenExecutor)
    with pytest.raises(concurrent.futures.BrokenExecutor):
        executor.submit(pow, 1, 1)
    executor.shutdown()
