"""Announcements: any bytes are one, of which the system can be asked, or a `JobFileError`."""

import contextlib

from fjd.errors import JobFileError
from tests.fuzz.run import run


def target(data: bytes) -> None:
    """Read ``data`` as an announcement, and ask whether its process lives."""
    from fjd.spool import announce  # only now, so that it is the instrumented one

    with contextlib.suppress(JobFileError):
        announce.parse(data, "w").process_lives()


if __name__ == "__main__":
    run(target, "fjd.spool.announce")
