"""What is run after an outcome: when, with what output, and for how long."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fjd.child import Exit
from fjd.jobfile import Terms
from fjd.settings import Timings
from fjd.spool.layout import Layout
from fjd.worker import hook
from fjd.worker.hook import Hook
from fjd.worker.outcome import Outcome, Result

BOTH = Terms(on_success="well", on_failure="badly")
FAILED = Exit(3, None, 1)
ENV = {"PATH": os.environ["PATH"]}


@pytest.mark.parametrize(
    ("terms", "result", "ended", "attempt", "reason", "wanted"),
    [
        (BOTH, "done", Exit(0, None, 1), 1, "", ("on-success", "well")),
        (BOTH, "failed", FAILED, 1, "exit 3", ("on-failure", "badly")),
        (BOTH, "failed", Exit(None, None, 0), 1, "its workdir is none", ("on-failure", "badly")),
        (BOTH, "failed", Exit(None, 15, 0), 1, "killed", ("on-failure", "badly")),
        (BOTH, "requeued", FAILED, 1, "given back", None),
        (BOTH, "superseded", FAILED, 1, "superseded", None),
        (Terms(), "done", Exit(0, None, 1), 1, "", None),
        (Terms(on_success="well"), "failed", FAILED, 1, "exit 3", None),
        (Terms(on_failure="badly", retries=1), "failed", FAILED, 1, "exit 3", None),
        (Terms(on_failure="badly", retries=1), "failed", FAILED, 2, "exit 3", ("on-failure", "badly")),
        (
            Terms(on_failure="badly", retries=1, retry_on=frozenset({4})), "failed", FAILED, 1, "exit 3",
            ("on-failure", "badly"),
        ),
    ],
)  # fmt: skip
def test_what_is_run_depends_on_the_outcome(
    terms: Terms, result: Result, ended: Exit, attempt: int, reason: str, wanted: tuple[str, str] | None
) -> None:
    assert hook.wanted(terms, Outcome(result, reason, ended), attempt) == wanted


def run(
    layout: Layout, command: str, timings: Timings | None = None, leaving: Callable[[], bool] = lambda: False
) -> str:
    """Run it after a job named ``job``, polling in place of a worker's waiting."""

    def pass_time(_at_most_s: float) -> bool:
        time.sleep(0.005)
        return leaving()

    return Hook(layout, "job", timings or Timings()).run(
        command, "the path", cwd=layout.root, env=ENV, pass_time=pass_time
    )


def test_what_it_prints_is_added_to_what_the_job_has_printed(layout: Layout) -> None:
    Path(layout.output("job")).write_text("the job\n")
    assert run(layout, "echo hook; echo") == ""
    assert Path(layout.output("job")).read_text() == "the job\nhook\nthe path\n"


def test_it_makes_the_output_of_a_job_that_printed_nothing(layout: Layout) -> None:
    assert run(layout, "true") == ""
    assert os.listdir(layout.outputs) == []
    assert run(layout, "echo hook") == ""
    assert Path(layout.output("job")).read_text() == "hook the path\n"
    assert os.listdir(layout.tmp) == []


@pytest.mark.parametrize("kind", ["link", "second name", "directory"])
def test_it_prints_to_nothing_that_was_put_in_the_place_of_the_output(
    layout: Layout, tmp_path: Path, kind: str
) -> None:
    dear = tmp_path / "dear"
    dear.write_text("dear\n")
    if kind == "directory":
        os.mkdir(layout.output("job"))
    else:
        (os.symlink if kind == "link" else os.link)(dear, layout.output("job"))
    assert run(layout, "echo hook") == ""
    assert dear.read_text() == "dear\n"
    assert os.listdir(layout.tmp) == []


def test_how_it_goes_wrong_is_told(layout: Layout) -> None:
    assert run(layout, "exit 3") == "exit 3"
    assert run(layout, "nosuchprogram") == "exit 127 (command not found)"
    assert run(layout, "echo '" + "x" * 500_000 + "'; :").startswith("it cannot be started: ")


def test_one_that_runs_too_long_is_ended(layout: Layout) -> None:
    timings = Timings(hook_s=0.2, grace_s=0.2)
    assert run(layout, "trap : TERM; while :; do sleep 0.01; done", timings) == "ended: it ran for 0.2s"


def test_when_its_worker_is_to_leave_it_has_a_grace(layout: Layout) -> None:
    timings = Timings(grace_s=0.3)
    assert run(layout, "sleep 0.05; :", timings, leaving=lambda: True) == ""
    assert run(layout, "sleep 60; :", timings, leaving=lambda: True) == "ended: its worker was told to leave"
