"""Conditions on a job, and what must be known of it to test them. Pure."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum
from typing import cast

from fjd.snapshot import JobState, JobView

Test = Callable[[JobView, float], bool]
"""Tells whether a job is meant; the second is now, on the clock of the job's ``since_s``."""


class Need(Enum):
    """What must be known of a job to test it, from what a listing shows to what is read in its file."""

    NAME = "name"
    STATE = "state"
    STORY = "story"
    """When, where and how it ran: journals, or the picture of a dispatcher."""
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Term:
    """One condition."""

    need: Need
    test: Test


class _Label:
    """As much of a job as a name and a state; used again for the next one."""

    __slots__ = ("name", "state")

    name: str
    state: JobState


@dataclass(frozen=True, slots=True)
class Selector:
    """Conditions that must all hold; without any, every job is meant."""

    terms: tuple[Term, ...] = ()
    names: tuple[str, ...] = ()
    """The names that `parse_names` was given, none when there were globs among them: these jobs alone can be meant."""

    def matches(self, job: JobView, now_s: float) -> bool:
        """Tell whether ``job`` is meant; a figure that is not known satisfies no comparison."""
        return all(term.test(job, now_s) for term in self.terms)

    def sieve(self) -> Callable[[str, JobState], bool]:
        """Return what tells whether a job can be meant, by name and state alone: for a million names without views.

        It is for one thread.
        """
        tests = [term.test for term in self.terms if term.need in (Need.NAME, Need.STATE)]
        label = _Label()
        job = cast("JobView", label)  # a view for each of a million names would be most of the work

        def may_match(name: str, state: JobState) -> bool:
            label.name, label.state = name, state
            for test in tests:  # noqa: SIM110  # a generator for each name would double the work
                if not test(job, 0.0):
                    return False
            return True

        return may_match

    @property
    def needs(self) -> frozenset[Need]:
        """What must be known of each job for `matches`."""
        return frozenset(term.need for term in self.terms)

    @property
    def states(self) -> frozenset[JobState]:
        """The states that jobs that are meant can be in."""
        asked = [term for term in self.terms if term.need is Need.STATE]
        return frozenset(state for state in JobState if all(term.test(JobView("", state), 0.0) for term in asked))

    def __and__(self, other: "Selector") -> "Selector":
        return Selector(self.terms + other.terms, self.names or other.names)


def by_states(states: Collection[JobState]) -> Selector:
    """Return the selector of all jobs in one of ``states``."""
    return Selector((Term(Need.STATE, lambda job, _: job.state in states),))
