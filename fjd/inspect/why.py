"""Why a job is not running, as far as files tell. Pure: the facts are handed in, the sentences come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fjd import why
from fjd.jobfile import NO_TERMS, Terms
from fjd.snapshot import JobState


@dataclass(frozen=True, slots=True)
class Facts:
    """What matters for one job."""

    state: JobState
    reason: str = ""
    """Why it has failed."""
    is_again: bool = False
    """Its last run failed, and it is tried again."""
    terms: Terms = NO_TERMS
    failed_attempt: int = 0
    """Which of its runs failed last, where it is tried again."""
    retry_due_s: float | None = None
    """When that comes, by the wall clock."""
    problem: str = ""
    """Why its file is not valid."""
    is_being_written: bool = False
    name_held_by: str = ""
    """Which worker has another job of this name."""
    is_paused: bool = False
    dispatches: bool = True
    is_frozen: bool = False
    """Its worker is frozen."""
    waits_for: Mapping[str, str] = field(default_factory=dict)
    """Of the jobs that it waits for, those that have not ended as they should, and their states in words."""
    workers: int = 0
    """How many there are that live and stay."""
    fitting: int = 0
    """How many of those have all of its tags."""
    idle: int = 0
    """How many of the fitting run nothing."""
    most_cpus: int = 0
    """Of the hosts of the fitting; 0 when that is not known."""
    most_memory_bytes: int = 0
    now_s: float = 0.0


def reasons(facts: Facts) -> tuple[str, ...]:
    """Return all that keeps the job from running, what matters most first; nothing for one that runs."""
    if facts.state is JobState.WAITING:
        return tuple(_waiting(facts)) or ("it is next, as soon as the dispatcher comes to it",)
    if facts.state is JobState.HELD:
        return (f"it is {why.HELD}: fjd release",)
    if facts.state is JobState.HANDED:
        return tuple(_frozen(facts)) or ("its worker will begin it after the job that it runs",)
    if facts.state is JobState.RUNNING:
        return tuple(_frozen(facts))
    if facts.state is JobState.DONE:
        return ("it is done",)
    if facts.is_again:
        return (f"it has failed ({facts.reason}), and is tried again",)
    return (f"it has failed: {facts.reason}" if facts.reason else "it has failed",)


def _frozen(facts: Facts) -> list[str]:
    return ["its worker is frozen: fjd resume"] if facts.is_frozen else []


def _waiting(facts: Facts) -> list[str]:
    return [
        *([f"its file is not valid: {facts.problem}"] if facts.problem else []),
        *([f"its file is {why.BEING_WRITTEN}"] if facts.is_being_written else []),
        *([f"{why.NAME_IN_USE} ({facts.name_held_by} has it)"] if facts.name_held_by else []),
        *_asked_for(facts),
        *(["the spool is paused: fjd resume"] if facts.is_paused else []),
        *([] if facts.dispatches else ["nobody dispatches: start dispatcher.py, or fjd-tui"]),
        *_nobody(facts),
    ]


def _asked_for(facts: Facts) -> list[str]:
    """Return what it asks for itself and has not got."""
    found = [f"it waits for {job}, which {state}" for job, state in facts.waits_for.items()]
    moment_s, due_s = facts.terms.not_before_s, facts.retry_due_s
    if moment_s is not None and moment_s > facts.now_s:
        found.append(f"{why.not_before(moment_s)}, in {why.rounded(moment_s - facts.now_s)}")
    if due_s is not None and due_s > facts.now_s:
        found.append(why.retry(facts.failed_attempt, facts.terms.retries, due_s - facts.now_s))
    return found


def _nobody(facts: Facts) -> list[str]:
    if not facts.workers:
        return ["there is no worker: fjd hire N"]
    terms = facts.terms
    if not facts.fitting:
        return [f"{why.no_worker_has_tags(terms.tags)}: fjd hire N --tag TAG"]
    if 0 < facts.most_cpus < terms.cpus:
        return [why.no_host_has_cpus(terms.cpus)]
    if 0 < facts.most_memory_bytes < terms.memory_bytes:
        return [why.no_host_has_memory(terms.memory_bytes)]
    return [] if facts.idle else ["all workers that could run it are busy"]
