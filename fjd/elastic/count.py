"""Counts an elastic crew by files: who has announced itself, who was asked of schedulers, who may be on the way.

The dispatcher's picture says what each worker does; who is there the directory says, at the moment of the decision. So
nobody is counted twice for having come since, nor missed for being new.
"""

import time
from collections.abc import Callable, Iterable

from fjd import display, glance
from fjd.elastic import hands
from fjd.elastic.hands import Outcome
from fjd.errors import FjdError
from fjd.hiring.ssh import CONNECT_S
from fjd.policy.elastic import BY, Coming, Member, Place, Rules, Sight, Staff, Way, place_of
from fjd.recruiter import scheduled
from fjd.settings import Timings
from fjd.spool import announce
from fjd.spool.layout import Layout

_UNSUBMITTED_S = 60.0
"""A scheduler answers sooner; whoever asked and got no id has been cut short."""
_SMOOTHING = 0.5
_WORDS_MAX = 200


class Counter:
    """Remembers besides how long workers took to come, and what they had when they came."""

    def __init__(self, layout: Layout, timings: Timings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.coming = 0
        """Who was on the way at the last count."""
        self.has_placements = False
        self._layout = layout
        self._clock = clock
        self._answer_s = timings.answer_s
        self._patience_s = CONNECT_S + 2 * (timings.answer_s + timings.grace_s)
        self._starts_s: dict[str, float] = {}
        self._sizes: dict[str, frozenset[tuple[int, int]]] = {}
        self._asked: dict[str, tuple[str, float]] = {}
        """By worker that is to come, where it was asked for and when."""
        self._seen_s: dict[str, float] = {}
        """By placement, when it was first seen."""
        self._groups: dict[str, tuple[str, ...]] = {}
        self._cut_short: list[tuple[float, str, int]] = []
        """Hirings that were cut short, and until when somebody may come of them."""
        self._leaving: set[str] = set()
        self._came: list[str] = []

    # ---- what is told to it

    def wait_out(self, hiring: Iterable[tuple[Place, int]], now_s: float) -> None:
        """Somebody was about to hire so many, and was cut short: count them, until all that were begun have come.

        What was asked of schedulers is counted by files of its own.
        """
        patience_s = {Way.LOCAL: self._answer_s, Way.SSH: self._patience_s}
        self._cut_short = [
            (now_s + patience_s[place.way], place.name, count) for place, count in hiring if place.way in patience_s
        ]

    def asked(self, outcome: Outcome, way: Way, now_s: float) -> None:
        """Workers were hired, or asked for at ``now_s``."""
        if way is Way.CLUSTER:
            self._asked |= dict.fromkeys(outcome.ids, (outcome.place, now_s))
        elif outcome.hired:
            self._learn(outcome.place, self._clock() - now_s)

    def failed(self, place: str) -> None:
        """Nobody is waited for who was asked for there and whose job is gone."""
        there = {worker for group in self._groups.values() for worker in group}
        self._asked = {w: one for w, one in self._asked.items() if one[0] != place or w in there}

    def leaves(self, worker: str) -> None:
        """It has its order, which the dispatcher may not have seen."""
        self._leaving.add(worker)

    # ---- what it tells

    def came(self) -> list[str]:
        """Return the schedulers of which workers have come since the last call."""
        came, self._came = self._came, []
        return came

    def workers_of(self, key: str) -> tuple[str, ...]:
        """Return who was asked for together."""
        return self._groups.get(key, ())

    def last_words(self, worker: str) -> str:
        """Return the last line of a worker's log, which tells why it did not come."""
        return display.clean(glance.last_line(self._layout.workerlog(worker)), max_len=_WORDS_MAX)

    def count(self, rules: Rules, sight: Sight, now_s: float) -> Staff:
        """Return who is there now, and who is to come."""
        announced = announce.present(self._layout, fresh=True)
        self._leaving &= announced
        self._see_who_came(announced, now_s)
        members = tuple(self._member(one) for one in sight.members if one.id in announced)
        for one in members:
            self._note_size(one)
        new = announced - {one.id for one in members} - sight.dead
        coming = (*self._placed(now_s), *self._new(new, rules), *self._begun(now_s))
        self.coming = sum(one.count for one in coming)
        return Staff(members, coming, dict(self._starts_s), dict(self._sizes))

    def _member(self, one: Member) -> Member:
        if one.id not in self._leaving:
            return one
        return Member(one.id, one.place, one.offer, one.idle_s, is_leaving=True, is_ours=one.is_ours)

    def _note_size(self, one: Member) -> None:
        if one.place:
            size = one.offer.cpus, one.offer.memory_bytes
            self._sizes[one.place] = self._sizes.get(one.place, frozenset()) | {size}

    def _see_who_came(self, announced: set[str], now_s: float) -> None:
        for worker in announced & self._asked.keys():
            place, asked_s = self._asked.pop(worker)
            self._learn(place, now_s - asked_s)
            self._came.append(place)

    def _learn(self, place: str, took_s: float) -> None:
        before_s = self._starts_s.get(place, took_s)
        self._starts_s[place] = before_s + _SMOOTHING * (took_s - before_s)

    def _placed(self, now_s: float) -> Iterable[Coming]:
        """Yield who was asked of schedulers and has not come."""
        groups, seen_s = {}, {}
        for placement, missing in scheduled.awaited(self._layout):
            first_s = seen_s[placement.key] = self._seen_s.get(placement.key, now_s)
            if not placement.job and now_s - first_s > _UNSUBMITTED_S:
                hands.forget_unsubmitted(self._layout, placement)
                continue
            groups[placement.key] = placement.workers
            if missing:
                is_ours = placement.by == BY and missing == placement.workers and bool(placement.job)
                yield Coming(placement.kind, len(missing), now_s - first_s, placement.key if is_ours else "")
        self._groups, self._seen_s, self.has_placements = groups, seen_s, bool(groups)

    def _new(self, workers: Iterable[str], rules: Rules) -> Iterable[Coming]:
        """Yield those that are there and of whom the dispatcher has yet to tell."""
        for worker in workers:
            place = ""
            try:
                said = announce.read(self._layout, worker)
            except FjdError:
                said = None  # the dispatcher says so
            if said is not None:
                found = place_of(said, rules, is_local=said.is_here())
                place = found.name if found else ""
            yield Coming(place, 1)

    def _begun(self, now_s: float) -> Iterable[Coming]:
        self._cut_short = [one for one in self._cut_short if now_s < one[0]]
        return [Coming(place, count) for _, place, count in self._cut_short]
