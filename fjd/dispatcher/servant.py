"""Has the dispatcher do what is wanted of a spool (`fjd.dispatcher.wishes`), also when that changes."""

import time
from collections.abc import Callable, Mapping

from fjd.dispatcher.admission import Admission
from fjd.dispatcher.crewing import Crewing
from fjd.dispatcher.finish import Finish
from fjd.dispatcher.pace import Pace
from fjd.dispatcher.terms import TermsReader
from fjd.dispatcher.wishes import Watched
from fjd.errors import ConfigurationError
from fjd.ledger import Ledger
from fjd.snapshot import EventKind
from fjd.spool.layout import Layout


class Servant:
    """Tells everybody. ``crew`` is what a command line wants of an elastic crew.

    Raises `ConfigurationError` when it is made and the configuration cannot be understood.
    """

    def __init__(
        self,
        layout: Layout,
        ledger: Ledger,
        admission: Admission,
        terms: TermsReader,
        finish: Finish,
        crewing: Crewing,
        *,
        crew: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._admission = admission
        self._terms = terms
        self._finish = finish
        self._crewing = crewing
        self._wishes = Watched(layout, crew, ledger.timings)
        self._pace = Pace(ledger.timings.look_s, clock=clock)
        self._obey()

    def look(self) -> None:
        """Look whether the configuration has changed; one that makes no sense is told, and the last one stays."""
        if not self._pace.due():
            return
        with self._pace:
            try:
                if self._wishes.look():
                    self._obey()
                    self._ledger.note(EventKind.NOTE, "the configuration has changed, and is followed from now on")
            except ConfigurationError as error:
                for sentence in error.sentences:
                    self._ledger.note(EventKind.NOTE, f"{sentence} (what was said before still counts)")

    def _obey(self) -> None:
        wishes = self._wishes.now
        self._finish.command = wishes.on_finish
        self._crewing.obey(wishes.crew)
        if wishes.rules != self._ledger.rules:
            self._ledger.rules, self._ledger.halted = wishes.rules, ""
        if wishes.defaults != self._terms.defaults:
            self._terms.defaults = wishes.defaults
            self._admission.read_again()
