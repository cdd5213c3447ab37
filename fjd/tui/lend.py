"""Lending the terminal to another program for as long as a person stays there: a session, an editor, a shell.

The only place of the screen that starts a process. The app stands still meanwhile; its threads do not.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import App, SuspendNotSupported

from fjd.errors import HireError


def lend(
    app: App[Any], argv: Sequence[str], *, cwd: str | None = None, variables: Mapping[str, str] | None = None
) -> int:
    """Run ``argv`` on the terminal, and return its exit status when it has ended.

    Raises `HireError` where the terminal cannot be lent, or there is no such program.
    """
    try:
        with app.suspend():
            status = subprocess.run(argv, check=False, cwd=cwd, env={**os.environ, **(variables or {})}).returncode
    except SuspendNotSupported:
        raise HireError(f"this terminal cannot be lent; in another one: {' '.join(argv)}") from None
    except FileNotFoundError:
        raise HireError(f"there is no program {argv[0]}") from None
    finally:
        app.refresh(layout=True)
    return status
