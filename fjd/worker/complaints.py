"""What a worker says of a disk that refuses: each trouble once, and once that it is over, however often it tries."""

from collections.abc import Callable

from fjd.errors import DiskError

_KINDS_MAX = 8


class Complaints:
    """Keeps account of what is refused at the moment; ``say`` is told of what changes."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._open: dict[str, set[str]] = {}

    def refused(self, doing: str, error: DiskError) -> None:
        """Note that ``doing`` was refused; said unless the same was refused before, for the same reason."""
        reasons = self._open.setdefault(doing, set())
        if str(error) not in reasons and len(reasons) < _KINDS_MAX:
            reasons.add(str(error))
            self._say(f"cannot {doing}: {error}")

    @property
    def are_open(self) -> bool:
        """Whether anything is refused at the moment."""
        return bool(self._open)

    def forget(self, doing: str) -> None:
        """It is tried no more."""
        self._open.pop(doing, None)

    def over(self, doing: str) -> None:
        """Note that ``doing`` went well; said when it was the last that was refused."""
        if self._open.pop(doing, None) is not None and not self._open:
            self._say("the disk does as asked again; going on")
