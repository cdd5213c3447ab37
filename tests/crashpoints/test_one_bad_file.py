"""One file on which the disk answers EIO, at each rename of its way: all else goes on, and it is tried again.

Passes by `FileRefused`, for which the dispatcher has ``Admission.pass_by`` and ``Actor._pass_by`` and the worker
``Worker._pass_by``: without them each tried that one again and again, and what was behind it never came to be done.
"""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fjd.dispatcher import Until
from fjd.spool import announce
from fjd.spool.journal import Tail
from tests.crashpoints.scenes import GOOD, RAN, Scene, announcement, dispatch, work
from tests.crashpoints.stage import Child, Fault, wait_for

JOBS = {"bad": RAN + ":", **{f"job{number}": GOOD["prints"] for number in range(6)}}


def probe(scene: Scene, directory: str) -> Callable[[str, str, str], None]:
    """While there is no file ``mended``, no rename of ``bad`` into that directory does."""

    def strike(when: str, what: str, path: str) -> None:
        struck = os.path.relpath(path, scene.spool).split("/")
        is_it = (when, what, struck[0], struck[-1]) == ("before", "rename", directory, "bad")
        if is_it and not (scene.root / "mended").exists():
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    return strike


@pytest.fixture
def scene(tmp_path: Path) -> "Scene":
    return Scene(tmp_path / "scene", Fault.NONE, 0)


def play(scene: Scene, role: Callable[[], object], name: str, directory: str) -> Child:
    child = Child(role, scene.root / f"{name}.log", probe(scene, directory))
    scene.children.append(child)
    return child


def said(scene: Scene) -> list[str]:
    """What the roles have told of a file that is refused."""
    lines = [
        str(line)
        for path in (scene.spool / "journal").glob("*.jsonl")
        for line in Tail(str(path)).read()
        if line["event"] == "refused"
    ]
    return [line for line in lines if "Input/output error" in line]


@pytest.mark.parametrize("directory", ["jobpod", "running", "done", "failed"])
def test_all_else_goes_on(scene: Scene, directory: str) -> None:
    jobs = {**JOBS, "bad": RAN + "exit 3"} if directory == "failed" else JOBS
    scene.submit(jobs)
    try:
        worker = play(scene, lambda: work(scene.layout), "worker", directory)
        dispatcher = play(scene, lambda: dispatch(scene.layout, Until.EMPTY), "dispatcher", directory)
        others = jobs.keys() - {"bad"}
        wait_for(lambda: others <= set(os.listdir(scene.layout.done_dir)), worker, dispatcher)
        assert not {"bad"} & {*os.listdir(scene.layout.done_dir), *os.listdir(scene.layout.failed_dir)}
        assert (directory == "jobpod") is not bool(said(scene))
        (scene.root / "mended").touch()
        assert dispatcher.wait() == 0, dispatcher.log.read_text()
        assert worker.end() == 0, worker.log.read_text()
        assert "bad" in os.listdir(scene.layout.failed_dir if directory == "failed" else scene.layout.done_dir)
        assert all((scene.spool / "runs" / job).read_text() == "ran\n" for job in jobs)
    finally:
        scene.close()


def test_what_else_a_lost_worker_held_comes_back(scene: Scene) -> None:
    """Passes by ``recovery._empty``, which goes on after a refusal; `PartlyBuried` tells what came back."""
    scene.submit(JOBS)
    dead = announcement(scene.layout, pid=1 << 30)
    os.mkdir(scene.layout.pod(dead.id))
    os.mkdir(scene.layout.running_dir(dead.id))
    for job in JOBS:
        os.rename(scene.layout.queued(job), scene.layout.handed(dead.id, job))
    announce.publish(scene.layout, dead)
    try:
        worker = play(scene, lambda: work(scene.layout), "worker", "none")
        dispatcher = play(scene, lambda: dispatch(scene.layout, Until.EMPTY), "dispatcher", "jobqueue")
        others = JOBS.keys() - {"bad"}
        wait_for(lambda: others <= set(os.listdir(scene.layout.done_dir)), worker, dispatcher)
        assert os.listdir(scene.layout.pod(dead.id)) == ["bad"]
        (scene.root / "mended").touch()
        assert dispatcher.wait() == 0, dispatcher.log.read_text()
        assert worker.end() == 0, worker.log.read_text()
        assert JOBS.keys() <= set(os.listdir(scene.layout.done_dir))
    finally:
        scene.close()
