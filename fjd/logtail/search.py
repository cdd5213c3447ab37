"""Finding a text in a file of any size, forwards and backwards, once around it, in steps that somebody may cut short.

The text is taken as it is: no patterns, which on a hostile line could take for ever. Small letters find great ones too;
a text with a great letter in it finds only what is written so.
"""

from dataclasses import dataclass

from fjd.logtail.reading import Read

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Needle:
    """What is looked for."""

    text: str

    @property
    def is_exact(self) -> bool:
        """Whether great and small letters are told apart."""
        return self.text != self.text.lower()

    def spans(self, line: str) -> list[tuple[int, int]]:
        """Return where it stands in a line, by characters."""
        if not self.text:
            return []
        # By ASCII alone, as in the bytes: what lower() makes longer would shift all that follows it.
        hay = line if self.is_exact else _lowered(line)
        found, at = [], hay.find(self.text)
        while at >= 0:
            found.append((at, at + len(self.text)))
            at = hay.find(self.text, at + len(self.text))
        return found


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _lowered(text: str) -> str:
    return text.translate(_LOWER)


class Search:
    """Looks for a needle in a file of ``size`` bytes, from ``at`` to its end and from there on around to ``at`` again.

    Backwards, the other way: what begins before ``at`` is found first. Each `step` reads a bounded part.
    """

    def __init__(self, needle: Needle, size: int, at: int, *, backwards: bool = False) -> None:
        self.needle = needle
        self.backwards = backwards
        self._bytes = needle.text.encode("utf-8", "surrogateescape")
        at = min(max(at, 0), size)
        first, second = [(at, size), (0, at)] if not backwards else [(0, at), (at, size)]
        self._left = [second, first] if self._bytes else []
        self._size = size
        self._read_bytes = 0
        self.has_turned = False
        """Whether it has come to the end, or the beginning, and gone on from the other one."""

    @property
    def is_over(self) -> bool:
        """Whether all has been looked at."""
        return not self._left

    @property
    def share(self) -> float:
        """How much has been looked at, from 0 to 1."""
        return 1.0 if self.is_over else min(1.0, self._read_bytes / max(1, self._size))

    def step(self, read: Read) -> int | None:
        """Look at some more; return where it begins, None when it has not been found in this part.

        After a find the next step goes on behind it.
        """
        if self.is_over:
            return None
        return self._step_back(read) if self.backwards else self._step_on(read)

    def _step_on(self, read: Read) -> int | None:
        start, end = self._left[-1]
        last = min(end, start + _CHUNK_BYTES)
        # What begins before ``last`` may end behind it.
        data = self._folded(read(last - start + len(self._bytes) - 1, start))
        found = data.find(self._bytes)
        if 0 <= found < last - start:
            self._go_on((start + found + 1, end), found + 1)
            return start + found
        self._go_on((last, end), last - start)
        return None

    def _step_back(self, read: Read) -> int | None:
        start, end = self._left[-1]
        first = max(start, end - _CHUNK_BYTES)
        data = self._folded(read(end - first + len(self._bytes) - 1, first))
        found = data.rfind(self._bytes)
        if found >= 0:
            self._go_on((start, first + found), end - first - found)
            return first + found
        self._go_on((start, first), end - first)
        return None

    def _folded(self, data: bytes) -> bytes:
        return data if self.needle.is_exact else data.lower()

    def _go_on(self, rest: tuple[int, int], read_bytes: int) -> None:
        self._read_bytes += read_bytes
        self._left[-1] = rest
        if rest[0] >= rest[1]:
            self._left.pop()
            self.has_turned = self.has_turned or len(self._left) == 1
