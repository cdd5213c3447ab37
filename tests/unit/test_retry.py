"""Whether a job that has failed is tried again."""

import pytest

from fjd import retry
from fjd.jobfile import NO_TERMS, Terms, terms_of

TWICE = Terms(retries=2)
SOME = terms_of([("retries", "2"), ("retry-on", "1, 124, 130-139")])


@pytest.mark.parametrize(
    ("terms", "status", "attempt", "reason", "again"),
    [
        (NO_TERMS, 1, 1, "exit 1", False),
        (TWICE, 1, 1, "exit 1", True),
        (TWICE, 1, 2, "exit 1", True),
        (TWICE, 1, 3, "exit 1", False),
        (TWICE, 0, 1, "exit 0", True),
        (TWICE, 137, 1, "killed by SIGKILL", True),
        (TWICE, 143, 1, "killed", False),
        (TWICE, 143, 1, "cancelled", False),
        (TWICE, None, 1, "its workdir /x is no directory here", False),
        (TWICE, 143, 1, "timeout after 1s", True),
        (SOME, 1, 1, "exit 1", True),
        (SOME, 2, 1, "exit 2", False),
        (SOME, 139, 1, "killed by SIGSEGV", True),
        (SOME, 0, 1, "timeout after 1h30m", True),
        (Terms(retries=2, retry_on=frozenset({143})), 143, 1, "timeout after 1s", False),
    ],
)
def test_it_depends_on_how_often_and_how_it_failed(
    terms: Terms, status: int | None, attempt: int, reason: str, again: bool
) -> None:
    assert retry.is_tried_again(terms, status, attempt, reason) is again


@pytest.mark.parametrize(("code", "signal", "status"), [(3, None, 3), (None, 9, 137), (None, None, None), (0, None, 0)])
def test_a_status_is_what_a_shell_says(code: int | None, signal: int | None, status: int | None) -> None:
    assert retry.status_of(code, signal) == status
