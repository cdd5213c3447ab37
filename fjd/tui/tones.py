"""What a piece of text means, for its colour. Every tone comes with a word or a sign, since colours may be missing."""

from enum import Enum

from fjd.snapshot import JobState, Mode, WorkerState


class Tone(Enum):
    """A meaning; its value is the end of the component class that gives it a colour."""

    PLAIN = "plain"
    DIM = "dim"
    STRONG = "strong"
    ACTIVE = "active"
    GOOD = "good"
    BAD = "bad"
    WARN = "warn"

    @property
    def component(self) -> str:
        """The component class."""
        return f"tone--{self.value}"


TONES = tuple(Tone)

JOB_TONES = {
    JobState.WAITING: Tone.DIM,
    JobState.HELD: Tone.WARN,
    JobState.HANDED: Tone.PLAIN,
    JobState.RUNNING: Tone.ACTIVE,
    JobState.DONE: Tone.GOOD,
    JobState.FAILED: Tone.BAD,
}
JOB_SIGNS = {
    JobState.WAITING: "·",
    JobState.HELD: "‖",
    JobState.HANDED: "▹",
    JobState.RUNNING: "▶",
    JobState.DONE: "✓",
    JobState.FAILED: "✗",
}
WORKER_TONES = {
    WorkerState.IDLE: Tone.GOOD,
    WorkerState.BUSY: Tone.ACTIVE,
    WorkerState.DRAINING: Tone.WARN,
    WorkerState.LOST: Tone.BAD,
}
WORKER_SIGNS = {
    WorkerState.IDLE: "●",
    WorkerState.BUSY: "▶",
    WorkerState.DRAINING: "◌",
    WorkerState.LOST: "✗",
}
MODE_TONES = {
    Mode.STARTING: Tone.DIM,
    Mode.DISPATCHING: Tone.GOOD,
    Mode.PAUSED: Tone.WARN,
    Mode.HALTED: Tone.BAD,
    Mode.WATCHING: Tone.WARN,
    Mode.TROUBLED: Tone.BAD,
    Mode.STOPPED: Tone.BAD,
}
MODE_SIGNS = {
    Mode.STARTING: "○",
    Mode.DISPATCHING: "●",
    Mode.PAUSED: "‖",
    Mode.HALTED: "■",
    Mode.WATCHING: "◌",
    Mode.TROUBLED: "✗",
    Mode.STOPPED: "■",
}
