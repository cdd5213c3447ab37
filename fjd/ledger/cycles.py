"""Jobs that wait for each other in a ring, found when the last of them is read."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping

from fjd.ledger.targets import Target, Targets


def cycle_of(job: str, wants: Mapping[str, tuple[Target, ...]], targets: Targets) -> list[str]:
    """Return the ring that ``job`` closes, each member followed by what it waits for; empty when there is none.

    Two searches take turns, one along what is waited for and one along who waits; when either has seen all, there is
    none. So a chain of any length costs little, whichever end of it is read first.
    """
    if any(not target.is_glob and target.pattern == job for target in wants[job]):
        return [job]
    ahead = _search(job, lambda one: wants[one], lambda target: target.wanting, targets.matching(job))
    behind = _search(job, targets.matching, lambda target: target.waiters, wants[job])
    while True:
        for search, is_reversed in ((behind, True), (ahead, False)):
            try:
                path = next(search)
            except StopIteration:
                return []
            if path:
                return [path[0], *path[:0:-1]] if is_reversed else path


def _search(
    job: str,
    onward: Callable[[str], Iterable[Target]],
    members: Callable[[Target], Iterable[str]],
    home: Iterable[Target],
) -> Iterator[list[str]]:
    """Yield nothing much at each edge, and the path from ``job`` on when it comes to one that leads back home."""
    homes = {id(target) for target in home}
    came_from: dict[str, str] = {job: ""}
    seen: set[int] = set()
    ahead = deque([job])
    while ahead:
        here = ahead.popleft()
        targets = onward(here)
        if here != job and any(id(target) in homes for target in targets):
            yield _path(here, came_from)
        for target in targets:
            if id(target) in seen:
                continue
            seen.add(id(target))
            for member in members(target):
                if member not in came_from:
                    came_from[member] = here
                    ahead.append(member)
                yield []


def _path(end: str, came_from: Mapping[str, str]) -> list[str]:
    path = []
    while end:
        path.append(end)
        end = came_from[end]
    return path[::-1]
