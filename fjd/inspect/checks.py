"""What a check comes to: the words that all checks share."""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What a check comes to; the value is the word that a user reads."""

    WELL = "well"
    NOTE = "note"
    """It works, and there is something to know."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found."""

    name: str
    verdict: Verdict
    text: str
    mend: str = ""
