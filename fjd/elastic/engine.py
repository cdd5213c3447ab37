"""Keeps the crew as large as it should be, in a thread of its own, so that no slow scheduler holds up the dispatcher.

The dispatcher hands in what it sees, as long as the spool is its to dispatch, and takes away what is to be told. All
that is counted is counted by files, at each decision anew: the announcements of workers and the placements of
schedulers. What else is known is written down before it matters (`fjd.spool.crewstate`), so that whoever comes after us
goes on from there, and waits out a hiring that was cut short.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from fjd import display, why
from fjd.elastic.count import Counter
from fjd.elastic.farewell import Farewell
from fjd.elastic.hands import Hands, Outcome
from fjd.elastic.wish import CrewWish
from fjd.errors import FjdError
from fjd.policy import elastic
from fjd.policy.elastic import NO_SETBACK, RATE_WINDOW_S, CallOff, Decision, Fire, Hire, Keeps, Setback, Sight
from fjd.policy.elastic.setback import FIRST_DELAY_S
from fjd.quantity import counted
from fjd.settings import Timings
from fjd.snapshot import CrewView, EventKind
from fjd.spool import crewstate
from fjd.spool.crewstate import CrewState, Paused
from fjd.spool.layout import Layout

_TICK_S = 0.5
_ASK_S, _REST = 10.0, 30
"""Schedulers are asked so often at most, and never for more than a thirtieth of the time."""
_REASON_MAX = 300
_SAID_AGAIN_S = 600.0
"""What keeps from hiring, and what a dry run would do, is told again after so long."""

News = tuple[EventKind, str]


@dataclass(frozen=True, slots=True)
class _Given:
    """What the dispatcher has handed in."""

    wish: CrewWish
    sight: Sight


class Engine:
    """One for a dispatcher. `see`, `news` and `view` are for its thread, the rest happens in the engine's own."""

    def __init__(
        self,
        layout: Layout,
        timings: Timings,
        hands: Hands,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.view: CrewView | None = None
        self._layout = layout
        self._hands = hands
        self._farewell = Farewell(hands)
        self._clock = clock
        self._wall = wall
        self._stale_s = timings.lease_s / 2
        self._counter = Counter(layout, timings, clock=clock)
        self._given: _Given | None = None
        self._news: deque[News] = deque()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_at_work = False
        self._setbacks: dict[str, Setback] = {}
        self._recent: list[tuple[float, int]] = []
        self._ask_s = 0.0
        self._told: dict[object, float] = {}
        """What was told, and when, that is not to be told each time."""
        self._written: CrewState | None = None

    # ---- for the dispatcher

    def see(self, wish: CrewWish | None, sight: Sight | None) -> None:
        """Go by this from now on; without one of them nobody is hired or fired."""
        self._given = _Given(wish, sight) if wish and sight else None
        if self._given:
            self._farewell.over()

    def let_go(self) -> None:
        """There is to be no elastic crew any more: whom it has hired is fired when they have done what they run."""
        self._given = None
        self._farewell.begin()
        self.start()

    def keep(self) -> None:
        """Fire nobody, since it is not ours any more to do so."""
        self._farewell.over()

    def start(self) -> None:
        """Begin, if it has not begun."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="crew", daemon=True)
            self._thread.start()

    def news(self) -> list[News]:
        """Return what is to be told, and forget it."""
        told = []
        while self._news:
            told.append(self._news.popleft())
        return told

    def close(self, patience_s: float) -> None:
        """Hire nobody any more; wait so long for a hiring that is on its way."""
        self._given = None
        self._stop.set()
        if self._thread is not None:
            self._thread.join(patience_s)

    # ---- the thread

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.tick()
            except FjdError as error:
                self._tell_once("trouble", EventKind.TROUBLE, f"crew: {error}")
            self._stop.wait(_TICK_S)

    def tick(self) -> None:
        """Count, decide, act."""
        given, now_s = self._given, self._clock()
        for text in self._farewell.tick(now_s):
            self._tell(EventKind.NOTE, text)
        if given is None or now_s - given.sight.taken_s > self._stale_s:
            self._is_at_work, self.view = False, None
            return
        if not self._is_at_work:
            self._take_up(given.wish, now_s)
        if crewstate.take_resume(self._layout):
            self._setbacks.clear()
            self._tell(EventKind.NOTE, "crew: hiring goes on, as was asked for")
        self._ask_schedulers(given.wish, now_s)
        self._recent = [one for one in self._recent if now_s - one[0] < RATE_WINDOW_S]
        staff = self._counter.count(given.wish.rules, given.sight, now_s)
        decision = elastic.decide(
            given.wish.rules, given.sight.queue, staff, now_s, recent=self._recent, setbacks=self._setbacks
        )
        self._say(given.wish, decision, now_s)
        self._write(given.wish, decision, now_s)
        if not given.wish.rules.is_dry:
            self._act(given.wish, decision, now_s)

    def _take_up(self, wish: CrewWish, now_s: float) -> None:
        """Go on from what the last dispatcher has written down; what it asked of schedulers has files of its own."""
        self._is_at_work = True
        state = crewstate.read(self._layout)
        if state is None:
            return
        wall_s = self._wall()
        self._setbacks = {one.place: _setback(one, now_s, wall_s) for one in state.setbacks}
        self._recent = [(now_s - _within(wall_s - when, RATE_WINDOW_S), count) for when, count in state.hired]
        places = {place.name: place for place in wish.rules.places}
        self._counter.wait_out([(places[name], count) for name, count in state.hiring if name in places], now_s)

    # ---- acting

    def _act(self, wish: CrewWish, decision: Decision, now_s: float) -> None:
        if decision.called_off:
            self._call_off(decision.called_off)
        if decision.fires:
            self._fire(decision.fires)
        if decision.hires:
            self._hire(wish, decision, now_s)

    def _hire(self, wish: CrewWish, decision: Decision, now_s: float) -> None:
        """Write down who is about to be hired, then hire; whoever finds that note later waits for them to come."""
        hires = decision.hires
        self._recent.append((now_s, sum(hire.count for hire in hires)))
        self._write(wish, decision, now_s, hiring=[(hire.place, hire.count) for hire in hires])
        outcomes = self._hands.hire([(wish.of(hire.place), hire.count) for hire in hires])
        for outcome in outcomes:
            self._counter.asked(outcome, wish.of(outcome.place).place.way, now_s)
            reason = next(hire.why for hire in hires if hire.place == outcome.place)
            self._judge(wish, outcome, reason)
        self._write(wish, decision, self._clock())

    def _judge(self, wish: CrewWish, outcome: Outcome, reason: str) -> None:
        if outcome.hired:
            self._tell(EventKind.NOTE, f"crew: hired {counted(outcome.hired, 'worker')} on {outcome.place}: {reason}")
        if outcome.problem:
            self._failed(wish, outcome.place, outcome.problem)
        elif wish.of(outcome.place).scheduler is None:
            self._went_well(outcome.place)

    def _failed(self, wish: CrewWish, place: str, problem: str) -> None:
        rules, now_s = wish.rules, self._clock()
        reason = display.clean(problem, max_len=_REASON_MAX)
        before = self._setbacks.get(place, NO_SETBACK)
        now = elastic.failed(before, reason, now_s, failures=rules.failures, pause_s=rules.pause_s)
        self._setbacks[place] = now
        self._counter.failed(place)
        if now.is_pause:
            until = f"paused for {why.rounded(now.pause_s)} after {now.failures} failures, or until fjd crew --resume"
            self._tell(EventKind.TROUBLE, f"crew: hiring on {place} is {until}: {reason}")
        else:
            again = f"tried again in {why.rounded(now.until_s - now_s)} ({now.failures} of {rules.failures})"
            self._tell(EventKind.TROUBLE, f"crew: hiring on {place} failed, {again}: {reason}")

    def _went_well(self, place: str) -> None:
        if self._setbacks.pop(place, None) is not None:
            self._tell(EventKind.NOTE, f"crew: hiring on {place} goes well again")

    def _fire(self, fires: Sequence[Fire]) -> None:
        report = self._hands.fire([fire.worker for fire in fires])
        failures = dict(report.failures)
        for fire in fires:
            if fire.worker in failures:
                self._tell_once(
                    fire, EventKind.TROUBLE, f"crew: {fire.worker} cannot be fired: {failures[fire.worker]}"
                )
            else:
                self._counter.leaves(fire.worker)
                self._tell(EventKind.NOTE, f"crew: {fire.worker} is fired: {fire.why}")

    def _call_off(self, called_off: Iterable[CallOff]) -> None:
        for one in called_off:
            failures = self._hands.call_off(self._counter.workers_of(one.key))
            if failures:
                self._tell_once(one.key, EventKind.TROUBLE, f"crew: {one.key} cannot be called off: {failures[0][1]}")
            else:
                self._tell(EventKind.NOTE, f"crew: {counted(one.count, 'worker')} called off: {one.why}")

    def _ask_schedulers(self, wish: CrewWish, now_s: float) -> None:
        """See which jobs have ended; one whose worker never came is a failure, as if it had been refused."""
        for place in self._counter.came():
            self._went_well(place)
        if now_s < self._ask_s or not self._counter.has_placements:
            return
        for one in self._hands.stillborn():
            if wish.rules.place(one.kind) and one.by == elastic.BY:
                self._failed(wish, one.kind, f"its job {one.job} ended before a worker came{self._last_words(one.key)}")
        took_s = self._clock() - now_s
        self._ask_s = self._clock() + max(_ASK_S, _REST * took_s)

    def _last_words(self, worker: str) -> str:
        words = self._counter.last_words(worker)
        return f" ({words})" if words else ""

    # ---- telling

    def _say(self, wish: CrewWish, decision: Decision, now_s: float) -> None:
        """Tell what keeps from hiring for good, and of a dry run all that it would do."""
        for remark in decision.remarks:
            if remark.keeps is Keeps.NOBODY_MAY or wish.rules.is_dry:
                self._tell_once((remark.keeps, remark.about), EventKind.NOTE, f"crew: {remark.text}")
        if wish.rules.is_dry:
            for hire in decision.hires:
                self._tell_once((hire.place, hire.count), EventKind.NOTE, f"crew, dry run: {_would(hire)}")
            for fire in decision.fires:
                self._tell_once(fire.worker, EventKind.NOTE, f"crew, dry run: would fire {fire.worker}: {fire.why}")
            for one in decision.called_off:
                text = f"crew, dry run: would call off {counted(one.count, 'worker')}: {one.why}"
                self._tell_once(one.key, EventKind.NOTE, text)
        self._told = {key: when for key, when in self._told.items() if now_s - when < _SAID_AGAIN_S}

    def _tell(self, kind: EventKind, text: str) -> None:
        self._news.append((kind, text))

    def _tell_once(self, key: object, kind: EventKind, text: str) -> None:
        if key not in self._told:
            self._told[key] = self._clock()
            self._tell(kind, text)

    def _write(self, wish: CrewWish, decision: Decision, now_s: float, hiring: Sequence[tuple[str, int]] = ()) -> None:
        """Write down how things stand, where that is news, and let the screen know."""
        rules, wall_s = wish.rules, self._wall()
        state = CrewState(
            rules.least,
            rules.most,
            rules.where,
            rules.is_dry,
            self._counter.coming,
            tuple(_sentences(decision)),
            tuple(_paused(place, one, now_s, wall_s) for place, one in self._setbacks.items()),
            tuple((round(wall_s - (now_s - when), 3), count) for when, count in self._recent),
            tuple(hiring),
        )
        self.view = view_of(state)
        if self._written is None or _is_news(state, self._written):
            crewstate.write(self._layout, state)
            self._written = state


def view_of(state: CrewState) -> CrewView:
    """Return what a screen shows of it."""
    pause = state.pause
    return CrewView(
        state.size,
        state.where,
        state.coming,
        pause.words if pause else "",
        pause.until if pause else 0.0,
        state.is_dry,
        state.says,
    )


def _is_news(state: CrewState, before: CrewState) -> bool:
    """Times move with each look, and sentences with the times in them: these alone are not worth a write."""
    plain = [replace(one, hired=(), says=(), setbacks=()) for one in (state, before)]
    counts = [(len(one.hired), len(one.says)) for one in (state, before)]
    setbacks = [[(s.place, s.failures, s.pause_s, s.reason) for s in one.setbacks] for one in (state, before)]
    return plain[0] != plain[1] or counts[0] != counts[1] or setbacks[0] != setbacks[1]


def _sentences(decision: Decision) -> Iterable[str]:
    for hire in decision.hires:
        yield _would(hire).removeprefix("would ")
    for fire in decision.fires:
        yield f"fire {fire.worker}: {fire.why}"
    for one in decision.called_off:
        yield f"call off {counted(one.count, 'worker')}: {one.why}"
    for remark in decision.remarks:
        yield remark.text


def _would(hire: Hire) -> str:
    return f"would hire {counted(hire.count, 'worker')} on {hire.place}: {hire.why}"


def _within(seconds: float, most: float) -> float:
    return min(max(0.0, seconds), most)


def _setback(one: Paused, now_s: float, wall_s: float) -> Setback:
    """Clocks may have been set: nobody waits longer than was meant."""
    left_s = _within(one.until - wall_s, max(one.pause_s, FIRST_DELAY_S))
    return Setback(one.failures, one.reason, now_s + left_s, one.pause_s)


def _paused(place: str, one: Setback, now_s: float, wall_s: float) -> Paused:
    return Paused(place, one.failures, one.reason, round(wall_s + one.until_s - now_s, 3), one.pause_s)
