"""The recruiter role: ``hire`` starts workers, ``fire`` dismisses them, ``crew`` knows who is there."""

from fjd.recruiter.crew import Member, attach_argv, choose, members
from fjd.recruiter.fire import FireReport, How, fire
from fjd.recruiter.hire import HireReport, hire

__all__ = ["FireReport", "HireReport", "How", "Member", "attach_argv", "choose", "fire", "hire", "members"]
