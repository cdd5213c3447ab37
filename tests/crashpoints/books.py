"""What must hold after every scene, whatever was struck in it."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

from fjd.spool.journal import Tail
from tests.crashpoints.scenes import BAD


def wrongs(spool: Path, jobs: dict[str, str], *, reruns_allowed: bool = True) -> list[str]:
    """Return what is wrong in the books; nothing when all is well."""
    lines, torn = _journals(spool)
    return [
        *_misplaced(spool, jobs),
        *_recorded_wrongly(lines),
        *_ran_after_done(lines),
        *_ran_too_often(lines),
        *([f"{torn} torn lines"] if torn > 1 else []),
        *([] if reruns_allowed else _reruns(spool)),
        *(f"{name} is left in workerqueue" for name in _in(spool, "workerqueue")),
        *(f"{name} is left in batches" for name in _in(spool, ".fjd/batches")),
    ]


def _in(spool: Path, directory: str) -> list[str]:
    return sorted(name for name in os.listdir(spool / directory) if not name.startswith("."))


def _misplaced(spool: Path, jobs: dict[str, str]) -> list[str]:
    """Every job is in exactly one state, and in the one that it earned."""
    places: dict[str, list[str]] = {name: [] for name in jobs}
    for path in spool.rglob("*"):
        state = path.relative_to(spool).parts[0]
        if path.is_file() and state in ("jobqueue", "jobpod", "running", "done", "failed") and path.name[0] != ".":
            places.setdefault(path.name, []).append(state)
    wanted = {name: ["failed" if name in BAD or not command else "done"] for name, command in jobs.items()}
    return [
        f"{name} is in {places.get(name)}, not in {wanted.get(name)}"
        for name in places
        if places[name] != wanted.get(name)
    ]


def _recorded_wrongly(lines: list[dict[str, Any]]) -> list[str]:
    ends = Counter(line["job"] for line in lines if line["event"] == "end" and line["outcome"] == "done")
    return [f"{job} is recorded done {count} times" for job, count in ends.items() if count > 1]


def _ran_after_done(lines: list[dict[str, Any]]) -> list[str]:
    done_at = {line["job"]: line["t"] for line in lines if line.get("outcome") == "done"}
    starts = [line for line in lines if line["event"] == "start"]
    return [
        f"{line['job']} ran again after it was done" for line in starts if line["t"] > done_at.get(line["job"], 9e99)
    ]


def _ran_too_often(lines: list[dict[str, Any]]) -> list[str]:
    """No job of the scenes fails more than once: the flaky one succeeds as soon as it knows that it is tried again."""
    failures = Counter(line["job"] for line in lines if line["event"] == "end" and line["outcome"] == "failed")
    return [f"{job} failed {count} times" for job, count in failures.items() if count > 1]


def _reruns(spool: Path) -> list[str]:
    return [
        f"{path.name} ran more than once" for path in (spool / "runs").iterdir() if len(path.read_text().split()) > 1
    ]


def _journals(spool: Path) -> tuple[list[dict[str, Any]], int]:
    tails = [Tail(str(path)) for path in (spool / "journal").glob("*.jsonl")]
    lines = [line for tail in tails for line in tail.read()]
    return lines, sum(tail.torn for tail in tails)
