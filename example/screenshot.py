#!/usr/bin/env python3
"""Take the picture of fjd-tui for the README, from the running app with real workers: example/fjd-tui.svg.

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

PICTURE = Path(__file__).with_name("fjd-tui.svg")
SIZE = (120, 36)
JOBS = 60
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
        control.submit(layout, f"train{number:02}.conf", JobSpec("python3 train.py", params=params))


async def take(layout: Layout) -> str:
    """Run the app until enough has happened, and return its picture."""
    app = FjdApp(SpoolBackend(layout, settings.from_environment()), hire_at_start=4, theme_name="fjd")
    async with app.run_test(size=SIZE) as pilot:
        await until_worth_seeing(pilot, app)
        await pilot.pause(1.0)
        return app.export_screenshot(title="fjd-tui")


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
        os.environ["PATH"] = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
        place = Path(directory) / "brute"
        place.mkdir(mode=0o700)
        layout = create.open_spool(str(place))
        fill(layout, place)
        os.chdir(place)
        try:
            picture = asyncio.run(take(layout))
        finally:
            recruiter.fire(layout)
    PICTURE.write_text(picture, encoding="utf-8")
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()
