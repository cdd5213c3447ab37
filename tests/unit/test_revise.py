"""Changes that can be taken back, as long as nobody else has changed the job, and drafts for an editor."""

from pathlib import Path

import pytest

from fjd import control
from fjd.errors import FjdError, JobFileError
from fjd.snapshot import JobState, JobView
from fjd.spool.layout import Layout
from tests.unit.made import submit

TEXT = b"# mine\n[control]\nexecutable: true\npriority: 3\n[data]\nx: 1\n"


@pytest.fixture
def job(layout: Layout) -> Path:
    submit(layout, "job")
    path = Path(layout.queued("job"))
    path.write_bytes(TEXT)
    return path


def test_a_priority_is_raised_and_put_back(layout: Layout, job: Path) -> None:
    revision = control.raise_priority(layout, "job", 1)
    assert job.read_bytes() == TEXT.replace(b"3", b"4")
    control.revert(layout, revision)
    assert job.read_bytes() == TEXT


def test_what_somebody_else_has_changed_since_is_left(layout: Layout, job: Path) -> None:
    revision = control.raise_priority(layout, "job", -5)
    job.write_bytes(b"[control]\nexecutable: false\n")
    with pytest.raises(FjdError, match="changed by somebody"):
        control.revert(layout, revision)
    assert b"false" in job.read_bytes()


def test_a_new_text_must_say_what_to_run(layout: Layout, job: Path) -> None:
    with pytest.raises(JobFileError):
        control.rewrite(layout, "job", TEXT, b"nonsense")
    assert job.read_bytes() == TEXT
    assert control.rewrite(layout, "job", TEXT, b"[control]\nexecutable: false\n").before == TEXT


def test_a_job_is_found_with_its_path(layout: Layout, job: Path) -> None:
    assert control.find_job(layout, JobView("job", JobState.WAITING)) == (str(job), TEXT)


def test_a_draft_is_a_copy_that_goes_when_it_is_done_with(layout: Layout) -> None:
    for name in ("job.conf", "x" * 255):
        draft = control.draft(layout, name, TEXT)
        assert draft.read() == TEXT
        assert Path(draft.path).name.endswith(name[-9:]) or len(name) == 255
        draft.discard()
        with pytest.raises(FjdError, match="has left no"):
            draft.read()
