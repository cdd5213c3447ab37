"""A copy of a job's text for an editor to work on, while the job itself waits, runs or is taken by whoever may.

It lies in ``.fjd/drafts/`` under the job's own name behind a random one, so that an editor knows what kind of text it
is, and what was typed is not lost if the program that began it is.
"""

import secrets
from dataclasses import dataclass

from fjd import jobfile
from fjd.errors import FjdError
from fjd.spool import fsio
from fjd.spool.layout import Layout


@dataclass(frozen=True, slots=True)
class Draft:
    """One copy."""

    job: str
    path: str

    def read(self) -> bytes:
        """Return what it says by now; raise `FjdError` when it is gone."""
        contents = fsio.read_plain(self.path, jobfile.MAX_BYTES)
        if contents is None:
            raise FjdError(f"the editor has left no {self.path}")
        return contents.data

    def discard(self) -> None:
        """Remove it."""
        fsio.remove(self.path)


def draft(layout: Layout, job: str, data: bytes) -> Draft:
    """Write ``data`` into a new draft."""
    fsio.make_dir(layout.drafts)
    path = layout.draft(secrets.token_hex(4), job)
    fsio.publish(layout.tmp, path, data)
    return Draft(job, path)
