"""Which line is at which byte, of a file of any size: how many newlines stand before every block of it, and no more.

For a gigabyte that is 4,096 numbers. It is made in steps, since the file must be read once for it.
"""

from bisect import bisect_left

from fjd.logtail.reading import Read

BLOCK_BYTES = 1 << 18


class NewlineIndex:
    """Counts of newlines of one file that only grows. What it is asked beyond `known_bytes` it does not know."""

    def __init__(self) -> None:
        self._before = [0]
        """How many newlines stand before each block; the last is where counting goes on."""

    @property
    def known_bytes(self) -> int:
        """So much of the file has been counted, in whole blocks."""
        return (len(self._before) - 1) * BLOCK_BYTES

    def advance(self, read: Read, size: int, budget_bytes: int) -> bool:
        """Count on in a file of ``size`` bytes; return whether there is more to count."""
        end = min(size, self.known_bytes + budget_bytes)
        while self.known_bytes + BLOCK_BYTES <= end:
            block = read(BLOCK_BYTES, self.known_bytes)
            if len(block) < BLOCK_BYTES:
                return False  # truncated while we read
            self._before.append(self._before[-1] + block.count(b"\n"))
        return self.known_bytes + BLOCK_BYTES <= size

    def number(self, read: Read, offset: int) -> int | None:
        """Return how many lines end before ``offset``; None where that is not known yet."""
        block, rest = divmod(offset, BLOCK_BYTES)
        if block >= len(self._before):
            return None
        return self._before[block] + (read(rest, block * BLOCK_BYTES).count(b"\n") if rest else 0)

    def offset(self, read: Read, number: int) -> int | None:
        """Return where the line begins before which ``number`` lines end; None where that is not known.

        Beyond the last line it is the end of the file.
        """
        if number <= 0:
            return 0
        block = bisect_left(self._before, number) - 1
        data, missing, at = read(BLOCK_BYTES, block * BLOCK_BYTES), number - self._before[block], -1
        for _ in range(missing):
            found = data.find(b"\n", at + 1)
            if found < 0:
                return block * BLOCK_BYTES + len(data) if len(data) < BLOCK_BYTES else None
            at = found
        return block * BLOCK_BYTES + at + 1
