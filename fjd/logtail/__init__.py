"""A log file as it grows and as it stands, however large: the state of the file, apart from any widget that shows it.

The file belongs to somebody else, who writes, truncates, rotates or removes it while we look. So nothing is mapped
into memory (a truncation under ``mmap`` kills the reader with SIGBUS), nothing stays open between two looks (on NFS
only an open shows new content, and a removed log gives its space back), and no line is ever held whole without a bound.
All of this reads the disk: call it from a thread.
"""

from fjd.logtail.index import NewlineIndex
from fjd.logtail.lines import LINE_MAX_BYTES, Piece
from fjd.logtail.reading import READ_MAX_BYTES, TAIL_LINES, Read, after, before, line_start
from fjd.logtail.search import Needle, Search
from fjd.logtail.tail import Change, LoadedText, LogTail, News, Opened

__all__ = [
    "LINE_MAX_BYTES",
    "READ_MAX_BYTES",
    "TAIL_LINES",
    "Change",
    "LoadedText",
    "LogTail",
    "Needle",
    "NewlineIndex",
    "News",
    "Opened",
    "Piece",
    "Read",
    "Search",
    "after",
    "before",
    "line_start",
]
