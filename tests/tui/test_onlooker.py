"""A backend for reading refuses all that changes something, whatever asks for it."""

import pytest

from fjd.errors import UsageError
from fjd.tui import onlooker
from fjd.tui.backend import Backend
from fjd.tui.registry import READ_ONLY
from tests.tui.fake_engine import FakeBackend

METHODS = [name for name in vars(Backend) if not name.startswith("_")]
CHANGES = {
    "hire", "fire", "pause", "resume", "kill", "retry", "cancel", "hold", "release", "freeze", "thaw",
    "raise_priority", "rewrite", "revert", "draft", "save_picture", "remember", "note_use", "keep_template",
    "submit", "submit_many", "attach_argv",
}  # fmt: skip


def test_each_method_either_looks_or_changes() -> None:
    assert set(METHODS) - onlooker.LOOKS == CHANGES
    assert {*METHODS, "root", "habits"} - CHANGES == onlooker.LOOKS


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_what_changes_something_is_refused(backend: FakeBackend, name: str) -> None:
    with pytest.raises(UsageError, match=READ_ONLY):
        getattr(onlooker.only_looking(backend), name)


def test_what_looks_is_done(backend: FakeBackend) -> None:
    seen = onlooker.only_looking(backend)
    assert seen.root == backend.root
    assert seen.snapshot() is backend.snapshot()
