"""The picture in memory: ``book`` is the whole of it, ``queue`` is what waits, ``records`` what is kept of each."""

from fjd.ledger.book import EVENTS_MAX, HISTORY_MAX, Ledger
from fjd.ledger.rates import Rates
from fjd.ledger.records import Active, Crew, Readiness, Retrying, Waiting

__all__ = ["EVENTS_MAX", "HISTORY_MAX", "Active", "Crew", "Ledger", "Rates", "Readiness", "Retrying", "Waiting"]
