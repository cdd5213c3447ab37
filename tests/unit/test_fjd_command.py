"""The command ``fjd`` as a whole: its table, its help, its manual, its schema, and what it loads to start."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fjd.cli import fjd, schema
from tests import tables
from tests.fjd_command import fjd as run

ROOT = Path(__file__).parents[2]
CONTEXT = click.Context(fjd.main, info_name="fjd")
NAMES = [entry.name for entry in fjd.entries()]


def command(name: str) -> click.Command:
    found = fjd.main.get_command(CONTEXT, name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_examples_and_tells_its_exit_statuses(name: str) -> None:
    text = command(name).help or ""
    assert f"  fjd {name}" in text.partition("Examples:")[2] or name in ("completion",)
    if name not in ("hire", "fire"):  # of recruiter.py
        assert "Exit status: 0" in text
    assert "recruiter.py" not in text


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("completion", "man", "schema")])
def test_every_command_of_a_spool_can_be_told_which(name: str) -> None:
    assert "directory" in {parameter.name for parameter in command(name).params}


@pytest.mark.parametrize("name", ["status", "jobs", "show", "log", "wait", "history", "workers", "doctor"])
def test_every_reading_command_prints_json(name: str) -> None:
    assert "as_json" in {parameter.name for parameter in command(name).params}


@pytest.mark.parametrize("name", NAMES)
def test_the_help_can_be_shown(name: str) -> None:
    found = command(name)
    text = found.get_help(click.Context(found, parent=CONTEXT, info_name=name))
    assert text.startswith(f"Usage: fjd {name}")
    assert all(len(line) <= 120 for line in text.splitlines())


def test_unknown_words_are_answered_with_the_nearest_known(tmp_path: Path) -> None:
    ran = run(tmp_path, "satus")
    assert (ran.status, ran.out) == (2, "")
    assert "there is no command satus; did you mean status?" in ran.err
    assert "did you mean" in run(tmp_path, "jobs", "--faild").err.lower()
    (tmp_path / "jobqueue").mkdir()
    (tmp_path / ".fjd").mkdir()
    assert "there is no filter stat:; did you mean state?" in run(tmp_path, "jobs", "stat:x").err


def test_the_readme_has_the_tables_of_the_program() -> None:
    readme = (ROOT / "README.md").read_text()
    for table in (tables.commands(), tables.json_lines()):
        assert "\n".join(table) in readme, "run python -m tests.tables"


# ---- schema


def test_the_schema_is_one_of_every_kind() -> None:
    document = schema.document()
    assert [kind["properties"]["kind"]["const"] for kind in document["oneOf"]] == list(schema.KINDS)
    assert json.loads(schema.pretty()) == document


@pytest.mark.parametrize("kind", schema.KINDS)
def test_a_line_has_the_version_and_its_kind(kind: str) -> None:
    values: dict[str, Any] = dict.fromkeys(schema.KINDS[kind])
    line = json.loads(schema.line(kind, values))
    assert list(line) == ["fjd", "kind", *schema.KINDS[kind]]
    assert (line["fjd"], line["kind"]) == (schema.VERSION, kind)


@given(st.lists(st.none() | st.text(max_size=5) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)))
def test_lines_are_spelt_alike_by_the_fast_and_the_slow_way(some: list[Any]) -> None:
    values = dict(zip(schema.KINDS["job"], [*some, *[None] * 99], strict=False))
    assert list(schema.lines("job", [values])) == [schema.line("job", values)]


# ---- manual


def test_the_manual_page_has_every_command_and_is_sound_troff(tmp_path: Path) -> None:
    page = run(tmp_path, "man").out
    assert all(f".SS {name}" in page for name in NAMES)
    assert not [line for line in page.splitlines() if re.match(r"[.'](?!(TH|SH|SS|PP|TP|nf|fi)\b)", line)]
    for name in NAMES:
        assert run(tmp_path, "man", name).out.startswith(f".TH FJD\\-{name.upper()}".replace("\\-", "-"))
        break
    if shutil.which("groff"):
        formatted = subprocess.run(
            ["groff", "-man", "-Tutf8", "-ww"], input=page, capture_output=True, text=True, timeout=60, check=True
        )
        assert formatted.stderr == ""
        assert "fjd jobs" in re.sub(r".\x08|\x1b\[[\d;]*m", "", formatted.stdout)


# ---- start


def test_little_is_loaded_to_show_the_help_and_the_status() -> None:
    slow = {"textual", "rich", "watchfiles", "configobj", "psutil", "asyncio", "difflib"}
    for module, more in (("fjd.cli.fjd", {"filelock", "fjd.inspect", "json"}), ("fjd.cli.status", set())):
        script = f"import {module}, sys; print(*sys.modules)"
        run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)
        assert not (slow | more) & set(run.stdout.split())
