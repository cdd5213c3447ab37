"""What jobs wait for: names and globs, found by the name of a job without walking over all of them."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import dataclass, field
from fnmatch import translate

from fjd import why
from fjd.selectors import is_glob

_FAILED_MAX = 2
"""So many failed jobs of a glob are kept by name: one, and another where that one is the job that asks."""


@dataclass(slots=True, eq=False)
class Target:
    """A name or a glob, with what is known of its jobs."""

    pattern: str
    is_glob: bool
    prefix: str
    """What every name begins with that it matches."""
    regex: "re.Pattern[str] | None"
    waiters: dict[str, bool] = field(default_factory=dict)
    """Who waits for it, and whether a failure fails them."""
    unfinished: set[str] = field(default_factory=set)
    wanting: set[str] = field(default_factory=set)
    """Those of the unfinished that wait for others themselves."""
    has_done: bool = False
    failed: set[str] = field(default_factory=set)
    is_known: bool = False
    """Whether the directories were asked; of a name, whether its outcome is known."""
    may_grow: bool = False
    """Of a glob: whether jobs are on their way into the queue that it may match."""

    def matches(self, job: str) -> bool:
        """Tell whether ``job`` is one of its jobs."""
        return self.pattern == job if self.regex is None else self.regex.match(job) is not None

    def may_be_over(self) -> bool:
        """Tell whether nobody else than one that waits itself is unfinished."""
        return not self.unfinished or (len(self.unfinished) == 1 and not self.unfinished.isdisjoint(self.waiters))

    def is_absent(self) -> bool:
        """Tell whether there is nothing of it, for some who wait."""
        return not self.has_done and not self.failed and self.may_be_over()

    def is_among(self, jobs: Set[str]) -> bool:
        """Tell whether any of ``jobs`` is one of its."""
        return any(map(self.matches, jobs)) if self.is_glob else self.pattern in jobs

    def failed_for(self, job: str) -> str:
        """Return one that has failed and is not ``job`` itself; empty when there is none."""
        return next((name for name in sorted(self.failed) if name != job), "")

    def is_met(self, job: str) -> bool:
        """Tell whether it does not hold ``job``, which never waits for itself. Other threads may ask."""
        others = len(self.unfinished) - (job in self.unfinished)
        return self.is_known and not self.may_grow and others <= 0 and (self.has_done or bool(self.failed_for(job)))

    def note_failed(self, jobs: Iterable[str]) -> None:
        """These have failed."""
        for job in jobs:
            if len(self.failed) >= _FAILED_MAX:
                return
            self.failed.add(job)

    def note_ended(self, job: str, *, is_done: bool) -> None:
        """It has ended; of a glob there may be others that ended before we came."""
        self.is_known = self.is_known or not self.is_glob
        self.forget_failed(job)
        if is_done:
            self.has_done = True
        else:
            self.has_done = self.has_done and self.is_glob
            self.note_failed((job,))

    def forget_failed(self, job: str) -> None:
        """It is tried again. Of a glob, more may have failed than were kept."""
        if job in self.failed:
            self.failed.remove(job)
            self.is_known = self.is_known and not self.is_glob

    def concerned(self, was: int) -> Collection[str]:
        """Return the waiters to whom it may mean something else, now that it has one unfinished job more or less."""
        if {was, len(self.unfinished)} == {0, 1}:
            return self.waiters
        if {was, len(self.unfinished)} == {1, 2}:
            return [job for job in self.unfinished if job in self.waiters]
        return ()

    def words(self, job: str) -> str:
        """Say what ``job`` waits for here."""
        others = len(self.unfinished) - (job in self.unfinished)
        if others > 0:
            return why.waits_for(self._example(job), others - 1)
        is_missing = self.is_known and not self.may_grow
        return why.waits_for_missing(self.pattern) if is_missing else why.waits_for(self.pattern, 0)

    def _example(self, job: str) -> str:
        try:
            return next(name for name in self.unfinished if name != job)
        except (RuntimeError, StopIteration):  # the dispatcher changes it at this moment; a row is drawn meanwhile
            return self.pattern


class Targets:
    """Targets by name, and globs by what they begin with."""

    def __init__(self) -> None:
        self._by_pattern: dict[str, Target] = {}
        self._globs: dict[str, list[Target]] = {}
        """By their prefix."""
        self._lengths: Counter[int] = Counter()
        """How many globs have a prefix of that length."""

    def __bool__(self) -> bool:
        return bool(self._by_pattern)

    def __iter__(self) -> Iterator[Target]:
        return iter(self._by_pattern.values())

    def get(self, pattern: str) -> Target | None:
        """Return the target of that spelling."""
        return self._by_pattern.get(pattern)

    def add(self, pattern: str) -> Target:
        """Make a new target."""
        if is_glob(pattern):
            prefix = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
            target = Target(pattern, True, prefix, re.compile(translate(pattern)))
        else:
            target = Target(pattern, False, pattern, None)
        self.put(target)
        return target

    def put(self, target: Target) -> None:
        """Find it, too, from now on."""
        self._by_pattern[target.pattern] = target
        if target.is_glob:
            self._globs.setdefault(target.prefix, []).append(target)
            self._lengths[len(target.prefix)] += 1

    def remove(self, target: Target) -> None:
        """Nobody waits for it any more."""
        del self._by_pattern[target.pattern]
        if target.is_glob:
            alike = self._globs[target.prefix]
            alike.remove(target)
            if not alike:
                del self._globs[target.prefix]
            self._lengths -= Counter({len(target.prefix): 1})

    def matching(self, job: str) -> list[Target]:
        """Return the targets that ``job`` is one of."""
        exact = self._by_pattern.get(job)
        found = [exact] if exact is not None and not exact.is_glob else []
        for length in self._lengths:
            found += [target for target in self._globs.get(job[:length], ()) if target.matches(job)]
        return found

    def concern(self, job: str) -> bool:
        """Tell whether there are any such."""
        return bool(self.matching(job))
