"""What is asked of a scheduler: words that mean themselves wherever they come to stand, and no end for bystanders."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd import recruiter
from fjd.errors import HireError
from fjd.hiring import cluster
from fjd.hiring.cluster import Cluster, State, Wish
from fjd.recruiter import force, scheduled
from fjd.spool import announce
from fjd.spool.layout import Layout
from fjd.spool.members import Member
from tests.unit import made


class Scheduler(Cluster):
    """Ends what is cancelled at the second look."""

    def __init__(self, kind: str = "slurm") -> None:
        super().__init__(kind, "/nowhere")
        self.cancelled: list[str] = []
        self._states: Iterator[State] = iter([State.RUNNING, State.ENDED])

    def cancel(self, jobs: Sequence[str]) -> None:
        self.cancelled += jobs

    def states(self, jobs: Sequence[str]) -> dict[str, State]:
        return dict.fromkeys(jobs, next(self._states))


def member(layout: Layout, worker: str, job: str, kind: str = "slurm") -> Member:
    announce.publish(layout, replace(made.announcement(worker, host="n1"), kind=kind, session=job))
    return next(one for one in recruiter.members(layout) if one.id == worker)


def test_the_job_of_one_who_does_not_answer_is_cancelled(layout: Layout) -> None:
    one = member(layout, "slurm-1-a", "12")
    member(layout, "slurm-2-b", "13")
    scheduler = Scheduler()
    assert force.by_scheduler(layout, one, lambda _: scheduler)
    assert scheduler.cancelled == ["12"]


def test_nobody_is_ended_with_another(layout: Layout) -> None:
    one = member(layout, "slurm-1-a", "12")
    member(layout, "slurm-2-b", "12")
    scheduler = Scheduler()
    with pytest.raises(HireError, match="job 12 of slurm is not cancelled, since slurm-2 live in it, too"):
        force.by_scheduler(layout, one, lambda _: scheduler)
    assert not scheduler.cancelled


@pytest.mark.parametrize(("kind", "job"), [("hand", "12"), ("screen", "12.fjd-run-1"), ("slurm", ""), ("slurm", "1;2")])
def test_who_lives_in_no_job_is_nobodys_to_cancel(layout: Layout, kind: str, job: str) -> None:
    scheduler = Scheduler()
    assert not force.by_scheduler(layout, member(layout, "a-1-b", job, kind), lambda _: scheduler)
    assert not scheduler.cancelled


@given(st.binary(min_size=1, max_size=12).map(lambda raw: raw.replace(b"\0", b"-")))
def test_a_word_of_a_script_means_itself(raw: bytes) -> None:
    quoted = scheduled._quoted(os.fsdecode(raw))
    assert quoted.isascii()
    assert quoted.isprintable()
    assert subprocess.run(["bash", "-c", f"printf %s {quoted}"], capture_output=True, check=True).stdout == raw


@pytest.mark.parametrize("kind", [kind for kind in cluster.KINDS if kind != "condor"])
def test_the_script_stands_at_a_plain_path(kind: str, tmp_path: Path) -> None:
    """What a spool is called would else become part of a command of the shell, and of the scheduler's options."""
    with Cluster(kind, "/a/plain-one_2.3")._place(Wish()) as (directory, wish):
        assert (directory, wish) == ("/a/plain-one_2.3", Wish())
    for odd in ("/a b", "/a$(b)", "/a;b", "/a%j", "/a\n", "/Größe"):
        with Cluster(kind, odd)._place(Wish(options=("-x",))) as (directory, wish):
            assert cluster._PLAIN.fullmatch(directory)
            assert Path(directory).is_dir()
        assert "/dev/null" in wish.options[0]
        assert wish.options[-1] == "-x"
        assert not Path(directory).exists()


def test_condor_says_that_it_cannot() -> None:
    with pytest.raises(HireError, match="condor can do nothing with a spool of such a name"):  # noqa: SIM117
        with Cluster("condor", "/a b")._place(Wish()):
            pass
