"""Imports point down: the layers of the architecture, held by reading every module of the package.

The tables below are the law. Whoever adds a module gives it a layer; whoever needs an exception gives its reason.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LAYERS: dict[str, int] = {
    "fjd": 0,  # the package itself: its version
    "fjd.errors": 0,
    "fjd.capacity": 0,
    "fjd.chance": 0,
    "fjd.display": 0,
    "fjd.identity": 0,
    "fjd.jobfile": 0,
    "fjd.nearest": 0,
    "fjd.order": 0,
    "fjd.quantity": 0,
    "fjd.setbacks": 0,
    "fjd.settings": 0,
    "fjd.snapshot": 0,
    "fjd.spawn": 0,
    "fjd.told": 0,
    "fjd.why": 0,
    "fjd.leftovers": 1,
    "fjd.retry": 1,
    "fjd.spool": 1,
    "fjd.child": 2,
    "fjd.configuration": 2,
    "fjd.hiring": 2,
    "fjd.glance": 2,
    "fjd.habits": 2,
    "fjd.ledger": 2,
    "fjd.logtail": 2,
    "fjd.usage": 2,
    "fjd.policy": 2,
    "fjd.progress": 2,
    "fjd.recovery": 2,
    "fjd.selectors": 2,
    "fjd.story": 2,
    "fjd.submission": 2,
    "fjd.control": 3,
    "fjd.dispatcher": 3,
    "fjd.elastic": 3,
    "fjd.inspect": 3,
    "fjd.recruiter": 3,
    "fjd.worker": 3,
    "fjd.call": 2,
    "fjd.api": 4,
    "fjd.cli": 4,
    "fjd.tui": 4,
    "fjd.web": 4,
}
"""Each room and its layer. A module belongs to the room with the longest name that its own begins with."""

SIDEWAYS = {
    ("fjd.hiring", "fjd.configuration"): "remote.conf is a configuration file",
    ("fjd", "fjd.api"): "what programs use, imported when it is first asked for",
    ("fjd.jobfile", "fjd.quantity"): "options hold durations and sizes as people write them",
    ("fjd.jobfile", "fjd.nearest"): "an unknown key is told with the nearest known one",
    ("fjd.why", "fjd.quantity"): "times are said as people write them",
    ("fjd.ledger", "fjd.selectors"): "what a glob is is said in one place",
    ("fjd.spool", "fjd.retry"): "an exit status is told in one way",
    ("fjd.inspect", "fjd.recruiter"): "who works for a spool is the recruiter's to tell",
    ("fjd.dispatcher", "fjd.elastic"): "an elastic crew is kept by whoever dispatches",
    ("fjd.elastic", "fjd.recruiter"): "its workers are hired and fired as all others are",
    ("fjd.policy", "fjd.ledger"): "decisions are made on the picture",
    ("fjd.glance", "fjd.logtail"): "last words are the end of a growing file",
    ("fjd.glance", "fjd.progress"): "a report is no last word",
    ("fjd.cli", "fjd.tui"): "the command fjd-tui starts the app",
    ("fjd.cli", "fjd.web"): "the command fjd-tui serves it",
}
"""Imports between rooms of one layer that are allowed, with the reason. Everything may import the errors."""

LIBRARY_HOMES = {
    "textual": ("fjd.tui", "fjd.cli.tui"),
    "textual_serve": ("fjd.web",),
    "aiohttp": ("fjd.web",),
    "watchfiles": ("fjd.spool.watch",),
    "configobj": ("fjd.configuration", "fjd.jobfile"),
    "validate": ("fjd.configuration", "fjd.jobfile"),
}
"""Where a library that is slow to import, or has traps, may be imported at all."""

CATCHES_OS_ERRORS = {
    "fjd.spool.fsio.looking": "the place for it",
    "fjd.spool.fsio.moving": "the place for it",
    "fjd.spool.fsio.refusals": "the place for it",
    "fjd.spool.fsio.writing": "the place for it",
    "fjd.spool.noreplace": "tells a system call that is not there from one that failed",
    "fjd.spool.output": "what a job printed is its own, and cannot be had back where the disk refused it",
    "fjd.spool.wakeup": "a fifo has errors of its own, and none of them matters",
    "fjd.spool.watch": "a watch that cannot be had, for whatever reason, means to look at everything",
    "fjd.spool.filesystems": "reads /proc, which is no part of the spool",
    "fjd.spool.wholeness": "the errno of a refused read lease is the answer that was asked for",
    "fjd.capacity": "asks the system what it has, which may not tell",
    "fjd.identity": "reads /proc, which is no part of the spool",
    "fjd.hiring.cluster": "a scheduler that cannot be asked why has said nothing, which is no more than a missing word",
    "fjd.logtail.tail": "a log is somebody else's file; that it is gone or refused is a state to show",
    "fjd.spawn": "where /proc is not to be read, it cannot be told what is open",
    "fjd.child": "a command that cannot be started is a result of the job, as it is for a shell",
    "fjd.worker.run": "the same, as a sentence in the journal",
    "fjd.worker.hook": "the same",
    "fjd.tui.lend": "that there is no such program is said to whoever asked for it",
    "fjd.web.server": "that an address cannot be had is said to whoever asked for it",
    "fjd.tui.browser": "the same as in the driver for a terminal: a write to a browser that is gone",
    "fjd.tui.driver": "a write to a terminal that is gone must not keep the program from ending",
}
"""Who may look at an error of the operating system, with the reason; all others see `fjd.errors.DiskError`."""

OS_ERRORS = {
    "OSError", "IOError", "EnvironmentError",
    "FileExistsError", "FileNotFoundError", "IsADirectoryError", "NotADirectoryError", "PermissionError",
}  # fmt: skip

TUI_MAY_IMPORT: dict[str, set[str]] = {"shutil": set(), "subprocess": {"fjd.tui.lend"}}
"""Modules that reach past the roles, and who under ``fjd.tui`` may import them all the same: the terminal is lent to
a session, an editor or a shell, for as long as a person stays there."""

DISK_CALLS = {
    f"os.{name}"
    for name in (
        "access", "link", "listdir", "lstat", "makedirs", "mkdir", "open", "remove", "rename", "replace", "rmdir",
        "scandir", "stat", "symlink", "unlink", "utime", "walk",
        "path.exists", "path.getmtime", "path.getsize", "path.isdir", "path.isfile", "path.islink", "path.realpath",
    )
} | {"open", "io.open"}  # fmt: skip


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted((ROOT / "fjd").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_bytes())


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def room(module: str) -> str | None:
    """The room that ``module`` belongs to, or None; the package itself is the room of nothing but itself."""
    rooms = (room for room in LAYERS if within(module, room) and (room != "fjd" or module == "fjd"))
    return max(rooms, key=len, default=None)


def imports(module: str) -> Iterator[str]:
    """What ``module`` imports, anywhere in it: a module of the package by its full name, others as they are written."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(module, node)
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in MODULES else base


