"""``fjd submit`` as people use it: one job or many, run by real workers; wrong input; killed in the middle."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from fjd import jobfile
from fjd.jobfile import JobSpec
from tests.crew import Crew, until

SUBMIT = [sys.executable, "-m", "fjd.cli.submit"]
BEST = {"tags": "gpu, big", "memory": "2G", "memory-limit": "yes", "not-before": "2026-12-01", "timeout": "1h30m"}
"""A value for each key that takes no number."""


def submit(crew: Crew, *arguments: str, text: str = "", status: int = 0) -> tuple[list[str], str]:
    """Run the command; return the lines on stdout, and stderr."""
    run = subprocess.run(
        [*SUBMIT, *arguments], cwd=crew.root, env=crew.environment, input=text, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == status, run
    return run.stdout.splitlines(), run.stderr


def spec(crew: Crew, job: str, directory: str = "jobqueue") -> JobSpec:
    return jobfile.parse((crew.root / directory / job).read_bytes())


def run_all(crew: Crew, *jobs: str) -> None:
    crew.worker()
    status, _, said = crew.finish(crew.dispatcher())
    assert status == 0, said
    assert crew.names("done") == set(jobs)


def test_a_sweep_is_run_by_real_workers(crew: Crew) -> None:
    names, said = submit(
        crew, "--sweep", "x=1..2", "--sweep", 'word=plain,"two words","$(touch pwned)"', "--name", "w{x}-{word}",
        "--logfile", "log/{x}", "--", "printf", "%s|", "{x}", "{word}",
    )  # fmt: skip
    assert (names[:2], len(names), said) == (["w1-plain", "w1-two_words"], 6, "")
    run_all(crew, *names)
    assert crew.output("w1-plain") == "1|plain|"
    assert crew.output("w2-two_words") == "2|two words|"
    assert crew.output("w2-_touch_pwned_") == "2|$(touch pwned)|"
    assert not (crew.root / "pwned").exists()
    assert (crew.root / "log").is_dir()


def test_one_job_with_all_that_it_can_be_given(crew: Crew) -> None:
    (crew.root / "sub").mkdir()
    script = 'pwd; tail -3 "$1"'
    names, _ = submit(
        crew, "--name", "mine", "--workdir", "sub", "--param", "a=b=c", "--param", "B= d", "--param", "a=x",
        "--env", "SOME=thing", "--job-file", "--", "sh", "-c", script, "sh",
    )  # fmt: skip
    assert names == ["mine"]
    assert spec(crew, "mine").env == (("SOME", "thing"),)
    run_all(crew, "mine")
    assert crew.output("mine").splitlines() == [str(crew.root / "sub"), "[params]", "a = x", "B = d"]


def test_lines_as_arguments_and_as_commands(crew: Crew) -> None:
    asked, _ = submit(crew, "--lines", "-", "--name", "a{n}", "printf", "<%s>", text="x y\n\n'; touch pwned\n")
    (crew.root / "list").write_text("# a comment\necho one | tr a-z A-Z\ntrue\n")
    commands, _ = submit(crew, "--lines", "list")
    assert (asked, commands) == (["a1", "a2"], ["job1", "job2"])
    run_all(crew, "a1", "a2", "job1", "job2")
    assert crew.output("a1") == "<x y>"
    assert crew.output("a2") == "<'; touch pwned>"
    assert crew.output("job1") == "ONE\n"
    assert not (crew.root / "pwned").exists()


def test_a_table_and_a_template(crew: Crew) -> None:
    (crew.root / "base").write_text(
        '[control]\nexecutable: cat {file} > "{id}.out" && :\npriorty: 3\nretries: 2\n[params]\nid: {id}!\n'
        "[other]\nk: v\n"
    )
    (crew.root / "t.csv").write_text("id,file\n1,a b\n2,it's\n")
    for name, text in (("a b", "first"), ("it's", "second")):
        (crew.root / name).write_text(text)
    names, said = submit(crew, "--csv", "t.csv", "--template", "base", "--name", "r-{id}", "--priority", "7")
    assert names == ["r-1", "r-2"]
    assert "priorty" in said
    assert "did you mean priority" in said
    assert "[other] is left out" in said
    assert spec(crew, "r-1").params == (("id", "1!"), ("file", "a b"))
    assert spec(crew, "r-1").options == (("priority", "7"), ("retries", "2"))
    run_all(crew, "r-1", "r-2")
    assert (crew.root / "1.out").read_text() + (crew.root / "2.out").read_text() == "firstsecond"


def test_zip_hold_and_dry_run(crew: Crew) -> None:
    sweep = ("--sweep", "a=1,2", "--sweep", "b=x,y", "--zip")
    assert submit(crew, *sweep, "--dry-run", "--", "run", "{a}{b}")[0] == ["job1: exec run 1x;", "job2: exec run 2y;"]
    assert not crew.names("jobqueue")
    assert submit(crew, *sweep, "--hold", "--", "run", "{a}{b}")[0] == ["job1", "job2"]
    assert crew.names("held") == {"job1", "job2"}
    assert not crew.names("jobqueue")


def test_every_key_is_an_option(crew: Crew) -> None:
    values = {key: BEST.get(key, "3") for key in jobfile.KEYS[1:]}
    options = [word for key, value in values.items() for word in (f"--{key}", value)]
    (line,), _ = submit(crew, "--dry-run", "--json", *options, "true")
    said = json.loads(line)
    assert (said.pop("fjd"), said.pop("kind")) == (1, "draft")
    assert said.pop("options") | {"logfile": said.pop("logfile"), "workdir": said.pop("workdir")} == values
    assert said == {"name": "job1", "command": "exec true;", "params": {}, "env": {}}
    help_text = "\n".join(submit(crew, "--help")[0])
    assert all(f"--{key} VALUE" in help_text for key in jobfile.KEYS[1:])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "say what to run"),
        (["--zip", "x"], "--zip takes the values"),
        (["--priority", "high", "x"], "priority: 'high' is no whole number from -1,000,000 to 1,000,000"),
        (["--retires", "3", "x"], "--retries"),
        (["--param", "a", "x"], "--param 'a': write it as KEY=VALUE"),
        (["--env", "1=a", "x"], "env-key is no name of a variable"),
        (["--name", "a/b", "x"], "a name cannot have a / in it"),
        (["--sweep", "a=1", "--lines", "t", "x"], "exclude each other"),
        (["--sweep", "a=", "x"], "an empty value"),
        (["--sweep", "a=;", "--", "sh", "-c", "echo {a}"], "job1: {a}: the value ';' would be"),
        (["--template", "nothing"], "there is no such file"),
        (["--template", "t"], "text above the first section"),
        (["--csv", "t", "x"], "line 2 has 2 cells"),
        (["x", "#"], "executable holds a #"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_status_2_and_nothing_is_submitted(
    crew: Crew, arguments: Sequence[str], words: str
) -> None:
    (crew.root / "t").write_text("no job\na,b\n")
    out, said = submit(crew, *arguments, status=2)
    assert words in said
    assert "Traceback" not in said
    assert out == []
    assert not crew.names("jobqueue")


def test_a_wrong_value_is_told_in_the_words_of_admission(crew: Crew) -> None:
    _, said = submit(crew, "--timeout", "soon", "x", status=2)
    words = said.removeprefix("[FJD] job1: ").strip()
    crew.submit("bad", "x", timeout="soon")
    status, _, told = crew.finish(crew.dispatcher("--once"))
    assert status == 1
    assert words in told


def test_a_name_that_waits_already_is_refused_with_status_1(crew: Crew) -> None:
    submit(crew, "--name", "a", "x")
    assert "a job named a waits already" in submit(crew, "--name", "a", "y", status=1)[1]
    assert spec(crew, "a").executable == "exec x;"


def test_a_slip_in_braces_is_told_and_left(crew: Crew) -> None:
    (line,), said = submit(crew, "--sweep", "seed=1", "--dry-run", "--", "run", "{sed}")
    assert line == "job1: exec run '{sed}';"
    assert "did you mean seed?" in said


def test_killed_in_the_middle_nothing_is_in_the_queue(crew: Crew) -> None:
    process = subprocess.Popen(
        [*SUBMIT, "--sweep", "seed=1..100000", "--", "true", "{seed}"], cwd=crew.root, env=crew.environment,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    crew.processes.append(process)  # type: ignore[arg-type]  # it is ended with the others
    tmp = Path(crew.root, ".fjd/tmp")
    until(lambda: any(len(list(draft.iterdir())) > 100 for draft in tmp.glob("batch-*")), 60)
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    assert not crew.names("jobqueue")
    assert not crew.names(".fjd/batches")
    assert submit(crew, "true")[0] == ["job1"]


def test_killed_after_the_commit_everything_comes(crew: Crew) -> None:
    process = subprocess.Popen(
        [*SUBMIT, "--sweep", "seed=1..2000", "--", "true", "{seed}"], cwd=crew.root, env=crew.environment,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    crew.processes.append(process)  # type: ignore[arg-type]  # it is ended with the others
    until(lambda: crew.names("jobqueue"), 60)
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    submit(crew, "--name", "mine", "true")
    assert crew.names("jobqueue") == {"mine", *(f"job{number}" for number in range(1, 2001))}
