"""Sweep mode: parameters such as ``1..5`` or ``0.1, 0.2`` make one job for each combination. Pure."""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from fjd import jobfile, submission
from fjd.errors import UsageError
from fjd.jobfile import JobSpec
from fjd.submission import Axis, Draft, Template

_CHECKED = 1000
"""So many values of one parameter are checked as they are typed; all of them are before anything is written."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What many jobs have in common, and what they differ in."""

    template: Template
    axes: tuple[Axis, ...]

    @property
    def count(self) -> int:
        """How many jobs it makes."""
        return math.prod(len(axis.values) for axis in self.axes)

    def sample(self) -> Draft:
        """Return the first job; raises `UsageError` for what makes too many."""
        return next(submission.many(self.template, tuple(islice(self._bindings(), 1))))

    def _bindings(self) -> Iterator[submission.Binding]:
        return submission.product(self.axes)


def of(name: str, spec: JobSpec) -> Sweep | None:
    """Return the sweep that ``spec`` says, None when no parameter has several values; raises `UsageError`."""
    axes = {key: axis for key, value in spec.params if len((axis := _axis(key, value)).values) > 1}
    if not axes:
        return None
    params = tuple((key, f"{{{key}}}" if key in axes else value) for key, value in spec.params)
    return Sweep(Template(replace(spec, params=params), name=_pattern(name)), tuple(axes.values()))


def problem(key: str, value: str) -> str:
    """Return what is wrong with the values of one parameter, nothing when they will do."""
    try:
        values = _axis(key, value).values
    except UsageError as error:
        return str(error).removeprefix("--sweep ")
    words = filter(None, (jobfile.problem("param-value", one) for one in values[:_CHECKED]))
    return next((f"a value {said}" for said in words), "")


def _axis(key: str, value: str) -> Axis:
    """Return the values of one parameter; what has neither a comma nor two dots is one, whatever it is."""
    if "," in value or ".." in value:
        return submission.parse_axis(f"{key}={value}")
    return Axis(key, (value,))


def _pattern(name: str) -> str:
    """Return a pattern of names: the number comes before the ending, unless the user has chosen a place."""
    if "{" in name:
        return name
    stem, ending = os.path.splitext(name)
    return f"{stem}-{{n}}{ending}"
