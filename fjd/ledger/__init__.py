"""The picture in memory: ``book`` is the whole of it, ``queue`` is what waits, ``bonds`` what waits for what."""

from fjd.ledger.book import Ledger
from fjd.ledger.events import EVENTS_MAX
from fjd.ledger.outcomes import HISTORY_MAX
from fjd.ledger.rates import Rates
from fjd.ledger.records import Active, Crew, Demand, Readiness, Retrying, Waiting, demand_of
from fjd.ledger.rules import Counted, Halt, Rules
from fjd.ledger.targets import Target

__all__ = [
    "EVENTS_MAX", "HISTORY_MAX", "Active", "Counted", "Crew", "Demand", "Halt", "Ledger", "Rates", "Readiness",
    "Retrying", "Rules", "Target", "Waiting", "demand_of",
]  # fmt: skip
