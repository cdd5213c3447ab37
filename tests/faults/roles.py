"""The roles as these tests start them."""

import os
import subprocess
from pathlib import Path
from typing import Any

from tests.crew import Crew, until

WAITS = "until test -e go; do sleep 0.02; done; :"


def dispatching(
    crew: Crew, talk: Path, *arguments: str, command: str = "fjd-tui", **options: Any
) -> "subprocess.Popen[str]":
    """Start ``fjd-tui --no-ui``, its stderr in the file ``talk``, and wait until it dispatches."""
    words = ("--no-ui", *arguments) if command == "fjd-tui" else arguments
    with talk.open("a") as file:
        process = crew.start(command, *words, stderr=file, **options)
    until(lambda: process.poll() is not None or str(process.pid) in lease(crew))
    return process


def lease(crew: Crew) -> str:
    """Return what the dispatcher's lease says; empty when nobody has it."""
    try:
        descriptor = os.open(crew.root / ".fjd/dispatcher.lease", os.O_RDONLY)
    except FileNotFoundError:
        return ""
    with open(descriptor, encoding="utf-8", errors="replace") as file:
        return file.read()
