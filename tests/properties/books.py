"""The model of the spool: a job is a token in its file, and the books say where it may be and what became of it."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fjd.spool import journal
from fjd.spool.journal import Record, Tail
from fjd.spool.layout import Layout

STATES = ("jobqueue", "jobpod", "running", "done", "failed")
ENDED = ("done", "failed")
_TOKEN = re.compile(rb"token: (\d+)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job file stands."""

    state: str
    worker: str
    name: str


def job_bytes(token: int, *, is_good: bool, retries: int = 0) -> bytes:
    """Return a job file that carries the token. Retries come at once: what is left of a delay tells a real clock."""
    command = "executable: true" if is_good else "# executable: is not said"
    options = f"retries: {retries}\nretry-delay: 0\npriority: {retries}\n" if retries else ""
    return f"[control]\n{command}\n{options}[params]\ntoken: {token}\n".encode()


def files(layout: Layout) -> Iterator[tuple[Place, int]]:
    """Yield every job file with its token."""
    root = Path(layout.root)
    for state in STATES:
        for path in root.joinpath(state).rglob("*"):
            if path.is_file() and not path.name.startswith("."):
                worker = path.parent.name if state in ("jobpod", "running") else ""
                found = _TOKEN.search(path.read_bytes())
                assert found, f"{path} is none of ours"
                yield Place(state, worker, path.name), int(found[1])


def stories(layout: Layout) -> tuple[list[Record], int]:
    """Return all lines of all journals, and how many could not be read."""
    tails = [Tail(layout.journal(writer)) for writer in journal.writers(layout)]
    return [line for tail in tails for line in tail.read()], sum(tail.torn for tail in tails)


class Books:
    """What was admitted, what the user did with it, and what was recorded of it."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._count = 0
        self.places: dict[int, Place] = {}
        """Where each job stood when the books were last checked."""
        self.removed: set[int] = set()
        """Deleted or overwritten by the user."""
        self.done: Counter[int] = Counter()
        """How often each was recorded done since it was last submitted."""
        self.told_done: Counter[str] = Counter()
        self.told_failed: Counter[str] = Counter()
        self.untold: Counter[tuple[str, str]] = Counter()
        """Name and outcome of what a worker moved and died before it told."""
        self.is_split = False
        """Two dispatchers may have acted at the same time, and told the same."""
        self.by_hand: set[str] = set()
        """Names of jobs that were moved or deleted under the dispatcher's hands: what it finds of them may be that."""
        self.bad: set[int] = set()
        self.tried_again: set[int] = set()
        """What asks for retries, and so may come back from ``failed/``."""
        self.killed: set[int] = set()
        self.written: dict[int, int] = {}
        """Half written job files, and the descriptor on each."""

    def new(self, *, is_good: bool = True, retries: int = 0) -> int:
        """Return a token for a job that is about to be submitted."""
        self._count += 1
        if retries:
            self.tried_again.add(self._count)
        if not is_good:
            self.bad.add(self._count)
        return self._count

    def at(self, *states: str) -> list[tuple[int, Place]]:
        """Return what stands in these states, in the order of submission."""
        return [(token, place) for token, place in sorted(self.places.items()) if place.state in states]

    def token_at(self, path: str) -> int | None:
        """Return the token of the job file at ``path``, None when there is none."""
        try:
            found = _TOKEN.search(Path(path).read_bytes())
        except FileNotFoundError:
            return None
        return int(found[1]) if found else None

    def check(self) -> None:
        """Compare the directories with the books, and bring the books up to date."""
        now: dict[int, Place] = {}
        for place, token in files(self._layout):
            assert token not in now, f"job {token} is at {now[token]} and at {place}"
            assert token not in self.removed, f"job {token}, which the user removed, is back at {place}"
            now[token] = place
        taken = {place for place in now.values() if place.state in ENDED}
        for token, place in self.places.items():
            # In done/ and failed/ the newer of a name replaces the older (rule 13), and nowhere else.
            assert token in now or token in self.removed or place in taken, f"job {token} was at {place} and is lost"
            if token not in now:
                self.removed.add(token)
        self.places = now
        self._check_outcomes()
        self._check_stories()

    def _check_outcomes(self) -> None:
        for token, times in self.done.items():
            assert times <= 1, f"job {token} was recorded done {times} times"
            if times and token not in self.removed:
                assert self.places[token].state == "done", f"job {token} was done and is at {self.places[token]}"
        for token in self.written:
            assert self.places[token].state == "jobqueue", f"half-written job {token} was moved"

    def _check_stories(self) -> None:
        lines, torn = stories(self._layout)
        assert torn == 0
        ends = [line for line in lines if line["event"] == "end"]
        assert Counter(end["job"] for end in ends if end["outcome"] == "done") == self.told_done
        assert Counter(end["job"] for end in ends if end["outcome"] == "failed") == self.told_failed
        found = Counter((line["job"], line["outcome"]) for line in lines if line["event"] == "found")
        wrong = {job for job, _ in found - self.untold} - self.by_hand
        assert self.is_split or not wrong, f"{wrong} were found, and nobody had left them untold"

    def close(self) -> None:
        for descriptor in self.written.values():
            os.close(descriptor)
