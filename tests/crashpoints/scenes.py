"""What is played: each scene has a victim role, the others around it, and the jobs that must come out right."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fjd import control, identity, jobfile, recruiter
from fjd.dispatcher import Dispatcher, Until
from fjd.errors import DiskError, FjdError
from fjd.jobfile import JobSpec
from fjd.recruiter import How
from fjd.settings import Timings
from fjd.spool import announce, batches, create
from fjd.spool.announce import Announcement
from fjd.spool.layout import Layout
from fjd.worker import Leaving, Worker
from tests.crashpoints import hired
from tests.crashpoints.stage import Child, Fault, Strike, wait_for

TIMINGS = Timings(
    heartbeat_s=0.5,
    lease_s=1.5,
    alive_s=0.05,
    look_s=0.1,
    reconcile_s=0.2,
    poll_s=0.05,
    grace_s=0.5,
    answer_s=5,
    settle_s=0.3,
)

RAN = 'echo ran >> "$FJD_DIR/runs/$FJD_JOB"; '
GOOD = {"prints": RAN + "echo hello; :", "silent": RAN + ":"}
BAD = {"fails": RAN + "exit 3"}
FLAKY = {"flaky": RAN + '[ "$FJD_ATTEMPT" -ge 2 ] && :'}
TWICE = (("retries", "1"), ("retry-delay", "0.1"))


@dataclass
class Scene:
    """One playing of a scene in ``root``: the crew around the victim, and what it leaves."""

    root: Path
    fault: Fault
    at: int
    children: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spool = self.root / "spool"
        self.spool.mkdir(mode=0o700, parents=True)
        (self.spool / "runs").mkdir()
        self.record = self.root / "points"
        self.layout = create.open_spool(str(self.spool))

    @property
    def points(self) -> list[str]:
        """The points that the victim has passed."""
        return self.record.read_text().splitlines() if self.record.exists() else []

    def play(self, role: Callable[[], object], name: str) -> Child:
        child = Child(role, self.root / f"{name}.log")
        self.children.append(child)
        return child

    def play_victim(self, role: Callable[[], object]) -> Child:
        child = Child(role, self.root / "victim.log", Strike(self.fault, self.at, self.record))
        self.children.append(child)
        return child

    def submit(self, jobs: dict[str, str], options: tuple[tuple[str, str], ...] = ()) -> None:
        for name, command in jobs.items():
            control.submit(self.layout, name, JobSpec(command, options=options))

    def finish(self) -> None:
        """Play on with a whole crew until nothing is left to do, and send it home."""
        worker = self.play(lambda: work(self.layout), "second worker")
        wait_for(lambda: any(f"-{worker.pid}-" in name for name in os.listdir(self.layout.workerqueue)), worker)
        dispatcher = self.play(lambda: dispatch(self.layout, Until.ONCE), "second dispatcher")
        assert dispatcher.wait() == 0, dispatcher.log.read_text()
        assert worker.end() == 0, worker.log.read_text()
        last = self.play(lambda: dispatch(self.layout, Until.ONCE), "last dispatcher")
        assert last.wait() == 0, last.log.read_text()

    def close(self) -> None:
        for child in self.children:
            child.end(9)
        hired.end_all(self.spool)
        shutil.rmtree(self.root)


# ---- roles


def work(layout: Layout) -> None:
    """Be a worker, as ``fjd-worker`` is one, in the spool's directory."""
    os.chdir(layout.root)
    while Worker(layout, announcement(layout), TIMINGS).run() is Leaving.LOST:
        pass


def announcement(layout: Layout, pid: int | None = None) -> Announcement:
    host, pid = identity.this_host(), pid or os.getpid()
    started = identity.start_time(pid) or 0
    return Announcement(
        announce.new_id(host.name, pid), pid, host.name, host.boot_id, host.pid_space, pid, started, time.time(),
        layout.root, "hand",
    )  # fmt: skip


def dispatch(layout: Layout, until: Until) -> None:
    Dispatcher(create.open_spool(layout.root), TIMINGS).run(until=until)


# ---- scenes: each returns when the victim is dead or through


def worker_scene(scene: Scene) -> dict[str, str]:
    """The victim is a worker, from its coming to its leaving; a dispatcher goes on beside it."""
    jobs = {**GOOD, **BAD}
    scene.submit(jobs)
    dispatcher = scene.play(lambda: dispatch(scene.layout, Until.EMPTY), "dispatcher")
    victim = scene.play_victim(lambda: work(scene.layout))
    wait_for(lambda: victim.has_ended() or dispatcher.has_ended(), victim, dispatcher)
    if dispatcher.has_ended():
        victim.end()
    else:
        second = scene.play(lambda: work(scene.layout), "relief")
        assert dispatcher.wait() == 0, dispatcher.log.read_text()
        second.end()
    return jobs


def dispatcher_scene(scene: Scene) -> dict[str, str]:
    """The victim is a dispatcher that buries a dead worker, refuses a bad job and hands out the rest."""
    jobs = {**GOOD, **BAD, "was running": GOOD["silent"], "was handed": GOOD["prints"]}
    scene.submit(jobs)
    committed = {"was committed": GOOD["silent"]}
    batches.commit(scene.layout, ((name, jobfile.render(JobSpec(line)).encode()) for name, line in committed.items()))
    (scene.spool / "jobqueue/refused").write_text("no job")
    dead = announcement(scene.layout, pid=1 << 30)
    os.mkdir(scene.layout.pod(dead.id))
    os.mkdir(scene.layout.running_dir(dead.id))
    os.rename(scene.layout.queued("was running"), scene.layout.running(dead.id, "was running"))
    os.rename(scene.layout.queued("was handed"), scene.layout.handed(dead.id, "was handed"))
    announce.publish(scene.layout, dead)
    worker = scene.play(lambda: work(scene.layout), "worker")
    victim = scene.play_victim(lambda: dispatch(scene.layout, Until.EMPTY))
    wait_for(victim.has_ended, victim, worker)
    worker.end()
    return {**jobs, **committed, "refused": ""}


