"""Putting many jobs into the queue at once, all or none (`fjd.spool.batches`)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from fjd import jobfile
from fjd.control.find import name_problem, waiting_names
from fjd.errors import DiskError, JobFileError, NameTaken
from fjd.jobfile import JobSpec
from fjd.spool import batches
from fjd.spool.layout import Layout


@dataclass(frozen=True, slots=True)
class Submitted:
    """What came of submitting many."""

    names: tuple[str, ...]
    """The names that the jobs have in the queue."""
    trouble: str = ""
    """Why some of them are not in the queue yet: all are committed, and come when the disk does as asked again."""


def submit_many(layout: Layout, jobs: Iterable[tuple[str, JobSpec]], *, held: bool = False) -> Submitted:
    """Put ``jobs``, pairs of name and spec, into the queue, all or none of them; ``held``, into ``held/``.

    Raises `JobFileError` for the first whose name or spec cannot be written, `NameTaken` for a name that comes twice or
    waits already, `DiskError` when the disk refuses; then nothing was submitted.
    """
    batches.finish_all(layout)
    names: list[str] = []
    batch = batches.commit(layout, _checked(jobs, waiting_names(layout), names), held=held)
    try:
        renamed = batches.finish(layout, batch, names)
    except DiskError as error:
        return Submitted(tuple(names), f"{error}; all jobs are submitted, and the rest will come into the queue")
    return Submitted(tuple(renamed.get(name, name) for name in names))


def _checked(
    jobs: Iterable[tuple[str, JobSpec]], waiting: Collection[str], names: list[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of ``jobs``, and note their names."""
    renderer = jobfile.Renderer()
    seen: set[str] = set()
    for name, spec in jobs:
        if problem := name_problem(name):
            raise JobFileError(problem)
        if name in waiting or name in seen:
            raise NameTaken(f"a job named {name} waits already" if name in waiting else f"two jobs are named {name}")
        seen.add(name)
        names.append(name)
        try:
            yield name, renderer.render(spec)
        except JobFileError as error:
            raise JobFileError(f"{name}: {error}") from None
