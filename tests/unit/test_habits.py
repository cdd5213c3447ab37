"""What is remembered between two runs, and that nothing of it can do harm."""

from pathlib import Path

import pytest

from fjd import habits


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "fjd"


def test_topics_are_remembered_beside_each_other(state: Path) -> None:
    assert habits.load() == {}
    habits.remember("jobs", {"columns": ["job", "what"]})
    habits.remember("theme", "fjd-light")
    assert habits.load() == {"jobs": {"columns": ["job", "what"]}, "theme": "fjd-light"}
    assert [path.name for path in state.iterdir()] == ["tui.json"]
    assert (state / "tui.json").stat().st_mode & 0o027 == 0


@pytest.mark.parametrize("text", ["", "[", "[1]", "\xff", "[" * 100_000, "null"])
def test_what_is_not_understood_is_as_if_it_were_not_there(state: Path, text: str) -> None:
    state.mkdir(parents=True)
    (state / "tui.json").write_text(text, "latin-1")
    assert habits.load() == {}
    habits.remember("a", 1)
    assert habits.load() == {"a": 1}


def test_a_relative_state_home_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    assert habits.state_dir({"XDG_STATE_HOME": "relative"}).endswith("/.local/state/fjd")


def test_a_picture_is_saved(state: Path) -> None:
    path = Path(habits.save_picture("<svg/>"))
    assert path.parent == state
    assert path.read_text() == "<svg/>"


def test_the_spools_used_lately_are_few_and_the_last_is_first() -> None:
    for number in (*range(30), 25):
        habits.remember_spool(f"/run/{number}")
    found = habits.spools(habits.load())
    assert found[:3] == ("/run/25", "/run/29", "/run/28")
    assert len(found) == len(set(found)) == 12
    habits.remember_spool("/bad-\udcff")
    assert habits.spools(habits.load())[0] == "/bad-\udcff"


@pytest.mark.parametrize("said", [None, 7, "x", {}, [None, 1, "relative", "/with\0nul", "/" * 5000, ["/x"]]])
def test_what_is_no_path_is_no_spool(said: object) -> None:
    habits.remember("spools", said)
    assert habits.spools(habits.load()) == ()
