"""The picture in memory: ``book`` is the whole of it, ``records`` what it keeps of each job, ``rates`` how fast."""

from fjd.ledger.book import EVENTS_MAX, HISTORY_MAX, Ledger
from fjd.ledger.rates import Rates
from fjd.ledger.records import Active, Crew, Readiness, Waiting

__all__ = ["EVENTS_MAX", "HISTORY_MAX", "Active", "Crew", "Ledger", "Rates", "Readiness", "Waiting"]
