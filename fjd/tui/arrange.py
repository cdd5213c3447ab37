"""Jobs filtered and put in order, however many there are. Pure, and made for a thread: it lets others run meanwhile.

Sorting a million keys at a time would hold the interpreter for a second, and the screen with it; so they are sorted in
runs, which are then merged.
"""

import heapq
from array import array
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, cast

from fjd.selectors import Need, Selector
from fjd.snapshot import Snapshot
from fjd.tui import jobcolumns
from fjd.tui.columns import Order
from fjd.tui.jobcolumns import JobColumn, Look, Value
from fjd.tui.jobrows import Group, JobKey, JobRows, Segment, segments_of

_RUN = 16_384
"""So many keys are sorted in about 15 ms."""


def arranged(snapshot: Snapshot, group: Group, selector: Selector, order: Order | None, look: Look) -> JobRows:
    """Return the jobs of a group that are meant, in that order; the cost grows with the number of jobs."""
    segments = segments_of(snapshot, group)
    if selector.terms:
        segments = [_sifted(segment, selector, look.now_s) for segment in segments]
    if order is None or order.column not in jobcolumns.BY_NAME:
        return JobRows(segments, look)
    return _in_order(segments, jobcolumns.BY_NAME[order.column], look, descending=order.descending)


# ---- the filter


def _sifted(segment: Segment, selector: Selector, now_s: float) -> Segment:
    name, view = segment.name, segment.view
    picked = array("L", _meant(segment, selector, now_s))
    return Segment(
        segment.place,
        len(picked),
        lambda index: view(picked[index]),
        lambda index: name(picked[index]),
        segment.key,
        segment.only_waits,
    )


def _meant(segment: Segment, selector: Selector, now_s: float) -> Iterator[int]:
    """Yield which jobs are meant. Of those that only wait a view is made where the name leaves a doubt."""
    matches, view = selector.matches, segment.view
    if not segment.only_waits:
        yield from (index for index in range(segment.length) if matches(view(index), now_s))
        return
    place = segment.place
    if place not in selector.states:
        return
    may_match = selector.sieve()
    is_sure = not selector.needs - {Need.NAME, Need.STATE}
    for index, name in enumerate(segment.names):
        if may_match(name, place) and (is_sure or matches(view(index), now_s)):
            yield index


# ---- the order


class OrderedRows(JobRows):
    """Rows of which the first ones come in an order across segments; the others have no value to be ordered by."""

    def __init__(self, segments: Sequence[Segment], rest: Sequence[Segment], order: Sequence[int], look: Look) -> None:
        super().__init__(rest, look)
        self._ordered = segments
        self._order = array("L", order)
        self._starts = _starts(segments)
        self._places = array("L", bytes(array("L").itemsize * len(self._order)))
        for place, flat in enumerate(self._order):
            self._places[flat] = place
        self._length += len(self._order)

    def _at(self, index: int) -> tuple[Segment, int]:
        if index >= len(self._order):
            return super()._at(index - len(self._order))
        flat = self._order[index]
        number = next(number for number in reversed(range(len(self._starts))) if self._starts[number] <= flat)
        return self._ordered[number], flat - self._starts[number]

    def find(self, key: Hashable, near: int) -> int | None:
        """Return where the job is; where it is no more in its old place, in another one."""
        if not isinstance(key, JobKey):
            return None
        if 0 <= near < len(self) and self.key(near) == key:
            return near
        found = super().find(key, near - len(self._order))
        elsewhere = None if found is None else found + len(self._order)
        if elsewhere is not None and self.key(elsewhere).place is key.place:
            return elsewhere
        for start, segment in zip(self._starts, self._ordered, strict=True):
            index = segment.index(key.name, 0)
            if index is not None and (segment.place is key.place or elsewhere is None):
                elsewhere = self._places[start + index]
                if segment.place is key.place:
                    return elsewhere
        return elsewhere


def _in_order(segments: Sequence[Segment], column: JobColumn, look: Look, *, descending: bool) -> JobRows:
    segments = [segment for segment in segments if segment.length]
    with_value = [segment for segment in segments if column.of_waiting or not segment.only_waits]
    without = [segment for segment in segments if not (column.of_waiting or not segment.only_waits)]
    values = [value for segment in with_value for value in _values(segment, column, look)]
    valued = [index for index, value in enumerate(values) if value is not None]
    order = sort_positions(valued, values.__getitem__, descending=descending)
    if len(valued) < len(values):
        order += [index for index, value in enumerate(values) if value is None]
    return OrderedRows(with_value, without, order, look)


def _values(segment: Segment, column: JobColumn, look: Look) -> "list[Value | None]":
    if segment.only_waits and column.of_name is not None:
        of_name, name, place = column.of_name, segment.name, segment.place
        return [of_name(name(index), place) for index in range(segment.length)]
    value, view = column.value, segment.view
    return [value(view(index), look) for index in range(segment.length)]


def sort_positions(positions: Sequence[int], key: Callable[[int], object], *, descending: bool = False) -> list[int]:
    """Return ``positions`` in the order of their keys; equal ones stay as they come. Other threads run meanwhile."""
    by = cast("Callable[[int], Any]", key)  # all keys of a column are of one type, and that has an order
    runs = [
        sorted(positions[start : start + _RUN], key=by, reverse=descending) for start in range(0, len(positions), _RUN)
    ]
    return runs[0] if len(runs) == 1 else list(heapq.merge(*runs, key=by, reverse=descending))


def _starts(segments: Sequence[Segment]) -> list[int]:
    starts, start = [], 0
    for segment in segments:
        starts.append(start)
        start += segment.length
    return starts