def retry_scene(scene: Scene) -> dict[str, str]:
    """The victim is a dispatcher that tries a failed job again."""
    scene.submit(FLAKY, TWICE)
    worker = scene.play(lambda: work(scene.layout), "worker")
    victim = scene.play_victim(lambda: dispatch(scene.layout, Until.EMPTY))
    wait_for(victim.has_ended, victim, worker)
    worker.end()
    return FLAKY


def fire_scene(scene: Scene) -> dict[str, str]:
    """The victim fires a worker that is busy and one that is dead, and so must be buried."""
    jobs = {"long": RAN + 'test -e "$FJD_DIR/go" || sleep 30; :', "was running": GOOD["silent"]}
    scene.submit(jobs)
    dead = announcement(scene.layout, pid=1 << 30)
    os.mkdir(scene.layout.pod(dead.id))
    os.mkdir(scene.layout.running_dir(dead.id))
    os.rename(scene.layout.queued("was running"), scene.layout.running(dead.id, "was running"))
    announce.publish(scene.layout, dead)
    worker = scene.play(lambda: work(scene.layout), "worker")
    wait_for(lambda: len(recruiter.members(scene.layout)) == 2, worker)
    (busy,) = (member.id for member in recruiter.members(scene.layout) if member.id != dead.id)
    os.rename(scene.layout.queued("long"), scene.layout.handed(busy, "long"))
    wait_for(lambda: (scene.spool / "runs/long").exists(), worker)
    victim = scene.play_victim(lambda: _fire(scene.layout))
    wait_for(victim.has_ended, victim, worker)
    (scene.spool / "go").touch()
    _fire(scene.layout)
    wait_for(worker.has_ended, worker)
    return jobs


def _fire(layout: Layout) -> None:
    report = recruiter.fire(layout, how=How.NOW, timings=TIMINGS)
    for worker, why in report.failures:
        print(worker, why)


def hire_scene(scene: Scene) -> dict[str, str]:
    """The victim hires two, who come or end by themselves; the next one hires a third; all that came work and leave."""
    jobs = {**GOOD, **BAD}
    scene.submit(jobs)
    victim = scene.play_victim(lambda: hired.hire(scene.layout, 2, TIMINGS))
    wait_for(victim.has_ended, victim)
    wait_for(lambda: not hired.unannounced(scene.layout), victim)
    following = scene.play(lambda: hired.hire(scene.layout, 1, TIMINGS), "following")
    assert following.wait() == 0, following.log.read_text()
    dispatcher = scene.play(lambda: dispatch(scene.layout, Until.EMPTY), "dispatcher")
    assert dispatcher.wait() == 0, dispatcher.log.read_text()
    _fire(scene.layout)
    wait_for(lambda: not list(hired.of_spool(scene.spool)), victim, following)
    return jobs


def submit_scene(scene: Scene) -> dict[str, str]:
    """The victim does what users ask of a spool: submit, replace, cancel, retry, pause, resume."""
    layout = scene.layout
    jobs = {f"job{number}": GOOD["prints"] for number in range(3)}
    victim = scene.play_victim(lambda: _ask(layout, jobs))
    victim.wait()
    control.resume(layout)
    present = {*os.listdir(layout.jobqueue), *os.listdir(layout.failed_dir)}
    for name in os.listdir(layout.failed_dir):  # cancelled, and killed before it was tried again
        control.retry(layout, name)
    return {name: command for name, command in jobs.items() if name in present}


def _ask(layout: Layout, jobs: dict[str, str]) -> None:
    deeds: list[Callable[[], None]] = [
        *(lambda name=name, command=command: control.submit(layout, name, JobSpec(command))
          for name, command in jobs.items()),
        lambda: control.pause(layout),
        lambda: control.submit(layout, "job0", JobSpec(jobs["job0"]), replace=True),
        lambda: control.cancel(layout, "job1"),
        lambda: control.retry(layout, "job1"),
        lambda: control.resume(layout),
    ]  # fmt: skip
    for deed in deeds:
        try:
            deed()
        except DiskError:
            deed()  # the disk fails once; a user tries again
        except FjdError as error:
            print(error)


def batch_scene(scene: Scene) -> dict[str, str]:
    """The victim submits many jobs at once; wherever it is struck, all of them are submitted or none."""
    layout = scene.layout
    jobs = {f"job{number}": GOOD["silent"] for number in range(2)}
    victim = scene.play_victim(lambda: _submit_many(layout, jobs))
    victim.wait()
    waiting = control.waiting_names(layout)
    assert waiting in (set(), set(jobs)), waiting
    return jobs if waiting else {}


def _submit_many(layout: Layout, jobs: dict[str, str]) -> None:
    drafts = [(name, JobSpec(command)) for name, command in jobs.items()]
    try:
        control.submit_many(layout, drafts)
    except DiskError:
        control.submit_many(layout, drafts)  # the disk fails once; a user tries again, and then all must be in


SCENES = {
    "worker": worker_scene,
    "dispatcher": dispatcher_scene,
    "retry": retry_scene,
    "recruiter": fire_scene,
    "hire": hire_scene,
    "submit": submit_scene,
    "batch": batch_scene,
}
