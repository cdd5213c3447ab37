"""Textual's driver for a browser, made to end when there is nobody left to draw for.

Its pipes lead to `fjd.web.window`. When that process is killed, Textual's own driver reads nothing more and says so to
nobody, and a write that finds no reader is an error in the middle of painting. Here the one is the end of the program,
and the other is nothing, since the end is on its way.
"""

import contextlib
import os
from collections.abc import MutableMapping
from typing import Any

from textual.app import App
from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp

_VARIABLES = ("TEXTUAL_DRIVER", "TEXTUAL_COLOR_SYSTEM")
_SIZE = ("COLUMNS", "ROWS")


def is_asked_for(environ: MutableMapping[str, str] = os.environ) -> bool:
    """Tell whether this process is to draw in a browser."""
    return environ.get("TEXTUAL_DRIVER", "").startswith(__name__ + ":")


def forget(environ: MutableMapping[str, str] = os.environ) -> None:
    """Take out what told Textual so, once it knows: workers that are hired here hand their environment to jobs."""
    for name in _VARIABLES:
        environ.pop(name, None)


class BrowserDriver(WebDriver):
    """A `WebDriver` that knows when its window is gone."""

    def __init__(self, app: App[object], **options: Any) -> None:
        super().__init__(app, **options)  # which has read the first size of the window
        for name in _SIZE:
            os.environ.pop(name, None)

    def run_input_thread(self) -> None:
        """Read until there is nothing to read any more, and end the app then."""
        super().run_input_thread()
        self._app.post_message(ExitApp())

    def write(self, data: str) -> None:
        with contextlib.suppress(OSError):
            super().write(data)

    def write_meta(self, data: dict[str, object]) -> None:
        with contextlib.suppress(OSError):
            super().write_meta(data)
