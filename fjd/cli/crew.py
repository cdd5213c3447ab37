"""What the commands say of hiring and firing."""

from collections import Counter
from collections.abc import Iterable

from fjd import identity
from fjd.cli import say
from fjd.cli.say import Status
from fjd.quantity import counted
from fjd.recruiter import FireReport, HireReport, Member


def tell_hired(report: HireReport) -> Status:
    """Say who was hired, and who was not and why; return the status that a command ends with."""
    if report.note:
        say.talk(report.note)
    if report.hired:
        say.say(f"Hired {counted(len(report.hired), 'worker')} on localhost.")
    for reason, names in by_reason(report.failures).items():
        say.talk(f"Could not hire {', '.join(names)}: {reason}")
    return Status.FAILED if report.failures else Status.OK


def tell_fired(report: FireReport, chosen: Iterable[Member]) -> Status:
    """Say who of ``chosen`` was fired, and who was not and why; return the status that a command ends with."""
    members = {member.id: member for member in chosen}
    for host, number in Counter(_place(members[worker]) for worker in report.fired).items():
        say.say(f"Fired {counted(number, 'worker')} on {host}.")
    for job in report.requeued:
        say.talk(f"{job} went back to the queue.")
    for worker, reason in report.failures:
        say.talk(f"Could not fire {members[worker].short}: {reason}")
    return Status.FAILED if report.failures else Status.OK


def _place(member: Member) -> str:
    is_local = member.announcement.host == identity.this_host().name
    return "localhost" if is_local else member.announcement.host


def by_reason(failures: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the names of those that failed, by why."""
    found: dict[str, list[str]] = {}
    for name, reason in failures:
        found.setdefault(reason, []).append(name)
    return found
