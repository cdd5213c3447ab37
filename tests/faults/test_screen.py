"""The screen, while the disk under its spool refuses to be written."""

from pathlib import Path

from fjd import control
from fjd.jobfile import JobSpec
from fjd.settings import Timings
from fjd.tui.app import FjdApp
from fjd.tui.backend import SpoolBackend
from tests import needs
from tests.faults import disks
from tests.tui.look import until_shown

pytestmark = needs.root()


async def test_the_screen_says_what_the_disk_refuses_and_goes_on_when_it_does(tmp_path: Path) -> None:
    """Passes by ``Dispatcher._step_or_trouble`` for the dispatcher, and by ``Desk.do`` for what the user asks."""
    (tmp_path / "base").mkdir(mode=0o700)
    with disks.bound(tmp_path / "base", tmp_path / "spool"):
        layout = control.open_spool(str(tmp_path / "spool"))
        app = FjdApp(SpoolBackend(layout, Timings(look_s=0.1, lease_s=1)))
        async with app.run_test(size=(120, 36)) as pilot:
            await until_shown(pilot, "dispatching")
            with disks.read_only(tmp_path / "spool"):
                await pilot.press("n", *"true", "ctrl+s")
                await until_shown(pilot, "Read-only")
                await pilot.press("escape", "y", "p")
                await until_shown(pilot, ".fjd/paused: Read-only")
            control.submit(layout, "after", JobSpec("true"))
            await until_shown(pilot, "after")
            await until_shown(pilot, "dispatching")
            await pilot.press("q")
        assert app.return_code == 0
        assert not app.crash
