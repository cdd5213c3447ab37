"""Changes of a job's text that can be taken back: as long as it says what we wrote, it can say what it said before."""

from dataclasses import dataclass
from functools import partial

from fjd import jobfile
from fjd.control.edit import Change, edit
from fjd.errors import FjdError
from fjd.spool.layout import Layout


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of one job's text."""

    job: str
    before: bytes
    after: bytes


def revise(layout: Layout, job: str, change: Change) -> Revision:
    """Change the text of a job that waits or is held, as `fjd.control.edit.edit` does, and return what was changed."""
    texts: list[bytes] = []

    def noted(data: bytes) -> bytes:
        texts[:] = [data, change(data)]
        return texts[1]

    edit(layout, job, noted)
    return Revision(job, *texts)


def rewrite(layout: Layout, job: str, before: bytes, after: bytes) -> Revision:
    """Let a job that waits or is held say ``after``; raise `FjdError` when it does not say ``before`` any more."""
    return revise(layout, job, partial(_instead, job, before, after))


def revert(layout: Layout, revision: Revision) -> None:
    """Take a change back; raise `FjdError` when the job was changed since, or has begun."""
    rewrite(layout, revision.job, revision.after, revision.before)


def raise_priority(layout: Layout, job: str, by: int) -> Revision:
    """Add ``by``, which may be negative, to the priority of a job that waits or is held."""
    return revise(layout, job, partial(_raised, by))


def _raised(by: int, data: bytes) -> bytes:
    return jobfile.with_value(data, "priority", str(jobfile.parse(data).terms.priority + by))


def _instead(job: str, before: bytes, after: bytes, data: bytes) -> bytes:
    if data != before:
        raise FjdError(f"{job} was changed by somebody meanwhile, and so it is left as it is")
    return after
