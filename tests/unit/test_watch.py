"""The watch: it tells of changes, it ends at once, and nothing stops it for good."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fjd.spool import watch as watch_module
from fjd.spool.watch import Hints, Watch
from tests.crew import until

NEVER = threading.Event()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "queue"
    path.mkdir()
    return path


@pytest.fixture
def watch(directory: Path) -> Iterator[Watch]:
    watch = Watch([str(directory)])
    yield watch
    watch.close()


def begun(watch: Watch) -> Watch:
    """Return it when it watches: the first wait says to look at everything."""
    until(lambda: watch.wait(1, NEVER))
    return watch


def seen(watch: Watch, directory: Path, name: str) -> bool:
    """Whether the next hints lead to ``name``, by its name or by "look at all of it"."""
    hints: Hints = watch.wait(1, NEVER)
    return str(directory) in hints and (not hints[str(directory)] or name in hints[str(directory)])


def test_the_first_wait_says_to_look_at_everything(watch: Watch, directory: Path) -> None:
    assert watch.wait(1, NEVER) == {str(directory): set()}


def test_a_new_file_is_told_by_name(watch: Watch, directory: Path) -> None:
    begun(watch)
    (directory / "a\nb").write_bytes(b"")
    assert "a\nb" in watch.wait(10, NEVER)[str(directory)]


def test_a_file_that_is_moved_in_or_out_is_told(watch: Watch, directory: Path, tmp_path: Path) -> None:
    begun(watch)
    (tmp_path / "job").write_bytes(b"")
    os.rename(tmp_path / "job", directory / "job")
    assert "job" in watch.wait(10, NEVER)[str(directory)]
    os.rename(directory / "job", tmp_path / "job")
    assert "job" in watch.wait(10, NEVER)[str(directory)]


def test_hidden_files_and_editors_leftovers_are_told_too(watch: Watch, directory: Path) -> None:
    begun(watch)
    names = {".a", "b~", "c.swp", "__pycache__"}
    for name in names:
        (directory / name).write_bytes(b"")
    found: set[str] = set()
    while not found >= names:
        hints = watch.wait(10, NEVER)
        assert hints
        found.update(*hints.values())


def test_what_changes_below_is_not_told(watch: Watch, directory: Path) -> None:
    (directory / "below").mkdir()
    begun(watch)
    (directory / "below/job").write_bytes(b"")
    (directory / "last").write_bytes(b"")
    assert watch.wait(10, NEVER) == {str(directory): {"last"}}


def test_the_time_ends_the_wait(watch: Watch) -> None:
    begun(watch)
    assert watch.wait(0.05, NEVER) == {}
    assert watch.wait(0, NEVER) == {}


def test_a_stop_ends_the_wait_at_once(watch: Watch) -> None:
    begun(watch)
    stop = threading.Event()
    waiting = threading.Thread(target=watch.wait, args=(600, stop), daemon=True)
    waiting.start()
    stop.set()
    waiting.join(60)
    assert not waiting.is_alive()


def test_a_stop_that_is_set_already_waits_for_nothing(watch: Watch) -> None:
    stop = threading.Event()
    stop.set()
    assert watch.wait(60, stop) == {}


def test_a_name_that_is_not_utf8_does_not_blind_it_for_good(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "_BLIND_S", 0.2)
    watch = begun(Watch([str(directory)]))
    bad = os.path.join(os.fsencode(directory), b"\xff")
    with open(bad, "wb"):
        pass
    until(lambda: seen(watch, directory, "\udcff"))
    until(lambda: not watch.is_blind)  # without a wait, which may begin it and take away the word that it has begun
    begun(watch)
    (directory / "later").write_bytes(b"")
    until(lambda: seen(watch, directory, "later"))
    os.unlink(bad)
    until(lambda: seen(watch, directory, "\udcff"))
    watch.close()


def test_a_directory_that_goes_and_comes_back_is_looked_at_again(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "_BLIND_S", 0.1)
    watch = Watch([str(directory)])
    shutil.rmtree(directory)
    assert watch.wait(1, NEVER) == {str(directory): set()}
    assert watch.is_blind
    directory.mkdir()
    until(lambda: not watch.is_blind)
    begun(watch)
    (directory / "job").write_bytes(b"")
    until(lambda: seen(watch, directory, "job"))
    watch.close()


def test_while_it_is_blind_a_wait_is_no_busy_loop(directory: Path) -> None:
    shutil.rmtree(directory)
    watch = Watch([str(directory)])
    assert watch.wait(1, NEVER)
    assert watch.is_blind
    began_s = time.process_time()
    assert watch.wait(0.3, NEVER) == {}
    assert time.process_time() - began_s < 0.1
    watch.close()


def test_many_changes_at_once_are_a_reason_to_list(directory: Path) -> None:
    import watchfiles

    changes = {(watchfiles.Change.added, f"{directory}/{number}") for number in range(3000)}
    assert watch_module._by_directory(changes) == {str(directory): set()}
