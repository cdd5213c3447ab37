"""Which way to hire on this host: screen where it works, detached processes elsewhere."""

from dataclasses import dataclass

from fjd.hiring.process import ProcessBackend
from fjd.hiring.protocol import Backend
from fjd.hiring.screen import ScreenBackend
from fjd.spool.layout import Layout


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to hire, and what the user should know of it ("" when it is the usual one)."""

    backend: Backend
    note: str = ""


def choose(layout: Layout) -> Choice:
    """Return the way to hire workers for the spool of ``layout`` on this host."""
    screen = ScreenBackend(layout)
    reason = screen.available()
    if not reason:
        return Choice(screen)
    return Choice(
        ProcessBackend(), f"{reason}: workers run as detached processes; their logs are in {layout.workerlogs}"
    )


def named(kind: str, layout: Layout) -> Backend | None:
    """Return the way to hire that announcements call ``kind``; None for a worker that nobody hired."""
    if kind == ScreenBackend.kind:
        return ScreenBackend(layout)
    return ProcessBackend() if kind == ProcessBackend.kind else None