def absolute(module: str, node: ast.ImportFrom) -> str:
    """The dotted name of what ``node`` imports from, with its leading dots resolved."""
    if not node.level:
        return node.module or ""
    is_package = MODULES[module].name == "__init__.py"
    package = module.split(".")[: None if is_package and node.level == 1 else -(node.level - is_package)]
    return ".".join([*package, *([node.module] if node.module else [])])


def names(module: str) -> Iterator[str]:
    """Every name and dotted name that the code of ``module`` reads, such as ``open`` and ``os.path.exists``."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Name | ast.Attribute):
            yield ast.unparse(node)


def why_not(importer: str, imported: str) -> str | None:
    """Say why ``importer`` must not import ``imported``, both modules of the package; None when it may."""
    here, there = room(importer), room(imported)
    if here is None or there is None:
        return "one of them has no layer"
    if here == there or imported == "fjd.errors" or (here, there) in SIDEWAYS:
        return None
    if LAYERS[there] >= LAYERS[here]:
        return f"layer {LAYERS[here]} must not import from layer {LAYERS[there]}"
    if here == "fjd.tui" and there == "fjd.spool" and imported != "fjd.spool.layout":
        return "the screen never touches the disk"
    return None


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_layer(module: str) -> None:
    assert room(module), f"give {module} a layer in LAYERS"


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    wrong = {
        imported: reason
        for imported in imports(module)
        if within(imported, "fjd") and (reason := why_not(module, imported))
    }
    assert not wrong


@pytest.mark.parametrize("module", MODULES)
def test_a_library_stays_in_its_home(module: str) -> None:
    strays = {
        imported
        for imported in imports(module)
        for library, homes in LIBRARY_HOMES.items()
        if within(imported, library) and not any(within(module, home) for home in homes)
    }
    assert not strays


@pytest.mark.parametrize("module", MODULES)
def test_errors_of_the_system_are_handled_in_one_place(module: str) -> None:
    assert not os_errors(module) or module in CATCHES_OS_ERRORS


@pytest.mark.parametrize("module", CATCHES_OS_ERRORS)
def test_no_exception_outlives_its_reason(module: str) -> None:
    assert module in MODULES
    assert os_errors(module), f"{module} handles no error of the system any more: take it off the list"


def os_errors(module: str) -> set[str]:
    """What ``module`` handles of the errors of the operating system."""
    handled = {name for node in ast.walk(tree(module)) for name in caught(node)} & OS_ERRORS
    return handled | ({"errno"} & set(imports(module)))


def caught(node: ast.AST) -> Iterator[str]:
    """The names of the exceptions that ``node`` handles: ``except A``, ``except (A, B)``, ``suppress(A)``."""
    if isinstance(node, ast.ExceptHandler) and node.type:
        types = [node.type]
    elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "suppress":
        types = node.args
    else:
        return
    for kind in types:
        yield from (ast.unparse(name) for name in (kind.elts if isinstance(kind, ast.Tuple) else [kind]))


@pytest.mark.parametrize("module", [module for module in MODULES if within(module, "fjd.tui")])
def test_the_screen_never_touches_the_disk(module: str) -> None:
    assert not DISK_CALLS & set(names(module))
    for imported in imports(module):
        assert module in TUI_MAY_IMPORT.get(imported, {module}), imported


def loaded_by(module: str) -> set[str]:
    """The top-level names of everything that a fresh interpreter has loaded after ``import module``."""
    script = f"import {module}, json, sys; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30
    )
    assert run.returncode == 0, run.stderr
    return {name.partition(".")[0] for name in json.loads(run.stdout)}


@pytest.mark.parametrize("module", ["fjd", "fjd.dispatcher", "fjd.recruiter"])
def test_the_package_works_without_the_screen(module: str) -> None:
    assert not {"textual", "rich"} & loaded_by(module)


def test_the_package_itself_loads_nothing() -> None:
    assert not {"textual", "watchfiles", "configobj", "psutil", "click", "filelock"} & loaded_by("fjd")


@pytest.mark.parametrize("module", ["fjd.worker", "fjd.cli.worker"])
def test_a_worker_loads_only_what_it_runs(module: str) -> None:
    """Its start-up time is paid once a worker, a thousand times on a thousand hosts; these are what makes it slow."""
    assert not {"textual", "watchfiles", "rich", "configobj", "psutil", "asyncio", "filelock"} & loaded_by(module)


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("fjd.worker", "fjd.child", True),
        ("fjd.spool.journal", "fjd.spool.fsio", True),
        ("fjd.dispatcher.observe", "fjd.dispatcher.act", True),
        ("fjd.settings", "fjd.errors", True),
        ("fjd.policy", "fjd.ledger", True),
        ("fjd.cli.tui", "fjd.tui.app", True),
        ("fjd.tui.app", "fjd.spool.layout", True),
        ("fjd.ledger", "fjd.policy", False),
        ("fjd.child", "fjd.hiring.screen", False),
        ("fjd.worker", "fjd.dispatcher", False),
        ("fjd.spool.fsio", "fjd.ledger", False),
        ("fjd.tui.app", "fjd.cli.tui", False),
        ("fjd.tui.app", "fjd.spool.fsio", False),
        ("fjd.novelty", "fjd.errors", False),
    ],
)
def test_the_rule_itself(importer: str, imported: str, allowed: bool) -> None:
    assert (why_not(importer, imported) is None) is allowed
