#!/usr/bin/env python3
"""Take the pictures of fjd-tui for the README, from the running app with real workers: example/*.svg.

It makes a spool of its own in a temporary directory, hires four workers, gives them jobs, waits until the screen has
something to show, and fires them.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from textual.pilot import Pilot

from fjd import control, recruiter, settings
from fjd.jobfile import JobSpec
from fjd.spool import create
from fjd.spool.layout import Layout
from fjd.tui.app import FjdApp
from fjd.tui.backend import SpoolBackend

PLACE = Path(__file__).parent
SIZE, SMALL = (120, 36), (80, 24)
JOBS = 160
DEADLINE_S = 120.0
WORK = """\
import random, sys, time
random.seed(sys.argv[1])
pause_s = random.uniform(0.004, 0.02)
for step in range(401):
    print(f"step {step:3}/400  loss {0.03 + 1 / (step + 1):.4f}", flush=True)
    time.sleep(pause_s)
    if step == 120 and random.random() < 0.08:
        sys.exit("ValueError: the step is too large")
"""


def fill(layout: Layout, place: Path) -> None:
    """Put the jobs into the queue."""
    program = place / "train.py"
    program.write_text(WORK)
    for number in range(1, JOBS + 1):
        params = (("rate", f"{number / 1000:g}"), ("seed", str(number)))
        control.submit(layout, f"train{number:03}.conf", JobSpec("python3 train.py", params=params))


STATES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fjd-tui": ((), ()),
    "tui-failures": (("/", *"state:failed", "enter", "i"), ("i", "escape")),
    "tui-form": (
        ("n", *"python3 train.py", "tab", "tab", "tab", *"rate", "tab", *"0.1, 0.2", "ctrl+t"),
        ("escape", "y"),
    ),
    "tui-hire": (("h",), ("escape",)),
    "tui-help": (("?",), ("escape",)),
}
"""Each picture: the keys that lead to what it shows, and those that lead back."""


async def take(layout: Layout) -> dict[str, str]:
    """Run the app until enough has happened, and return its pictures."""
    app = FjdApp(SpoolBackend(layout, settings.from_environment()), hire_at_start=4, theme_name="fjd")
    pictures = {}
    async with app.run_test(size=SIZE) as pilot:
        await until_worth_seeing(pilot, app)
        for name, (there, back) in STATES.items():
            await press(pilot, there)
            pictures[name] = app.export_screenshot(title="fjd-tui")
            await press(pilot, back)
        await pilot.resize_terminal(*SMALL)
        await pilot.pause(1.0)
        pictures["tui-small"] = app.export_screenshot(title="fjd-tui")
    return pictures


async def press(pilot: Pilot[None], keys: tuple[str, ...]) -> None:
    """Press the keys one by one, as a person does, and let the screen come to rest."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause(0.05 if len(key) == 1 and key.isalnum() else 0.5)
    await pilot.pause(1.0)


async def until_worth_seeing(pilot: Pilot[None], app: FjdApp) -> None:
    """Wait until some are done, one has failed, and all workers are busy."""
    end_s = time.monotonic() + DEADLINE_S
    while True:
        await pilot.pause(0.2)
        shown = app.shown
        busy = sum(bool(worker.job) for worker in shown.workers)
        if shown.counts.done >= 16 and shown.counts.failed and busy == 4 and shown.eta_s is not None:
            return
        if time.monotonic() > end_s:
            raise SystemExit(f"nothing worth a picture after {DEADLINE_S:g} s: {shown.counts}")


def main() -> None:
    """Make the picture."""
    with tempfile.TemporaryDirectory(prefix="fjd-") as directory:
        os.environ["HOME"] = directory  # so that the picture shows ~/brute
        os.environ.pop("XDG_STATE_HOME", None)
        os.environ["PATH"] = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
        place = Path(directory) / "brute"
        place.mkdir(mode=0o700)
        layout = create.open_spool(str(place))
        fill(layout, place)
        os.chdir(place)
        try:
            pictures = asyncio.run(take(layout))
        finally:
            recruiter.fire(layout)
    for name, picture in pictures.items():
        path = PLACE / f"{name}.svg"
        path.write_text(picture, encoding="utf-8")
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
