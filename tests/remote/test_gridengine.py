"""Workers in jobs of a real Grid Engine."""

from pathlib import Path

import pytest

from tests import needs
from tests.crew import BIN, job_text
from tests.remote import gridengine

pytest.importorskip("parsl", reason="the extra fjd[cluster] is not installed")
pytestmark = [needs.root(), needs.program("sge_qmaster"), needs.program("ip")]

SCENE = """\
export FJD_TIMINGS="answer_s=30 grace_s=1" PATH={bin}:$PATH
cd {spool}
recruiter.py hire 2 --on gridengine --time 5m
dispatcher.py
FJD_TIMINGS="answer_s=2 grace_s=1" recruiter.py hire 1 --on gridengine
echo "list: $(recruiter.py list | grep -c 'pending for')"
recruiter.py fire
for try in $(seq 100); do [ -z "$(qstat)" ] && break; sleep 0.1; done
echo "left: $(qstat)"
"""


def test_workers_come_work_are_pending_and_are_fired(tmp_path: Path) -> None:
    root, spool = tmp_path / "ge", tmp_path / "spool"
    root.mkdir()
    root.chmod(0o755)
    (spool / "jobqueue").mkdir(parents=True)
    for number in range(4):
        (spool / f"jobqueue/job{number}").write_text(job_text("echo $(hostname); sleep 0.5; true"))
    done = gridengine.run(root, SCENE.format(bin=BIN, spool=spool), 110)
    lines = done.stdout.splitlines()
    assert lines[:2] == ["[FJD] Hired 2 workers on gridengine.", "[FJD] Dispatcher started."]
    assert "list: 1" in lines
    assert "[FJD] Called off 1 worker on gridengine." in lines
    assert "[FJD] Fired 2 workers on localhost." in lines
    assert lines[-1] == "left: "
    assert {(spool / f"output/job{number}.out").read_text() for number in range(4)} == {"sgehost\n"}
