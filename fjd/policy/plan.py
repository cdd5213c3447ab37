"""The whole plan of one step: who is buried, what is given up or tried again, and who gets what."""

from collections.abc import Iterator

from fjd.ledger import Ledger, Readiness
from fjd.policy.actions import Action, Bury, GiveUp, HandOut
from fjd.policy.halt import brought_to_a_halt
from fjd.policy.handout import hand_out
from fjd.policy.retries import tried_again
from fjd.policy.sharing import called_back, take_back


def plan(ledger: Ledger, now_s: float) -> list[Action]:
    """Return what is to be done now, in the order in which it should be done."""
    lost = list(_lost(ledger))
    actions: list[Action] = [*lost, *_given_up(ledger), *tried_again(ledger)]
    if ledger.halted:
        actions += brought_to_a_halt(ledger)
    elif not ledger.is_paused:
        gone = {bury.worker for bury in lost} | {action.job for action in actions if isinstance(action, GiveUp)}
        handed = hand_out(ledger, now_s, gone)
        actions += handed
        is_handing = any(isinstance(action, HandOut) for action in handed)
        actions += called_back(ledger, now_s, gone) if is_handing else take_back(ledger, now_s, gone)
    return actions


def _lost(ledger: Ledger) -> Iterator[Bury]:
    for worker in ledger.suspects:
        crew = ledger.workers[worker]
        if crew.is_dead:
            yield Bury(worker, "its process is gone")
        elif not crew.is_local and crew.looked_s - crew.beat_seen_s > ledger.timings.lease_s:
            yield Bury(worker, f"no sign of life for {ledger.timings.lease_s:g} s")


def _given_up(ledger: Ledger) -> Iterator[GiveUp]:
    """Jobs that have taken too many workers down with them (rule 6), and those that wait for what never comes."""
    for job, crashes in ledger.crashes.items():
        if crashes >= ledger.timings.crash_limit and job in ledger.waiting:
            yield GiveUp(job, f"{crashes} workers were lost while they ran it, and so it is given up")
    for job, doom in ledger.bonds.doomed.items():
        waiting = ledger.waiting.get(job)
        if waiting is not None and waiting.readiness is Readiness.READY:
            yield GiveUp(job, doom)
