"""Which jobs wait for which (``after``, ``after-any``), kept so that each change touches only whom it concerns.

What is waited for is a target: a name or a glob. It knows which of its jobs have not ended. What ended before we came
is in the directories, which this does not touch: whoever does is told what to look for (`Bonds.questions`,
`Bonds.lost`), and answers. All is taken in at `Bonds.settle`, once a step, so that a job which goes from one state to
the next is never seen between the two.
"""

from collections.abc import Callable, Collection, Iterable, Set

from fjd import why
from fjd.jobfile import Terms
from fjd.ledger.cycles import cycle_of
from fjd.ledger.targets import Target, Targets


class Bonds:
    """All of them. ``is_unfinished`` tells of any job whether it has not ended, ``unfinished`` names them all."""

    def __init__(self, is_unfinished: Callable[[str], bool], unfinished: Callable[[], Iterable[str]]) -> None:
        self._is_unfinished = is_unfinished
        self._unfinished = unfinished
        self.targets = Targets()
        self.wants: dict[str, tuple[Target, ...]] = {}
        """What each waits for."""
        self.doomed: dict[str, str] = {}
        """Those that can never start, and why."""
        self.lost: dict[str, None] = {}
        """What was waited for and is nowhere that we know: whoever can is to look for it."""
        self._unmet: dict[str, set[str]] = {}
        """For each that waits, the targets that hold it."""
        self._moved: dict[str, bool | None] = {}
        """What has changed since the last time: the outcome where it has ended (True: done)."""
        self._asked: dict[str, Target] = {}
        """Targets of which the directories may have to be asked."""
        self.are_more_coming = False
        self._new_targets: list[Target] = []
        self._new_jobs: list[str] = []
        self._changed: set[str] = set()

    # ---- what is told

    def bind(self, job: str, terms: Terms) -> None:
        """Let it wait for what its terms say, in place of what was said before."""
        self.unbind(job)
        if not (terms.after or terms.after_any):
            return
        patterns = {**dict.fromkeys(terms.after_any, False), **dict.fromkeys(terms.after, True)}
        targets = tuple(self._target(pattern) for pattern in patterns)
        for target, needs_done in zip(targets, patterns.values(), strict=True):
            target.waiters[job] = needs_done
        self.wants[job] = targets
        self._unmet[job] = set(patterns)
        for target in self.targets.matching(job):
            if job in target.unfinished:
                target.wanting.add(job)
        self._new_jobs.append(job)

    def _target(self, pattern: str) -> Target:
        target = self.targets.get(pattern)
        if target is None:
            target = self.targets.add(pattern)
            target.may_grow = target.is_glob and self.are_more_coming
            self._new_targets.append(target)
        return target

    def unbind(self, job: str) -> None:
        """It waits no more, or is gone."""
        if job not in self.wants:
            return
        for target in self.wants.pop(job):
            del target.waiters[job]
            if not target.waiters:
                self.targets.remove(target)
        del self._unmet[job]
        for target in self.targets.matching(job):
            target.wanting.discard(job)
        self.doomed.pop(job, None)

    def touch(self, job: str) -> None:
        """Something has happened to it."""
        if self.wants and job not in self._moved and self.targets.concern(job):
            self._moved[job] = None

    def ended(self, job: str, *, is_done: bool) -> None:
        """It is done, or has failed for good."""
        if self.wants and self.targets.concern(job):
            self._moved[job] = is_done

    def expect_more(self, *, are_coming: bool) -> None:
        """Jobs are on their way into the queue, nobody can tell yet which: no glob is over before they have come."""
        if are_coming is not self.are_more_coming:
            self.are_more_coming = are_coming
            for target in self.targets:
                target.may_grow = are_coming and target.is_glob
                self._weigh(target, target.waiters if target.is_glob else ())

    # ---- what is asked, and answered

    def questions(self) -> list[Target]:
        """Return the targets of which the directories are to be asked: nothing of them is known to be unfinished."""
        self._asked = {
            pattern: target
            for pattern, target in self._asked.items()
            if self.targets.get(pattern) is target and not target.is_known and target.may_be_over()
        }
        return list(self._asked.values())

    def _ask(self, target: Target) -> None:
        if not target.is_known and target.may_be_over():
            self._asked[target.pattern] = target

    def notice(self, jobs: Set[str]) -> None:
        """These have ended, as a directory shows: of what was not there, the directories are to be asked again."""
        for target in self.targets:
            if target.is_known and target.is_absent() and target.is_among(jobs):
                target.is_known = False
                self._ask(target)

    def answer(self, target: Target, *, has_done: bool, failed: Iterable[str]) -> None:
        """The directories were asked: whether any of it is done, and some that have failed."""
        target.is_known = True
        target.has_done = target.has_done or has_done
        target.note_failed(name for name in failed if not self._is_unfinished(name))
        self._weigh(target, target.waiters)

    def vanished(self, job: str) -> None:
        """It stands nowhere."""
        self.lost.pop(job, None)
        for target in self.targets.matching(job):
            self._drop(target, job)

    # ---- once a step

    @property
    def has_news(self) -> bool:
        """Whether a step right away would let somebody go, or fail."""
        return bool(self._moved)

    def settle(self) -> list[tuple[str, bool]]:
        """Take in what was told; return the jobs that are held, or are not any more (False)."""
        self._fill(self._new_targets)
        self._new_targets = []
        moved, self._moved = self._moved, {}
        for job, outcome in moved.items():
            self._take_in(job, outcome)
        for job in self._new_jobs:
            self._look_for_cycle(job)
            for target in self.wants.get(job, ()):
                self._weigh(target, (job,))
                self._ask(target)
        self._changed.update(self._new_jobs)
        self._new_jobs = []
        changed, self._changed = self._changed, set()
        return [(job, bool(self._unmet[job]) or job in self.doomed) for job in changed if job in self._unmet]

    def _fill(self, new: list[Target]) -> None:
        """Find the jobs of new targets among those that have not ended; globs are looked for all in one walk."""
        globs = Targets()
        for target in new:
            if target.is_glob:
                globs.put(target)
            elif self._is_unfinished(target.pattern):
                self._join(target, target.pattern)
        if globs:
            for job in self._unfinished():
                for target in globs.matching(job):
                    self._join(target, job)

    def _join(self, target: Target, job: str) -> None:
        target.unfinished.add(job)
        if job in self.wants:
            target.wanting.add(job)

    def _take_in(self, job: str, outcome: bool | None) -> None:
        if self._is_unfinished(job):
            self.lost.pop(job, None)
            for target in self.targets.matching(job):
                self._add(target, job)
        elif outcome is None:
            if any(job in target.unfinished for target in self.targets.matching(job)):
                self.lost[job] = None
        else:
            self.lost.pop(job, None)
            for target in self.targets.matching(job):
                target.note_ended(job, is_done=outcome)
                self._drop(target, job)
                self._weigh(target, target.waiters if not outcome else ())

    def _add(self, target: Target, job: str) -> None:
        target.forget_failed(job)
        if job not in target.unfinished:
            self._join(target, job)
            self._weigh(target, target.concerned(was=len(target.unfinished) - 1))

    def _drop(self, target: Target, job: str) -> None:
        target.wanting.discard(job)
        if job in target.unfinished:
            target.unfinished.remove(job)
            self._ask(target)
            self._weigh(target, target.concerned(was=len(target.unfinished) + 1))

    def _weigh(self, target: Target, jobs: Collection[str]) -> None:
        """See what the target means to these of its waiters."""
        for job in tuple(jobs):
            unmet = self._unmet.get(job)
            if unmet is None:
                continue
            failed = target.failed_for(job)
            if failed and target.waiters[job]:
                self.doomed.setdefault(job, why.after_failed(failed))
            (unmet.discard if target.is_met(job) else unmet.add)(target.pattern)
            self._changed.add(job)

    def _look_for_cycle(self, job: str) -> None:
        if job in self.wants and (cycle := cycle_of(job, self.wants, self.targets)):
            for number, member in enumerate(cycle):
                self.doomed[member] = why.cycle([*cycle[number:], *cycle[:number]])
            self._changed.update(cycle)

    # ---- what is said

    def reason(self, job: str) -> str:
        """Return what it waits for, in words; nothing when nothing holds it. Other threads may ask."""
        if doom := self.doomed.get(job):
            return doom
        for target in self.wants.get(job, ()):
            if not target.is_met(job):
                return target.words(job)
        return ""
