"""Going to another spool."""

import asyncio
from typing import TYPE_CHECKING

from fjd.tui.dialogs.spools import Spools

if TYPE_CHECKING:
    from fjd.tui.desk import Desk


def why_not(desk: "Desk") -> str:
    """Say why this screen shows one spool only."""
    return "" if desk.goes else "This window is for one spool alone."


async def choose(desk: "Desk") -> None:
    """Let its user choose among the spools that were used lately, and go there."""
    here = desk.backend.root
    known = await asyncio.to_thread(desk.backend.spools)
    roots = list(dict.fromkeys([here, *known]))
    chosen = await desk.app.push_screen_wait(Spools(roots, here, desk.backend.peek))
    if chosen is not None and desk.goes:
        desk.goes(chosen)
