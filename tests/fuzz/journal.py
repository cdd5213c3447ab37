"""Journals: of any bytes the readable lines are taken, and a ledger bears what they say."""

import os
import tempfile
from pathlib import Path

from fjd.ledger import Ledger
from fjd.spool.layout import Layout
from tests.fuzz.run import run


def target(data: bytes) -> None:
    """Read ``data`` as the past of one worker and as the news of another."""
    from fjd.dispatcher.stories import Stories  # only now, so that it is the instrumented one
    from fjd.dispatcher.terms import TermsReader

    with tempfile.TemporaryDirectory() as root:
        layout = Layout(root)
        os.mkdir(layout.journals)
        for writer in ("past", "news"):
            Path(layout.journal(writer)).write_bytes(data)
        ledger = Ledger()
        stories = Stories(layout, ledger, TermsReader())
        stories.read_history({"past"})
        stories.follow("past", 1.0)
        stories.follow("news", 2.0)
        for name in (*ledger.active, *ledger.attempts, *ledger.crashes):
            os.path.lexists(layout.queued(name))


if __name__ == "__main__":
    run(target, "fjd.spool.journal", "fjd.dispatcher.stories")
