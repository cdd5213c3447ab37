"""One run of the simulation, and what is learnt from it."""

import itertools
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tests.simulate import lengths, storage
from tests.simulate.clock import BEGIN_S
from tests.simulate.world import World

_SLOWEST = 5.0
"""A run that takes so many times the bound is cut off: the crew is far too large."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is simulated."""

    storage: str
    workers: int
    jobs: int
    mean_s: float
    kind: str = "exponential"
    seed: int = 1
    call_s: float | None = None
    """So much of the processor for each system call; None to measure it."""
    backlog: int | None = None
    limit_s: float | None = None
    """Of the virtual time: what comes after is not looked at."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came out."""

    scenario: Scenario
    storage: str
    done: int
    startup_s: float
    """From the start of the dispatcher to the first start of a job."""
    makespan_s: float
    """From that to the last end."""
    over_bound: float
    """The makespan over Graham's bound."""
    over_list: float
    """The makespan over what a dispatcher would need that costs nothing."""
    busy: float
    """The share of the time that workers ran jobs, in the middle part of the run."""
    cpu_us: float
    """Processor time of the dispatcher for a job, in microseconds."""
    calls: dict[str, float]
    """System calls of the dispatcher for a job, by kind."""
    trips: float
    """Round trips of the dispatcher to the server for a job."""
    load: float
    """The share of its time in which the dispatcher does not wait for news, until the last job begins."""
    real_s: float
    """How long the simulation took."""


def run(scenario: Scenario) -> Result:
    """Simulate it."""
    began_s = time.monotonic()
    drawn = lengths.made(scenario.kind, scenario.jobs, scenario.mean_s, scenario.seed)
    limit_s = scenario.limit_s or _SLOWEST * lengths.bound_s(drawn, scenario.workers) + 600.0
    world = World(
        storage.named(scenario.storage),
        scenario.workers,
        drawn,
        call_s=scenario.call_s,
        backlog=scenario.backlog,
        limit_s=limit_s,
    )
    world.run()
    crew, done = world.crew, max(1, world.crew.ended)
    makespan_s = max(crew.last_s - crew.first_s, 1e-9)
    return Result(
        scenario=scenario,
        storage=world.storage.name,
        done=crew.ended,
        startup_s=crew.first_s - BEGIN_S,
        makespan_s=makespan_s,
        over_bound=makespan_s / lengths.bound_s(drawn, scenario.workers),
        over_list=makespan_s / lengths.list_schedule_s(drawn, scenario.workers),
        busy=busy_share(crew.begun, drawn, scenario.workers),
        cpu_us=world.clock.cpu_s / done * 1e6,
        calls={call: round(count / done, 2) for call, count in world.system.calls.most_common()},
        trips=world.storage.trips / done,
        load=1.0 - world.waited_s / max(crew.last_begin_s - BEGIN_S, 1e-9),
        real_s=time.monotonic() - began_s,
    )


def busy_share(begun: "array[float]", drawn: Sequence[float], workers: int) -> float:
    """Return the share of the workers' time that was work, from the end of a fifth of the jobs on, while more wait."""
    runs = [(begin, begin + length) for begin, length in zip(begun, drawn, strict=True) if begin]
    if not runs:
        return 0.0
    first_s = sorted(end for _, end in runs)[len(runs) // 5]
    last_s = sorted(begin for begin, _ in runs)[len(runs) * 19 // 20]
    work_s = sum(max(0.0, min(end, last_s) - max(begin, first_s)) for begin, end in runs)
    return work_s / (workers * (last_s - first_s)) if last_s > first_s else 0.0


ENOUGH = 0.9
"""A crew that works for so much of the time is carried."""
_LADDER = (10, 100, 1000, 10_000)
_STEPS = 3
_FEW = 4.0
_JOBS_EACH = 10
_JOBS_EACH_OF_MANY, _MANY = 3, 1000
_JOBS_LEAST = 500


def crew_sizes(
    storage_kind: str, mean_s: float, most: int, call_s: float | None, tell: Callable[[Result], None]
) -> list[Result]:
    """Try larger and larger crews until one is not carried, and then some between; the last tried comes last."""
    tried: list[Result] = []

    def is_carried(workers: int) -> bool:
        jobs = max(_JOBS_LEAST, (_JOBS_EACH if workers < _MANY else _JOBS_EACH_OF_MANY) * workers)
        tried.append(run(Scenario(storage_kind, workers, jobs, mean_s, call_s=call_s)))
        tell(tried[-1])
        return tried[-1].busy >= ENOUGH

    ladder = [size for size in _LADDER if size <= most]
    failing = next((size for size in ladder if not is_carried(size)), None)
    low = max((size for size in ladder if failing is None or size < failing), default=1)
    if failing is not None:
        high = failing
        for _ in range(_STEPS):
            middle = rounded((low * high) ** 0.5)
            low, high = (middle, high) if is_carried(middle) else (low, middle)
    return tried


def rounded(size: float) -> int:
    """Return it with two digits."""
    unit = int(10 ** max(0, len(str(int(size))) - 2))
    return max(1, round(size / unit) * unit)


def largest(tried: Sequence[Result]) -> Result | None:
    """Return the largest crew that was carried, below any that was not."""
    ordered = sorted(tried, key=lambda one: one.scenario.workers)
    carried = list(itertools.takewhile(lambda one: one.busy >= ENOUGH, ordered))
    return carried[-1] if carried else None


def carried_from(
    trips_ms: Sequence[float], workers: int, mean_s: float, call_s: float | None, tell: Callable[[Result], None]
) -> list[Result]:
    """Simulate one crew over servers that are further and further away."""
    jobs = max(_JOBS_LEAST, 2 * workers)
    base = Scenario("nfs", workers, jobs, mean_s, call_s=call_s, limit_s=_FEW * mean_s)
    results = []
    for trip_ms in trips_ms:
        results.append(run(replace(base, storage=str(trip_ms))))
        tell(results[-1])
    return results
