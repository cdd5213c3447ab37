"""When a new picture is drawn: as much happens, and seldom while nothing does. The clock is the test's."""

from fjd.dispatcher.picture import REST_S, Painter
from fjd.ledger import Ledger
from fjd.snapshot import Mode
from tests.unit.made import Clock, announcement


def drawn(painter: Painter, clock: Clock, seconds: int) -> int:
    """Return how many pictures come of being asked ten times a second."""
    before = painter.latest.version
    for _ in range(10 * seconds):
        clock.now_s += 0.1
        painter.paint(Mode.DISPATCHING)
    return painter.latest.version - before


def test_while_nothing_moves_there_is_a_picture_every_five_seconds() -> None:
    clock, ledger = Clock(), Ledger()
    painter = Painter(ledger, "/spool", clock=clock)
    ledger.jobs_appeared(["a", "b"])
    assert drawn(painter, clock, 1) >= 1
    assert drawn(painter, clock, 100) in (100 // REST_S - 1, 100 // REST_S, 100 // REST_S + 1)


def test_what_happens_at_rest_is_drawn_at_once() -> None:
    clock, ledger = Clock(), Ledger()
    painter = Painter(ledger, "/spool", clock=clock)
    drawn(painter, clock, 20)
    ledger.job_appeared("a")
    clock.now_s += 0.1
    assert list(painter.paint(Mode.DISPATCHING).waiting.names) == ["a"]


def test_while_a_worker_is_there_its_time_runs_on() -> None:
    clock, ledger = Clock(), Ledger()
    painter = Painter(ledger, "/spool", clock=clock)
    ledger.worker_came(announcement("w"), is_local=True, now_s=clock.now_s)
    assert 19 <= drawn(painter, clock, 20) <= 22
