"""Lets an elastic crew be kept while this dispatcher dispatches: shows the engine what there is, tells what it did."""

import os
import time
from collections.abc import Callable

from fjd.dispatcher.pace import Pace
from fjd.elastic.engine import Engine
from fjd.elastic.hands import Hands
from fjd.elastic.wish import CrewWish
from fjd.ledger import Ledger
from fjd.policy.elastic import Sights
from fjd.spool import crewstate
from fjd.spool.layout import Layout

_PATIENCE_S = 1.0
"""A dispatcher that ends waits so long for a hiring that is on its way. The next one knows of it all the same."""
_ENDING_S = 20.0
"""When all that was hired is to go, it waits longer; a scheduler answers within ten seconds."""


class Crewing:
    """One for a dispatcher. Without a wish there is no thread, and nothing is looked at."""

    def __init__(self, layout: Layout, ledger: Ledger, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._layout = layout
        self._ledger = ledger
        self._clock = clock
        self._pace = Pace(ledger.timings.look_s, clock=clock)
        self._wish: CrewWish | None = None
        self._engine: Engine | None = None
        self._sights = Sights()
        self._is_ours = False
        self._is_forgotten = False
        """Whether what an earlier dispatcher has written down of its crew is away, where we keep none."""

    @property
    def acts(self) -> bool:
        """Whether it was ours to hire and to fire, and is no dry run."""
        return self._is_ours and self._wish is not None and not self._wish.rules.is_dry

    def obey(self, wish: CrewWish | None) -> None:
        """Keep such a crew from now on. Without one, let those go whom the one before has hired."""
        if wish is None and self.acts and self._engine:
            self._engine.let_go()
        self._wish = wish
        self._is_forgotten = False
        self._pace.hurry()
        if wish and self._engine is None:
            hands = Hands(self._layout, self._ledger.timings, os.getcwd())
            self._engine = Engine(self._layout, self._ledger.timings, hands, clock=self._clock)

    def look(self, *, is_ours: bool) -> None:
        """Show the engine what there is, if the spool is ours to dispatch, and tell what it did."""
        self._is_ours = is_ours
        if is_ours and self._wish is None and not self._is_forgotten:
            crewstate.forget(self._layout)
            self._is_forgotten = True
        if self._engine is None:
            return
        if not is_ours:
            self._engine.keep()
        if self._pace.due():
            with self._pace:
                is_kept = is_ours and self._wish is not None
                sight = self._sights.take(self._ledger, self._wish.rules, self._clock()) if self._wish else None
                self._engine.see(self._wish, sight if is_kept else None)
                if is_kept:
                    self._engine.start()
        self._tell(self._engine)

    def _tell(self, engine: Engine) -> None:
        for kind, text in engine.news():
            self._ledger.note(kind, text)
        view = engine.view
        if view != self._ledger.crew:
            self._ledger.crew = view
            self._ledger.version += 1

    def close(self) -> None:
        """Let nobody be hired or fired any more."""
        if self._engine is not None:
            self._engine.close(_PATIENCE_S)
            self._tell(self._engine)

    def finish(self) -> None:
        """Wait until what was begun is done, so that all who were hired can be fired."""
        if self._engine is not None:
            self._engine.close(_ENDING_S)
