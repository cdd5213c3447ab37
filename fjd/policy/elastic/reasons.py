"""Why the crew grows, shrinks or stays as it is, in words."""

from collections.abc import Iterable

from fjd import quantity, why
from fjd.policy import fit
from fjd.policy.elastic.prospect import Prospect
from fjd.policy.elastic.setback import Setback
from fjd.policy.elastic.sight import Kind


def waits(kind: Kind, waiting: int, start_s: float, mean_run_s: float | None) -> str:
    """Say what somebody is hired for."""
    longer = f"{'has' if waiting == 1 else 'have'} waited {why.rounded(kind.waited_s)}"
    if mean_run_s is not None:
        longer += f", a run takes {_about(mean_run_s)}"
    return f"{quantity.counted(waiting, 'job')} {longer}, and a worker takes {_about(start_s)} to come"


def least(wanted: int, there: int) -> str:
    """Say that the crew is smaller than it is to be."""
    return f"the crew is to be {wanted} at the least, and {there} {'is' if there == 1 else 'are'} there or to come"


def idle(idle_s: float, timeout_s: float) -> str:
    """Say why somebody is fired."""
    return f"idle for {why.rounded(idle_s)}, and {why.rounded(timeout_s)} is enough"


def too_many(most: int) -> str:
    """Say why somebody is fired or called off at once."""
    return f"the crew is to be {most} at the most"


def nothing_waits(age_s: float) -> str:
    """Say why those are called off who have not come."""
    return f"asked for {why.rounded(age_s)} ago, and nothing waits for them any more"


def nobody_may(kind: Kind, waiting: int, prospects: Iterable[Prospect], where: str) -> str:
    """Say that no worker is hired for jobs that none there may run."""
    offers = [offer for prospect in prospects for offer in prospect.offers]
    lack = fit.misfit(kind.demand, kind.length_s, offers)
    return f"nobody is hired on {where} for {quantity.counted(waiting, 'job')}: {lack}"


def closed(place: str) -> str:
    """Say that a worker there would get nothing."""
    return f"nobody is hired on {place}: {why.OVERLOADED}"


def setback(place: str, setback: Setback, now_s: float) -> str:
    """Say why nobody is hired at a place."""
    until = f"for {why.rounded(setback.until_s - now_s)}"
    if setback.is_pause:
        return f"hiring on {place} is paused {until} after {setback.failures} failures: {setback.reason}"
    return f"hiring on {place} waits {until} after a failure: {setback.reason}"


def full(wanted: int, text: str, most: int) -> str:
    """Say that the crew is as large as it may be."""
    return f"{wanted} more would be hired ({text}), but the crew is {most} at the most"


def place_full(wanted: int, text: str, place: str) -> str:
    """Say that there is no room for more at a place."""
    return f"{wanted} more would be hired ({text}), but on {place} there is no room for them"


def rate(wanted: int, text: str, most: int) -> str:
    """Say that so many were hired lately."""
    return f"{wanted} more will be hired ({text}), when {most} were not hired within a minute"


def _about(seconds: float) -> str:
    return why.rounded(seconds) if seconds >= 1 else f"{quantity.format_duration(round(seconds, 2))}"
