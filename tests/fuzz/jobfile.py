"""Job files: any bytes are a job or a `JobFileError`."""

import contextlib

from fjd.errors import JobFileError
from tests.fuzz.run import run


def target(data: bytes) -> None:
    """Read ``data`` as a job file, and its command."""
    from fjd import jobfile  # only now, so that it is the instrumented one

    with contextlib.suppress(JobFileError):
        command = jobfile.parse(data).executable
        jobfile.needs_shell(command)
        jobfile.takes_path(command)


if __name__ == "__main__":
    run(target, "fjd.jobfile.command", "fjd.jobfile.ini", "fjd.jobfile.read", "fjd.jobfile")
