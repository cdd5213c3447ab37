"""Every point of every scene: a kill and each kind of failing disk."""

import itertools
from pathlib import Path

import pytest

from tests.crashpoints import books
from tests.crashpoints.scenes import SCENES, Scene
from tests.crashpoints.stage import Fault

_POINTS_MAX = 400


def play(root: Path, name: str, fault: Fault, at: int) -> tuple[list[str], list[str]]:
    """Play a scene with the fault at that point; return the points passed and what is wrong after."""
    scene = Scene(root, fault, at)
    try:
        jobs = SCENES[name](scene)
        scene.finish()
        return scene.points, books.wrongs(scene.spool, jobs)
    finally:
        scene.close()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SCENES)
def test_a_kill_at_any_point_loses_nothing(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    met: list[str] = []
    failures: list[str] = []
    for at in itertools.count(1):
        points, wrong = play(tmp_path / str(at), name, Fault.KILL, at)
        failures += [f"point {at} ({points[-1] if points else 'start'}): {one}" for one in wrong]
        if len(points) < at:  # it was through before it came to that point
            break
        assert at < _POINTS_MAX, "the scene has no end"
        met.append(points[-1])
    with capsys.disabled():
        print(f"\n{name}: killed at {len(met)} points", end=" ")
    assert not failures, "\n".join(failures)
    assert len(met) > 10


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "fault", [Fault.ENOSPC, Fault.EIO, Fault.ESTALE, Fault.LOST_ANSWER], ids=lambda fault: fault.name
)
@pytest.mark.parametrize("name", SCENES)
def test_a_disk_that_fails_once_anywhere_loses_nothing(tmp_path: Path, name: str, fault: Fault) -> None:
    points, _ = play(tmp_path / "all", name, Fault.NONE, 0)
    wanted = ("after", "rename") if fault is Fault.LOST_ANSWER else ("before",)
    failures: list[str] = []
    for at, point in enumerate(points, 1):
        if not point.startswith(" ".join(wanted)):
            continue
        _, wrong = play(tmp_path / str(at), name, fault, at)
        failures += [f"point {at} ({point}): {one}" for one in wrong]
    assert not failures, "\n".join(failures)
