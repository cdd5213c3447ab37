"""Where jobs are, when they have ended for good, and the side of a call that runs in the job."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fjd import call
from fjd.api import calls, places
from fjd.api.stories import Endings, Follower
from fjd.snapshot import JobState
from fjd.spool import batches
from fjd.spool.journal import Journal
from fjd.spool.layout import Layout

RETRIED = "[control]\nexecutable: x\nretries: 2\n"


def put(path: str, text: str = "[control]\nexecutable: x\n") -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    Path(path).write_text(text)


def test_every_job_is_told_once_and_where_it_is(layout: Layout) -> None:
    for path in (
        layout.queued("waits"), layout.held("held"), layout.handed("w", "handed"), layout.running("w", "runs"),
        layout.done("done"), layout.failed("failed"), layout.done("waits"), layout.queued(".hidden"),
    ):  # fmt: skip
        put(path)
    batches.commit(layout, [("comes", b"x")])
    found = {view.name: (view.state, view.worker) for view in places.all_jobs(layout)}
    assert found == {
        "waits": (JobState.WAITING, ""), "comes": (JobState.WAITING, ""), "held": (JobState.HELD, ""),
        "handed": (JobState.HANDED, "w"), "runs": (JobState.RUNNING, "w"), "done": (JobState.DONE, ""),
        "failed": (JobState.FAILED, ""),
    }  # fmt: skip
    for name, told in found.items():
        view = places.where(layout, name)
        assert view is not None
        assert (view.state, view.worker) == told
    assert places.where(layout, "nobody") is None


def test_of_two_outcomes_the_newer_counts(layout: Layout) -> None:
    put(layout.done("a"))
    put(layout.queued("b"))
    os.rename(layout.queued("b"), layout.failed("a"))
    while os.stat(layout.failed("a")).st_ctime_ns == os.stat(layout.done("a")).st_ctime_ns:
        os.utime(layout.failed("a"))
    assert places.states(layout) == {"a": JobState.FAILED}
    view = places.where(layout, "a")
    assert view is not None
    assert view.state is JobState.FAILED


def test_a_failed_run_is_no_end_where_another_follows(layout: Layout) -> None:
    endings, worker = Endings(layout), Journal(layout, "w")
    worker.write("start", job="a", attempt=1)
    put(layout.failed("a"), RETRIED)
    assert endings.ended("a") is None, "how it ended is not told yet"
    worker.write("end", job="a", outcome="failed", attempt=1, again=True)
    assert endings.ended("a") is None
    other = Journal(layout, "v")
    other.write("start", job="a", attempt=2)
    assert endings.look(["a"]) == {}
    other.write("end", job="a", outcome="failed", reason="exit 1")
    assert endings.look(["a"]) == {"a": JobState.FAILED}
    assert endings.reason("a") == "exit 1"
    worker.write("start", job="a", attempt=1)
    assert endings.ended("a") is None, "somebody tried it again from the beginning"
    worker.close()
    other.close()


def test_without_retries_or_a_run_failed_is_failed(layout: Layout) -> None:
    put(layout.failed("plain"))
    put(layout.failed("refused"), RETRIED)
    put(layout.failed("no job"), "nothing")
    endings = Endings(layout)
    assert set(endings.look(["plain", "refused", "no job", "nobody"])) == {"plain", "refused", "no job"}


def test_a_follower_tells_only_what_is_new(layout: Layout) -> None:
    journal = Journal(layout, "w")
    journal.write("start", job="a")
    follower = Follower(layout, skip=True)
    assert follower.read() == []
    journal.write("end", job="a")
    assert [(writer, record["event"]) for writer, record in follower.read()] == [("w", "end")]
    journal.close()


# ---- the side of the job


@pytest.fixture
def spool(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setenv("FJD_DIR", layout.root)
    return layout


def test_a_call_is_made_once_when_it_has_returned(spool: Layout, tmp_path: Path) -> None:
    count = tmp_path / "count"

    def work() -> str:
        count.write_text(count.read_text() + "x" if count.exists() else "x")
        return "done"

    calls.write(spool, "c", work, (), {})
    assert call.main(calls.key("c")) == call.main(calls.key("c")) == 0
    assert count.read_text() == "x"
    assert calls.read(spool, "c") == calls.Outcome("done")
    assert os.listdir(spool.tmp) == []
    calls.forget(spool, "c")
    assert calls.read(spool, "c") is None


def test_a_call_that_raised_is_made_again(spool: Layout, capfd: pytest.CaptureFixture[str]) -> None:
    calls.write(spool, "c", divmod, (1, 0), {})
    assert call.main("c") == 1
    outcome = calls.read(spool, "c")
    assert outcome is not None
    assert isinstance(outcome.error, ZeroDivisionError)
    calls.write(spool, "c", divmod, (1, 1), {})
    assert call.main("c") == 0
    assert "ZeroDivisionError" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["a b", "x" * 255, "ö" * 127])
def test_any_name_of_a_job_will_do(spool: Layout, name: str) -> None:
    calls.write(spool, name, pow, (2, 3), {})
    assert call.main(calls.key(name)) == 0
    assert calls.read(spool, name) == calls.Outcome(8)


def test_what_somebody_else_could_have_written_is_not_run(spool: Layout, tmp_path: Path) -> None:
    marker = tmp_path / "pwned"
    calls.write(spool, "c", marker.touch, (), {})
    os.chmod(spool.call(calls.key("c")), 0o606)
    with pytest.raises(SystemExit, match="somebody else"):
        call.main(calls.key("c"))
    assert not marker.exists()


def test_what_cannot_be_read_here_is_an_error_of_the_call(spool: Layout) -> None:
    os.mkdir(spool.calls)
    Path(spool.result("c")).write_bytes(b"returned\nnonsense")
    outcome = calls.read(spool, "c")
    assert outcome is not None
    assert "cannot be read here" in str(outcome.error)


def test_what_dead_programs_left_is_swept_after_a_week(layout: Layout) -> None:
    names = [calls.new_name("0123abcd", number) for number in range(3)]
    for name in (*names, "mine"):
        calls.write(layout, name, pow, (1, 1), {})
        os.utime(layout.call(name), (0, 0) if name != names[2] else None)
    put(layout.queued(names[1]))
    put(layout.done(names[0]))
    calls.sweep(layout)
    assert set(os.listdir(layout.calls)) == {f"{name}.call" for name in (*names[1:], "mine")}


def test_the_side_of_the_job_imports_next_to_nothing() -> None:
    script = "import sys; before = set(sys.modules); import fjd.call; print(*sorted(set(sys.modules) - before))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    ours = {name for name in run.stdout.split() if name.startswith("fjd")}
    assert ours == {"fjd", "fjd.call", "fjd.spool", "fjd.spool.syscalls"}
    assert not {"cloudpickle", "dataclasses", "subprocess", "threading", "traceback"} & set(run.stdout.split())
