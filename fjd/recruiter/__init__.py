"""The recruiter role: ``hire`` here, ``remote`` on other hosts (there ``join`` answers), ``fire``, and the ``crew``."""

from fjd.recruiter.crew import attach_argv, choose
from fjd.recruiter.fire import FireReport, How, fire
from fjd.recruiter.hire import HireReport, hire
from fjd.recruiter.remote import HostReport, hire_on
from fjd.spool.members import Member, members, short

__all__ = [
    "FireReport",
    "HireReport",
    "HostReport",
    "How",
    "Member",
    "attach_argv",
    "choose",
    "fire",
    "hire",
    "hire_on",
    "members",
    "short",
]
