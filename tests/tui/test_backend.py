"""What the screen asks for is done to a real spool."""

from pathlib import Path

import pytest

from fjd.errors import FjdError, HireError
from fjd.jobfile import JobSpec
from fjd.settings import Timings
from fjd.snapshot import JobState, JobView
from fjd.spool.create import open_spool
from fjd.submission import Axis, Template
from fjd.tui.backend import SpoolBackend
from fjd.tui.places import Hiring


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SpoolBackend:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "spool").mkdir()
    return SpoolBackend(open_spool(str(tmp_path / "spool")), Timings())


def test_a_sweep_is_submitted_whole(backend: SpoolBackend, tmp_path: Path) -> None:
    template = Template(JobSpec("x --a {a}"), name="j-{n}.conf")
    assert backend.submit_many(template, (Axis("a", ("1", "2")),)).names == ("j-1.conf", "j-2.conf")
    assert "executable = x --a 2" in (tmp_path / "spool/jobqueue/j-2.conf").read_text()


def test_a_job_is_changed_and_back(backend: SpoolBackend) -> None:
    backend.submit("a", JobSpec("x"), replace=False)
    job = JobView("a", JobState.WAITING)
    _, before = backend.find_job(job)
    revision = backend.rewrite("a", before, before.replace(b"= x", b"= y"))
    assert b"= y" in backend.find_job(job)[1]
    with pytest.raises(FjdError, match="changed by somebody"):
        backend.rewrite("a", before, before)
    backend.revert(revision)
    assert backend.find_job(job)[1] == before
    assert not backend.story(job).runs


def test_hosts_are_those_of_remote_conf(backend: SpoolBackend, tmp_path: Path) -> None:
    (tmp_path / "spool/remote.conf").write_text("[nova]\nworkers = 4\n")
    assert backend.places()[0] == "nova"
    assert not backend.pending()
    with pytest.raises(HireError, match="does not name elsewhere"):
        backend.hire(Hiring(1, "elsewhere"))
