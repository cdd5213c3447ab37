"""What was asked of clusters: a file for each of their jobs, so that every recruiter can list it and call it off.

It is written before the scheduler is asked, so that whoever is killed in between leaves nobody uncounted, and again
with the id that the scheduler gave. It is removed when the scheduler's job has ended or is called off; a job that finds
it gone starts no worker.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from fjd.errors import NotAJob, UnsafeError
from fjd.hiring.cluster import KINDS, is_job
from fjd.spool import fsio
from fjd.spool.layout import Layout, is_file_name

_MAX_BYTES = 1 << 20
SUFFIX = ".placed"
"""What the names of these files end in; all else in their directory are scripts."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One job of a scheduler, and the workers that it is to start."""

    kind: str
    job: str
    """Its id there, empty until that is known."""
    workers: tuple[str, ...]
    asked_s: float
    """Wall clock, seconds since the epoch."""
    by: str = ""
    """``crew`` when an elastic crew has asked."""

    @property
    def key(self) -> str:
        """What tells it from all others: its first worker."""
        return self.workers[0]


def note(layout: Layout, placement: Placement) -> None:
    """Write it down."""
    data = json.dumps(asdict(placement)).encode()
    fsio.publish(layout.tmp, layout.placement(placement.key), data, replace=True)


def forget(layout: Layout, placement: Placement) -> None:
    """It has ended."""
    fsio.remove(layout.placement(placement.key))


def read_all(layout: Layout) -> list[Placement]:
    """Return all that stands there and can be understood, the oldest first."""
    return sorted(_read(layout), key=lambda one: one.asked_s)


def _read(layout: Layout) -> Iterator[Placement]:
    for name in fsio.names(layout.clusters, fresh=True) or ():
        if not name.endswith(SUFFIX):
            continue
        try:
            contents = fsio.read_plain(os.path.join(layout.clusters, name), _MAX_BYTES)
            if contents is not None:
                yield _parsed(contents.data)
        except (ValueError, TypeError, KeyError, RecursionError, NotAJob, UnsafeError):
            continue  # it is not ours


def _parsed(data: bytes) -> Placement:
    said = json.loads(data)
    placement = Placement(
        said["kind"], said["job"], tuple(said["workers"]), float(said["asked_s"]), str(said.get("by", ""))
    )
    is_known = placement.kind in KINDS and (not placement.job or is_job(placement.job))
    if not is_known or not placement.workers or not all(map(is_file_name, placement.workers)):
        raise ValueError("no such placement can have been made")
    return placement
