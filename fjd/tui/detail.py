"""All about one job as a text with colours: what it is doing or why it does not, its runs, its file. Pure.

Foreign text in it is cleaned here; the escape sequences are ours.
"""

import re
import time
from collections.abc import Iterator, Sequence

from fjd import display, jobfile
from fjd.errors import JobFileError
from fjd.snapshot import JobState, JobView
from fjd.story import Run, Story

_ASKED = ("cpus", "memory", "memory-limit", "timeout")
_BAR = 12
_LINE_MAX = 2000
_NAME_MAX = 60
_BOLD, _DIM, _CYAN = "1", "2", "36"
_COLOURS = {"done": "32", "failed": "31", "": "36"}
_SECTION = re.compile(r"\s*\[.*\]\s*$")
_KEY = re.compile(r"([^=:\s#;][^=:]*)([=:])(.*)$")
_NOT_YET = {
    JobState.WAITING: "it waits for its turn, or for an idle worker",
    JobState.HELD: "it is held until it is released",
    JobState.HANDED: "it is handed out, and begins soon",
}


def text(job: JobView, story: Story, data: bytes, *, now_s: float | None = None) -> str:
    """Return everything about the job; ``data`` is its file, ``now_s`` the wall clock."""
    now_s = time.time() if now_s is None else now_s
    parts = [[*_head(job, data)], [*_timeline(story, now_s)], [*_file(data)]]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _head(job: JobView, data: bytes) -> Iterator[str]:
    where = f" on {_short(job.worker)}" if job.worker else ""
    state = _painted(job.state.value, _COLOURS.get(job.state.value, _CYAN))
    yield f"{_painted(display.clean(job.name, max_len=_NAME_MAX), _BOLD)}  {state}{where}, attempt {job.attempt}"
    if job.state in _NOT_YET:
        yield f"why it is not running: {display.clean(job.reason, max_len=_LINE_MAX) or _NOT_YET[job.state]}"
    elif job.reason:
        yield f"why: {display.clean(job.reason, max_len=_LINE_MAX)}"
    terms = [f"priority {job.priority}"] if job.priority else []
    terms += [f"tags {display.clean(' '.join(sorted(job.tags)), max_len=_NAME_MAX)}"] if job.tags else []
    terms += [f"{key} {display.clean(value, max_len=_NAME_MAX)}" for key, value in _asked(data)]
    if terms:
        yield _painted(", ".join(terms), _DIM)


def _asked(data: bytes) -> list[tuple[str, str]]:
    """Return what the job asks of a host, as its file says it; nothing where that cannot be read."""
    try:
        said = dict(jobfile.parse(data).options)
    except JobFileError:
        return []
    return [(key, said[key]) for key in _ASKED if key in said]


# ---- the timeline


def _timeline(story: Story, now_s: float) -> Iterator[str]:
    if not story.runs and not story.notes:
        return
    yield _painted("Runs", _BOLD)
    lines = [(run.began_s, _run(run, story.runs, now_s)) for run in story.runs]
    lines += [
        (note.at_s, f"{_clock(note.at_s)}  {display.clean(note.text, max_len=_LINE_MAX)}") for note in story.notes
    ]
    yield from (line for _, line in sorted(lines, key=lambda one: one[0]))


def _run(run: Run, runs: Sequence[Run], now_s: float) -> str:
    words = [f"attempt {run.attempt} on {_short(run.worker)}"]
    if run.seconds is None:
        words.append("has not told of its end")
    else:
        words.append(f"{display.clean(run.outcome, max_len=20)} after {display.duration(run.seconds)}")
    if run.reason:
        words.append(display.clean(run.reason, max_len=_LINE_MAX))
    elif run.exit:
        words.append(f"exit {run.exit}")
    if run.rss_bytes:
        words.append(f"memory {display.size(run.rss_bytes)}")
    return f"{_clock(run.began_s)}  {_bar(run, runs, now_s)}  {', '.join(words)}"


def _bar(run: Run, runs: Sequence[Run], now_s: float) -> str:
    """Return the run as a stretch of the time that all of them took."""
    begin_s = min(one.began_s for one in runs)
    whole_s = max(max(_end_s(one, now_s) for one in runs) - begin_s, 0.001)
    first = min(_BAR - 1, max(0, int((run.began_s - begin_s) / whole_s * _BAR)))
    last = min(_BAR, max(first + 1, round((_end_s(run, now_s) - begin_s) / whole_s * _BAR)))
    stretch = _painted("━" * (last - first), _COLOURS.get(run.outcome, "33"))
    return _painted("·" * first, _DIM) + stretch + _painted("·" * (_BAR - last), _DIM)


def _end_s(run: Run, now_s: float) -> float:
    return now_s if run.seconds is None else run.began_s + run.seconds


def _clock(at_s: float) -> str:
    return time.strftime("%m-%d %H:%M:%S", time.localtime(at_s))


def _short(worker: str) -> str:
    return display.clean(worker.rpartition("-")[0] or worker, max_len=_NAME_MAX)


# ---- the file


def _file(data: bytes) -> Iterator[str]:
    yield _painted("File", _BOLD)
    for line in data.decode("utf-8", "replace").splitlines():
        yield _highlighted(line)


def _highlighted(line: str) -> str:
    """Return a line of a job file with the colours of what it is."""
    clean = display.clean(line, max_len=_LINE_MAX)
    if line.lstrip().startswith(("#", ";")):
        return _painted(clean, _DIM)
    if _SECTION.match(clean):
        return _painted(clean, f"{_BOLD};{_CYAN}")
    key = _KEY.match(clean)
    return f"{_painted(key[1], _CYAN)}{key[2]}{key[3]}" if key else clean


def _painted(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if text else ""
