"""What a worker would have that is hired at a place, and how many more can be there."""

from typing import Final

from fjd.policy.elastic.rules import Place
from fjd.policy.elastic.sight import Kind, Staff
from fjd.policy.fit import Offer

_ENDLESS: Final = float("inf")
_ANY: Final = 1 << 62
"""Of what is not known, all is hoped for, and one worker is hired to see."""


class Prospect:
    """One place, as it stands in one decision."""

    def __init__(self, place: Place, staff: Staff) -> None:
        self.place = place
        self.start_s = staff.starts_s.get(place.name, place.start_s)
        self.coming = sum(one.count for one in staff.coming if one.place == place.name)
        self._there = sum(member.place == place.name for member in staff.members)
        self._sizes = staff.sizes.get(place.name, frozenset())
        oldest_s = max((one.age_s for one in staff.coming if one.place == place.name), default=0.0)
        self.start_s = max(self.start_s, oldest_s)
        self.offers = tuple(self._offers())

    def _offers(self) -> list[Offer]:
        place = self.place
        left_s = place.time_limit_s or _ENDLESS
        known = [(place.cpus or 0, place.memory_bytes or 0)] if self._is_told else list(self._sizes) or [(_ANY, _ANY)]
        return [Offer(place.tags, cpus, memory, left_s) for cpus, memory in known]

    @property
    def _is_told(self) -> bool:
        return self.place.cpus is not None and self.place.memory_bytes is not None

    def may_run(self, kind: Kind) -> bool:
        """Tell whether a worker there may have such jobs, as far as that is known."""
        return any(kind.may_run_on(offer) for offer in self.offers)

    def is_certain_of(self, kind: Kind) -> bool:
        """Tell whether what such jobs ask for is known of the hosts there."""
        return self._is_told or bool(self._sizes) or not kind.demand.is_of_host

    @property
    def room(self) -> int:
        """How many more can be there."""
        most = self.place.most
        if self.place.is_one_each_cpu:
            most = max((cpus for cpus, _ in self._sizes), default=1)
        return _ANY if most is None else max(0, most - self._there - self.coming)

    def asked(self, count: int) -> None:
        """So many more are to come."""
        self.coming += count
