"""Every change of the disk passes by `fjd.spool.syscalls`, so that the crash tests meet every point."""

import ast
from pathlib import Path

import fjd

PACKAGE = Path(fjd.__file__).parent
CHANGING = {
    "mkdir", "makedirs", "rmdir", "removedirs", "rename", "renames", "replace", "link", "symlink", "unlink", "remove",
    "utime", "mkfifo", "mknod", "truncate", "ftruncate", "chmod", "chown", "copyfile", "rmtree", "move",
}  # fmt: skip
ELSEWHERE = {
    "cli/tui.py": "the folder for the traceback of a crash",
    "tui": "the terminal's own files",
    "hiring/screen_place.py": "a directory for sockets, outside of every spool",
}


def _changing_calls(path: Path) -> list[str]:
    calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return [
        f"{path.relative_to(PACKAGE)}:{call.lineno}: {call.value.id}.{call.attr}"
        for call in calls
        if isinstance(call, ast.Attribute)
        and isinstance(call.value, ast.Name)
        and call.value.id in ("os", "shutil")
        and call.attr in CHANGING
    ]


def test_no_other_module_changes_the_disk() -> None:
    found = [
        call
        for path in PACKAGE.rglob("*.py")
        if path.name != "syscalls.py" and not any(str(path.relative_to(PACKAGE)).startswith(here) for here in ELSEWHERE)
        for call in _changing_calls(path)
    ]
    assert found == []
